"""What an external office recommends, what the organisation answers, and what comes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.policies import why_not_appointed
from common import versions
from common.errors import NotAllowed, PortalError
from strategy import policies, records
from strategy.enums import ABOUT_KINDS, Priority, RecommendationState
from strategy.models import Assessment, EvidenceLink, Recommendation, RecommendationNote
from strategy.services import letters
from strategy.services.assessments import member_who_may

if TYPE_CHECKING:
    from accounts.models import User
    from common.verdict import Verdict

_S = RecommendationState
MOST_LINKS = 12


class RecommendationError(PortalError):
    """A recommendation or an answer that cannot be like this."""


class WrongState(PortalError):
    """The moment for this has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecommendation:
    """What is recommended. `about` and `links` name records by kind and id; `assessment` is an id."""

    title: str
    finding: str
    evidence: str
    proposal: str
    expected_effect: str
    priority: int = Priority.MEDIUM
    about: records.Ref | None = None
    assessment: int | None = None
    links: Collection[records.Ref] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the organisation does with it: `state` is one of ANSWERS; a plan has an owner and a day."""

    state: str
    text: str = ""
    owner: User | None = None
    due_on: dt.date | None = None


@transaction.atomic
def file_recommendation(*, actor: User, token: UUID, data: NewRecommendation) -> Recommendation:
    """File it and mail those who answer. The same form sent twice is one recommendation.

    Raises: NotAllowed; RecommendationError for records or an assessment that are not open to the actor.
    """
    member = member_who_may(actor, Permission.RECOMMENDATION_FILE)
    assessment = _check(actor, data)
    kind, pk = data.about or ("", None)
    with pghistory.context(user=actor.pk):
        filed, is_new = Recommendation.objects.get_or_create(
            form_token=token,
            defaults={
                "office": member.office, "filed_by": actor, "filed_at": timezone.now(),
                "title": data.title.strip(), "finding": data.finding,
                "evidence": data.evidence, "proposal": data.proposal, "expected_effect": data.expected_effect,
                "priority": data.priority, "assessment": assessment, "about_kind": kind, "about_id": pk,
            },
        )  # fmt: skip
        if filed.filed_by_id != actor.pk:
            raise NotAllowed(_("This form was already used. Open a new one."))
        if is_new:
            EvidenceLink.objects.bulk_create(
                EvidenceLink(recommendation=filed, kind=kind, object_id=pk) for kind, pk in dict.fromkeys(data.links)
            )
            letters.filed(filed)
    return filed


def _check(actor: User, data: NewRecommendation) -> Assessment | None:
    if data.about and (data.about[0] not in ABOUT_KINDS or not records.is_open_to(actor, data.about)):
        raise RecommendationError(_("Choose whom it is for among what is open to you."))
    if len(data.links) > MOST_LINKS:
        raise RecommendationError(_("Link at most %(n)d records.") % {"n": MOST_LINKS})
    if set(data.links) - records.described(actor, data.links).keys():
        raise RecommendationError(_("One of the linked records is not open to you."))
    if data.assessment is None:
        return None
    found = Assessment.objects.submitted().visible_to(actor).filter(pk=data.assessment).first()
    if found is None:
        raise RecommendationError(_("Choose a submitted assessment of your own office."))
    return found


@transaction.atomic
def answer_recommendation(*, actor: User, pk: int, version: int | None, answer: Answer) -> Recommendation:
    """Accept, reject or plan it; a plan can be planned again. The adviser and a new owner get a mail.

    Raises: NotAllowed, WrongState, Conflict; RecommendationError for a rejection without a reason, or a plan without
    owner and day, with a day that has passed, or with an owner who cannot be one.
    """
    with pghistory.context(user=actor.pk):
        found = _claim(pk, version)
        _demand(policies.can_answer(actor, found))
        if answer.state not in policies.answers_left(found):
            raise WrongState(_("This recommendation is “%(state)s” already.") % {"state": found.get_state_display()})
        values = {"state": answer.state, "answer": answer.text.strip() or found.answer, **_plan(answer)}
        if found.answered_by_id is None:
            values |= {"answered_at": timezone.now(), "answered_by": actor}
        has_new_owner = values.get("owner") not in {None, found.owner}
        if answer.state == _S.REJECTED and not values["answer"]:
            raise RecommendationError(_("Write why, so that the adviser and later readers understand it."))
        if versions.apply(found, values):
            letters.answered(found)
            if has_new_owner:
                letters.planned(found)
    return found


def _plan(answer: Answer) -> dict[str, object]:
    if answer.state != _S.PLANNED:
        return {}
    if answer.owner is None or answer.due_on is None:
        raise RecommendationError(_("A plan needs an owner and a day."))
    if answer.due_on < timezone.localdate():
        raise RecommendationError(_("The day has passed already. Choose today or later."))
    if refusal := why_not_appointed(answer.owner):
        raise RecommendationError(refusal)
    return {"owner": answer.owner, "due_on": answer.due_on}


@transaction.atomic
def add_note(*, actor: User, pk: int, text: str) -> RecommendationNote:
    """Tell how a planned recommendation goes. The same note again within the plan is one note.

    Raises: NotAllowed, WrongState, RecommendationError for an empty note.
    """
    with pghistory.context(user=actor.pk):
        found = _claim(pk, None)
        _demand(policies.can_follow_up(actor, found))
        if not text.strip():
            raise RecommendationError(_("Write how it goes."))
        last = found.notes.order_by("-pk").first()
        if last is not None and (last.text, last.written_by_id) == (text.strip(), actor.pk):
            return last
        return RecommendationNote.objects.create(recommendation=found, text=text.strip(), written_by=actor)


@transaction.atomic
def finish(*, actor: User, pk: int) -> Recommendation:
    """It is done as planned; twice is once. Raises: NotAllowed, WrongState."""
    with pghistory.context(user=actor.pk):
        found = _claim(pk, None)
        verdict = policies.can_follow_up(actor, found)
        if verdict.is_state and found.state in {_S.DONE, _S.EVALUATED}:
            return found
        _demand(verdict)
        versions.apply(found, {"state": _S.DONE, "done_at": timezone.now(), "done_by": actor})
    return found


@transaction.atomic
def tell_effect(*, actor: User, pk: int, text: str) -> Recommendation:
    """What came of it, against what was expected; it closes the recommendation and the adviser gets a mail.

    Raises: NotAllowed, WrongState, RecommendationError for an empty text.
    """
    with pghistory.context(user=actor.pk):
        found = _claim(pk, None)
        _demand(policies.can_tell_effect(actor, found))
        if not text.strip():
            raise RecommendationError(_("Write what came of it, also when that is nothing."))
        values = {"state": _S.EVALUATED, "effect": text.strip(), "effect_at": timezone.now(), "effect_by": actor}
        versions.apply(found, values)
        letters.answered(found)
    return found


def _claim(pk: int, version: int | None) -> Recommendation:
    related = ("filed_by", "owner", "answered_by", "office")
    return versions.claim(Recommendation.objects.select_related(*related), pk=pk, version=version)


def _demand(verdict: Verdict) -> None:
    if not verdict:
        raise (WrongState if verdict.is_state else NotAllowed)(verdict.reason)
