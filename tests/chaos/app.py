"""The portal's own worker and beat with shorter clocks, so that minutes of recovery fit into seconds of test."""

import django

django.setup()

from common import duties, leases, mail  # noqa: E402  after the apps are loaded
from pmo_portal.celery import app  # noqa: E402  after the set-up
from reporting.services import reports  # noqa: E402  after the set-up

__all__ = ["app"]

leases.RETRY_SECONDS = 1
mail.LEASE_SECONDS = 6
reports.LEASE_SECONDS = 6
duties.register("reports", 2, reports.sweep)
if "sweep" in app.conf.beat_schedule:
    app.conf.beat_schedule["sweep"]["schedule"] = 1.0
