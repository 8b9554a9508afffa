from __future__ import annotations

from collections.abc import Iterable

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        _register_duties()
        _register_for_governance()
        _register_for_advice()
        _register_for_access()
        _register_in_menu()


def _register_duties() -> None:
    """What workers do every so many seconds, and the run of an import when somebody asks for it."""
    from common import duties
    from projects.services import compliance, imports, rollups, rules, state

    duties.register("project states", 60, state.refresh_outdated)
    duties.register("portfolio roll-ups", 15, rollups.refresh_rollups)
    duties.register("rules over what changed", 15, rules.scan_changed)
    duties.register("rules over all projects", 3600, rules.scan_all)
    duties.register("compliance of the week", 3600, compliance.take_compliance)
    imports.register()


def _register_for_governance() -> None:
    """Projects as what rules look at; gate reviews and changes of a baseline as matters that ballots decide."""
    from governance import subjects
    from governance.enums import SubjectKind
    from projects.selectors import rulebook
    from projects.services import changes, gates

    subjects.register(SubjectKind.PROJECT.value, rulebook.as_subject())
    gates.register()
    changes.register()


def _register_for_advice() -> None:
    """Portfolios and projects as records that advice speaks of, and places in teams as a way to open a project."""
    from django.urls import reverse

    from projects.models import Portfolio, Project
    from projects.selectors.team import adviser_places
    from projects.services import team
    from strategy import openings, records
    from strategy.enums import RecordKind

    records.register(
        records.RecordSource(
            RecordKind.PORTFOLIO, Portfolio.objects.reached_by,
            lambda slug: reverse("portfolio", args=[slug]), "slug",
        )
    )  # fmt: skip
    records.register(
        records.RecordSource(
            RecordKind.PROJECT, Project.objects.allowed,
            lambda pk: reverse("project", args=[f"P-{pk}"]),
        )
    )  # fmt: skip
    openings.register(openings.OpeningSource("place", adviser_places, team.move_place, team.end_place))


def _register_for_access() -> None:
    """Portfolios as what a role can be given on."""
    from accounts import scopes
    from accounts.enums import ScopeKind

    scopes.register(scopes.ScopeSource(ScopeKind.PORTFOLIO, _portfolio_names))


def _portfolio_names(ids: Iterable[int] | None) -> dict[int, str]:
    from projects.models import Portfolio

    rows = Portfolio.objects.all() if ids is None else Portfolio.objects.filter(pk__in=ids)
    return {pk: f"{'— ' * (depth - 1)}{name}" for pk, depth, name in rows.values_list("pk", "depth", "name")}


def _register_in_menu() -> None:
    from accounts.enums import Permission
    from common.navigation import Family, Group, NavItem, NewItem, register
    from projects.selectors.proposals import count_waiting_for

    register(
        NavItem(Group.PORTFOLIO, _("Portfolios"), "portfolio-list", "folders", order=25),
        NavItem(
            Group.GOVERNANCE, _("Proposals"), "proposal-list", "inbox", badge=count_waiting_for, order=46,
            family=Family.DECISIONS,
        ),
        NavItem(
            Group.GOVERNANCE, _("Compliance"), "compliance", "chart-line", Permission.REPORT_VIEW, order=48,
            family=Family.RULES,
        ),
        NavItem(
            Group.GOVERNANCE, _("Accountability"), "accountability", "checklist", Permission.PROJECT_CREATE, order=60
        ),
        NavItem(Group.PMO, _("Import"), "import-list", "table-import", Permission.PORTFOLIO_IMPORT, order=40),
        NewItem(_("Project"), "project-create", "briefcase", Permission.PROJECT_CREATE, order=40),
        NewItem(_("Portfolio"), "portfolio-create", "folders", Permission.PORTFOLIO_EDIT, order=60),
    )  # fmt: skip
