from django.urls import path

from strategy.views import offices, processes

urlpatterns = [
    path("offices/", offices.OfficeList.as_view(), name="office-list"),
    path("offices/new/", offices.OfficeCreate.as_view(), name="office-create"),
    path("offices/<slug:slug>/", offices.OfficePage.as_view(), name="office"),
    path("offices/<slug:slug>/edit/", offices.OfficeEdit.as_view(), name="office-edit"),
    path("offices/<slug:slug>/raci/", processes.OfficeRaciEdit.as_view(), name="office-raci-edit"),
    path("offices/<slug:slug>/processes/new/", processes.ProcessCreate.as_view(), name="process-create"),
    path("offices/<slug:slug>/processes/<int:pk>/", processes.ProcessEdit.as_view(), name="process-edit"),
    path("offices/<slug:slug>/processes/<int:pk>/delete/", processes.ProcessDelete.as_view(), name="process-delete"),
    path("goals/", offices.GoalList.as_view(), name="goal-list"),
    path("goals/new/", offices.GoalCreate.as_view(), name="goal-create"),
    path("goals/<int:pk>/", offices.GoalPage.as_view(), name="goal"),
    path("goals/<int:pk>/edit/", offices.GoalEdit.as_view(), name="goal-edit"),
]
