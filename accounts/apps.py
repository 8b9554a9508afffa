from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import trail
        from accounts.enums import Permission
        from common.navigation import Group, NavItem, register

        trail.listen()
        register(NavItem(Group.FOOT, _("People"), "person-list", "users", Permission.PEOPLE_MANAGE, order=80))
        register(NavItem(Group.FOOT, _("Org units"), "org-unit-list", "sitemap", Permission.OFFICE_EDIT, order=81))
