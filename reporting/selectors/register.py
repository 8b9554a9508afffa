"""The decision register: what was asked, of whom, what was decided and why, now or as of a day.

Two sources: the decisions of projects, and the ballots of every matter that an app registers. Kinds of ballots to
come appear by themselves.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.db.models import Case, CharField, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.languages import language_of_reader
from governance import matters
from governance.enums import BallotState, StepState
from governance.models import Ballot, BallotSeat, BallotStep, DecisionCondition, Vote
from governance.selectors.ballots import subjects_of
from projects.enums import DecisionState
from projects.models import Decision
from projects.selectors.history import event_model
from reporting.register import PROJECT, ConditionLine, Entry, RegisterQuery, RegisterState, midnight, midnight_after

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from accounts.models import User
    from governance.subjects import Described

BALLOT: Final = "ballot"
CHUNK: Final = 500

DECISION_STATES: Final[dict[str, RegisterState]] = {
    DecisionState.WANTED: RegisterState.WANTED,
    DecisionState.TAKEN: RegisterState.DECIDED,
    DecisionState.WITHDRAWN: RegisterState.WITHDRAWN,
}
BALLOT_STATES: Final[dict[str, RegisterState]] = {
    BallotState.OPEN: RegisterState.WANTED,
    BallotState.DECIDED: RegisterState.DECIDED,
    BallotState.WITHDRAWN: RegisterState.WITHDRAWN,
}
Line = tuple[str, int, str]
"""Where an entry comes from (PROJECT or "ballot"), its number there, and its state."""


def lines_of(user: User, query: RegisterQuery) -> QuerySet[Any]:
    """The lines that the person may see: what is wanted first, then the newest. One query for each use."""
    if query.kind == PROJECT:
        return _ordered(_columns(_decisions(user, query), PROJECT))
    if query.kind:
        return _ordered(_columns(_ballots(user, query).filter(subject_kind=query.kind), BALLOT))
    both: QuerySet[Any] = _columns(_decisions(user, query), PROJECT).union(
        _columns(_ballots(user, query), BALLOT), all=True
    )
    return _ordered(both)


def _columns(found: QuerySet[Any], source: str) -> QuerySet[Any]:
    waits = Case(When(state_then=RegisterState.WANTED.value, then=Value(0)), default=Value(1))
    told: QuerySet[Any] = found.order_by().annotate(source=Value(source, output_field=CharField()), waits=waits)
    columns: QuerySet[Any] = told.values_list("source", "pk", "state_then", "waits", "needed_then", "moment")
    return columns


def _ordered(found: QuerySet[Any]) -> QuerySet[Any]:
    ordered: QuerySet[Any] = found.order_by("waits", F("needed_then").asc(nulls_last=True), "-moment", "source", "-pk")
    return ordered


def _decisions(user: User, query: RegisterQuery) -> QuerySet[Any]:
    found: QuerySet[Any] = Decision.objects.visible_to(user)
    if query.mine:
        found = found.filter(Q(holder=user) | Q(decided_by=user))
    if query.text:
        found = found.filter(Q(question__icontains=query.text) | Q(project__name__icontains=query.text))
    moment = Coalesce("decided_at", Cast("raised_on", models.DateTimeField()))
    found = found.annotate(needed_then=F("needed_by"), moment=moment)
    if query.as_of:
        found = found.filter(raised_on__lte=query.as_of)
    if query.since or query.until:
        asked = {"raised_on__gte": query.since, "raised_on__lte": query.until}
        found = found.filter(_within(asked) | _decided_within(query))
    return _with_state(found, query, Decision, DECISION_STATES)


def _ballots(user: User, query: RegisterQuery) -> QuerySet[Any]:
    found: QuerySet[Any] = Ballot.objects.visible_to(user).filter(subject_kind__in=list(matters.registered()))
    if query.mine:
        seats = BallotSeat.objects.filter(ballot=OuterRef("pk"), person=user)
        found = found.filter(Q(decided_by=user) | Exists(seats))
    if query.text:
        found = found.annotate(sentence_read=_sentence()).filter(sentence_read__icontains=query.text)
    steps = BallotStep.objects.filter(ballot=OuterRef("pk"), state=StepState.OPEN).order_by().values("ballot_id")
    due = Subquery(steps.annotate(due=Min(TruncDate("due_at"))).values("due"))
    found = found.annotate(needed_then=due, moment=Coalesce("decided_at", "created_at"))
    if query.end:
        found = found.filter(created_at__lt=query.end)
    if query.since or query.until:
        asked = {"created_at__gte": midnight(query.since), "created_at__lt": midnight_after(query.until)}
        found = found.filter(_within(asked) | _decided_within(query))
    return _with_state(found, query, Ballot, BALLOT_STATES)


def _sentence() -> Coalesce:
    """The question of a ballot as the reader sees it (`Ballot.sentence`)."""
    languages = dict.fromkeys([language_of_reader(), "en"])
    return Coalesce(*(KeyTextTransform(one, "wording") for one in languages), "question", output_field=CharField())


def _within(bounds: Mapping[str, object]) -> Q:
    return Q(**{name: value for name, value in bounds.items() if value is not None})


def _decided_within(query: RegisterQuery) -> Q:
    bounds = {"decided_at__gte": midnight(query.since), "decided_at__lt": midnight_after(query.until)}
    return _within({"decided_at__isnull": False, **bounds})


def _with_state(
    found: QuerySet[Any], query: RegisterQuery, model: type[models.Model], names: Mapping[str, RegisterState]
) -> QuerySet[Any]:
    """Annotate `state_then`: the state of now, or at the end of a day. `names` maps the states of the model.

    When a question was taken back only the history tells. One that came into the portal as taken back has no such
    event: before that moment it cannot be told whether it was open.
    """
    if query.end is None:
        cases = [When(state=own, then=Value(ours.value)) for own, ours in names.items()]
    else:
        events = event_model(model)._default_manager.filter(
            pgh_obj_id=OuterRef("pk"), state="withdrawn", pgh_label="update"
        )
        gone = Subquery(events.order_by("pgh_id").values("pgh_created_at")[:1])
        found, taken_back = found.annotate(gone_at=gone), Q(state="withdrawn")
        cases = [
            When(decided_at__lt=query.end, then=Value(RegisterState.DECIDED.value)),
            When(taken_back & Q(gone_at__lt=query.end), then=Value(RegisterState.WITHDRAWN.value)),
            When(taken_back & Q(gone_at=None, created_at__lt=query.end), then=Value(RegisterState.WITHDRAWN.value)),
            When(taken_back & Q(gone_at=None), then=Value(RegisterState.UNTOLD.value)),
        ]
    then = Case(*cases, default=Value(RegisterState.WANTED.value), output_field=CharField())
    found = found.annotate(state_then=then)
    return found.filter(state_then=query.state) if query.state else found


def entries(lines: Iterable[Line], query: RegisterQuery) -> list[Entry]:
    """The lines in full, in their order. Five queries and one for each matter among them, however many there are."""
    wanted = list(lines)
    states = {(source, pk): RegisterState(state) for source, pk, state in wanted}
    found = _project_entries(states, query) | _ballot_entries(states, query)
    return [found[source, pk] for source, pk, _state in wanted if (source, pk) in found]


def all_entries(user: User, query: RegisterQuery) -> Iterator[Entry]:
    """Every line in full, for an export: the order is fixed in one query, the rest is read in chunks of CHUNK."""
    lines = [line[:3] for line in lines_of(user, query)]
    for start in range(0, len(lines), CHUNK):
        yield from entries(lines[start : start + CHUNK], query)


def _project_entries(states: Mapping[tuple[str, int], RegisterState], query: RegisterQuery) -> dict[Any, Entry]:
    ids = [pk for source, pk in states if source == PROJECT]
    if not ids:
        return {}
    found = Decision.objects.filter(pk__in=ids).select_related("project", "holder", "decided_by")
    return {(PROJECT, one.pk): _project_entry(one, states[PROJECT, one.pk], query) for one in found}


def _project_entry(one: Decision, state: RegisterState, query: RegisterQuery) -> Entry:
    is_decided = state == RegisterState.DECIDED
    who = one.decided_by if is_decided else one.holder
    weighed = [(_("Options"), one.options), (_("Recommendation"), one.recommendation)]
    return Entry(
        kind=PROJECT, kind_label=_("Decision of a project"), question=one.question,
        href=reverse("decision", args=[one.project.key, one.pk]),
        about=f"{one.project.key} {one.project.name}", about_href=reverse("project", args=[one.project.key]),
        state=state, who=str(who or ""), outcome=one.outcome if is_decided else "",
        why=one.rationale if is_decided else "",
        evidence="\n".join(f"{label}: {text}" for label, text in weighed if text),
        asked_on=one.raised_on, decided_on=_local(one.decided_at) if is_decided and one.decided_at else None,
        needed_by=one.needed_by, note=_note(one.created_at, query), key=(PROJECT, one.pk), project_id=one.project_id,
    )  # fmt: skip


def _note(written_at: dt.datetime, query: RegisterQuery) -> str:
    """A decision may be written down later than the day on which it was asked for."""
    if query.end is None or written_at < query.end:
        return ""
    return _("Written down later, on %(day)s") % {"day": formats.date_short(_local(written_at))}


@dataclass(slots=True)
class _Parts:
    """What belongs to the ballots of a page, by ballot."""

    steps: dict[int, list[BallotStep]]
    votes: dict[int, list[Vote]]
    conditions: dict[int, list[DecisionCondition]]
    subjects: dict[tuple[str, int], Described]


def _ballot_entries(states: Mapping[tuple[str, int], RegisterState], query: RegisterQuery) -> dict[Any, Entry]:
    ids = [pk for source, pk in states if source == BALLOT]
    if not ids:
        return {}
    found = list(Ballot.objects.filter(pk__in=ids).select_related("asked_by", "decided_by"))
    votes = Vote.objects.filter(ballot__in=ids).select_related("cast_by").order_by("cast_at", "pk")
    conditions = DecisionCondition.objects.filter(ballot__in=ids, vote__voided_at=None).select_related("owner")
    parts = _Parts(
        _by_ballot(BallotStep.objects.filter(ballot__in=ids).order_by("position", "pk")),
        _by_ballot(_counted(votes, query)),
        _by_ballot(conditions.order_by("due_on", "pk") if RegisterState.DECIDED in states.values() else ()),
        subjects_of(found),
    )
    return {(BALLOT, one.pk): _ballot_entry(one, states[BALLOT, one.pk], parts, query) for one in found}


def _by_ballot(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.ballot_id].append(row)
    return found


def _counted(votes: QuerySet[Vote], query: RegisterQuery) -> QuerySet[Vote]:
    """The votes that count, or counted at the end of the day."""
    if query.end is None:
        return votes.filter(voided_at__isnull=True)
    return votes.filter(Q(voided_at__isnull=True) | Q(voided_at__gte=query.end), cast_at__lt=query.end)


def _ballot_entry(one: Ballot, state: RegisterState, parts: _Parts, query: RegisterQuery) -> Entry:
    matter = matters.matter(one.subject_kind)
    about = parts.subjects.get((one.subject_kind, one.subject_id))
    is_decided = state == RegisterState.DECIDED
    votes = parts.votes.get(one.pk, [])
    return Entry(
        kind=one.subject_kind, kind_label=str(matter.label), question=one.sentence,
        href=reverse("ballot", args=[one.pk]), about=about.title if about else "",
        about_href=about.href if about else "",
        state=state, who=_who(one, parts.steps.get(one.pk, []), query, is_decided=is_decided),
        outcome=matter.word(one.outcome) if is_decided else "", choice=one.outcome if is_decided else "",
        why="\n".join(f"{vote.cast_by} ({matter.word(vote.choice)}): {vote.reason}" for vote in votes),
        evidence=_evidence(one), asked_on=_local(one.created_at),
        decided_on=_local(one.decided_at) if is_decided and one.decided_at else None,
        needed_by=_needed_by(parts.steps.get(one.pk, [])) if state == RegisterState.WANTED else None,
        conditions=[_condition(each, query) for each in parts.conditions.get(one.pk, [])] if is_decided else [],
        key=(BALLOT, one.pk),
    )  # fmt: skip


def _who(ballot: Ballot, steps: list[BallotStep], query: RegisterQuery, *, is_decided: bool) -> str:
    """The bodies that decided or hold it; as of a day those whose turn had come by then."""
    if is_decided:
        bodies = ", ".join(dict.fromkeys(step.name for step in steps))
        return f"{ballot.decided_by} · {bodies}"
    if query.end:
        return ", ".join(step.name for step in steps if step.opened_at and step.opened_at < query.end)
    return ", ".join(step.name for step in steps if step.state == StepState.OPEN)


def _evidence(ballot: Ballot) -> str:
    found = []
    if ballot.amount is not None:
        found.append(_("Amount: %(amount)s") % {"amount": formats.money(ballot.amount, ballot.currency)})
    if number := len(ballot.rule_versions):
        found.append(
            ngettext("%(n)d rule in force when asked", "%(n)d rules in force when asked", number) % {"n": number}
        )
    return "\n".join(found)


def _needed_by(steps: list[BallotStep]) -> dt.date | None:
    due = [step.due_at for step in steps if step.state == StepState.OPEN and step.due_at]
    return _local(min(due)) if due else None


def _condition(one: DecisionCondition, query: RegisterQuery) -> ConditionLine:
    is_met = one.met_at is not None and (query.end is None or one.met_at < query.end)
    day = query.as_of or timezone.localdate()
    return ConditionLine(one.text, str(one.owner), one.due_on, is_met, not is_met and one.due_on < day)


def _local(moment: dt.datetime) -> dt.date:
    return timezone.localdate(moment)
