"""Holding projects against the rulebook: facts are read and judged set-based, findings opened and closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models.functions import Now

from governance import services as rulebook
from governance.enums import SubjectKind
from projects.facts import project_facts
from projects.models import Project, ProjectState
from projects.services.state import organisation_today
from projects.start_rules import start_set

CHUNK: Final = 1000
JUST_NOW: Final = timedelta(minutes=2)
"""How far back a scan of what changed looks: longer than the duty's period and any transaction of a page."""

_KIND: Final = SubjectKind.PROJECT.value


def install_start_set() -> int:
    """Put the rules of the start set in force that the rulebook does not have yet. Returns how many."""
    return rulebook.add_rules(start_set())


def scan_all() -> None:
    """Hold every live project against the rules in force. A duty of the sweep, as days pass and rules change."""
    install_start_set()
    live = Project.objects.live()
    scan(list(live.order_by("pk").values_list("pk", flat=True)))
    rulebook.close_findings_of_the_gone(_KIND, live.values("pk"))


def scan_changed() -> None:
    """Hold the projects against the rules whose facts changed just now. A duty of the sweep."""
    fresh = ProjectState.objects.filter(computed_at__gte=Now() - JUST_NOW, project__in=Project.objects.live())
    scan(list(fresh.order_by("pk").values_list("pk", flat=True)))


def scan(project_ids: list[int]) -> tuple[int, int]:
    """Judge these projects; how many findings were opened and closed. Four queries per 1,000 projects."""
    if not project_ids:
        return 0, 0
    rules, today = rulebook.active_rules(_KIND), organisation_today()
    children = rulebook.children_asked_for(rules)
    opened = closed = 0
    for start in range(0, len(project_ids), CHUNK):
        facts = project_facts.read_by_id(Project, project_ids[start : start + CHUNK], today, children)
        more, less = rulebook.keep_findings(_KIND, rules, {one["pk"]: one for one in facts}, today)
        opened, closed = opened + more, closed + less
    return opened, closed
