"""Asking the portal as a person, with every answer's writes seen and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test.client import ClientHandler, RequestFactory

from common.models import AuditEvent

if TYPE_CHECKING:
    from accounts.models import User

_WRITE = re.compile(r'^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)
_OURS = ("common_", "accounts_", "strategy_", "governance_", "playbooks_", "projects_", "intake_", "reporting_")


@dataclass
class Answer:
    """What came back, and which tables of ours were written for it."""

    response: HttpResponseBase
    tables: set[str] = field(default_factory=set)
    untraced: set[str] = field(default_factory=set)
    """Tables that were written without a trace in the person's name."""

    is_noted: bool = False
    """Whether the audit trail has an event of it."""

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def place(self) -> str:
        return str(self.response.headers.get("Location", ""))

    @property
    def body(self) -> bytes:
        if self.response.streaming:
            return b"".join(self.response)  # type: ignore[call-overload,no-any-return]  # ours never stream by turns
        return self.response.content  # type: ignore[attr-defined,no-any-return]  # only a stream has none


class Knocker(RequestFactory):
    """A visitor without the test client's keeping of templates and contexts, which would cost most of the time."""

    def __init__(self, person: User | None) -> None:
        super().__init__(SERVER_NAME="127.0.0.1")
        self.person = person
        self.handler = ClientHandler(enforce_csrf_checks=False)
        is_known = person is not None and type(person).objects.filter(pk=person.pk, is_active=True).exists()
        self.known_as = person.pk if is_known and person is not None else None
        """The person that traces name: nobody for whoever is not let in."""
        if person is not None:
            self.cookies[settings.SESSION_COOKIE_NAME] = _session_of(person)

    def request(self, **request: Any) -> HttpResponseBase:  # type: ignore[override]  # the answer itself, bare
        return self.handler(self._base_environ(**request))  # type: ignore[no-any-return]  # the handler has no types

    def knock(self, method: str, path: str, data: Any = None, **extra: Any) -> Answer:
        """Ask, see what is written, and take it back."""
        call: Callable[..., Any] = getattr(self, method.lower())
        seen: set[str] = set()
        request_id = uuid4().hex
        extra["HTTP_X_REQUEST_ID"] = request_id
        with transaction.atomic():
            with connection.execute_wrapper(_watch(seen)):
                response = call(path, data, **extra) if data is not None else call(path, **extra)
            noted = _TRAIL in seen and _is_noted(self.known_as, request_id)
            seen -= _OF_THE_TRAIL
            untraced = _untraced(seen, self.known_as, request_id, noted=noted) if seen else set()
            answer = Answer(response, seen, untraced, noted)
            if response.streaming:
                _ = _drain(answer)
            transaction.set_rollback(True)
        return answer

    @contextmanager
    def kept(self, method: str, path: str, data: Any = None, **extra: Any) -> Iterator[Answer]:
        """Ask, and look at what came of it before it is taken back."""
        with transaction.atomic():
            call: Callable[..., Any] = getattr(self, method.lower())
            yield Answer(call(path, data, **extra) if data is not None else call(path, **extra))
            transaction.set_rollback(True)


def _drain(answer: Answer) -> None:
    """Read a stream while its rows are still there."""
    content = answer.body
    answer.response.streaming_content = [content]  # type: ignore[attr-defined]  # it is a stream


def _session_of(person: User) -> str:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def _watch(seen: set[str]) -> Callable[..., Any]:
    def wrapper(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        match = _WRITE.match(sql) if isinstance(sql, str) else None
        if match and match[1].startswith(_OURS) and context["cursor"].rowcount:
            seen.add(match[1])
        return result

    return wrapper


_TRACKED: dict[str, Any] = {}


def tracked() -> dict[str, Any]:
    """Tables of tracked models with the model of their events."""
    if not _TRACKED:
        for event in apps.get_models():
            if model := getattr(event, "pgh_tracked_model", None):
                _TRACKED[model._meta.db_table] = event
    return _TRACKED


_TRAIL = "common_auditevent"
_OF_THE_TRAIL = {_TRAIL, "common_refusalcount"}
"""Written for every refusal and export; the matrix tells of what they are about, not of them."""


def _is_noted(person: int | None, request_id: str) -> bool:
    """Whether the audit trail has an event of this request in this person's name."""
    return AuditEvent.objects.filter(person_id=person, request_id=request_id).exists()


def _untraced(tables: set[str], person: int | None, request_id: str, *, noted: bool) -> set[str]:
    """What this request wrote without a trace: of tracked tables those without an event of this person, and tables
    that are not tracked when nothing else, neither an event nor the audit trail, tells of the request.
    """
    about = {
        "pgh_context__metadata__user": person,
        "pgh_context__metadata__request_id": request_id,
    }
    known = tables & tracked().keys()
    traced = {table for table in known if tracked()[table]._default_manager.filter(**about).exists()}
    return (known - traced) | (set() if traced or noted else tables - known)
