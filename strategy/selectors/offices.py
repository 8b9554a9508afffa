"""Every read of the pages about offices and goals. Everybody who is signed in may read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.http import Http404

from accounts.enums import Permission
from strategy.models import Goal, Office

if TYPE_CHECKING:
    from accounts.models import User


def offices() -> QuerySet[Office]:
    """All offices by name."""
    return Office.objects.select_related("sponsor").order_by("name", "pk")


def get_office(slug: str) -> Office:
    """The office of this short name with all that its page shows, in two queries. Raises: Http404."""
    office = Office.objects.select_related("sponsor").prefetch_related("serves").filter(slug=slug).first()
    if office is None:
        raise Http404
    return office


def goals() -> QuerySet[Goal]:
    """All goals, the nearest end first."""
    return Goal.objects.select_related("office", "owner").order_by("ends_on", "name", "pk")


def goals_of(office: Office) -> QuerySet[Goal]:
    """The goals that an office watches."""
    return goals().filter(office=office)


def get_goal(pk: int) -> Goal:
    """The goal. Raises: Http404."""
    goal = Goal.objects.select_related("office", "owner").filter(pk=pk).first()
    if goal is None:
        raise Http404
    return goal


def may_edit(user: User) -> bool:
    """Whether the person sets up offices and goals."""
    return user.can(Permission.OFFICE_EDIT)
