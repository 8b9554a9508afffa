"""What the composer, the list of updates and the asks read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.enums import UpdateState
from projects.models import Ask, Project, Update

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


def updates_of(user: User, project: Project) -> QuerySet[Update]:
    """Published and superseded updates of a project, newest first, with their asks. Two queries a page."""
    asks = Prefetch("asks", queryset=Ask.objects.select_related("asked_of", "answered_by").order_by("pk"))
    return (
        Update.objects.visible_to(user)
        .filter(project=project)
        .exclude(state=UpdateState.DRAFT)
        .select_related("author", "supersedes")
        .prefetch_related(asks)
        .order_by("-as_of", "-pk")
    )


def draft_of(user: User, project: Project) -> Update | None:
    """The person's own draft. One query."""
    return Update.objects.filter(project=project, author=user, state=UpdateState.DRAFT).first()


def last_update(project: Project) -> Update | None:
    """The newest update in force. One query."""
    return project.updates.in_force().select_related("author").order_by("-as_of", "-pk").first()


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened since the last update, as a sentence, with an icon for its kind."""

    icon: str
    text: str
    detail: str = ""


def changes_since(project: Project, day: dt.date | None) -> list[Change]:
    """What the record says has happened since a day: reached and missed milestones, risks, issues. Three queries."""
    since = Q() if day is None else Q(actual_on__gt=day)
    changes: list[Change] = []
    reached = project.milestones.filter(since, actual_on__isnull=False).order_by("-actual_on", "pk")
    changes += [Change("flag", _("Reached: %(name)s") % {"name": one.name}) for one in reached[:5]]
    new = Q() if day is None else Q(created_at__date__gt=day)
    changes += [
        Change("alert-triangle", _("New risk: %(title)s") % {"title": one.title}, f"{one.probability} × {one.impact}")
        for one in project.risks.open().filter(new).order_by("-score", "pk")[:3]
    ]
    issues = Q() if day is None else Q(opened_on__gt=day) | Q(resolved_on__gt=day)
    for issue in project.issues.filter(issues).order_by("-opened_on")[:3]:
        text = _("Solved: %(title)s") if issue.resolved_on else _("New issue: %(title)s")
        changes.append(Change("bolt", text % {"title": issue.title}, _("blocker") if issue.is_blocker else ""))
    return [*changes, *_from_state(project)]


def _from_state(project: Project) -> list[Change]:
    state = getattr(project, "state", None)
    if state is None:
        return []
    changes = []
    if state.moved_days:
        text = ngettext("Finish moved by %(n)+d day", "Finish moved by %(n)+d days", abs(state.moved_days))
        changes.append(Change("calendar", text % {"n": state.moved_days}, _("since last week")))
    if state.milestones_overdue:
        text = ngettext("%(n)d milestone is overdue", "%(n)d milestones are overdue", state.milestones_overdue)
        changes.append(Change("clock", text % {"n": state.milestones_overdue}))
    return changes
