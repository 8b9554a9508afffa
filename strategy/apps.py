from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StrategyConfig(AppConfig):
    name = "strategy"
    verbose_name = _("Offices and goals")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.navigation import Group, NavItem, register

        register(
            NavItem(Group.PMO, _("Offices"), "office-list", "building", order=60),
            NavItem(Group.PMO, _("Goals"), "goal-list", "target", order=61),
        )
