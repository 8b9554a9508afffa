from django.urls import path

from governance.views import rules

urlpatterns = [
    path("rules/", rules.RuleList.as_view(), name="rule-list"),
    path("rules/<slug:code>/", rules.RulePage.as_view(), name="rule"),
    path("ballots/<int:pk>/", rules.RuleList.as_view(), name="ballot"),
]
