"""The slip ledger: every move of a date, from history; and the moves that are worth a look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from django.contrib.auth import get_user_model
from django.contrib.postgres.search import TrigramSimilarity
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _

from common import formats
from projects.enums import BaselineSource
from projects.models import Milestone, Project
from projects.selectors.history import label_of, names_of, words_for

PAGE: Final = 30
MOST: Final = 5000
"""Events of one kind that are looked through, the newest; more is no plan but a machine."""
SIMILAR: Final = 0.45
"""From this share of common letter triples on, two names are called similar."""

_DATES: Final[dict[type[Any], tuple[str, ...]]] = {
    Project: ("baseline_start_on", "baseline_finish_on", "forecast_start_on", "forecast_finish_on"),
    Milestone: ("baseline_on", "forecast_on"),
}
_OF_BASELINE: Final[dict[type[Any], tuple[str, ...]]] = {
    Project: ("baseline_start_on", "baseline_finish_on", "baseline_cost", "baseline_cost_withheld"),
    Milestone: ("baseline_on",),
}


Made: TypeAlias = dict[dt.datetime, tuple[str, int | None]]
"""The versions of a baseline by their moment: source, and number of the change request."""


@dataclass(frozen=True, slots=True)
class Move:
    """A date that moved: when, of what, from and to, by whom, and why if they said so. `event` is its history."""

    at: dt.datetime
    what: str
    field: str
    old: dt.date | None
    new: dt.date | None
    who: str
    reason: str
    event: int

    @property
    def days(self) -> int | None:
        return (self.new - self.old).days if self.new and self.old else None


@dataclass(frozen=True, slots=True)
class Look:
    """A move worth a look: a sentence that says what happened, and the event that it rests on."""

    at: dt.datetime
    sentence: str
    who: str
    kind: str
    event: int
    request_id: str


@dataclass(frozen=True, slots=True)
class _Event:
    model: type[Any]
    pk: int
    at: dt.datetime
    of: int
    user: str
    request_id: str
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]


def moves_of(project: Project, page: str | None) -> tuple[Page[Move], list[Look]]:
    """The ledger of a project, newest first, and what is worth a look. Five queries, whatever the number."""
    events = [*_changes(Project, project), *_changes(Milestone, project)]
    again = _made_again(project)
    users = {one.user for one in events} | {row["user"] for row in again}
    person = get_user_model()._meta.label
    names = names_of({(person, int(user)) for user in users if user.isdigit()})
    who = {user: names.get((person, int(user)), "") if user.isdigit() else "" for user in users}
    made = {at: (source, key) for at, source, key in _versions(project)}
    ledger = [move for one in events for move in _moved(one, who[one.user], made)]
    ledger.sort(key=lambda move: (move.at, move.event), reverse=True)
    looks = [*_after_the_day(events, who), *_without_request(events, who, made), *_as_looks(again, who)]
    return Paginator(ledger, PAGE).get_page(page), sorted(looks, key=lambda one: one.at, reverse=True)


def _versions(project: Project) -> Iterable[tuple[dt.datetime, str, int | None]]:
    """When each version of the baseline was made, where it comes from, and the number of its request. One query."""
    return project.baselines.values_list("made_at", "source", "change_request__number")


# --- reading events ------------------------------------------------------------------------------------------------


def _changes(model: type[Any], project: Project) -> list[_Event]:
    """The changes of a record with the values before and after. One query."""
    fields = ["name", *dict.fromkeys((*_DATES[model], *_OF_BASELINE[model]))]
    if model is Milestone:
        fields.append("actual_on")
    events = model.pgh_event_model.objects.order_by("-pgh_id")
    events = events.filter(pgh_obj_id=project.pk) if model is Project else events.filter(project_id=project.pk)
    rows = list(
        events.annotate(
            event_user=KeyTextTransform("user", "pgh_context__metadata"),
            event_request=KeyTextTransform("request_id", "pgh_context__metadata"),
            event_reason=KeyTextTransform("date_reason", "pgh_context__metadata"),
        ).values_list(
            "pgh_id", "pgh_created_at", "pgh_obj_id", "pgh_label", "event_user", "event_request", "event_reason",
            *fields,
        )[:MOST]
    )  # fmt: skip
    last: dict[int, dict[str, Any]] = {}
    found = []
    for pk, at, of, label, user, request_id, reason, *values in reversed(rows):
        after = dict(zip(fields, values, strict=True))
        before = last.get(of)
        last[of] = after
        if before is not None and label == "update":
            found.append(_Event(model, pk, at, of, user or "", request_id or "", reason or "", before, after))
    return found


def _moved(one: _Event, who: str, made: Made) -> list[Move]:
    _source, number = made.get(one.at, ("", None))
    return [
        Move(
            one.at, one.after["name"] if one.model is Milestone else "", label_of(one.model, name), one.before[name],
            one.after[name], who or _("The portal itself"),
            f"CR-{number}" if number and name.startswith("baseline") else one.reason, one.pk,
        )
        for name in _DATES[one.model] if one.before[name] != one.after[name] and one.before[name] is not None
    ]  # fmt: skip


# --- worth a look --------------------------------------------------------------------------------------------------


def _look(one: _Event, sentence: str, who: dict[str, str]) -> Look:
    kind = str(one.model._meta.model_name)
    return Look(one.at, sentence, who[one.user] or _("The portal itself"), kind, one.pk, one.request_id)


def _after_the_day(events: Iterable[_Event], who: dict[str, str]) -> list[Look]:
    """Milestones that got a later day when the old one had passed unreached."""
    found = []
    for one in events:
        old, new = one.before.get("forecast_on"), one.after.get("forecast_on")
        if one.model is not Milestone or old is None or one.after["actual_on"] is not None:
            continue
        day = timezone.localdate(one.at, timezone.get_default_timezone())
        if old < day and new != old and (new is None or new > old):
            text = _("“%(name)s” was to be reached on %(old)s; it was moved to %(new)s when that day had passed.") % {
                "name": one.after["name"], "old": formats.date_short(old),
                "new": formats.date_short(new) if new else _("no date"),
            }  # fmt: skip
            found.append(_look(one, text, who))
    return found


def _without_request(events: Sequence[_Event], who: dict[str, str], made: Made) -> list[Look]:
    """Moves of a baseline that rest on no change request and no first agreement; a file moves it without a ballot too.

    A version is made in the transaction that moves the columns, so both carry the same moment.
    """
    first = min(made, default=None)
    found = []
    for one in events:
        source = made.get(one.at, ("", None))[0]
        if source in {BaselineSource.CHANGE, BaselineSource.FIRST} or (source and one.at == first):
            continue
        agreed = first is not None and one.at >= first
        for name in _OF_BASELINE[one.model]:
            old, new = one.before[name], one.after[name]
            if old == new or (old in (None, "") and not agreed):
                continue
            words = _baseline_words(one, name, old, new, by_file=source == BaselineSource.IMPORT)
            found.append(_look(one, words, who))
    return found


def _baseline_words(one: _Event, name: str, old: Any, new: Any, *, by_file: bool) -> str:
    label = label_of(one.model, name)
    words = {
        "what": f"“{one.after['name']}”: {label}" if one.model is Milestone else label,
        "old": words_for(one.model, name, old) or _("empty"), "new": words_for(one.model, name, new) or _("empty"),
    }  # fmt: skip
    if by_file:
        return _("%(what)s was changed from %(old)s to %(new)s by an import, without a ballot.") % words
    if old in (None, ""):
        return _("%(what)s was filled in as %(new)s without a change request.") % words
    return _("%(what)s was changed from %(old)s to %(new)s without a change request.") % words


def _made_again(project: Project) -> list[dict[str, Any]]:
    """Milestones that were deleted while another of a similar name came. One query; names are compared by trigrams."""
    events: Any = Milestone.pgh_event_model  # type: ignore[attr-defined]  # made by @history.track
    same = events.objects.filter(pgh_label="insert", project_id=OuterRef("project_id"), pgh_id__gt=OuterRef("born"))
    name_of_the_gone: Any = OuterRef("name")
    alike = (
        same.exclude(pgh_obj_id=OuterRef("pgh_obj_id"))
        .annotate(likeness=TrigramSimilarity("name", name_of_the_gone))
        .filter(likeness__gte=SIMILAR, pgh_created_at__gte=OuterRef("pgh_created_at") - dt.timedelta(days=1))
        .order_by("-likeness", "pgh_id")
        .values(row=JSONObject(name="name", on="forecast_on", baseline="baseline_on", likeness="likeness"))[:1]
    )
    born = events.objects.filter(pgh_label="insert", pgh_obj_id=OuterRef("pgh_obj_id")).values("pgh_id")[:1]
    gone = events.objects.filter(project_id=project.pk, pgh_label="delete").order_by("-pgh_id")
    rows = gone.annotate(born=Subquery(born)).annotate(
        again=Subquery(alike),
        event_user=KeyTextTransform("user", "pgh_context__metadata"),
        event_request=KeyTextTransform("request_id", "pgh_context__metadata"),
    )
    return [
        {
            "pk": row["pgh_id"], "at": row["pgh_created_at"], "name": row["name"], "on": row["forecast_on"],
            "again": row["again"], "user": row["event_user"] or "", "request_id": row["event_request"] or "",
        }
        for row in rows.values(
            "pgh_id", "pgh_created_at", "name", "forecast_on", "again", "event_user", "event_request"
        )[:MOST]
        if row["again"]
    ]  # fmt: skip


def _as_looks(rows: Iterable[dict[str, Any]], who: dict[str, str]) -> list[Look]:
    return [
        Look(row["at"], _again_words(row), who[row["user"]] or _("The portal itself"), "milestone", row["pk"],
             row["request_id"])
        for row in rows
    ]  # fmt: skip


def _again_words(row: dict[str, Any]) -> str:
    on = row["again"]["on"]
    return _("“%(old)s” (%(was)s) was deleted, and “%(new)s” (%(now)s) was added in its place.") % {
        "old": row["name"], "was": formats.date_short(row["on"]) if row["on"] else _("no date"),
        "new": row["again"]["name"],
        "now": formats.date_short(dt.date.fromisoformat(on)) if on else _("no date"),
    }  # fmt: skip
