from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlaybooksConfig(AppConfig):
    name = "playbooks"
    verbose_name = _("Playbooks")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.urls import reverse

        from common.navigation import Group, NavItem, register
        from playbooks.models import Playbook
        from strategy import records
        from strategy.enums import RecordKind

        playbooks = records.readable_by_all(Playbook)
        records.register(
            records.RecordSource(RecordKind.PLAYBOOK, playbooks, lambda slug: reverse("playbook", args=[slug]), "slug")
        )
        register(NavItem(Group.PMO, _("Playbooks"), "playbook-list", "book-2", order=40))
