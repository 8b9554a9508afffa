"""The head of a project's pages: name, declared and computed colour with the gap, actions, tabs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from common.ui.cells import status_badge, tag
from common.ui.status import status_of
from projects.enums import ColourScale, ProjectStatus

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from projects.models import Project, ProjectState
    from projects.policies import ProjectRights


class Head:
    """What the top of each page of a project shows. It reads nothing: project and state came together."""

    def __init__(self, project: Project, rights: ProjectRights, tab: str) -> None:
        self._project = project
        self._rights = rights
        self._tab = tab

    @property
    def tab(self) -> str:
        """The URL name of the tab that is open; a form behind it has another name, and a first button of its own."""
        return self._tab

    @cached_property
    def state(self) -> ProjectState | None:
        return getattr(self._project, "state", None)

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        portfolio = self._project.portfolio
        return [
            (_("Projects"), "/projects/"),
            (portfolio.name, reverse("portfolio", args=[portfolio.slug])),
            (self._project.key, ""),
        ]

    @property
    def declared(self) -> str:
        return self.state.declared if self.state else "not_assessed"

    @property
    def computed(self) -> str:
        return self.state.computed if self.state else "grey"

    @property
    def colours(self) -> SafeString:
        """Both colours, each with who says it: the lead, and the portal."""
        return format_html(
            '<span class="row-flex"><span class="muted">{}</span>{}<span class="muted">{}</span>{}</span>',
            _("Declared"), status_badge(self.declared), _("Computed"), status_badge(self.computed),
        )  # fmt: skip

    @property
    def marks(self) -> list[SafeString]:
        marks = []
        if self._project.is_confidential:
            marks.append(tag(_("Confidential"), "risk"))
        if self._project.status != ProjectStatus.ACTIVE:
            marks.append(tag(self._project.get_status_display(), "hold"))
        return marks

    @property
    def gap(self) -> str:
        """Why the two colours differ, in one sentence; "" when they do not or cannot be compared."""
        state = self.state
        if state is None or state.declared == state.computed:
            return ""
        words = {"declared": status_of(state.declared).word, "computed": status_of(state.computed).word}
        if state.declared == "not_assessed":
            return (
                _("The lead has not declared a status yet; the portal computes “%(computed)s” from the record.") % words
            )
        if state.declared_scale == ColourScale.FIVE:
            return (
                _(
                    "The lead declares “%(declared)s” on five points; the portal computes “%(computed)s” on three. "
                    "Scales are never converted."
                )
                % words
            )
        if state.computed == "grey":
            return _("The lead declares “%(declared)s”; the portal does not know enough to confirm it.") % words
        if status_of(state.declared).rank < status_of(state.computed).rank:
            return _("The lead declares “%(declared)s”, but the facts say “%(computed)s”.") % words
        return _("The lead declares “%(declared)s”, which is worse than the “%(computed)s” that the facts say.") % words

    @property
    def actions(self) -> list[dict[str, Any]]:
        key = self._project.key
        actions = []
        if self._rights.edit:
            actions.append(
                {"label": _("Edit"), "href": reverse("project-edit", args=[key]), "icon": "edit", "tone": "quiet"}
            )
            actions.append(
                {
                    "label": _("Change status"),
                    "href": reverse("project-status", args=[key]),
                    "icon": "refresh",
                    "tone": "quiet",
                }
            )
        if self._rights.write_update:
            actions.append(
                {"label": _("Write update"), "href": _href("update-write", key), "icon": "pencil", "tone": "primary"}
            )
        return actions

    @property
    def tabs(self) -> list[dict[str, Any]]:
        state = self.state
        open_items = state.risks_open + state.issues_open + state.decisions_wanted if state else None
        tabs: list[tuple[str, str, int | None]] = [
            ("project", _("Overview"), None),
            ("project-plan", _("Plan"), state.milestones_total if state else None),
            ("project-gates", _("Gates"), None),
            ("project-deliverables", _("Deliverables"), None),
            ("project-promises", _("Promises"), None),
            ("project-raid", _("RAID"), open_items),
            ("project-money", _("Money"), None),
            ("project-changes", _("Changes"), state.changes_open if state else None),
            ("project-team", _("Team"), None),
            ("project-updates", _("Updates"), None),
        ]
        if self._rights.history:
            tabs.append(("project-history", _("History"), None))
        return [
            {"label": label, "href": _href(name, self._project.key), "active": name == self._tab, "count": count}
            for name, label, count in tabs
        ]


def _href(name: str, key: str) -> str:
    return reverse(name, args=[key])
