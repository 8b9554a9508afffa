from django.urls import path

from strategy.views import advisers, assessments, offices, processes, recommendations

urlpatterns = [
    path("offices/", offices.OfficeList.as_view(), name="office-list"),
    path("offices/new/", offices.OfficeCreate.as_view(), name="office-create"),
    path("offices/<slug:slug>/", offices.OfficePage.as_view(), name="office"),
    path("offices/<slug:slug>/edit/", offices.OfficeEdit.as_view(), name="office-edit"),
    path("offices/<slug:slug>/raci/", processes.OfficeRaciEdit.as_view(), name="office-raci-edit"),
    path("offices/<slug:slug>/processes/new/", processes.ProcessCreate.as_view(), name="process-create"),
    path("offices/<slug:slug>/processes/<int:pk>/", processes.ProcessEdit.as_view(), name="process-edit"),
    path("offices/<slug:slug>/processes/<int:pk>/delete/", processes.ProcessDelete.as_view(), name="process-delete"),
    path("offices/<slug:slug>/advisers/add/", advisers.AdviserAdd.as_view(), name="adviser-add"),
    path("offices/<slug:slug>/advisers/<int:pk>/edit/", advisers.AdviserEdit.as_view(), name="adviser-edit"),
    path("offices/<slug:slug>/advisers/<int:pk>/end/", advisers.AdviserEnd.as_view(), name="adviser-end"),
    path("offices/<slug:slug>/advisers/<int:pk>/open/", advisers.OpeningAdd.as_view(), name="opening-add"),
    path("offices/<slug:slug>/openings/<slug:opening>/edit/", advisers.OpeningEdit.as_view(), name="opening-edit"),
    path("offices/<slug:slug>/openings/<slug:opening>/end/", advisers.OpeningEnd.as_view(), name="opening-end"),
    path("goals/", offices.GoalList.as_view(), name="goal-list"),
    path("goals/new/", offices.GoalCreate.as_view(), name="goal-create"),
    path("goals/<int:pk>/", offices.GoalPage.as_view(), name="goal"),
    path("goals/<int:pk>/edit/", offices.GoalEdit.as_view(), name="goal-edit"),
    path("assessments/", assessments.AssessmentList.as_view(), name="assessment-list"),
    path("assessments/new/", assessments.AssessmentCreate.as_view(), name="assessment-create"),
    path("assessments/<int:pk>/", assessments.AssessmentPage.as_view(), name="assessment"),
    path("assessments/<int:pk>/edit/", assessments.AssessmentEdit.as_view(), name="assessment-edit"),
    path("assessments/<int:pk>/rate/", assessments.AssessmentRate.as_view(), name="assessment-rate"),
    path("assessments/<int:pk>/submit/", assessments.AssessmentSubmit.as_view(), name="assessment-submit"),
    path("recommendations/", recommendations.RecommendationList.as_view(), name="recommendation-list"),
    path("recommendations/new/", recommendations.RecommendationCreate.as_view(), name="recommendation-create"),
    path("recommendations/<int:pk>/", recommendations.RecommendationPage.as_view(), name="recommendation"),
    path(
        "recommendations/<int:pk>/answer/", recommendations.RecommendationAnswer.as_view(), name="recommendation-answer"
    ),
    path("recommendations/<int:pk>/note/", recommendations.RecommendationNoteAdd.as_view(), name="recommendation-note"),
    path("recommendations/<int:pk>/done/", recommendations.RecommendationFinish.as_view(), name="recommendation-done"),
    path(
        "recommendations/<int:pk>/effect/", recommendations.RecommendationEffect.as_view(), name="recommendation-effect"
    ),
]
