"""Putting a version in force, in time, and out of force. What can stop work needs a second person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission, RoleName
from accounts.models import User
from accounts.roles import ROLES
from accounts.selectors import holders_by_role
from common import versions
from common.errors import NotAllowed
from common.languages import in_each_language
from governance import conditions
from governance.cases import enough, run
from governance.enums import VERSION_TRANSITIONS, VersionState
from governance.facts import catalogue
from governance.matters import Matter, StepPlan
from governance.models import Ballot, RuleVersion
from governance.models.rules import text_of
from governance.selectors import rehearsals
from governance.selectors.rules import sees_drafts
from governance.services.ballots import Question, open_on_locked, withdraw_question
from governance.services.drafts import MATTER, NoDraft, RuleError, lock_version, may_edit
from governance.subjects import Described

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from governance.facts import Text


class NotReady(RuleError):
    """Something is missing before the version may hold."""


class NeedsASecondPerson(RuleError):
    """A rule that can stop work is put in force by a colleague."""


@dataclass(frozen=True, slots=True)
class Need:
    """Something that activation needs, and whether it is there."""

    label: Text
    is_met: bool
    hint: str = ""


def needs(version: RuleVersion) -> list[Need]:
    """What a version needs before it may hold: green cases of both answers, and a rehearsal of it. Two queries."""
    kind = version.rule.subject_kind
    known = catalogue(kind)
    condition = conditions.parse(version.condition, known)
    applies = (
        None if version.applies is None else conditions.parse(version.applies, known)
    )  # the scope is no part of it
    cases = list(version.cases.order_by("pk"))
    red = [one.name for one in cases if not run(applies, condition, one, known).is_green]
    return [
        Need(_("A case that keeps it, and one that breaks it"), enough(cases)),
        Need(_("All cases are green"), not red, ", ".join(red)),
        Need(_("A rehearsal of just this draft"), rehearsals.rehearsal_of(version) is not None),
    ]


def _check(version: RuleVersion) -> None:
    if not version.is_draft:
        raise NoDraft(_("This version is no draft any more: it was put in force or replaced in the meantime."))
    missing = [str(need.label) for need in needs(version) if not need.is_met]
    if missing:
        raise NotReady(_("Before this rule may hold it needs: %(all)s.") % {"all": "; ".join(missing)})


@transaction.atomic
def activate_rule(*, actor: User, pk: int, version: int | None) -> RuleVersion:
    """Put a draft that only advises in force: now, or on its first day. The version before it retires. A question about
    it, from when it could still stop work, ends.

    Raises: NotAllowed, NeedsASecondPerson, NotReady, NoDraft, Conflict.
    """
    may_edit(actor)
    draft = lock_version(pk, version)
    if draft.can_stop:
        raise NeedsASecondPerson(_("This rule can stop work, so a colleague decides: ask for it."))
    _check(draft)
    withdraw_question(kind=MATTER, subject_id=draft.pk)
    return _activate(draft, actor)


@transaction.atomic
def ask_for_activation(*, actor: User, pk: int, version: int | None) -> Ballot:
    """Ask colleagues to put a draft in force that can stop work. Asked already: the same ballot.

    Raises: NotAllowed, NotReady, NoDraft, Conflict, BodyTooSmall.
    """
    may_edit(actor)
    draft = lock_version(pk, version)
    _check(draft)
    question = in_each_language(
        lambda: (
            _("Put “%(title)s” in force, version %(number)d?") % {"title": draft.text("title"), "number": draft.number}
        )
    )
    return open_on_locked(Question(actor, MATTER, draft.pk, draft.version, question))


def _activate(draft: RuleVersion, actor: User) -> RuleVersion:
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    is_due = draft.effective_from is None or draft.effective_from <= today
    if draft.effective_to and draft.effective_to < today:
        raise NotReady(_("Its last day has passed: change it first."))
    RuleVersion.objects.filter(rule=draft.rule_id, state=VersionState.SCHEDULED).update(
        state=VersionState.RETIRED, version=F("version") + 1
    )
    if is_due:
        _make_room(draft.rule_id)
    columns = {
        "state": VersionState.ACTIVE if is_due else VersionState.SCHEDULED,
        "activated_at": timezone.now(),
        "activated_by": actor,
    }
    versions.apply(draft, columns)
    return draft


def _make_room(rule_id: int) -> None:
    RuleVersion.objects.filter(rule=rule_id, state=VersionState.ACTIVE).update(
        state=VersionState.RETIRED, version=F("version") + 1
    )


@transaction.atomic
def retire_rule(*, actor: User, pk: int, version: int | None) -> RuleVersion:
    """Take a version out of force, or take back that it comes into force. Done already: nothing happens.

    Raises: NotAllowed, RuleError for a draft, Conflict.
    """
    may_edit(actor)
    held = versions.claim(RuleVersion.objects.select_related("rule"), pk=pk, version=version)
    if held.state == VersionState.RETIRED:
        return held
    if VersionState.RETIRED not in VERSION_TRANSITIONS[held.state]:
        raise RuleError(_("A draft is thrown away, not retired."))
    versions.apply(held, {"state": VersionState.RETIRED})
    return held


def keep_dates() -> int:
    """Put in force what is due, and out of force what has ended; how many. A duty of the sweep."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    over = RuleVersion.objects.filter(state=VersionState.ACTIVE, effective_to__lt=today)
    ended = over.update(state=VersionState.RETIRED, version=F("version") + 1)
    due = RuleVersion.objects.filter(state=VersionState.SCHEDULED, effective_from__lte=today)
    return ended + sum(_come_into_force(pk) for pk in due.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _come_into_force(pk: int) -> bool:
    version = lock_version(pk)
    if version.state != VersionState.SCHEDULED:
        return False
    _make_room(version.rule_id)
    versions.apply(version, {"state": VersionState.ACTIVE})
    return True


# --- the matter: who decides on a rule that can stop work ----------------------------------------------------------


def as_matter() -> Matter:
    return Matter(
        label=gettext_lazy("a rule"),
        visible_to=_visible_to,
        told=_told,
        in_words=_in_words,
        lock=lambda pk: lock_version(pk).version,
        case=DraftCase,
        decided=_decided,
    )


def _visible_to(user: User) -> QuerySet[Any, Any]:
    """A draft is nobody's to read but of those who write or approve rules, and so is the question about it."""
    seen = RuleVersion.objects.all() if sees_drafts(user) else RuleVersion.objects.exclude(state=VersionState.DRAFT)
    return seen.values("pk")


def _told(ids: Collection[int]) -> QuerySet[Any]:
    told = JSONObject(texts="texts", number="number", code="rule__code")
    return RuleVersion.objects.filter(pk__in=ids).annotate(told=told)


def _in_words(_pk: int, told: Mapping[str, Any]) -> Described:
    title = f"{text_of(told['texts'], 'title')} · {told['number']}"
    return Described(title, f"{reverse('rule', args=[told['code']])}?version={told['number']}")


class DraftCase:
    """A version of a rule, decided on by who approves rules for the whole organisation."""

    office_id = None

    def __init__(self, pk: int) -> None:
        self._pk = pk

    def barred(self) -> Mapping[int, Text]:
        """Everybody who wrote at the draft."""
        events: Any = RuleVersion.pgh_event_model._default_manager  # type: ignore[attr-defined]  # made by @history.track
        wrote = events.filter(pgh_obj_id=self._pk, author__isnull=False).values_list("author", flat=True).distinct()
        return {person: gettext_lazy("you wrote this rule") for person in wrote}

    def electors(self, roles: Collection[str], /) -> Mapping[str, Collection[int]]:
        """Those who hold a role for the whole organisation, when it allows to approve rules."""
        allowed = [role for role in roles if Permission.RULE_APPROVE in ROLES[role].permissions]
        held = holders_by_role(allowed)
        return {role: sorted(held.get(role, ())) for role in roles}

    def steps(self) -> tuple[StepPlan, ...]:
        who = (RoleName.PMO_MANAGER.value, RoleName.EXECUTIVE.value)
        return (StepPlan(gettext_lazy("A second person"), who, days=5, escalates_to=RoleName.EXECUTIVE.value),)


def _decided(ballot: Ballot, _reason: str) -> None:
    """A yes puts the version in force, in the transaction of the deciding vote; a no leaves the draft."""
    if not ballot.is_yes:
        return
    draft = lock_version(ballot.subject_id)
    _check(draft)
    if ballot.decided_by is None or ballot.decided_by == draft.author:
        raise NotAllowed(_("You wrote this rule; a colleague puts it in force."))
    _activate(draft, ballot.decided_by)


def waiting_ballot(version: RuleVersion) -> Ballot | None:
    """The open ballot about a version. One query."""
    return Ballot.objects.open().about(MATTER, version.pk).first()
