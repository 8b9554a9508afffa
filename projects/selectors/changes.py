"""What the pages of change control read: versions of the baseline, their differences, and the requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404
from django.utils.translation import gettext as _

from common import formats
from governance.models import Ballot
from projects.enums import CHANGE_MATTER, OPEN_CHANGES, ChangeState
from projects.models import Baseline, ChangeRequest, Milestone, Project
from projects.policies import day_of

if TYPE_CHECKING:
    from projects.policies import ProjectRights

PAGE: Final = 25
MILESTONES_IN_FORM: Final = 60


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of a comparison: a label, how it reads on both sides, and what differs, in words and numbers."""

    label: str
    before: str
    after: str
    difference: str = ""


def changes_of(project: Project, rights: ProjectRights, page: str | None) -> Page[ChangeRequest]:
    """The requests of a project, those that wait first. Drafts are their author's and of who edits the project."""
    waits = Case(When(state__in=OPEN_CHANGES, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = _shown(project, rights).select_related("requested_by").order_by(waits, "-number")
    return Paginator(found, PAGE).get_page(page)


def _shown(project: Project, rights: ProjectRights) -> QuerySet[ChangeRequest]:
    found = project.change_requests.all()
    return found if rights.edit else found.filter(~Q(state=ChangeState.DRAFT) | Q(requested_by=rights.user_id))


def get_change(project: Project, rights: ProjectRights, pk: int) -> ChangeRequest:
    """A request of this project that the person may see. Raises: Http404."""
    found = _shown(project, rights).select_related("requested_by", "decided_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def ballot_of(change: ChangeRequest) -> Ballot | None:
    """The newest ballot about a request. One query."""
    return Ballot.objects.about(CHANGE_MATTER, change.pk).order_by("-pk").first()


def versions_of(project: Project) -> list[Baseline]:
    """The versions of the baseline, newest first. One query."""
    return list(project.baselines.select_related("agreed_by", "change_request").order_by("-number")[:100])


def chosen(versions: list[Baseline], query: Mapping[str, str]) -> tuple[Baseline, Baseline] | None:
    """The two versions that the address compares; by default the newest with the one before it."""
    by_number = {str(one.number): one for one in versions}
    first, second = by_number.get(query.get("one", "")), by_number.get(query.get("two", ""))
    if first and second:
        return first, second
    return (versions[1], versions[0]) if len(versions) > 1 else None


def movable(project: Project) -> list[Milestone]:
    """The milestones that a request can move: those not reached, by date. One query."""
    return list(project.milestones.open().order_by("baseline_on", "pk")[:MILESTONES_IN_FORM])


# --- comparing -----------------------------------------------------------------------------------------------------


def differences(one: Baseline, two: Baseline) -> list[Effect]:
    """What version `two` says otherwise than `one`, in words and numbers; empty when nothing. Pure."""
    found = [
        _dates(_("Start"), one.start_on, two.start_on),
        _dates(_("Finish"), one.finish_on, two.finish_on),
        _money(_("Cost"), (one.cost, one.cost_withheld, one.currency), (two.cost, two.cost_withheld, two.currency)),
        _money(
            _("Benefits"),
            (one.benefits, one.benefits_withheld, one.currency),
            (two.benefits, two.benefits_withheld, two.currency),
        ),
    ]
    if one.scope != two.scope:
        found.append(Effect(_("Scope"), one.scope, two.scope))
    was, now = _by_id(one.milestones), _by_id(two.milestones)
    for pk in {**was, **now}:
        name = (now.get(pk) or was[pk])["name"]
        found.append(_dates(name, _on(was.get(pk)), _on(now.get(pk)), _("not in the baseline")))
    return [each for each in found if each.before != each.after]


def effects_of(change: ChangeRequest, currency: str) -> list[Effect]:
    """What a request would move, from the baseline it starts from. Pure."""
    found = []
    if change.finish_to:
        found.append(_dates(_("Finish"), change.finish_from, change.finish_to))
    if "cost" in change.kinds:
        found.append(_delta(_("Cost"), change.cost_from, change.cost_delta, currency))
    if "benefits" in change.kinds:
        found.append(_delta(_("Benefits"), change.benefits_from, change.benefits_delta, currency))
    found += [
        _dates(one["name"], day_of(one["from"]), day_of(one["to"]), _("not in the baseline"))
        for one in change.milestones
    ]
    if change.scope_to:
        found.append(Effect(_("Scope"), change.scope_from, change.scope_to))
    return found


def _by_id(milestones: Iterable[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {one["id"]: one for one in milestones}


def _on(one: dict[str, Any] | None) -> dt.date | None:
    return day_of(one["on"]) if one else None


def _dates(label: str, before: dt.date | None, after: dt.date | None, empty: str = "") -> Effect:
    empty = empty or _("no date")
    words = [formats.date_short(day) if day else empty for day in (before, after)]
    moved = ""
    if before and after and before != after:
        days = (after - before).days
        moved = _("%(days)s days") % {"days": formats.signed(days)}
    return Effect(label, words[0], words[1], moved)


_Amount = tuple[Decimal | None, str, str]


def _money(label: str, before: _Amount, after: _Amount) -> Effect:
    difference = ""
    if before[0] is not None and after[0] is not None and before[2] == after[2]:
        difference = _signed(after[0] - before[0], after[2])
    return Effect(label, _words(before), _words(after), difference)


def _words(amount: _Amount) -> str:
    value, withheld, currency = amount
    if value is not None:
        return formats.money(value, currency)
    return _("withheld: %(reason)s") % {"reason": withheld} if withheld else _("unknown")


def _delta(label: str, start: Decimal | None, delta: Decimal | None, currency: str) -> Effect:
    if delta is None:
        return Effect(label, _words((start, "", currency)), _("unknown"), _("effect not known"))
    after = None if start is None else start + delta
    return Effect(label, _words((start, "", currency)), _words((after, "", currency)), _signed(delta, currency))


def _signed(amount: Decimal, currency: str) -> str:
    return ("+" if amount > 0 else "") + formats.money(amount, currency)
