from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "governance"
    verbose_name = _("Governance")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common import duties
        from common.navigation import Family, Group, NavItem, register
        from governance import matters
        from governance.selectors.ballots import count_waiting_for
        from governance.services import activation, rehearsals, waivers  # noqa: F401 — the handler of rehearsals registers
        from governance.services.ballots import escalate_overdue
        from governance.services.drafts import MATTER

        waivers.register()
        matters.register(MATTER, activation.as_matter())
        duties.register("rules by their dates", 60, activation.keep_dates)
        duties.register("ballots past their time", 300, escalate_overdue)
        duties.register("waivers that end", 3600, waivers.tend_waivers)
        also = ("/conditions/", "/out-of-office/", "/procedures/")
        register(
            NavItem(
                Group.GOVERNANCE,
                _("Ballots"),
                "ballot-list",
                "gavel",
                badge=count_waiting_for,
                order=25,
                also=also,
                family=Family.DECISIONS,
            ),
            NavItem(Group.GOVERNANCE, _("Rules"), "rule-list", "ruler-2", order=40, family=Family.RULES),
            NavItem(Group.GOVERNANCE, _("Findings"), "finding-list", "alert-triangle", order=42, family=Family.RULES),
            NavItem(Group.GOVERNANCE, _("Waivers"), "waiver-list", "shield-check", order=44, family=Family.RULES),
        )
