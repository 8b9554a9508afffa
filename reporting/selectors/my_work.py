"""What asks something of a person, what they run, and what comes up: the first screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import CharField, DateField, F, Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from governance import matters
from governance.enums import BallotState, WaiverState
from governance.models import Ballot, DecisionCondition, Waiver
from governance.selectors.ballots import ballots_waiting_for
from intake.enums import RequestState
from intake.models import Request
from intake.selectors import waiting_for as requests_waiting_for
from projects.enums import LIVE_STATUSES, DeliverableState, PromiseState
from projects.models import Ask, Decision, Milestone, Project, ProjectState, Promise, Proposal, Risk
from projects.selectors.accountability import answered_for
from projects.selectors.proposals import waiting_for as proposals_waiting_for
from strategy.selectors.recommendations import waiting_for

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 12
PER_KIND = 6
HORIZON = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that asks something of the person, with one verb. `order` sorts: the most urgent first."""

    icon: str
    tone: str
    title: str
    text: str
    href: str
    verb: str
    needed_on: dt.date | None = None
    order: int = 1

    @property
    def due(self) -> str:
        """When, in words: "today", "3 days ago", a date."""
        return formats.days_relative(self.needed_on, timezone.localdate()) if self.needed_on else ""


def todos(user: User) -> list[Todo]:
    """What waits for this person, most urgent first. At most seven queries, whatever there is."""
    found = [
        *_of_projects(user),
        *_ballots(user),
        *_ending(user),
        *_requests(user),
        *_updates(user),
        *_recommendations(user),
    ]
    today = timezone.localdate()
    return sorted(found, key=lambda todo: (todo.order, todo.needed_on or today + HORIZON))[:SHOWN]


def _of_projects(user: User) -> list[Todo]:
    """What asks something in the records of projects: decisions, questions, risks, proposals, deliveries and promises.
    One query for all.

    Each row: which of them, its id, its words, when, a note, and its project.
    """
    parts = [
        _part("decision", _decisions(user), "question", "needed_by"),
        _part("ask", _asks(user), "text", "needed_by"),
        _part("risk", _risks(user), "title", "review_on", note=_EXPOSURE),
        _part("proposal", _proposals(user), "title", "day", note=F("proposed_by__name")),
        _part("delivery", _acceptances(user), "deliverable__name", "deliverable__due_on", "deliverable__"),
        _part("promise", _promises(user), "name", "needed_on", note=F("state")),
    ]
    return [_RECORDS[kind](*row) for kind, *row in parts[0].union(*parts[1:], all=True)]


def _part(
    kind: str, found: QuerySet[Any], words: str, day: str, of: str = "", *, note: Any = None
) -> QuerySet[Any, tuple[Any, ...]]:
    """The first PER_KIND of these records, those that were wanted first before the others."""
    told = (_word(kind), f"{of}pk", words, day, note or _word(""), f"{of}project_id", f"{of}project__name")
    return found.order_by(F(day).asc(nulls_last=True), f"{of}pk").values_list(*told)[:PER_KIND]


def _decisions(user: User) -> QuerySet[Any]:
    return Decision.objects.wanted().filter(holder=user).visible_to(user)


def _decision(pk: int, words: str, day: dt.date | None, _note: str, project_id: int, name: str) -> Todo:
    href = reverse("decision", args=[Project(pk=project_id).key, pk])
    return Todo("gavel", "off", words, name, href, _("Decide"), day, 0)


def _ballots(user: User) -> list[Todo]:
    """Ballots in which the person can vote now, each with the page on which its matter is voted on."""
    return [_ballot(one) for one in ballots_waiting_for(user)[:PER_KIND] if one.subject_kind in matters.registered()]


def _ballot(one: Ballot) -> Todo:
    matter = matters.matter(one.subject_kind)
    due_at = getattr(one, "due_at", None)
    text = _("%(kind)s, asked by %(who)s") % {"kind": matter.label, "who": one.asked_by}
    due_on = timezone.localdate(due_at) if due_at else None
    return Todo("gavel", "off", one.sentence, text, matter.vote_at(one), _("Vote"), due_on, 0)


