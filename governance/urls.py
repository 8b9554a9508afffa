from django.urls import path

from governance import views

urlpatterns = [
    path("rules/", views.RuleList.as_view(), name="rule-list"),
    path("rules/<slug:code>/", views.RulePage.as_view(), name="rule"),
]
