"""Every request that is refused leaves a trace. Apart from the other middleware, because it needs the models."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from common import audit, errors
from common.enums import AuditKind
from common.middleware import GetResponse, address_of, current_request_id

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSALS = frozenset({403, 404})
FAULT = 500
"""From here on the portal itself has failed; nobody was refused."""
_SECRET_ARGUMENTS = frozenset({"token", "uidb36", "code"})


class AuditMiddleware:
    """Puts every refusal of a known address into the audit trail: who, what, from where and why.

    Refused is an answer 403 or 404, and a write that a rule of the business has stopped, however its view said
    so. It is written after the view, whose transaction has been rolled back by then. Addresses that lead nowhere
    are left to the log: there is no door there that somebody tried.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        about = audit.current.set(_circumstances(request))
        found: list[errors.PortalError] = []
        noted = errors.noted.set(found)
        try:
            response = self.get_response(request)
            self._note(request, response, found)
            return response
        finally:
            errors.noted.reset(noted)
            audit.current.reset(about)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        audit.current.set(_circumstances(request))  # only now the address is resolved

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, PermissionDenied):  # what a 404 says may hold names that nobody should read
            request.refused_because = str(exception)  # type: ignore[attr-defined]  # read by the audit middleware

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponseBase, found: list[errors.PortalError]) -> None:
        if request.resolver_match is None or response.status_code >= FAULT:
            return
        audit.current.set(_circumstances(request))  # a refusal by an earlier middleware never reached process_view
        is_write = request.method not in SAFE
        if response.status_code in REFUSALS:
            reason = str(found[0]) if found else getattr(request, "refused_because", "")
            what = type(found[0]).__name__ if found else {403: "forbidden", 404: "unknown"}[response.status_code]
            audit.record_refusal(AuditKind.REFUSED, what=what, reason=reason, status=response.status_code)
        elif found and is_write:
            first = found[0]
            more = {"errors": len(found)} if len(found) > 1 else {}
            audit.record_refusal(
                AuditKind.REFUSED,
                what=type(first).__name__,
                reason=str(first),
                status=response.status_code,
                detail=more,
            )


def _circumstances(request: HttpRequest) -> audit.Circumstances:
    match = request.resolver_match
    name = match.url_name or "" if match else ""
    given = match.kwargs if match else {}
    # An address can be a key: those of sign-in and one-click links are told by their name alone.
    is_secret = request.path.startswith("/account/") or bool(given.keys() & _SECRET_ARGUMENTS)
    key = "" if is_secret else str(given.get("key", ""))
    person = getattr(request, "user", None)
    known = person if person is not None and person.is_authenticated else None
    return audit.Circumstances(
        person_id=known.pk if known else None,
        person_name=str(known) if known else "",
        address=address_of(request),
        request_id=current_request_id(),
        method=request.method or "",
        url_name=name,
        path="" if is_secret else request.path,
        subject=key.strip().upper(),
    )
