"""The rules that a rulebook starts with: what good practice asks of any project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.enums import SubjectKind, Weight
from governance.services import NewRule

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    Tree = dict[str, Any]
    Line = tuple[str, Weight, StrPromise, StrPromise, StrPromise, str, Tree | None, Tree]


def _is(fact: str, op: str, value: object) -> Tree:
    return {"fact": f"project.{fact}", "op": op, "value": value}


def _filled(*facts: str) -> Tree:
    trees: list[Tree] = [{"fact": f"project.{fact}", "op": "filled"} for fact in facts]
    return trees[0] if len(trees) == 1 else {"all": trees}


def _declared(*colours: str) -> Tree:
    return {"fact": "project.declared", "op": "in", "values": list(colours)}


_STARTED: Final[Any] = _is("is_started", "eq", True)
LOW, MEDIUM, HIGH = Weight.LOW, Weight.MEDIUM, Weight.HIGH

_LINES: Final[tuple[Line, ...]] = (
    (
        "sponsor", HIGH, _("Every project has a sponsor"),
        _("Nobody answers for this project towards the organisation."), _("Name a sponsor"),
        "project-edit#id_sponsor", None, _is("has_sponsor", "eq", True),
    ),
    (
        "project-lead", HIGH, _("Every project has a project lead"),
        _("Nobody leads this project."), _("Name a project lead"),
        "project-edit#id_lead", None, _is("has_lead", "eq", True),
    ),
    (
        "goal", MEDIUM, _("Every project serves a goal"),
        _("Nobody can say which goal this project brings nearer."), _("Choose the goal"),
        "project-edit#id_goal", None, _is("has_goal", "eq", True),
    ),
    (
        "budget-owner", HIGH, _("Large sums have a budget owner"),
        _("A project of this size needs somebody who answers for its money."), _("Name a budget owner"),
        "project-edit#id_budget_owner", _is("forecast_cost", "ge", "100000"), _is("has_budget_owner", "eq", True),
    ),
    (
        "org-unit", LOW, _("Every project belongs to an org unit"),
        _("Without an org unit the project is missing in the overviews of its department."), _("Choose the org unit"),
        "project-edit#id_org_unit", None, _is("has_org_unit", "eq", True),
    ),
    (
        "cost-known", MEDIUM, _("The forecast cost is known or withheld with a reason"),
        _("Nobody knows what this project will cost."), _("Fill in the forecast"),
        "project-money", None, _filled("forecast_cost"),
    ),
    (
        "cost-baseline", MEDIUM, _("Money is agreed before work starts"),
        _("The project runs without an agreed cost, so no overrun can be seen."), _("Fill in the baseline"),
        "project-money", _STARTED, _filled("baseline_cost"),
    ),
    (
        "benefits", LOW, _("The benefits are known before work starts"),
        _("The project runs while nobody wrote down what it brings."), _("Fill in the benefits"),
        "project-money", _STARTED, _filled("benefits"),
    ),
    (
        "schedule-baseline", HIGH, _("Dates are agreed before work starts"),
        _("The project runs without an agreed finish, so no slip can be seen."), _("Set the baseline finish"),
        "project-edit#id_baseline_finish_on", _STARTED, _filled("baseline_finish_on"),
    ),
    (
        "finish-forecast", MEDIUM, _("Every project has a forecast finish"),
        _("Nobody says when this project will be done."), _("Fill in the forecast finish"),
        "project-edit#id_forecast_finish_on", None, _filled("forecast_finish_on"),
    ),
    (
        "finish-ahead", HIGH, _("A finish that has passed is forecast anew"),
        _("The forecast finish has passed and the project is not done."), _("Give a new forecast"),
        "project-edit#id_forecast_finish_on", _filled("forecast_finish_on"), _is("finish_overdue_days", "le", 0),
    ),
    (
        "three-milestones", MEDIUM, _("A plan has at least three milestones"),
        _("With fewer than three milestones nobody can see in time that the project slips."), _("Add milestones"),
        "project-plan", None, _is("milestones_total", "ge", 3),
    ),
    (
        "milestone-dates", MEDIUM, _("Every milestone has a date"),
        _("A milestone without a date is never late."), _("Fill in the dates"),
        "project-plan", _is("milestones_total", "gt", 0), _is("milestones_undated", "eq", 0),
    ),
    (
        "milestones-replanned", MEDIUM, _("A late milestone is planned anew within ten days"),
        _("A milestone has been late for more than ten days without a new date."), _("Plan the milestone anew"),
        "project-plan", _is("milestones_overdue", "gt", 0), _is("milestones_overdue_days", "le", 10),
    ),
    (
        "risk-register", HIGH, _("Every running project has a risk register"),
        _("No risk was ever written down for this project."), _("Write down the first risk"),
        "project-raid", _STARTED, _is("risks_registered", "ge", 1),
    ),
    (
        "risk-owners", MEDIUM, _("Every open risk has an owner"),
        _("A risk that belongs to nobody is looked after by nobody."), _("Name the missing owners"),
        "project-raid", _is("risks_open", "gt", 0), _is("risks_without_owner", "eq", 0),
    ),
    (
        "risk-reviews", LOW, _("Every open risk is reviewed in time"),
        _("The review of an open risk is overdue."), _("Review the risks"),
        "project-raid", _is("risks_open", "gt", 0), _is("risks_review_overdue", "eq", 0),
    ),
    (
        "blockers", HIGH, _("A blocker is solved or escalated within three weeks"),
        _("Work has stood still for more than three weeks."), _("Ask for a decision"),
        "project-raid", _is("blockers_open", "gt", 0), _is("oldest_blocker_days", "le", 21),
    ),
    (
        "decisions", MEDIUM, _("Decisions are taken by the day they are needed"),
        _("A decision is later than the project needs it."), _("See the decisions"),
        "project-raid", _is("decisions_wanted", "gt", 0), _is("decisions_overdue", "eq", 0),
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
    ),
    (
        "path-to-green", MEDIUM, _("Amber and red come with an ask, a decision or an issue"),
        _("The lead declares trouble, and nothing on record would change it."), _("Say what is needed"),
        "update-write", _declared("amber", "red", "amber_red"),
        {"any": [_is("asks_open", "gt", 0), _is("decisions_wanted", "gt", 0), _is("issues_open", "gt", 0)]},
    ),
    (
        "spending-within-baseline", HIGH, _("Spending stays within what was agreed"),
        _("More is spent than was agreed, and the agreement was not changed."), _("Ask for a decision"),
        "project-raid", _filled("spent_over_baseline_percent"),
        {"fact": "project.spent_over_baseline_percent", "op": "le", "other": "project.cost_tolerance"},
    ),
    (
        "drift", HIGH, _("The finish stays within six weeks of the baseline"),
        _("The finish has drifted more than six weeks from what was agreed."), _("Ask for a decision"),
        "project-raid", _filled("slip_days"), _is("slip_days", "le", 42),
    ),
    (
        "drift-without-change", HIGH, _("Drift beyond tolerance comes with a change request"),
        _("The forecast left the tolerance of what was agreed, and nobody asked to change the agreement."),
        _("Write a change request"), "project-changes",
        _filled("drift_without_change"), _is("drift_without_change", "eq", False),
    ),
)  # fmt: skip


def start_set() -> list[NewRule]:
    """The rules with their texts in every language of the portal."""
    return [
        NewRule(
            code=code, kind=SubjectKind.PROJECT.value, weight=weight, condition=condition, applies=applies,
            remedy_page=page, texts=_texts(title, message, remedy),
        )
        for code, weight, title, message, remedy, page, applies, condition in _LINES
    ]  # fmt: skip


def _texts(title: StrPromise, message: StrPromise, remedy: StrPromise) -> dict[str, dict[str, str]]:
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language.partition("-")[0]] = {"title": str(title), "message": str(message), "remedy": str(remedy)}
    return texts
