"""Who may open what: every address × method × role × object, walked and kept in docs/access-matrix.csv.

A cell is the status of the answer; `login` is a redirect to sign-in; a `+` says that something of ours was
written. Methods and objects that answer alike share a line. `./portal test tests/guards/test_matrix.py
--write-matrix` writes the file anew; whoever does that reads the difference.
"""

from __future__ import annotations

import csv
import fcntl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.security.addresses import OBJECTS, arguments, is_of_project
from tests.security.knocking import Answer, Knocker
from tests.security.payloads import payload
from tests.security.world import CANARY, KNOW_THE_SECRET, PEOPLE, World

FILE = Path(settings.BASE_DIR) / "docs" / "access-matrix.csv"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADER = ("url", "object", "methods", *PEOPLE)

Line = tuple[str, str, str]
"""URL name, object, method."""


@dataclass(frozen=True, slots=True)
class Address:
    """A named URL and the arguments that it takes."""

    name: str
    wanted: frozenset[str]
    view: Any
    """The class, or None for a plain function."""

    @property
    def refusal(self) -> str:
        """A method that the view does not know. Form views of packages take PUT for POST."""
        return "PATCH" if hasattr(self.view, "put") else "PUT"

    @property
    def objects(self) -> tuple[str, ...]:
        return OBJECTS if is_of_project(self.name, self.wanted) else ("",)


def addresses() -> list[Address]:
    """Every URL of the portal, once for each name."""
    found = {
        pattern.name: Address(pattern.name or "", wanted, getattr(pattern.callback, "view_class", None))
        for wanted, pattern in _patterns(get_resolver().url_patterns)
    }
    return [found[name] for name in sorted(found, key=str)]


def _patterns(
    entries: Iterable[Any], above: frozenset[str] = frozenset()
) -> Iterator[tuple[frozenset[str], URLPattern]]:
    for entry in entries:
        wanted = above | _arguments_of(entry)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, wanted)
        else:
            yield wanted, entry


def _arguments_of(entry: Any) -> frozenset[str]:
    return frozenset(entry.pattern.regex.groupindex)


def walk(world: World, chosen: Iterable[Address], *, whole: bool = True) -> tuple[dict[Line, list[str]], list[str]]:
    """The cells of these addresses, and what is wrong whatever the file says.

    Wrong is an error, a write without a trace, and a word of the confidential project to whoever may not know it.

    GET and POST are asked as everybody, and so is a method that the view does not know: Django refuses all such
    in one place. HEAD is GET without its body, OPTIONS passes the same door as what is refused. Each of those is
    asked in its own right as one person per address, in turn. Unless `whole`, the refused method is asked as every
    seventh person only; the other cells are then empty.
    """
    knockers = [Knocker(world.who[name]) for name in PEOPLE]
    cells: dict[Line, list[str]] = {}
    faults: list[str] = []
    with override_settings(ACCOUNT_RATE_LIMITS=False):
        for number, address in enumerate(chosen):
            for of in address.objects:
                visit = Visit(world, address, of, knockers, faults)
                refused = visit.everybody(address.refusal) if whole else visit.every_seventh(address.refusal, number)
                asked = dict.fromkeys(METHODS, refused) | {
                    "GET": visit.everybody("GET"),
                    "POST": visit.everybody("POST"),
                }
                asked |= {"HEAD": asked["GET"], "OPTIONS": _options(address, refused)}
                if address.refusal != "PUT":
                    asked["PUT"] = asked["POST"]
                for turn, method in enumerate(
                    sorted({"HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"} - {address.refusal})
                ):
                    at = (number + turn * 4) % len(PEOPLE)
                    asked[method] = [*asked[method][:at], visit.ask(method, at), *asked[method][at + 1 :]]
                cells |= {(address.name, of, method): asked[method] for method in METHODS}
    return cells, faults


class Visit:
    """One address with one object, asked as each person in turn. Nothing of it stays."""

    def __init__(self, world: World, address: Address, of: str, knockers: list[Knocker], faults: list[str]) -> None:
        self.address, self.of, self.knockers, self.faults = address, of, knockers, faults
        self.path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted, of))
        self.data = payload(world, address.name, of or "own")

    def ask(self, method: str, at: int) -> str:
        answer = self.knockers[at].knock(method, self.path, self._sent() if method == "POST" else None)
        where = f"{self.address.name} {self.of} {method} as {PEOPLE[at]}"
        self.faults.extend(f"{where}: no trace of {table}" for table in answer.untraced)
        if answer.status in {403, 404} and not answer.is_noted:
            self.faults.append(f"{where}: a refusal without a trace")
        if PEOPLE[at] not in KNOW_THE_SECRET and CANARY.encode() in answer.body:
            self.faults.append(f"{where}: tells of the confidential project")
        if answer.status >= 500 and self.address.name != "readyz":
            self.faults.append(f"{where}: {answer.status}")
        return cell(self.address, answer)

    def everybody(self, method: str) -> list[str]:
        return [self.ask(method, at) for at in range(len(PEOPLE))]

    def every_seventh(self, method: str, number: int) -> list[str]:
        return [self.ask(method, at) if (at + number) % 7 == 0 else "" for at in range(len(PEOPLE))]

    def _sent(self) -> dict[str, Any]:
        for value in self.data.values():
            if hasattr(value, "seek"):
                value.seek(0)
        return self.data


def _options(address: Address, refused: list[str]) -> list[str]:
    view = address.view
    allowed = view is not None and "options" in view.http_method_names
    return ["200" if each == "405" and allowed else each for each in refused]


def odd_views() -> list[str]:
    """Addresses of ours whose view answers a method in a way of its own, which `walk` would not see."""
    return [
        f"{address.name}: {method}"
        for address in addresses()
        if address.view is not None and not address.name.startswith(("account_", "mfa"))
        for method in ("put", "patch", "delete", "trace", "head")
        if hasattr(address.view, method)
    ]


def cell(address: Address, answer: Answer) -> str:
    if (
        answer.status == 302
        and answer.place.startswith("/account/login/")
        and not address.name.startswith(("account_", "mfa"))
    ):
        return "login"
    status = 200 if address.name == "readyz" and answer.status == 503 else answer.status
    return f"{status}{'+' if answer.tables else ''}"


def folded(cells: dict[Line, list[str]]) -> list[list[str]]:
    """The lines of the file: methods that answer alike in one."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (name, of, method), row in cells.items():
        groups.setdefault((name, of, tuple(row)), []).append(method)
    return [[name, of, " ".join(methods), *row] for (name, of, row), methods in groups.items()]


def unfolded(lines: Iterable[list[str]]) -> dict[Line, list[str]]:
    return {(name, of, method): row for name, of, methods, *row in lines for method in methods.split()}


def read() -> dict[Line, list[str]]:
    with FILE.open(newline="") as file:
        lines = list(csv.reader(file))
    assert tuple(lines[0]) == HEADER
    return unfolded(lines[1:])


def renew(found: dict[Line, list[str]]) -> None:
    """Put these cells into the file in the place of the old ones, and leave out addresses that are gone."""
    names, walked = {address.name for address in addresses()}, {name for name, _of, _method in found}
    place = {method: number for number, method in enumerate(METHODS)}
    with FILE.open("a+", newline="") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = read() if file.tell() else {}
        kept = {line: row for line, row in before.items() if line[0] in names - walked}
        cells = kept | found
        file.truncate(0)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(
            folded(
                {line: cells[line] for line in sorted(cells, key=lambda one: (one[0], one[1] != "own", place[one[2]]))}
            )
        )
