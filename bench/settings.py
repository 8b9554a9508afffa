"""The portal's settings with the floor beside it."""

from pmo_portal.settings import *  # noqa: F403, TID251  the same settings are what is measured
from pmo_portal.settings import INSTALLED_APPS as _APPS  # noqa: TID251  the floor is measured beside them

INSTALLED_APPS = [*_APPS, "bench.floor"]
ALLOWED_HOSTS = ["testserver"]
LOGGING = {"version": 1, "disable_existing_loggers": True, "root": {"level": "ERROR", "handlers": []}}
MIGRATION_MODULES = {"floor": None}
