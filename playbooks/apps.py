from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaybooksConfig(AppConfig):
    name = "playbooks"
    verbose_name = _("Playbooks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from common.navigation import Group, NavItem, register

        register(NavItem(Group.PMO, _("Playbooks"), "playbook-list", "book-2", order=40))
