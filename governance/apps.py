from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common import duties
        from common.navigation import Group, NavItem, register
        from governance import matters
        from governance.services import activation, rehearsals  # noqa: F401 — the handler of rehearsals registers

        matters.register(activation.MATTER, activation.as_matter())
        duties.register("rules by their dates", 60, activation.keep_dates)
        register(NavItem(Group.GOVERNANCE, _("Rules"), "rule-list", "ruler-2", order=40))
