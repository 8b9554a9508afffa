"""Waivers: asked for by one person, granted by another, over on their last day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import JSONObject, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from accounts.enums import RoleName
from common import versions
from common.errors import NotAllowed, PortalError
from common.languages import in_each_language
from common.mail import queue_mail
from common.models import OutgoingMail
from governance import matters, subjects
from governance.enums import WAIVER_TRANSITIONS, Choice, Enforcement, WaiverState
from governance.matters import Matter, StepPlan
from governance.models import Ballot, RuleVersion, Waiver
from governance.models.rules import text_of
from governance.models.waivers import LONGEST_DAYS
from governance.selectors.rules import waivable
from governance.services.ballots import Question, open_on_locked, withdraw_question
from governance.services.checks import enforcement_of
from governance.subjects import FREE, Described

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.db.models import QuerySet

    from accounts.models import User
    from governance.facts import Text

MATTER: Final = "waiver"
REMIND_DAYS: Final = (14, 3, 0)
"""So many days before the last one the owner and the asker are reminded."""


class WaiverError(PortalError):
    """A waiver that cannot be asked for or ended like this. `field` names what to mend."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class NewWaiver:
    """What is asked: which rule need not be kept by which subject, why, what is done instead, by whom, until when."""

    kind: str
    subject_id: int
    rule_code: str
    reason: str
    compensating_control: str
    owner: User
    expires_on: dt.date
    is_demo: bool = False


@transaction.atomic
def ask_waiver(*, actor: User, data: NewWaiver) -> Waiver:
    """Ask that a rule need not be kept for a while, and put it to those who grant it. Asked again while nobody has
    decided: the same waiver. The rule is locked, so of two who ask at once one asks.

    Raises: NotAllowed, WaiverError, BodyTooSmall when nobody is left who may decide.
    """
    subject = subjects.registered()[data.kind]
    if not subject.works_on(actor).filter(pk=data.subject_id).exists():
        raise NotAllowed(_("Only who works on it asks for a waiver."))
    version = _version_in_force(data.rule_code, data.kind)
    there = Waiver.objects.about(data.kind, [data.subject_id]).filter(rule=version.rule, state=WaiverState.ASKED)
    if (found := there.first()) is not None:
        return found
    today = subject.today()
    if not subject.visible_to(data.owner).filter(pk=data.subject_id).exists():
        raise WaiverError(_("%(name)s cannot see this. Choose somebody who can.") % {"name": data.owner}, field="owner")
    enforcement = enforcement_of(version, subject.controls([data.subject_id]).get(data.subject_id, FREE).level)
    _check(data, enforcement, today)
    waiver = Waiver.objects.create(
        rule=version.rule, rule_version=version, subject_kind=data.kind, subject_id=data.subject_id,
        lifts=enforcement, reason=data.reason.strip(), compensating_control=data.compensating_control.strip(),
        owner=data.owner, asked_on=today, expires_on=data.expires_on, asked_by=actor, is_demo=data.is_demo,
    )  # fmt: skip
    name = subject.describe([data.subject_id])[data.subject_id].title
    question = in_each_language(
        lambda: _("Waive “%(rule)s” for %(subject)s?") % {"rule": version.text("title"), "subject": name}
    )
    open_on_locked(Question(actor, MATTER, waiver.pk, waiver.version, question))
    return waiver


def _version_in_force(code: str, kind: str) -> RuleVersion:
    active: Any = waivable(kind).select_related(None).select_for_update(of=("self",)).select_related("rule")
    version: RuleVersion | None = active.filter(rule__code=code).first()
    if version is None:
        raise WaiverError(_("This rule is not in force any more, so nothing needs to be waived."))
    return version


def _check(data: NewWaiver, enforcement: Enforcement, today: dt.date) -> None:
    if enforcement is Enforcement.ADVISE:
        raise WaiverError(_("This rule only advises here. It stops nothing, so no waiver is needed."))
    if not data.reason.strip():
        raise WaiverError(_("Write why the rule cannot be kept for now."), field="reason")
    if not data.compensating_control.strip():
        raise WaiverError(_("Write what is done instead, so that the risk stays small."), field="compensating_control")
    if not today < data.expires_on <= today + timedelta(days=LONGEST_DAYS):
        raise WaiverError(_("Choose a last day that still comes and lies within twelve months."), field="expires_on")


