"""What every request passes through: an id that ties log, page and history together, and a guard against NUL."""

import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseBase
from pghistory.middleware import HistoryMiddleware as PghistoryMiddleware

NULL = "\x00"
HEADER = "X-Request-ID"
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})

GetResponse = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger("portal.request")
_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the request in hand, `-` outside of one. Error pages show it as the reference."""
    return _current.get()


class RequestIdFilter(logging.Filter):
    """Gives every log record the id of the request that it was written for."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True


class RequestIdMiddleware:
    """Takes the id that a proxy has given or makes one, sends it back and writes one log line for the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(HEADER, "")
        request_id = given if re.fullmatch(r"[A-Za-z0-9_.-]{8,64}", given, re.ASCII) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # read by the log
        token = _current.set(request_id)
        began = time.monotonic()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = request_id
            self._log(request, response, began)
            return response
        finally:
            _current.reset(token)

    def _log(self, request: HttpRequest, response: HttpResponseBase, began: float) -> None:
        # The path without its query: search words and tokens do not belong in a log.
        level = logging.DEBUG if request.path in QUIET_PATHS else logging.INFO
        milliseconds = (time.monotonic() - began) * 1000
        path = request.path.encode("unicode_escape").decode("ascii")
        logger.log(level, "%s %s %d %.0f ms", request.method, path, response.status_code, milliseconds)


class RefuseNullMiddleware:
    """Answers 400 to a NUL in path, query or form: PostgreSQL has no such character, and it is nobody's text."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        query = request.META.get("QUERY_STRING", "")
        if NULL in request.path or NULL in query or "%00" in query:
            message = "The address contains a NUL character."
            raise SuspiciousOperation(message)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if request.method != "POST":
            return
        if any(NULL in text for name, texts in request.POST.lists() for text in (name, *map(str, texts))):
            message = "The form contains a NUL character."
            raise SuspiciousOperation(message)


class HistoryMiddleware(PghistoryMiddleware):
    """Gives every recorded change its person, address, request id and page."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **super().get_context(request),
            "request_id": current_request_id(),
            "address": address_of(request),
        }


def address_of(request: HttpRequest) -> str:
    """Where the request comes from: behind the one trusted proxy, the last address that the proxy has noted."""
    if settings.PORTAL_BEHIND_PROXY:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
