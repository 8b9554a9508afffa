from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common import duties
        from common.navigation import Group, NavItem, register
        from governance.services import waivers

        waivers.register()
        duties.register("waivers that end", 3600, waivers.tend_waivers)
        register(
            NavItem(Group.GOVERNANCE, _("Rules"), "rule-list", "ruler-2", order=40),
            NavItem(Group.GOVERNANCE, _("Findings"), "finding-list", "alert-triangle", order=42),
            NavItem(Group.GOVERNANCE, _("Waivers"), "waiver-list", "shield-check", order=44),
        )
