"""Who may do what with a recommendation now. A refusal says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.verdict import YES, Verdict, no, too_late
from strategy.enums import ANSWERS, RECOMMENDATION_TRANSITIONS, RecommendationState
from strategy.models import Recommendation

if TYPE_CHECKING:
    from accounts.models import User


def answers_left(recommendation: Recommendation) -> list[str]:
    """The answers that its state still allows."""
    return [state for state in ANSWERS if state in RECOMMENDATION_TRANSITIONS[recommendation.state]]


def _passed(recommendation: Recommendation) -> Verdict:
    reason = _("This cannot be done any more: the recommendation is now “%(state)s”.")
    return too_late(reason % {"state": recommendation.get_state_display()})


def can_answer(user: User, recommendation: Recommendation) -> Verdict:
    """The PMO within its reach; never somebody of an external office, also when they hold a role by mistake."""
    if user.is_external:
        return no(_("The organisation answers what an external office recommends."))
    if not answers_for(user, recommendation):
        return no(_("Only the PMO of this part of the organisation answers this recommendation."))
    return YES if answers_left(recommendation) else _passed(recommendation)


def can_follow_up(user: User, recommendation: Recommendation) -> Verdict:
    """The owner of the plan and the PMO within its reach: notes on progress, and that it is done."""
    return _follows(user, recommendation, RecommendationState.PLANNED)


def can_tell_effect(user: User, recommendation: Recommendation) -> Verdict:
    """The owner and the PMO, once it is done."""
    return _follows(user, recommendation, RecommendationState.DONE)


def _follows(user: User, recommendation: Recommendation, state: RecommendationState) -> Verdict:
    if user.is_external or not (recommendation.owner_id == user.pk or answers_for(user, recommendation)):
        return no(_("Only the owner of the plan and the PMO tell how it goes."))
    return YES if recommendation.state == state else _passed(recommendation)


def answers_for(user: User, recommendation: Recommendation) -> bool:
    """Whether the person's grants let them answer this one. One query at most."""
    if user.is_external or not user.can(Permission.RECOMMENDATION_ANSWER):
        return False
    reached = Recommendation.objects.within(user, Permission.RECOMMENDATION_ANSWER)
    return reached.filter(pk=recommendation.pk).exists()
