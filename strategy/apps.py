from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User


class StrategyConfig(AppConfig):
    name = "strategy"
    verbose_name = _("Offices and goals")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.enums import Permission
        from common.navigation import Family, Group, NavItem, NewItem, register

        register(
            NavItem(Group.PMO, _("Offices"), "office-list", "building", order=60),
            NavItem(Group.PMO, _("Goals"), "goal-list", "target", order=61),
            NavItem(
                Group.GOVERNANCE,
                _("Assessments"),
                "assessment-list",
                "scale",
                Permission.ADVICE_VIEW,
                order=50,
                family=Family.ADVICE,
            ),
            NavItem(
                Group.GOVERNANCE,
                _("Recommendations"),
                "recommendation-list",
                "bulb",
                Permission.ADVICE_VIEW,
                order=51,
                family=Family.ADVICE,
            ),
            NewItem(_("Assessment"), "assessment-create", "scale", Permission.ASSESSMENT_RUN, order=20),
            NewItem(_("Recommendation"), "recommendation-create", "bulb", Permission.RECOMMENDATION_FILE, order=21),
        )
        _register_records()
        _register_openings()


def _register_records() -> None:
    from django.urls import reverse

    from accounts.models import OrgUnit
    from strategy.enums import RecordKind
    from strategy.models import Goal, Office
    from strategy.records import RecordSource, readable_by_all, register

    def units(user: User, permission: str) -> QuerySet[Any]:
        reach = user.access.reach(permission)
        rows: QuerySet[Any] = OrgUnit.objects.all()
        return rows if reach.everywhere else OrgUnit.objects.under(reach.org_unit_ids)

    def address(name: str) -> Any:
        return lambda value: reverse(name, args=[value])

    offices, goals = readable_by_all(Office), readable_by_all(Goal)
    register(RecordSource(RecordKind.ORG_UNIT, units, lambda _pk: reverse("org-unit-list")))
    register(RecordSource(RecordKind.OFFICE, offices, address("office"), "slug"))
    register(RecordSource(RecordKind.GOAL, goals, address("goal")))


def _register_openings() -> None:
    from strategy.openings import OpeningSource, register
    from strategy.selectors.advisers import grants_opened
    from strategy.services import advisers

    register(OpeningSource("grant", grants_opened, advisers.move_grant, advisers.end_grant))
