"""The mails about recommendations, put in the outbox with the step that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.enums import Permission, ScopeKind
from accounts.models import RoleGrant, User
from accounts.roles import ROLES
from common.mail import queue_mail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strategy.models import Recommendation

MOST_READERS = 10


def filed(recommendation: Recommendation) -> None:
    """To those who answer for the whole organisation, or for exactly what it is about."""
    for reader in _who_answer(recommendation):
        _send(recommendation, reader, "filed", f"filed-{reader.pk}")


def answered(recommendation: Recommendation) -> None:
    """To whoever filed it: the answer with its reason or plan."""
    _send(recommendation, recommendation.filed_by, "answered", f"{recommendation.state}-{recommendation.version}")


def planned(recommendation: Recommendation) -> None:
    """To the owner of the plan: this is yours."""
    if recommendation.owner is not None and recommendation.owner_id != recommendation.answered_by_id:
        _send(recommendation, recommendation.owner, "owner", f"owner-{recommendation.version}")


def _who_answer(recommendation: Recommendation) -> Iterable[User]:
    """A mail tells what it is about, so the role must also let them know of confidential projects. One query."""
    needed = {Permission.RECOMMENDATION_ANSWER, Permission.PROJECT_VIEW_CONFIDENTIAL}
    roles = [name for name, role in ROLES.items() if needed <= role.permissions]
    reach = Q(scope=ScopeKind.ORGANISATION)
    if recommendation.about_kind:
        reach |= Q(scope=recommendation.about_kind, scope_id=recommendation.about_id)
    grants = RoleGrant.objects.in_force().filter(reach, role__in=roles)
    people = User.objects.filter(is_active=True, external_until=None, pk__in=grants.values("user_id"))
    return people.order_by("pk")[:MOST_READERS]


def _send(recommendation: Recommendation, to: User, what: str, cause: str) -> None:
    with translation.override(to.language or settings.LANGUAGE_CODE):
        subject = {
            "filed": _("A recommendation waits for your answer: %(title)s"),
            "answered": _("Answer to your recommendation: %(title)s"),
            "owner": _("You own a planned recommendation: %(title)s"),
        }[what] % {"title": recommendation.title}
    queue_mail(
        message_id=f"recommendation-{recommendation.pk}-{cause}@pmo-portal",
        to=to,
        subject=subject,
        template=f"recommendation_{what}",
        context={"recommendation": recommendation, "path": reverse("recommendation", args=[recommendation.pk])},
    )
