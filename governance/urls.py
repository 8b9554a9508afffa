from django.urls import path

from governance.views import findings, rules, waivers

urlpatterns = [
    path("rules/", rules.RuleList.as_view(), name="rule-list"),
    path("rules/<slug:code>/", rules.RulePage.as_view(), name="rule"),
    path("ballots/<int:pk>/", rules.RuleList.as_view(), name="ballot"),
    path("findings/", findings.FindingList.as_view(), name="finding-list"),
    path("findings/<int:pk>/", findings.FindingPage.as_view(), name="finding"),
    path("waivers/", waivers.WaiverList.as_view(), name="waiver-list"),
    path("waivers/ask/<slug:kind>/<int:subject_id>/<slug:code>/", waivers.WaiverAsk.as_view(), name="waiver-ask"),
    path("waivers/<int:pk>/", waivers.WaiverPage.as_view(), name="waiver"),
    path("waivers/<int:pk>/withdraw/", waivers.WaiverWithdraw.as_view(), name="waiver-withdraw"),
    path("waivers/<int:pk>/end/", waivers.WaiverEnd.as_view(), name="waiver-end"),
]
