"""Is the process alive, is every part ready, and the same as figures for Prometheus."""

import hmac
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import DateTimeField, Min, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.utils.module_loading import import_string
from django.views import View
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from common import duties
from common.cache import ResilientRedisCache
from common.models import OutgoingMail
from reporting.enums import SlotState
from reporting.models import ReportSlot

logger = logging.getLogger(__name__)

LATEST_SWEEP = timedelta(minutes=2)
LATEST_REPORT = timedelta(minutes=30)
LATEST_MAIL = timedelta(minutes=30)


@dataclass(frozen=True)
class Part:
    """One part of the portal at this moment.

    `value` is a figure worth a graph (an age in seconds, a count); `detail` is a short sentence for an operator.
    """

    name: str
    ok: bool
    detail: str = ""
    value: float | None = None


def database() -> Part:
    """PostgreSQL answers a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return Part("database", ok=True)


def redis() -> Part:
    """Redis answers. The pages work without it; background work waits for the next sweep."""
    backend = caches["default"]
    assert isinstance(backend, ResilientRedisCache)  # noqa: S101  the settings allow no other
    backend.ping()
    return Part("redis", ok=True)


def migrations() -> Part:
    """Every migration of this release has been applied."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    detail = f"{len(missing)} migrations are not applied. Run: ./portal manage migrate" if missing else ""
    return Part("migrations", ok=not missing, detail=detail, value=len(missing))


def last_sweep() -> Part:
    """Beat and a worker are alive: the sweep that finds all due work came by."""
    age = duties.age_of("sweep")
    if age is None:
        return Part("last_sweep", ok=False, detail="The sweep has not run yet. Are beat and a worker running?")
    late = age > LATEST_SWEEP
    detail = f"The last sweep was {int(age.total_seconds())} s ago. Are beat and a worker running?" if late else ""
    return Part("last_sweep", ok=not late, detail=detail, value=age.total_seconds())


def oldest_due_report() -> Part:
    """No report waits for longer than it takes to make one."""
    waiting = ReportSlot.objects.filter(state=SlotState.DUE, due_at__lte=Now())
    return _oldest("oldest_due_report", waiting, "due_at", LATEST_REPORT)


def oldest_unsent_mail() -> Part:
    """The mail server takes what the outbox gives it."""
    return _oldest("oldest_unsent_mail", OutgoingMail.objects.filter(sent_at__isnull=True), "created_at", LATEST_MAIL)


def _oldest(name: str, rows: QuerySet[Any], moment: str, limit: timedelta) -> Part:
    age = rows.aggregate(age=Now() - Min(moment, output_field=DateTimeField()))["age"]
    if age is None:
        return Part(name, ok=True, value=0)
    late = age > limit
    detail = f"The oldest has waited for {int(age.total_seconds())} s. See the page with the job runs." if late else ""
    return Part(name, ok=not late, detail=detail, value=age.total_seconds())


def parts() -> list[Part]:
    """Every part named in PORTAL_READINESS_CHECKS, looked at now; one that fails does not hide the others."""
    return [_look(path) for path in settings.PORTAL_READINESS_CHECKS]


def _look(path: str) -> Part:
    name = path.rpartition(".")[2]
    try:
        check: Callable[[], Part] = import_string(path)
        return check()
    except Exception as error:  # noqa: BLE001  whatever a part raises, the page must still tell about the others
        logger.warning("The part %s is not ready: %s", name, error)
        return Part(name, ok=False, detail=type(error).__name__)


@method_decorator(login_not_required, name="dispatch")
class Alive(View):
    permission = None

    def get(self, _request: HttpRequest) -> JsonResponse:
        return JsonResponse({"status": "alive"})


@method_decorator(login_not_required, name="dispatch")
class Ready(View):
    permission = None

    def get(self, _request: HttpRequest) -> JsonResponse:
        found = parts()
        ready = all(part.ok for part in found)
        body = {"status": "ready" if ready else "not ready", "parts": [asdict(part) for part in found]}
        return JsonResponse(body, status=200 if ready else 503)


@method_decorator(login_not_required, name="dispatch")
class Metrics(View):
    permission = None

    def get(self, request: HttpRequest) -> HttpResponse:
        token = settings.PORTAL_METRICS_TOKEN
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not token or not hmac.compare_digest(given.encode(), token.encode()):
            return HttpResponse("Send PMO_METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain")
        return HttpResponse(generate_latest(_figures()), content_type=CONTENT_TYPE_LATEST)


def _figures() -> CollectorRegistry:
    registry = CollectorRegistry()
    ready = Gauge("pmo_part_ready", "1 when the part is ready", ["part"], registry=registry)
    value = Gauge("pmo_part_value", "The figure that the part reports", ["part"], registry=registry)
    for part in parts():
        ready.labels(part.name).set(1 if part.ok else 0)
        if part.value is not None:
            value.labels(part.name).set(part.value)
    return registry
