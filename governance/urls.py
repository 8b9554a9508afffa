from django.urls import path

from governance.views import ballots, delegations, findings, procedures, rules, waivers

urlpatterns = [
    path("rules/", rules.RuleList.as_view(), name="rule-list"),
    path("rules/<slug:code>/", rules.RulePage.as_view(), name="rule"),
    path("ballots/", ballots.BallotList.as_view(), name="ballot-list"),
    path("ballots/<int:pk>/", ballots.BallotPage.as_view(), name="ballot"),
    path("ballots/<int:pk>/vote/", ballots.BallotVote.as_view(), name="ballot-vote"),
    path("ballots/<int:pk>/conflict/", ballots.BallotConflict.as_view(), name="ballot-conflict"),
    path("ballots/<int:pk>/withdraw/", ballots.BallotWithdraw.as_view(), name="ballot-withdraw"),
    path("conditions/<int:pk>/met/", ballots.ConditionMeet.as_view(), name="condition-meet"),
    path("out-of-office/", delegations.DelegationList.as_view(), name="delegation-list"),
    path("out-of-office/<int:pk>/end/", delegations.DelegationEnd.as_view(), name="delegation-end"),
    path("procedures/", procedures.ProcedureList.as_view(), name="procedure-list"),
    path("procedures/new/", procedures.ProcedureCreate.as_view(), name="procedure-create"),
    path("procedures/<int:pk>/", procedures.ProcedureEdit.as_view(), name="procedure-edit"),
    path("procedures/<int:pk>/retire/", procedures.ProcedureRetire.as_view(), name="procedure-retire"),
    path("findings/", findings.FindingList.as_view(), name="finding-list"),
    path("findings/<int:pk>/", findings.FindingPage.as_view(), name="finding"),
    path("waivers/", waivers.WaiverList.as_view(), name="waiver-list"),
    path("waivers/ask/<slug:kind>/<int:subject_id>/<slug:code>/", waivers.WaiverAsk.as_view(), name="waiver-ask"),
    path("waivers/<int:pk>/", waivers.WaiverPage.as_view(), name="waiver"),
    path("waivers/<int:pk>/withdraw/", waivers.WaiverWithdraw.as_view(), name="waiver-withdraw"),
    path("waivers/<int:pk>/end/", waivers.WaiverEnd.as_view(), name="waiver-end"),
]
