import logging

from django.apps import AppConfig
from django.conf import settings

logger = logging.getLogger(__name__)


class PortalConfig(AppConfig):
    name = "pmo_portal"
    verbose_name = "PMO portal"

    def ready(self) -> None:
        for sentence in settings.PORTAL_UNKNOWN_VARIABLES:
            logger.warning(sentence)
