"""What the requester does: start, answer, hand in, withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed
from governance.enums import Checkpoint
from governance.services import ballots
from intake import policies
from intake.completeness import missing_answers
from intake.enums import EDITABLE_STATES, RequestState
from intake.models import BALLOT_KIND, Request
from intake.services.transitions import IncompleteRequest, by, demand, hold_against_rules, lock, move

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from accounts.models import User

ANSWERS = frozenset({
    "title", "problem", "wanted_result",
    "goal", "yearly_benefit", "benefit_is_unknown", "is_mandatory", "wanted_by",
    "org_unit", "budget", "budget_is_unknown", "currency", "proposed_sponsor", "proposed_lead",
    "proposed_benefits_owner",
})  # fmt: skip
"""What a requester may fill in; everything else of a request is the work of others."""


@transaction.atomic
def start_request(*, actor: User, token: UUID, answers: Mapping[str, Any]) -> Request:
    """A draft with its first answers. The same form sent twice, or twice at once, is one draft.

    `token` is the one-time token of the form; `answers` must hold a title. Raises: NotAllowed when the
    token is somebody else's.
    """
    _only_answers(answers)
    if not actor.can(Permission.REQUEST_CREATE):
        raise NotAllowed(_("People of an external office recommend; they do not pitch projects."))
    with by(actor):
        defaults = {"requester": actor, "org_unit": actor.org_unit, **answers}
        pitch, is_new = Request.objects.get_or_create(form_token=token, defaults=defaults)
        if is_new:
            return pitch
        if pitch.requester_id != actor.pk:
            raise NotAllowed(_("This form was already used. Open a new one."))
        if pitch.state in EDITABLE_STATES:
            versions.apply(lock(pitch.pk), answers)
    return pitch


@transaction.atomic
def save_answers(*, actor: User, pk: int, answers: Mapping[str, Any]) -> Request:
    """Keep answers of a draft or a returned request; what is not named stays as it is.

    Raises: NotAllowed, WrongState.
    """
    _only_answers(answers)
    with by(actor):
        pitch = lock(pk)
        demand(policies.can_edit(actor, pitch))
        versions.apply(pitch, answers)
    return pitch


def _only_answers(answers: Mapping[str, Any]) -> None:
    if strange := set(answers) - ANSWERS:
        raise TypeError(f"not an answer of a requester: {', '.join(sorted(strange))}")


@transaction.atomic
def submit_request(*, actor: User, pk: int) -> Request:
    """Hand a request in to the PMO. Handing in twice is once.

    Raises: NotAllowed, WrongState, IncompleteRequest, RulesNotKept.
    """
    with by(actor):
        pitch = lock(pk)
        if pitch.requester_id == actor.pk and pitch.state == RequestState.SUBMITTED:
            return pitch
        demand(policies.can_submit(actor, pitch))
        if missing := missing_answers(pitch):
            raise IncompleteRequest(_("Some answers are still missing."), missing)
        move(pitch, RequestState.SUBMITTED, submitted_at=timezone.now())
        hold_against_rules(actor, pitch, Checkpoint.SUBMIT_REQUEST)
    return pitch


@transaction.atomic
def withdraw_request(*, actor: User, pk: int) -> Request:
    """The requester takes it back; it stays readable. Raises: NotAllowed, WrongState."""
    with by(actor):
        pitch = lock(pk)
        demand(policies.can_withdraw(actor, pitch))
        ballots.withdraw_question(kind=BALLOT_KIND, subject_id=pitch.pk)
        move(pitch, RequestState.WITHDRAWN)
    return pitch
