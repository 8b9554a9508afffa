from django.urls import path

from strategy import views

urlpatterns = [
    path("offices/", views.OfficeList.as_view(), name="office-list"),
    path("offices/new/", views.OfficeCreate.as_view(), name="office-create"),
    path("offices/<slug:slug>/", views.OfficePage.as_view(), name="office"),
    path("offices/<slug:slug>/edit/", views.OfficeEdit.as_view(), name="office-edit"),
    path("goals/", views.GoalList.as_view(), name="goal-list"),
    path("goals/new/", views.GoalCreate.as_view(), name="goal-create"),
    path("goals/<int:pk>/", views.GoalPage.as_view(), name="goal"),
    path("goals/<int:pk>/edit/", views.GoalEdit.as_view(), name="goal-edit"),
]