def _ending(user: User) -> list[Todo]:
    """Conditions of decisions that the person is to meet, and waivers of theirs, that come due. One query for both."""
    until = timezone.localdate() + HORIZON
    unmet = DecisionCondition.objects.filter(
        owner=user, met_at=None, due_on__lte=until, vote__voided_at=None, ballot__state=BallotState.DECIDED,
        ballot__in=Ballot.objects.visible_to(user).values("pk"),
    )  # fmt: skip
    ending = Waiver.objects.visible_to(user).filter(
        Q(owner=user) | Q(asked_by=user), state=WaiverState.GRANTED, expires_on__range=(timezone.localdate(), until)
    )
    language = (get_language() or "en").partition("-")[0]
    title = Coalesce(KT(f"texts__{language}__title"), KT("texts__en__title"))
    conditions: QuerySet[Any] = unmet.order_by().values_list(_word("ballot"), "ballot_id", "text", "due_on")
    told = ending.order_by().annotate(texts=F("rule_version__texts"))
    waivers: QuerySet[Any] = told.values_list(_word("waiver"), "pk", title, "expires_on")
    rows = conditions.union(waivers, all=True).order_by("due_on")[:PER_KIND]
    return [_end(*row) for row in rows]


def _word(text: str) -> Value:
    return Value(text, output_field=CharField())


def _end(page: str, pk: int, words: str, day: dt.date) -> Todo:
    is_late = day < timezone.localdate()
    if page == "waiver":
        title, text = _("The waiver of “%(rule)s” ends") % {"rule": words}, _("From the next day the rule holds again.")
    else:
        title, text = _("Meet the condition “%(condition)s”") % {"condition": words}, _("Condition of a decision")
    return Todo("ruler-2" if page == "waiver" else "checklist", "off" if is_late else "risk", title, text,
                reverse(page, args=[pk]), _("Look"), day, 1)  # fmt: skip


def _proposals(user: User) -> QuerySet[Any]:
    """What leads propose where the person directs for the PMO; no day says until when."""
    waiting = proposals_waiting_for(user) if user.can(Permission.PROJECT_CREATE) else Proposal.objects.none()
    return waiting.annotate(day=Cast("decided_at", DateField()))


def _proposal(_pk: int, words: str, _day: None, who: str, project_id: int, name: str) -> Todo:
    href = f"{reverse('proposal-list')}?project={Project(pk=project_id).key}"
    text = _("%(project)s, proposed by %(who)s") % {"project": name, "who": who}
    return Todo("inbox", "risk", _("Proposal: %(title)s") % {"title": words}, text, href, _("Decide"), None, 0)


def _requests(user: User) -> list[Todo]:
    return [_request(one) for one in requests_waiting_for(user)[:PER_KIND]]


def _request(one: Request) -> Todo:
    if one.state == RequestState.RETURNED:
        name, verb, tone = "request-check", _("Complete"), "risk"
    else:
        name, verb, tone = "request-triage", _("Triage"), "risk"
    text = _("%(key)s by %(who)s") % {"key": one.key, "who": one.requester}
    return Todo("clipboard-plus", tone, one.title, text, reverse(name, args=[one.key]), verb, None, 0)


def _updates(user: User) -> list[Todo]:
    due = Q(update_age_days__isnull=True) | Q(update_age_days__gte=F("project__portfolio__update_cadence_days"))
    rows = _led(user).filter(due).order_by(F("update_age_days").desc(nulls_first=True), "project_id")
    todos = []
    for state in rows[:PER_KIND]:
        age = state.update_age_days
        text = (
            _("No update yet")
            if age is None
            else ngettext("The last update is %(n)d day old", "The last update is %(n)d days old", age) % {"n": age}
        )
        title = _("Status update %(project)s") % {"project": state.project.name}
        todos.append(Todo("pencil", "risk", title, text, reverse("update-write", args=[state.project.key]), _("Write")))
    return todos


def _led(user: User) -> QuerySet[ProjectState]:
    return ProjectState.objects.filter(project__lead=user, project__status__in=LIVE_STATUSES).select_related("project")


def _asks(user: User) -> QuerySet[Any]:
    return Ask.objects.open().filter(asked_of=user).visible_to(user)


def _ask(pk: int, words: str, day: dt.date | None, _note: str, _project_id: int, name: str) -> Todo:
    return Todo("message", "ok", words, name, reverse("ask-answer", args=[pk]), _("Answer"), day)


