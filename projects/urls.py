"""Addresses of the project record. A key such as P-12 never collides with a word."""

from django.urls import include, path, register_converter

from projects.views import (
    audience,
    changes,
    compliance,
    criteria,
    documents,
    gate_reviews,
    gates,
    history,
    money,
    plan,
    portfolios,
    projects,
    promises,
    proposals,
    raid,
    team,
    updates,
)


class KeyConverter:
    """The key of a project: P- and its number."""

    regex = r"[Pp]-[0-9]{1,12}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


class RowConverter:
    """The number of a record; never longer than the database's numbers."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(KeyConverter, "key")
register_converter(RowConverter, "row")

_project = [
    path("", projects.ProjectOverview.as_view(), name="project"),
    path("audience/", audience.ProjectAudience.as_view(), name="project-audience"),
    path("edit/", projects.ProjectEdit.as_view(), name="project-edit"),
    path("status/", projects.ProjectStatusChange.as_view(), name="project-status"),
    path("plan/", plan.ProjectPlan.as_view(), name="project-plan"),
    path("plan/milestones/new/", plan.MilestoneCreate.as_view(), name="milestone-create"),
    path("plan/milestones/<row:pk>/", plan.MilestoneEdit.as_view(), name="milestone-edit"),
    path("plan/milestones/<row:pk>/reach/", plan.MilestoneReach.as_view(), name="milestone-reach"),
    path("plan/milestones/<row:pk>/delete/", plan.MilestoneDelete.as_view(), name="milestone-delete"),
    path("plan/phases/new/", plan.PhaseCreate.as_view(), name="phase-create"),
    path("plan/phases/<row:pk>/", plan.PhaseEdit.as_view(), name="phase-edit"),
    path("plan/phases/<row:pk>/current/", plan.PhaseCurrent.as_view(), name="phase-current"),
    path("plan/phases/<row:pk>/delete/", plan.PhaseDelete.as_view(), name="phase-delete"),
    path("plan/phases/<row:pk>/<slug:way>/", plan.PhaseMove.as_view(), name="phase-move"),
    path("raid/", raid.ProjectRaid.as_view(), name="project-raid"),
    path("raid/risks/new/", raid.RiskCreate.as_view(), name="risk-create"),
    path("raid/risks/<row:pk>/", raid.RiskEdit.as_view(), name="risk-edit"),
    path("raid/risks/<row:pk>/close/", raid.RiskClose.as_view(), name="risk-close"),
    path("raid/risks/<row:pk>/reopen/", raid.RiskReopen.as_view(), name="risk-reopen"),
    path("raid/issues/new/", raid.IssueCreate.as_view(), name="issue-create"),
    path("raid/issues/<row:pk>/", raid.IssueEdit.as_view(), name="issue-edit"),
    path("raid/issues/<row:pk>/resolve/", raid.IssueResolve.as_view(), name="issue-resolve"),
    path("raid/issues/<row:pk>/reopen/", raid.IssueReopen.as_view(), name="issue-reopen"),
    path("raid/decisions/new/", raid.DecisionCreate.as_view(), name="decision-create"),
    path("raid/decisions/<row:pk>/", raid.DecisionPage.as_view(), name="decision"),
    path("raid/decisions/<row:pk>/edit/", raid.DecisionEdit.as_view(), name="decision-edit"),
    path("raid/decisions/<row:pk>/take/", raid.DecisionTake.as_view(), name="decision-take"),
    path("raid/decisions/<row:pk>/withdraw/", raid.DecisionWithdraw.as_view(), name="decision-withdraw"),
    path("money/", money.ProjectMoney.as_view(), name="project-money"),
    path("money/edit/", money.ProjectMoneyEdit.as_view(), name="project-money-edit"),
    path("changes/", changes.ProjectChanges.as_view(), name="project-changes"),
    path("changes/moves/", changes.ProjectMoves.as_view(), name="project-moves"),
    path("changes/baseline/agree/", changes.BaselineAgree.as_view(), name="baseline-agree"),
    path("changes/new/", changes.ChangeCreate.as_view(), name="change-create"),
    path("changes/<row:pk>/", changes.ChangePage.as_view(), name="change"),
    path("changes/<row:pk>/edit/", changes.ChangeEdit.as_view(), name="change-edit"),
    path("changes/<row:pk>/submit/", changes.ChangeSubmit.as_view(), name="change-submit"),
    path("changes/<row:pk>/resubmit/", changes.ChangeResubmit.as_view(), name="change-resubmit"),
    path("changes/<row:pk>/withdraw/", changes.ChangeWithdraw.as_view(), name="change-withdraw"),
    path("team/", team.ProjectTeam.as_view(), name="project-team"),
    path("team/new/", team.TeamMemberAdd.as_view(), name="team-member-add"),
    path("team/<row:pk>/remove/", team.TeamMemberRemove.as_view(), name="team-member-remove"),
    path("documents/new/", team.DocumentAdd.as_view(), name="document-add"),
    path("documents/<row:pk>/", team.DocumentEdit.as_view(), name="document-edit"),
    path("documents/<row:pk>/remove/", team.DocumentRemove.as_view(), name="document-remove"),
    path("documents/<row:pk>/accept/", documents.DocumentAccept.as_view(), name="document-accept"),
    path("gates/", gates.ProjectGates.as_view(), name="project-gates"),
    path("gates/<row:pk>/", gates.GatePage.as_view(), name="gate"),
    path("gates/<row:pk>/money/", gates.GateMoney.as_view(), name="gate-money"),
    path("gates/<row:pk>/open/", gates.GateOpen.as_view(), name="gate-open"),
    path("gates/<row:pk>/freeze/", gates.GatePackRenew.as_view(), name="gate-pack-renew"),
    path("gates/<row:pk>/criteria/new/", criteria.CriterionCreate.as_view(), name="criterion-create"),
    path("gates/criteria/<row:pk>/", criteria.CriterionEdit.as_view(), name="criterion-edit"),
    path("gates/criteria/<row:pk>/remove/", criteria.CriterionRemove.as_view(), name="criterion-remove"),
    path("gates/criteria/<row:pk>/judge/", criteria.CriterionJudge.as_view(), name="criterion-judge"),
    path("gates/packs/<row:pk>/", gate_reviews.EvidencePackPage.as_view(), name="evidence-pack"),
    path("gates/packs/<row:pk>/pdf/", gate_reviews.EvidencePackPdf.as_view(), name="evidence-pack-pdf"),
    path("gates/reviews/<row:pk>/", gate_reviews.GateMinutes.as_view(), name="gate-minutes"),
    path("gates/reviews/<row:pk>/pdf/", gate_reviews.GateMinutesPdf.as_view(), name="gate-minutes-pdf"),
    path("updates/", updates.ProjectUpdates.as_view(), name="project-updates"),
    path("updates/write/", updates.UpdateWrite.as_view(), name="update-write"),
    path("updates/autosave/", updates.UpdateAutosave.as_view(), name="update-autosave"),
    path("updates/discard/", updates.UpdateDiscard.as_view(), name="update-discard"),
    path("updates/unchanged/", updates.UpdateUnchanged.as_view(), name="update-unchanged"),
    path("updates/<row:pk>/correct/", updates.UpdateCorrect.as_view(), name="update-correct"),
    path("promises/", promises.ProjectPromises.as_view(), name="project-promises"),
    path("promises/new/", promises.PromiseCreate.as_view(), name="promise-create"),
    path("history/", history.ProjectHistory.as_view(), name="project-history"),
]

urlpatterns = [
    path("compliance/", compliance.Compliance.as_view(), name="compliance"),
    path("proposals/", proposals.ProposalList.as_view(), name="proposal-list"),
    path("proposals/<row:pk>/accept/", proposals.ProposalAccept.as_view(), name="proposal-accept"),
    path("proposals/<row:pk>/refuse/", proposals.ProposalRefuse.as_view(), name="proposal-refuse"),
    path("proposals/<row:pk>/withdraw/", proposals.ProposalWithdraw.as_view(), name="proposal-withdraw"),
    path("promises/<row:pk>/", promises.PromisePage.as_view(), name="promise"),
    path("promises/<row:pk>/<slug:move>/", promises.PromiseStep.as_view(), name="promise-step"),
    path("projects/new/", projects.ProjectCreate.as_view(), name="project-create"),
    path("projects/<key:key>/", include(_project)),
    path("asks/<row:pk>/answer/", updates.AskAnswer.as_view(), name="ask-answer"),
    path("portfolios/", portfolios.PortfolioList.as_view(), name="portfolio-list"),
    path("portfolios/new/", portfolios.PortfolioCreate.as_view(), name="portfolio-create"),
    path("portfolios/<slug:slug>/", portfolios.PortfolioPage.as_view(), name="portfolio"),
    path("portfolios/<slug:slug>/audience/", audience.PortfolioAudience.as_view(), name="portfolio-audience"),
    path("portfolios/<slug:slug>/edit/", portfolios.PortfolioEdit.as_view(), name="portfolio-edit"),
]