def carry_over(*, actor: User, of: tuple[str, int], to: tuple[str, int]) -> int:
    """Let what was waived for one thing hold for what comes of it, with the same owner and last day; how many. The
    first waivers end, so that nothing counts twice. Call it in the transaction in which the second thing starts.
    """
    held = Waiver.objects.about(of[0], [of[1]]).filter(state=WaiverState.GRANTED, rule__subject_kind=to[0])
    moved = list(held.select_for_update(of=("self",)).order_by("pk"))
    for one in moved:
        _move(one, WaiverState.ENDED, closed_at=timezone.now(), closed_by=actor)
    kept = (
        "rule_id", "rule_version_id", "lifts", "reason", "compensating_control", "owner_id", "asked_on", "asked_by_id",
        "expires_on", "granted_at", "granted_by_id", "is_demo",
    )  # fmt: skip
    for one in moved:
        same = {name: getattr(one, name) for name in kept}
        Waiver.objects.create(subject_kind=to[0], subject_id=to[1], state=WaiverState.GRANTED, **same)
    return len(moved)


@transaction.atomic
def withdraw_waiver(*, actor: User, waiver_id: int) -> Waiver:
    """Take the question back before it is decided. Taken back already: nothing happens.

    Raises: NotAllowed, WaiverError when it was decided in the meantime.
    """
    waiver = versions.claim(Waiver.objects.all(), pk=waiver_id, version=None)
    if waiver.asked_by_id != actor.pk or actor.is_external:
        raise NotAllowed(_("Only the person who asked takes the question back."))
    if waiver.state == WaiverState.WITHDRAWN:
        return waiver
    _move(waiver, WaiverState.WITHDRAWN, closed_at=timezone.now(), closed_by=actor)
    withdraw_question(kind=MATTER, subject_id=waiver.pk)
    return waiver


@transaction.atomic
def end_waiver(*, actor: User, waiver_id: int) -> Waiver:
    """End a granted waiver before its last day: the rule bites again at once. By its owner, who asked, or the PMO.

    Ended already: nothing happens. Raises: NotAllowed, WaiverError.
    """
    waiver = versions.claim(Waiver.objects.all(), pk=waiver_id, version=None)
    if not may_end(actor, waiver):
        raise NotAllowed(_("Only its owner, the person who asked and the PMO end a waiver."))
    if waiver.state != WaiverState.ENDED:
        _move(waiver, WaiverState.ENDED, closed_at=timezone.now(), closed_by=actor)
    return waiver


def may_end(actor: User, waiver: Waiver) -> bool:
    """Whether a person may end a waiver early. A few queries for who is neither owner nor asker."""
    if actor.is_external:
        return False
    if actor.pk in {waiver.owner_id, waiver.asked_by_id}:
        return True
    subject = subjects.registered()[waiver.subject_kind]
    pmo = RoleName.PMO_MANAGER.value
    return actor.pk in subject.electors(waiver.subject_id, [pmo])[pmo]


def _move(waiver: Waiver, to: WaiverState, **changes: Any) -> None:
    if to not in WAIVER_TRANSITIONS[waiver.state]:
        raise WaiverError(
            _("This cannot be done any more: the waiver is now “%(state)s”.") % {"state": waiver.get_state_display()}
        )
    versions.apply(waiver, {"state": to, **changes})


# the matter that is decided by ballot


def as_matter() -> Matter:
    """Waivers as a thing that is decided by ballot."""
    return Matter(
        label=gettext_lazy("Waiver"),
        visible_to=lambda user: Waiver.objects.visible_to(user).values("pk"),
        told=_told,
        in_words=_in_words,
        lock=lambda pk: Waiver.objects.select_for_update(of=("self",)).values_list("version", flat=True).get(pk=pk),
        case=WaiverCase,
        decided=_decided,
        words={Choice.APPROVE: gettext_lazy("Grant"), Choice.REJECT: gettext_lazy("Refuse")},
        ends_with_subject=True,
    )


def _told(ids: Collection[int]) -> QuerySet[Any]:
    return Waiver.objects.filter(pk__in=ids).annotate(told=JSONObject(texts="rule_version__texts"))


def _in_words(pk: int, told: Mapping[str, Any]) -> Described:
    return Described(text_of(told["texts"], "title"), reverse("waiver", args=[pk]))


class WaiverCase:
    """A waiver, decided on by those who hold the roles towards its subject."""

    office_id = None

    def __init__(self, waiver_id: int) -> None:
        self._waiver = Waiver.objects.get(pk=waiver_id)

    def barred(self) -> Mapping[int, Text]:
        waiver = self._waiver
        return {
            waiver.owner_id: gettext_lazy("you would answer for what is done instead"),
            waiver.asked_by_id: gettext_lazy("you asked for this waiver"),
        }

    def electors(self, roles: Collection[str], /) -> Mapping[str, Collection[int]]:
        return subjects.registered()[self._waiver.subject_kind].electors(self._waiver.subject_id, roles)

    def steps(self) -> tuple[StepPlan, ...]:
        """The PMO grants; where the rule stops outright the sponsor has to agree as well."""
        pmo = StepPlan(gettext_lazy("PMO"), (RoleName.PMO_MANAGER.value,), position=1, days=5)
        if self._waiver.lifts == Enforcement.BLOCK:
            return (pmo, StepPlan(gettext_lazy("Sponsor"), (RoleName.SPONSOR.value,), position=2, days=5))
        return (pmo,)