def _acceptances(user: User) -> QuerySet[Any]:
    """What was delivered to whoever is accountable for it; who delivered it themselves leaves it to others."""
    delivered = answered_for(user).filter(deliverable__state=DeliverableState.DELIVERED)
    return delivered.exclude(deliverable__delivered_by=user).held_by([user.pk])


def _acceptance(pk: int, words: str, day: dt.date | None, _note: str, project_id: int, name: str) -> Todo:
    href = reverse("project-deliverables", args=[Project(pk=project_id).key]) + f"#deliverable-{pk}"
    return Todo("package", "risk", _("Accept “%(deliverable)s”") % {"deliverable": words}, name, href, _("Look"), day)


def _promises(user: User) -> QuerySet[Any]:
    """What waits for the word of the person's own project; the other one is named on the page, if it may be seen."""
    return Promise.objects.waiting_for(user).visible_to(user)


def _promise(pk: int, words: str, day: dt.date, state: str, _project_id: int, _name: str) -> Todo:
    text = {
        PromiseState.ASKED.value: _("Another project asks for this"),
        PromiseState.OFFERED.value: _("Another project offers a later day than needed"),
        PromiseState.DELIVERED.value: _("Another project has delivered this"),
    }[state]
    return Todo("link", "risk", words, text, reverse("promise", args=[pk]), _("Answer"), day)


def _risks(user: User) -> QuerySet[Any]:
    late = Risk.objects.open().filter(owner=user, review_on__lte=timezone.localdate())
    return late.filter(project__status__in=LIVE_STATUSES).visible_to(user)


_EXPOSURE: Final = Concat(
    Cast("probability", CharField()), Value(f"{formats.NBSP}×{formats.NBSP}"), Cast("impact", CharField())
)


def _risk(pk: int, words: str, day: dt.date | None, exposure: str, project_id: int, name: str) -> Todo:
    return Todo(
        "alert-triangle", "hold", _("Review the risk “%(risk)s”") % {"risk": words}, f"{name} · {exposure}",
        reverse("risk-edit", args=[Project(pk=project_id).key, pk]), _("Review"), day, 2,
    )  # fmt: skip


_RECORDS: Final[dict[str, Callable[..., Todo]]] = {
    "decision": _decision, "ask": _ask, "risk": _risk, "proposal": _proposal, "delivery": _acceptance,
    "promise": _promise,
}  # fmt: skip


def _recommendations(user: User) -> list[Todo]:
    """Recommendations to answer, and planned ones whose day has passed: for their owner and for the PMO."""
    return [
        Todo(
            "bulb", "off" if one.is_overdue else "risk", one.title,
            _("Overdue plan of %(who)s") % {"who": one.owner} if one.is_overdue else str(one.office),
            reverse("recommendation", args=[one.pk]), _("Follow up") if one.is_overdue else _("Answer"), one.due_on, 1,
        )
        for one in waiting_for(user).select_related("office", "owner")[:PER_KIND]
    ]  # fmt: skip


def my_projects(user: User) -> QuerySet[ProjectState]:
    """The projects the person answers for, those that need attention first. One query."""
    mine = Q(project__lead=user) | Q(project__sponsor=user) | Q(project__budget_owner=user)
    mine |= Q(project__in=user.team_places.in_force().values("project_id"))
    return (
        ProjectState.objects.filter(mine, project__status__in=LIVE_STATUSES)
        .select_related("project")
        .order_by("-rank", "project_id")
    )


def my_requests(user: User) -> QuerySet[Request]:
    """The person's own requests, newest first. One query."""
    related = ("requester", "proposed_sponsor", "portfolio", "decided_by", "project")
    return Request.objects.filter(requester=user).select_related(*related).order_by("-created_at", "-pk")


def coming_up(user: User) -> QuerySet[Milestone]:
    """Milestones of the next two weeks in the projects the person answers for. One query."""
    today = timezone.localdate()
    return (
        Milestone.objects.open()
        .filter(project__in=my_projects(user).order_by().values("project_id"))
        .filter(forecast_on__range=(today, today + HORIZON))
        .select_related("project")
        .order_by("forecast_on", "pk")
    )
