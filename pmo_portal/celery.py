"""The Celery application of worker and beat."""

import ctypes
import os
import signal

from celery import Celery
from celery.signals import setup_logging, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo_portal.settings")

app = Celery("pmo_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_django_logging(**_kwargs: object) -> None:
    """Django has configured logging already; a connected receiver stops Celery from doing it again."""


@worker_process_init.connect
def die_with_the_worker(**_kwargs: object) -> None:
    """A pool process of a killed worker would wait for ever for work that nobody hands out."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL), 0, 0, 0)
