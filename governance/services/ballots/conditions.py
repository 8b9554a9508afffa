"""The conditions of a decision, and their being met."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from accounts.models import User
from common.errors import NotAllowed
from common.versions import apply, claim
from governance import matters
from governance.models import BallotSeat, DecisionCondition


class NotConfirmable(NotAllowed):
    """Who fulfils a condition does not confirm it."""


@transaction.atomic
def meet_condition(*, actor: User, condition_id: int, evidence: str) -> DecisionCondition:
    """Confirm that a condition is met, with how: by a decider or the PMO, never by its owner. Confirmed: stays.

    Raises: NotConfirmable.
    """
    condition = claim(DecisionCondition.objects.select_related("ballot"), pk=condition_id, version=None)
    if condition.met_at is not None:
        return condition
    if not evidence.strip():
        raise NotConfirmable(_("Write how the condition was met, or where that can be seen."))
    if actor.pk == condition.owner_id:
        raise NotConfirmable(_("You are to meet this condition, so somebody else confirms that it is met."))
    if not may_confirm(actor, condition):
        raise NotConfirmable(_("Only those who decided, and the PMO, confirm that a condition is met."))
    apply(condition, {"met_at": timezone.now(), "met_by": actor, "evidence": evidence.strip()})
    return condition


def may_confirm(user: User, condition: DecisionCondition) -> bool:
    """Whether somebody may say that a condition is met. At most three queries."""
    if not user.is_active or user.is_external or user.pk == condition.owner_id:
        return False
    if BallotSeat.objects.filter(ballot=condition.ballot_id, person=user).exists():
        return True
    ballot = condition.ballot
    pmo = RoleName.PMO_MANAGER.value
    return user.pk in matters.matter(ballot.subject_kind).case(ballot.subject_id).electors([pmo])[pmo]
