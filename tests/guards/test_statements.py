"""No page takes more than twelve SQL statements and no order more than twenty, whoever asks and whatever it shows.

`bench` and tests/reporting/test_table.py show the same of 10 and of 1,000 projects; here every address is asked.
A SAVEPOINT and its RELEASE count, as BEGIN and COMMIT do where no test stands around them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from django.urls import reverse

from tests.guards import matrix
from tests.security.addresses import arguments
from tests.security.knocking import Knocker
from tests.security.payloads import payload
from tests.security.world import World

pytestmark = pytest.mark.django_db

MOST = {"GET": 12, "POST": 20}
READERS = ("pmo", "stakeholder", "sponsor")
"""Who looks after everything, who sees project by project, and who decides."""
WRITERS = ("pmo", "lead", "sponsor", "requester", "administrator", "adviser")

MORE: dict[tuple[str, str], tuple[int, str]] = {
    ("GET", "audit-export"): (13, "reads the trail chunk by chunk while it is sent"),
    ("POST", "gate-open"): (
        35, ("locks and checks the gate (8), the rules of the checkpoint (4), who decides (6), opens the ballot with"
        " its steps, seats and mails (6) and freezes the evidence (4), beside who asks (7)"),
    ),
    ("POST", "change-submit"): (
        32, ("writes the change (5), the rules of the checkpoint (3), the ballot within a savepoint that a body which"
        " is too small gives up (10), the state (3) and the refusal in the trail (4), beside who asks (5)"),
    ),
    ("POST", "request-triage"): (
        24, ("reads the form's portfolio, playbook and people (4), moves the request (4) and opens its ballot: who"
        " decides (4), the ballot with steps and seats (4), the mails (3), beside who asks (5)"),
    ),
    ("POST", "request-decide"): (
        43, ("the vote (11) that decides (4), what was waived for the start (1), and the whole project from its"
        " playbook: row and rules (4), phases, milestones, criteria, deliverables, letters and team (7),"
        " first baseline (2), state (2), mail (1)"),
    ),
    ("POST", "ballot-vote"): (37, "the same approval of a request, by the page of the ballot"),
    ("POST", "proposal-accept"): (
        22,
        (
            "the order of the record within its own: its savepoint, lock and control level (5), and a mail to who"
            " proposed it, as far as they still see the project (3)"
        ),
    ),
    ("POST", "project-bulk"): (24, "two projects, each through its own order in a transaction of its own"),
}  # fmt: skip
"""What takes more, with what it takes now and why."""


def counted(into: list[str]) -> Callable[..., Any]:
    def wrapper(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        into.append(str(sql)[:160])
        return execute(sql, params, many, context)

    return wrapper


def asked(person: Knocker, method: str, path: str, data: dict[str, Any] | None) -> tuple[int, list[str]]:
    """The status, and the statements of a request that is taken back."""
    found: list[str] = []
    for value in (data or {}).values():
        if hasattr(value, "seek"):
            value.seek(0)
    with transaction.atomic(), connection.execute_wrapper(counted(found)):
        call = getattr(person, method.lower())
        response = call(path, data) if data is not None else call(path)
        if response.streaming:
            b"".join(response)
        transaction.set_rollback(True)
    return response.status_code, found


def visits(world: World, method: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each address that somebody gets an answer from, with the statements."""
    people = {name: Knocker(world.person(name)) for name in (READERS if method == "GET" else WRITERS)}
    for address in matrix.addresses():
        data = payload(world, address.name) if method == "POST" else None
        path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted))
        for name, person in people.items():
            if method == "GET":
                cache.clear()  # what the menu counts is kept for half a minute from the next request on
                asked(person, method, path, None)  # templates and prepared queries are warm
            status, found = asked(person, method, path, data)
            if (method == "GET" and status == 200) or (
                method == "POST"
                and status == 302
                and any(word in one for one in found for word in ("INSERT", "UPDATE", "DELETE"))
            ):
                yield address.name, name, found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_address_keeps_to_its_number_of_statements(world: World, method: str) -> None:
    seen: dict[str, int] = {}
    wrong = []
    with override_settings(ACCOUNT_RATE_LIMITS=False):
        for name, person, found in visits(world, method):
            seen[name] = max(seen.get(name, 0), len(found))
            most = MORE.get((method, name), (MOST[method], ""))[0]
            if len(found) > most:
                wrong.append(f"{method} {name} as {person}: {len(found)} > {most}\n    " + "\n    ".join(found))
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 100
    stale = [name for (of, name) in MORE if of == method and seen[name] <= MOST[method]]
    assert not stale, f"these keep to the rule now: {stale}"
