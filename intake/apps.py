from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = _("Requests")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.enums import Permission
        from common import duties
        from common.navigation import Group, NavItem, NewItem, register
        from governance import approvals, matters, subjects
        from governance.enums import SubjectKind
        from intake.models import BALLOT_KIND
        from intake.selectors import rulebook
        from intake.selectors.governing import itself, request_of_project
        from intake.services.matter import as_matter
        from intake.services.rules import install_start_set

        matters.register(BALLOT_KIND, as_matter())
        approvals.count(SubjectKind.REQUEST.value, BALLOT_KIND, itself)
        approvals.count(SubjectKind.PROJECT.value, BALLOT_KIND, request_of_project)

        register(
            NavItem(Group.TOP, _("My requests"), "request-mine", "clipboard-plus", Permission.REQUEST_CREATE, order=30,
                    also=("/requests/new/",)),
            NavItem(
                Group.GOVERNANCE, _("Requests"), "request-list", "clipboard-check", Permission.REQUEST_VIEW, order=10
            ),
            NewItem(_("Request"), "request-create", "clipboard-plus", Permission.REQUEST_CREATE, order=10),
        )  # fmt: skip
        subjects.register(SubjectKind.REQUEST.value, rulebook.as_subject())
        duties.register("start set of rules about requests", 3600, install_start_set)
