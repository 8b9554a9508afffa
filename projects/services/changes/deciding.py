"""Deciding on a change request: who votes, and what an accepted one does to the baseline."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import RoleName
from accounts.models import User
from common import formats, versions
from governance import matters
from governance.enums import Checkpoint
from governance.matters import Matter, StepPlan
from governance.subjects import Described
from projects import policies
from projects.enums import CHANGE_MATTER, BaselineSource, ChangeSize, ChangeState
from projects.models import Baseline, ChangeRequest, Milestone, Project
from projects.selectors.electors import FIELD_OF, people_with_roles
from projects.services import baselines, state
from projects.services.changes.writing import ChangeError, step
from projects.services.projects import hold_against_rules, lock_project

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from governance.models import Ballot

STEPS: Final[Mapping[ChangeSize, tuple[RoleName, ...]]] = {
    ChangeSize.NONE: (RoleName.PMO_MANAGER,),
    ChangeSize.WITHIN: (RoleName.SPONSOR,),
    ChangeSize.BEYOND: (RoleName.SPONSOR, RoleName.BUDGET_OWNER),
}
"""Who decides where the office has set up no procedure; several decide side by side."""
DAYS_TO_DECIDE: Final = 10


class StaleChange(ChangeError):
    """The baseline moved since the request was written, so what it starts from holds no more."""


def stale_effects(change: ChangeRequest, agreed: Baseline) -> list[str]:
    """What the request starts from and the baseline in force no longer says, each as a sentence. Pure.

    Only what it wants to change counts: two requests about different things do not get in each other's way.
    """
    found = []
    if change.finish_to and change.finish_from != agreed.finish_on:
        found.append(_moved(_("finish"), _date(change.finish_from), _date(agreed.finish_on)))
    if change.cost_delta is not None and change.cost_from != agreed.cost:
        was, now = (formats.money(amount, agreed.currency) for amount in (change.cost_from, agreed.cost))
        found.append(_moved(_("cost"), was, now))
    if change.benefits_delta is not None and change.benefits_from != agreed.benefits:
        was, now = (formats.money(amount, agreed.currency) for amount in (change.benefits_from, agreed.benefits))
        found.append(_moved(_("benefits"), was, now))
    if change.scope_to and change.scope_from != agreed.scope:
        found.append(_("The scope statement was changed."))
    days = {one["id"]: one["on"] for one in agreed.milestones}
    return found + [
        _moved(f"“{one['name']}”", _iso(one["from"]), _iso(days.get(one["id"])))
        for one in change.milestones
        if one["from"] != days.get(one["id"])
    ]


def _moved(what: str, was: str, now: str) -> str:
    return _("%(what)s: it starts from %(was)s, and the baseline says %(now)s.") % {
        "what": what[:1].upper() + what[1:], "was": was, "now": now,
    }  # fmt: skip


def _date(day: Any) -> str:
    return formats.date_short(day) if day else _("no date")


def _iso(text: str | None) -> str:
    return _date(policies.day_of(text))


@transaction.atomic
def accept_change(*, actor: User, change_id: int, reason: str) -> Baseline:
    """Write the next version of the baseline and move the columns of the project and its milestones with it.

    Called in the transaction of the vote that decides, with the project locked; the rules are asked about what would
    then be true. Raises: StaleChange, ChangeError, RulesNotKept.
    """
    change = _locked(change_id)
    project = versions.claim(Project.objects.all(), pk=change.project_id, version=None)
    agreed = baselines.newest(project.pk)
    if agreed is None or change.state != ChangeState.IN_BALLOT:
        raise ChangeError(_("%(key)s is not open any more.") % {"key": change.key})
    stale = stale_effects(change, agreed)
    if stale:
        raise StaleChange(
            _("%(baseline)s was agreed after %(key)s was written. %(differences)s Nothing was decided: ask %(name)s to "
              "submit it again on the baseline in force.")
            % {"baseline": agreed, "key": change.key, "differences": " ".join(stale), "name": change.requested_by}
        )  # fmt: skip
    made = baselines.next_version(
        agreed, actor=actor, source=BaselineSource.CHANGE, change_request=change, changes=_new_values(change, agreed)
    )
    _move_columns(project, made, change)
    _move_milestones(change)
    _close(change, ChangeState.ACCEPTED, actor, reason)
    hold_against_rules(actor, project.pk, Checkpoint.CHANGE_BASELINE)
    state.refresh([project.pk])
    return made


def _new_values(change: ChangeRequest, agreed: Baseline) -> dict[str, Any]:
    """What the next version says otherwise. An unknown amount stays unknown, whatever is added to it."""
    values: dict[str, Any] = {}
    if change.finish_to:
        values["finish_on"] = change.finish_to
    if change.scope_to:
        values["scope"] = change.scope_to
    for name, delta in (("cost", change.cost_delta), ("benefits", change.benefits_delta)):
        before = getattr(agreed, name)
        if delta is not None and before is not None:
            values[name] = before + delta
    milestones = agreed.milestones
    for one in change.milestones:
        milestones = baselines.with_milestone(milestones, one["id"], one["name"], policies.day_of(one["to"]))
    return {**values, "milestones": milestones}


def _move_columns(project: Project, made: Baseline, change: ChangeRequest) -> None:
    columns: dict[str, Any] = {column: getattr(made, name) for name, column in baselines.COLUMNS.items()}
    if change.scope_to:
        columns["description"] = change.scope_to
    if change.benefits_delta is not None and project.benefits is not None:
        columns["benefits"] = project.benefits + change.benefits_delta
    versions.apply(project, columns)


def _move_milestones(change: ChangeRequest) -> None:
    if not change.milestones:
        return
    to = {one["id"]: policies.day_of(one["to"]) for one in change.milestones}
    moved = list(change.project.milestones.select_for_update().filter(pk__in=to).order_by("pk"))
    if len(moved) != len(to):
        raise StaleChange(
            _("A milestone of %(key)s is not in the plan any more. Nothing was decided: ask %(name)s to submit it "
              "again.") % {"key": change.key, "name": change.requested_by}
        )  # fmt: skip
    now = timezone.now()
    for one in moved:
        one.baseline_on, one.version, one.updated_at = to[one.pk], one.version + 1, now
    Milestone.objects.bulk_update(moved, ["baseline_on", "version", "updated_at"])


def _close(change: ChangeRequest, to: ChangeState, actor: User | None, reason: str) -> None:
    step(
        change, to, closed_on=timezone.localdate(), decided_at=timezone.now(), decided_by=actor, decision_reason=reason
    )


# --- the matter ----------------------------------------------------------------------------------------------------


def _locked(change_id: int) -> ChangeRequest:
    """The request, locked after its project as every edit does it."""
    project_id = ChangeRequest.objects.values_list("project_id", flat=True).get(pk=change_id)
    lock_project(Project(pk=project_id))
    related = ChangeRequest.objects.select_related("project__portfolio", "project__org_unit", "requested_by")
    return related.select_for_update(of=("self",)).get(pk=change_id)


class ChangeCase:
    """A change request with its project, as its deciders see it. Three queries for all that is asked of it."""

    def __init__(self, change_id: int) -> None:
        related = ("portfolio", "org_unit", *FIELD_OF.values())
        changes = ChangeRequest.objects.select_related(*(f"project__{name}" for name in related))
        self._change = changes.get(pk=change_id)

    @property
    def office_id(self) -> int | None:
        return self._change.project.portfolio.office_id

    def barred(self) -> Mapping[int, Any]:
        return dict.fromkeys(self._change.author_ids, gettext_lazy("you wrote on this change request"))

    def electors(self, roles: Collection[str], /) -> Mapping[str, Collection[int]]:
        return people_with_roles(self._change.project, roles)

    def steps(self) -> tuple[StepPlan, ...]:
        portfolio = self._change.project.portfolio
        size = policies.size_of(self._change, portfolio.schedule_tolerance_days, portfolio.cost_tolerance_percent)
        return tuple(
            StepPlan(role.label, (role.value,), days=DAYS_TO_DECIDE, escalates_to=RoleName.EXECUTIVE.value)
            for role in STEPS[size]
        )


def _told(ids: Collection[int]) -> QuerySet[Any]:
    told = JSONObject(project="project", name="project__name", number="number", title="title")
    return ChangeRequest.objects.filter(pk__in=ids).annotate(told=told)


def _in_words(pk: int, told: Mapping[str, Any]) -> Described:
    change = ChangeRequest(pk=pk, number=told["number"], title=told["title"])
    href = reverse("change", args=[Project(pk=told["project"]).key, pk])
    return Described(f"{told['name']}: {change.key} {change.title}", href)


def _decided(ballot: Ballot, reason: str) -> None:
    """What follows from the deciding vote, in its transaction."""
    decider = ballot.decided_by
    assert decider is not None  # noqa: S101  a decided ballot has a decider
    if ballot.is_yes:
        accept_change(actor=decider, change_id=ballot.subject_id, reason=reason)
        return
    change = _locked(ballot.subject_id)
    _close(change, ChangeState.REJECTED, decider, reason)
    state.refresh([change.project_id])


def register() -> None:
    """Make change requests a matter that is decided by ballot; called once when the app is ready."""
    matters.register(
        CHANGE_MATTER,
        Matter(
            label=gettext_lazy("Change of a baseline"),
            visible_to=lambda user: ChangeRequest.objects.visible_to(user).values("pk"),
            told=_told,
            in_words=_in_words,
            lock=lambda change_id: _locked(change_id).version,
            case=ChangeCase,
            decided=_decided,
            words={"approve": gettext_lazy("Accept"), "reject": gettext_lazy("Reject")},
            ends_with_subject=True,
        ),
    )
