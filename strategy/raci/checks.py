"""What is wrong with a RACI matrix: pure functions from plain values to findings that explain themselves.

One accountable, at least one responsible, nobody vacant: *A Guide to the Project Management Body of Knowledge*,
7th edition, Project Management Institute, 2021 (responsibility assignment matrix).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from strategy.enums import ACCOUNTABLE, RESPONSIBLE
from strategy.raci.work import Load, Part, Work

WINDOW_DAYS: Final = 30
"""How far ahead the load of a person is counted; what is late counts too."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says it with its numbers, `remedy` what to do, `links` lead to what it rests on: (name, address)."""

    code: str
    tone: str
    text: str
    remedy: str
    links: tuple[tuple[str, str], ...] = ()


def check(works: Sequence[Work], loads: Iterable[Load] = ()) -> list[Finding]:
    """All checks, the gravest first."""
    return [
        *no_accountable(works),
        *vacancies(works),
        *own_acceptance(works),
        *overload(loads),
        *nobody_responsible(works),
    ]


def no_accountable(works: Iterable[Work]) -> list[Finding]:
    """Open work for which nobody answers. At most one finding, with its work."""
    found = [one for one in works if one.is_open and one.accountable is None]
    if not found:
        return []
    text = ngettext(
        "%(n)d open item has nobody who is accountable.", "%(n)d open items have nobody who is accountable.", len(found)
    ) % {"n": len(found)}
    return [Finding("no_accountable", "off", text, _("Give exactly one person or role the letter A."), _links(found))]


def nobody_responsible(works: Iterable[Work]) -> list[Finding]:
    """Open work that nobody does. At most one finding, with its work."""
    found = [one for one in works if one.is_open and not one.responsible]
    if not found:
        return []
    text = ngettext(
        "%(n)d open item has nobody who is responsible for doing it.",
        "%(n)d open items have nobody who is responsible for doing them.",
        len(found),
    ) % {"n": len(found)}
    return [
        Finding("nobody_responsible", "risk", text, _("Give at least one person or role the letter R."), _links(found))
    ]


def vacancies(works: Iterable[Work]) -> list[Finding]:
    """Parts of open work that must act and that nobody can be asked about; one finding per role or person."""
    found: dict[tuple[str, str, str], list[tuple[Work, Part]]] = defaultdict(list)
    for one in works:
        for part in one.parts if one.is_open else ():
            if part.vacancy and part.letter in {*ACCOUNTABLE, *RESPONSIBLE}:
                found[part.who, part.vacancy, one.where].append((one, part))
    return [_vacancy(rows) for _key, rows in sorted(found.items())]


def _vacancy(rows: list[tuple[Work, Part]]) -> Finding:
    works, parts = [work for work, _part in rows], [part for _work, part in rows]
    accountable = sum(part.letter in ACCOUNTABLE for part in parts)
    words = {"who": parts[0].who, "why": parts[0].trouble, "n": len(works), "a": accountable}
    text = (
        ngettext(
            "%(who)s: %(why)s, but has a part in %(n)d open item (accountable for %(a)d).",
            "%(who)s: %(why)s, but has a part in %(n)d open items (accountable for %(a)d).",
            len(works),
        )
        % words
    )
    remedy = _("Appoint somebody to the role, or give the part to somebody else.")
    return Finding("vacancy", "off" if accountable else "risk", text, remedy, _links(works))


def own_acceptance(works: Iterable[Work]) -> list[Finding]:
    """Work accepted by the one who delivered it, or who was to do it: nobody else has looked."""
    found = []
    for one in works:
        makers = {part.person_id: part.person for part in one.responsible if part.person_id}
        if one.accepted_by is None or not (one.accepted_by == one.delivered_by or one.accepted_by in makers):
            continue
        who = makers.get(one.accepted_by) or _("the same person")
        text = _("“%(name)s” was accepted by %(who)s, who also did the work.") % {"name": one.name, "who": who}
        remedy = _("Have somebody who did not make it look at it, and keep the letters R and A apart.")
        found.append(Finding("own_acceptance", "risk", text, remedy, _links([one])))
    return found


def overload(loads: Iterable[Load]) -> list[Finding]:
    """People who are accountable for more than the office's limit within the window; the most loaded first."""
    over = sorted((one for one in loads if one.count > one.limit), key=lambda one: (-one.count, one.person))
    return [
        Finding(
            "overload",
            "risk",
            _("%(who)s is accountable for %(n)d open deliverables of the next %(days)d days; the limit is %(limit)d.")
            % {"who": one.person, "n": one.count, "days": WINDOW_DAYS, "limit": one.limit},
            _("Give some of them to somebody else, or move their dates."),
            ((one.person, one.href),) if one.href else (),
        )
        for one in over
    ]


def _links(works: Iterable[Work]) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, one.href) for one in works)