def _decided(ballot: Ballot, _reason: str) -> None:
    """Grant or refuse; a new one takes the place of the one in force. In the transaction of the vote that decides."""
    waiver = versions.claim(Waiver.objects.all(), pk=ballot.subject_id, version=None)
    if not ballot.is_yes:
        _move(waiver, WaiverState.REFUSED, closed_at=ballot.decided_at, closed_by=ballot.decided_by)
        return
    earlier = Waiver.objects.about(waiver.subject_kind, [waiver.subject_id]).filter(
        rule=waiver.rule_id, state=WaiverState.GRANTED
    )
    for one in earlier.select_for_update(of=("self",)):
        _move(one, WaiverState.ENDED, closed_at=ballot.decided_at, closed_by=ballot.decided_by)
    _move(waiver, WaiverState.GRANTED, granted_at=ballot.decided_at, granted_by=ballot.decided_by)


def register() -> None:
    """Make waivers known as a matter; called from AppConfig.ready()."""
    matters.register(MATTER, as_matter())


# time


def tend_waivers() -> tuple[int, int]:
    """End what is past its last day and remind of what runs out; how many of each. A duty, safe to run twice and at
    once: an end is an update of what still holds, and a reminder has one message id.
    """
    return end_expired(), remind()


@transaction.atomic
def end_expired() -> int:
    """Note the end of waivers whose last day has passed. They lift nothing since then anyway."""
    over = Waiver.objects.filter(state=WaiverState.GRANTED, expires_on__lt=_today())
    rows = list(over.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    return Waiver.objects.filter(pk__in=rows).update(state=WaiverState.ENDED, closed_at=Now(), version=F("version") + 1)


def remind() -> int:
    """Write to the owner and the asker of what runs out, once for each of REMIND_DAYS; how many mails were new."""
    today = _today()
    soon = Waiver.objects.filter(
        state=WaiverState.GRANTED, expires_on__gte=today, expires_on__lte=today + timedelta(days=REMIND_DAYS[0])
    )
    due = [
        (waiver, days, person)
        for waiver in soon.select_related("rule_version", "owner", "asked_by")
        if (days := _reminder(waiver, today)) is not None
        for person in {waiver.owner, waiver.asked_by}
        if person.is_active
    ]
    ids = {(waiver.pk, days, person.pk): _message_id(waiver, days, person) for waiver, days, person in due}
    written = set(OutgoingMail.objects.filter(message_id__in=ids.values()).values_list("message_id", flat=True))
    new = [one for one in due if ids[one[0].pk, one[1], one[2].pk] not in written and _sees(one[2], one[0])]
    for waiver, days, person in new:
        _write(waiver, ids[waiver.pk, days, person.pk], person, today)
    return len(new)


def _sees(person: User, waiver: Waiver) -> bool:
    subject = subjects.registered()[waiver.subject_kind]
    return subject.visible_to(person).filter(pk=waiver.subject_id).exists()


def _today() -> dt.date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def _message_id(waiver: Waiver, days: int, person: User) -> str:
    return f"waiver-{waiver.pk}-{days}-{person.pk}@pmo-portal"


def _reminder(waiver: Waiver, today: dt.date) -> int | None:
    """The reminder that is due: the nearest one passed, unless it was granted after that day came."""
    left = (waiver.expires_on - today).days
    days = min((days for days in REMIND_DAYS if left <= days), default=None)
    assert waiver.granted_at is not None  # noqa: S101 — the database holds it
    granted_on = timezone.localdate(waiver.granted_at, timezone=timezone.get_default_timezone())
    if days is None or (days and granted_on > waiver.expires_on - timedelta(days=days)):
        return None
    return days


def _write(waiver: Waiver, message_id: str, person: User, today: dt.date) -> None:
    left = (waiver.expires_on - today).days
    with override(person.language or None):
        described = subjects.describe(waiver.subject_kind, [waiver.subject_id]).get(waiver.subject_id)
        words = {"rule": waiver.rule_version.text("title"), "subject": described.title if described else "", "n": left}
        subject = (
            ngettext("%(subject)s: a waiver ends in %(n)d day", "%(subject)s: a waiver ends in %(n)d days", left)
            if left
            else _("%(subject)s: a waiver ends today")
        ) % words
    queue_mail(
        message_id=message_id, to=person, subject=subject, template="waiver_ends",
        context={"waiver": waiver, "words": words, "path": reverse("waiver", args=[waiver.pk])},
    )  # fmt: skip
