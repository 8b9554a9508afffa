from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    name = "common"
    verbose_name = _("Common")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from common import audit, duties, history
        from common.seals import sealing, verifying

        post_migrate.connect(history.secure_event_tables, sender=self, dispatch_uid="secure_event_tables")
        duties.register("refusals", 600, audit.close_hours)
        duties.register("seals", sealing.EVERY_SECONDS, sealing.seal_new)
        duties.register("verify_history", 86_400, verifying.verify_daily)
