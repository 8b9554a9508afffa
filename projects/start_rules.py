"""The rules that a rulebook starts with: what good practice asks of any project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.cases import Case
from governance.enums import Checkpoint, Enforcement, Expected, SubjectKind, Weight
from governance.services import NewRule
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    Tree = dict[str, Any]
    Facts = dict[str, Any]
    Line = tuple[str, Weight, StrPromise, StrPromise, StrPromise, str, Tree | None, Tree, tuple[Facts, Facts]]


def _is(fact: str, op: str, value: object) -> Tree:
    return {"fact": f"project.{fact}", "op": op, "value": value}


def _filled(*facts: str) -> Tree:
    trees: list[Tree] = [{"fact": f"project.{fact}", "op": "filled"} for fact in facts]
    return trees[0] if len(trees) == 1 else {"all": trees}


def _declared(*colours: str) -> Tree:
    return {"fact": "project.declared", "op": "in", "values": list(colours)}


def _row(field: str, value: object) -> Tree:
    return {"fact": field, "op": "eq", "value": value}


def _no(children: str, *parts: Tree) -> Tree:
    """There is none of which all of this is true."""
    where: Tree = parts[0] if len(parts) == 1 else {"all": list(parts)}
    return {"count": children, "where": where, "op": "eq", "value": 0}


_STARTED: Final[Any] = _is("is_started", "eq", True)
_HIGH: Final[Any] = {"fact": "risk.score", "op": "ge", "value": 12}
LOW, MEDIUM, HIGH = Weight.LOW, Weight.MEDIUM, Weight.HIGH

POST_MORTEMS: Final = ("Post-mortem", "post-mortem", "Evaluatie", "evaluatie")
"""What people write as the kind of a post-mortem, in the languages of the portal."""

_LINES: Final[tuple[Line, ...]] = (
    (
        "sponsor", HIGH, _("Every project has a sponsor"),
        _("Nobody answers for this project towards the organisation."), _("Name a sponsor"),
        "project-edit#id_sponsor", None, _is("has_sponsor", "eq", True),
        ({"has_sponsor": True}, {"has_sponsor": False}),
    ),
    (
        "project-lead", HIGH, _("Every project has a project lead"),
        _("Nobody leads this project."), _("Name a project lead"),
        "project-edit#id_lead", None, _is("has_lead", "eq", True),
        ({"has_lead": True}, {"has_lead": False}),
    ),
    (
        "goal", MEDIUM, _("Every project serves a goal"),
        _("Nobody can say which goal this project brings nearer."), _("Choose the goal"),
        "project-edit#id_goal", None, _is("has_goal", "eq", True),
        ({"has_goal": True}, {"has_goal": False}),
    ),
    (
        "budget-owner", HIGH, _("Large sums have a budget owner"),
        _("A project of this size needs somebody who answers for its money."), _("Name a budget owner"),
        "project-edit#id_budget_owner", _is("forecast_cost", "ge", "100000"), _is("has_budget_owner", "eq", True),
        ({"forecast_cost": "250000", "has_budget_owner": True}, {"forecast_cost": "250000", "has_budget_owner": False}),
    ),
    (
        "org-unit", LOW, _("Every project belongs to an org unit"),
        _("Without an org unit the project is missing in the overviews of its department."), _("Choose the org unit"),
        "project-edit#id_org_unit", None, _is("has_org_unit", "eq", True),
        ({"has_org_unit": True}, {"has_org_unit": False}),
    ),
    (
        "cost-known", MEDIUM, _("The forecast cost is known or withheld with a reason"),
        _("Nobody knows what this project will cost."), _("Fill in the forecast"),
        "project-money", None, _filled("forecast_cost"),
        ({"forecast_cost": "1000", "withheld": []}, {"forecast_cost": None, "withheld": []}),
    ),
    (
        "cost-baseline", MEDIUM, _("Money is agreed before work starts"),
        _("The project runs without an agreed cost, so no overrun can be seen."), _("Fill in the baseline"),
        "project-money", _STARTED, _filled("baseline_cost"),
        (
            {"is_started": True, "baseline_cost": "1000", "withheld": []},
            {"is_started": True, "baseline_cost": None, "withheld": []},
        ),
    ),
    (
        "benefits", LOW, _("The benefits are known before work starts"),
        _("The project runs while nobody wrote down what it brings."), _("Fill in the benefits"),
        "project-money", _STARTED, _filled("benefits"),
        (
            {"is_started": True, "benefits": "1000", "withheld": []},
            {"is_started": True, "benefits": None, "withheld": []},
        ),
    ),
    (
        "schedule-baseline", HIGH, _("Dates are agreed before work starts"),
        _("The project runs without an agreed finish, so no slip can be seen."), _("Set the baseline finish"),
        "project-edit#id_baseline_finish_on", _STARTED, _filled("baseline_finish_on"),
        (
            {"is_started": True, "baseline_finish_on": "2027-03-01"},
            {"is_started": True, "baseline_finish_on": None},
        ),
    ),
    (
        "finish-forecast", MEDIUM, _("Every project has a forecast finish"),
        _("Nobody says when this project will be done."), _("Fill in the forecast finish"),
        "project-edit#id_forecast_finish_on", None, _filled("forecast_finish_on"),
        ({"forecast_finish_on": "2027-03-01"}, {"forecast_finish_on": None}),
    ),
    (
        "finish-ahead", HIGH, _("A finish that has passed is forecast anew"),
        _("The forecast finish has passed and the project is not done."), _("Give a new forecast"),
        "project-edit#id_forecast_finish_on", _filled("forecast_finish_on"), _is("finish_overdue_days", "le", 0),
        (
            {"forecast_finish_on": "2027-03-01", "finish_overdue_days": 0},
            {"forecast_finish_on": "2026-10-01", "finish_overdue_days": 32},
        ),
    ),
    (
        "three-milestones", MEDIUM, _("A plan has at least three milestones"),
        _("With fewer than three milestones nobody can see in time that the project slips."), _("Add milestones"),
        "project-plan", None, _is("milestones_total", "ge", 3),
        ({"milestones_total": 3}, {"milestones_total": 2}),
    ),
    (
        "milestone-dates", MEDIUM, _("Every milestone has a date"),
        _("A milestone without a date is never late."), _("Fill in the dates"),
        "project-plan", _is("milestones_total", "gt", 0), _is("milestones_undated", "eq", 0),
        (
            {"milestones_total": 4, "milestones_undated": 0}, {"milestones_total": 4, "milestones_undated": 1},
        ),
    ),
    (
        "milestones-replanned", MEDIUM, _("A late milestone is planned anew within ten days"),
        _("A milestone has been late for more than ten days without a new date."), _("Plan the milestone anew"),
        "project-plan", _is("milestones_overdue", "gt", 0), _is("milestones_overdue_days", "le", 10),
        (
            {"milestones_overdue": 1, "milestones_overdue_days": 10},
            {"milestones_overdue": 1, "milestones_overdue_days": 11},
        ),
    ),
    (
        "risk-register", HIGH, _("Every running project has a risk register"),
        _("No risk was ever written down for this project."), _("Write down the first risk"),
        "project-raid", _STARTED, _is("risks_registered", "ge", 1),
        ({"is_started": True, "risks_registered": 1}, {"is_started": True, "risks_registered": 0}),
    ),
    (
        "risk-owners", MEDIUM, _("Every open risk has an owner"),
        _("A risk that belongs to nobody is looked after by nobody."), _("Name the missing owners"),
        "project-raid", _is("risks_open", "gt", 0), _is("risks_without_owner", "eq", 0),
        ({"risks_open": 2, "risks_without_owner": 0}, {"risks_open": 2, "risks_without_owner": 1}),
    ),
    (
        "risk-reviews", LOW, _("Every open risk is reviewed in time"),
        _("The review of an open risk is overdue."), _("Review the risks"),
        "project-raid", _is("risks_open", "gt", 0), _is("risks_review_overdue", "eq", 0),
        ({"risks_open": 2, "risks_review_overdue": 0}, {"risks_open": 2, "risks_review_overdue": 1}),
    ),
    (
        "blockers", HIGH, _("A blocker is solved or escalated within three weeks"),
        _("Work has stood still for more than three weeks."), _("Ask for a decision"),
        "project-raid", _is("blockers_open", "gt", 0), _is("oldest_blocker_days", "le", 21),
        ({"blockers_open": 1, "oldest_blocker_days": 21}, {"blockers_open": 1, "oldest_blocker_days": 22}),
    ),
    (
        "decisions", MEDIUM, _("Decisions are taken by the day they are needed"),
        _("A decision is later than the project needs it."), _("See the decisions"),
        "project-raid", _is("decisions_wanted", "gt", 0), _is("decisions_overdue", "eq", 0),
        ({"decisions_wanted": 1, "decisions_overdue": 0}, {"decisions_wanted": 1, "decisions_overdue": 1}),
    ),
    (
        "update-cadence", HIGH, _("A status update comes in the agreed rhythm"),
        _("The last status update is older than was agreed, or there never was one."), _("Write an update"),
        "update-write", None,
        {
            "all": [
                _filled("last_update_on"),
                {"fact": "project.update_age_days", "op": "le", "other": "project.update_cadence"},
            ]
        },
        (
            {"last_update_on": "2026-10-30", "update_age_days": 3, "update_cadence": 7},
            {"last_update_on": "2026-10-20", "update_age_days": 13, "update_cadence": 7},
        ),
    ),
    (
        "path-to-green", MEDIUM, _("Amber and red come with an ask, a decision or an issue"),
        _("The lead declares trouble, and nothing on record would change it."), _("Say what is needed"),
        "update-write", _declared("amber", "red", "amber_red"),
        {"any": [_is("asks_open", "gt", 0), _is("decisions_wanted", "gt", 0), _is("issues_open", "gt", 0)]},
        (
            {"declared": "red", "asks_open": 1, "decisions_wanted": 0, "issues_open": 0},
            {"declared": "red", "asks_open": 0, "decisions_wanted": 0, "issues_open": 0},
        ),
    ),
    (
        "spending-within-baseline", HIGH, _("Spending stays within what was agreed"),
        _("More is spent than was agreed, and the agreement was not changed."), _("Ask for a decision"),
        "project-raid", _filled("spent_over_baseline_percent"),
        {"fact": "project.spent_over_baseline_percent", "op": "le", "other": "project.cost_tolerance"},
        (
            {"spent_over_baseline_percent": "5", "cost_tolerance": "10"},
            {"spent_over_baseline_percent": "15", "cost_tolerance": "10"},
        ),
    ),
    (
        "drift", HIGH, _("The finish stays within six weeks of the baseline"),
        _("The finish has drifted more than six weeks from what was agreed."), _("Ask for a decision"),
        "project-raid", _filled("slip_days"), _is("slip_days", "le", 42),
        ({"slip_days": 42}, {"slip_days": 43}),
    ),
    (
        "separate-duties", HIGH, _("The project lead is not the sponsor"),
        _("The one who leads this project is also the one it answers to, so nobody looks from outside."),
        _("Name another sponsor"), "project-edit#id_sponsor", _filled("lead_is_sponsor"),
        _is("lead_is_sponsor", "eq", False), ({"lead_is_sponsor": False}, {"lead_is_sponsor": True}),
    ),
    (
        "high-risk-plans", HIGH, _("Every high risk has a response"),
        _("A high risk is open and nobody wrote down what is done about it."), _("Plan the response"),
        "project-raid", None,
        _no("risks", _row("risk.is_open", True), _HIGH, _row("risk.has_plan", False)),
        (
            {
                "risks": [
                    {"is_open": True, "score": 20, "has_plan": True}, {"is_open": True, "score": 4, "has_plan": False},
                ]
            },
            {"risks": [{"is_open": True, "score": 20, "has_plan": False}]},
        ),
    ),
    (
        "risk-review-dates", LOW, _("Every open risk has a next review"),
        _("An open risk has no day on which somebody looks at it again."), _("Fill in the next reviews"),
        "project-raid", None,
        _no("risks", _row("risk.is_open", True), {"fact": "risk.review_on", "op": "empty"}),
        (
            {"risks": [{"is_open": True, "review_on": "2026-12-01"}, {"is_open": False, "review_on": None}]},
            {"risks": [{"is_open": True, "review_on": None}]},
        ),
    ),
    (
        "issue-owners", MEDIUM, _("Every open issue has an owner"),
        _("An issue that belongs to nobody is solved by nobody."), _("Name the missing owners"),
        "project-raid", None, _no("issues", _row("issue.is_open", True), _row("issue.has_owner", False)),
        (
            {"issues": [{"is_open": True, "has_owner": True}, {"is_open": False, "has_owner": False}]},
            {"issues": [{"is_open": True, "has_owner": False}]},
        ),
    ),
    (
        "blocker-dates", MEDIUM, _("Every blocker has a day by which it is solved"),
        _("Work stands still and nobody said until when."), _("Fill in the day"),
        "project-raid", None,
        _no(
            "issues", _row("issue.is_open", True), _row("issue.is_blocker", True),
            {"fact": "issue.due_on", "op": "empty"},
        ),
        (
            {"issues": [{"is_open": True, "is_blocker": True, "due_on": "2026-12-01"}]},
            {"issues": [{"is_open": True, "is_blocker": True, "due_on": None}]},
        ),
    ),
    (
        "decision-holders", MEDIUM, _("Every wanted decision is held by somebody"),
        _("A decision is wanted of nobody in particular."), _("Say who decides"),
        "project-raid", None, _no("decisions", _row("decision.is_wanted", True), _row("decision.has_holder", False)),
        (
            {"decisions": [{"is_wanted": True, "has_holder": True}, {"is_wanted": False, "has_holder": False}]},
            {"decisions": [{"is_wanted": True, "has_holder": False}]},
        ),
    ),
    (
        "agreed-milestones", LOW, _("Milestones of a running project have an agreed date"),
        _("A milestone has no agreed date, so nobody can see whether it slips."), _("Agree on the dates"),
        "project-plan", {"all": [_STARTED, _is("milestones_total", "gt", 0)]},
        _no("milestones", _row("milestone.is_open", True), {"fact": "milestone.baseline_on", "op": "empty"}),
        (
            {"is_started": True, "milestones_total": 1, "milestones": [{"is_open": True, "baseline_on": "2026-12-01"}]},
            {"is_started": True, "milestones_total": 1, "milestones": [{"is_open": True, "baseline_on": None}]},
        ),
    ),
    (
        "filled-posts", HIGH, _("At least two people answer for a running project"),
        _("Only one post or place in the team of this project is filled."), _("Name who takes part"),
        "project-team", _STARTED,
        {"count": "roles", "where": _row("role.is_active", True), "op": "ge", "value": 2},
        (
            {"is_started": True, "roles": [{"is_active": True}, {"is_active": True}]},
            {"is_started": True, "roles": [{"is_active": True}, {"is_active": False}]},
        ),
    ),
    (
        "gates-in-order", HIGH, _("Gates are passed in their order"),
        _("A gate was passed before an earlier one, or while an earlier one is still open."), _("See the gates"),
        "project-gates", _is("gates_passed", "gt", 0), _is("gates_out_of_order", "eq", 0),
        ({"gates_passed": 2, "gates_out_of_order": 0}, {"gates_passed": 2, "gates_out_of_order": 1}),
    ),
    (
        "drift-without-change", HIGH, _("Drift beyond tolerance comes with a change request"),
        _("The forecast left the tolerance of what was agreed, and nobody asked to change the agreement."),
        _("Write a change request"), "project-changes",
        _filled("drift_without_change"), _is("drift_without_change", "eq", False),
        ({"drift_without_change": False}, {"drift_without_change": True}),
    ),
    (
        "kick-off", LOW, _("A project kicks off within ten working days of its start"),
        _("Work began more than ten working days ago, and no kick-off is noted."), _("Note the day of the kick-off"),
        "project-edit#id_kick_off_on",
        {"fact": "project.actual_start_on", "op": "older_than", "days": 10, "calendar": "working"},
        _filled("kick_off_on"),
        (
            {"actual_start_on": "2026-10-01", "kick_off_on": "2026-10-08"},
            {"actual_start_on": "2026-10-01", "kick_off_on": None},
        ),
    ),
    (
        "data-classification", MEDIUM, _("It is known how closely the data of a project must be kept"),
        _("Nobody said whether its data is public, internal, confidential or secret."), _("Classify its data"),
        "project-edit#id_data_class", _STARTED, _filled("data_class"),
        ({"is_started": True, "data_class": "internal"}, {"is_started": True, "data_class": ""}),
    ),
    (
        "benefits-owner", MEDIUM, _("Benefits have an owner"),
        _("Benefits are promised, and nobody sees to it that they come."), _("Name who owns the benefits"),
        "project-edit#id_benefits_owner", _is("benefits", "gt", 0), _is("has_benefits_owner", "eq", True),
        ({"benefits": "9000", "has_benefits_owner": True}, {"benefits": "9000", "has_benefits_owner": False}),
    ),
    (
        "agreed-place", LOW, _("Documents lie in an agreed place"),
        _("A document lies outside the places that the office agreed on."), _("See the documents"),
        "project-team", _is("has_agreed_places", "eq", True), _no("documents", _row("document.is_in_place", False)),
        (
            {"has_agreed_places": True, "documents": [{"is_in_place": True}]},
            {"has_agreed_places": True, "documents": [{"is_in_place": False}]},
        ),
    ),
    (
        "post-mortem", MEDIUM, _("A project closes with a post-mortem"),
        _("There is no document that says what was learned."), _("Link the post-mortem"),
        "project-team", None,
        {"exists": "documents", "where": {"fact": "document.kind", "op": "in", "values": list(POST_MORTEMS)}},
        ({"documents": [{"kind": "Post-mortem"}]}, {"documents": [{"kind": "Minutes"}]}),
    ),
)  # fmt: skip


_STOPS_AT: Final[dict[str, tuple[Checkpoint, ...]]] = {
    "sponsor": (Checkpoint.START_PROJECT, Checkpoint.ENTER_PHASE, Checkpoint.PASS_GATE),
    "project-lead": (Checkpoint.START_PROJECT, Checkpoint.ENTER_PHASE, Checkpoint.PASS_GATE),
    "budget-owner": (Checkpoint.PASS_GATE, Checkpoint.CHANGE_BASELINE),
    "cost-baseline": (Checkpoint.PASS_GATE,),
    "schedule-baseline": (Checkpoint.PASS_GATE,),
    "risk-register": (Checkpoint.PASS_GATE,),
    "goal": (Checkpoint.PASS_GATE, Checkpoint.CLOSE_PROJECT),
    "benefits": (Checkpoint.CLOSE_PROJECT,),
    "blockers": (Checkpoint.PASS_GATE, Checkpoint.CLOSE_PROJECT),
    "decisions": (Checkpoint.CLOSE_PROJECT,),
    "separate-duties": (Checkpoint.PASS_GATE,),
    "high-risk-plans": (Checkpoint.PASS_GATE,),
    "post-mortem": (Checkpoint.CLOSE_PROJECT,),
}
"""Where a broken rule stops work in an office that controls or directs; everything else advises."""
_UNSCANNED: Final = frozenset({"post-mortem"})
"""What nobody can keep before the end, so that a finding would only be noise."""
STOPPING: Final = {
    ControlLevel.SUPPORTIVE.value: Enforcement.ADVISE.value,
    ControlLevel.CONTROLLING.value: Enforcement.REQUIRE_WAIVER.value,
    ControlLevel.DIRECTIVE.value: Enforcement.BLOCK.value,
}
"""What such a rule does under each control level."""


def start_set() -> list[NewRule]:
    """The rules with their texts in every language of the portal and an example of each answer."""
    return [
        NewRule(
            code=code, kind=SubjectKind.PROJECT.value,
            content={
                "weight": weight.value, "condition": condition, "applies": applies, "remedy_page": page,
                "texts": texts_of(title, message, remedy),
                "checkpoints": [
                    *(one.value for one in _STOPS_AT.get(code, ())),
                    *(() if code in _UNSCANNED else (Checkpoint.WEEKLY_SCAN.value,)),
                ],
                "enforcement": STOPPING if code in _STOPS_AT else {},
            },
            cases=(
                Case(str(_("An example that keeps it")), Expected.PASS.value, kept),
                Case(str(_("An example that breaks it")), Expected.FAIL.value, broken),
            ),
        )
        for code, weight, title, message, remedy, page, applies, condition, (kept, broken) in _LINES
    ]  # fmt: skip


def texts_of(title: StrPromise, message: StrPromise, remedy: StrPromise) -> dict[str, dict[str, str]]:
    """The texts of a rule in every language of the portal."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language.partition("-")[0]] = {"title": str(title), "message": str(message), "remedy": str(remedy)}
    return texts
