from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Reporting")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.enums import Permission
        from common.navigation import Family, Group, NavItem, register

        register(
            NavItem(Group.TOP, _("My work"), "home", "home", order=10, phone=True, for_externals=False),
            NavItem(Group.GOVERNANCE, _("Decisions"), "decision-list", "gavel", order=30, family=Family.DECISIONS),
            NavItem(
                Group.PORTFOLIO,
                _("Dashboard"),
                "dashboard",
                "layout-dashboard",
                Permission.PROJECT_VIEW,
                order=10,
                phone=True,
            ),
            NavItem(Group.PORTFOLIO, _("Projects"), "project-list", "list-details", order=20, phone=True),
            NavItem(Group.PORTFOLIO, _("Roadmap"), "roadmap", "timeline", Permission.PROJECT_VIEW, order=30),
            NavItem(Group.PORTFOLIO, _("Reports"), "report-list", "report", Permission.REPORT_VIEW, order=40),
            NavItem(Group.GOVERNANCE, _("Audit trail"), "audit-trail", "history", Permission.AUDIT_VIEW, order=90),
            NavItem(
                Group.PMO, _("Cost of governance"), "governance-cost", "hourglass", Permission.REPORT_MAKE, order=85
            ),
            NavItem(Group.PMO, _("Job runs"), "job-run-list", "activity", order=90),
        )
        _look_after_reports()


def _look_after_reports() -> None:
    from common import duties
    from reporting.services import report_runs, reports

    assert report_runs.MAKE  # noqa: S101  importing it registers the handlers of its runs
    duties.register("reports", 15, reports.sweep)
