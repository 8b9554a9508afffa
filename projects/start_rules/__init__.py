"""The rules that a rulebook starts with: what good practice asks of any project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projects.start_rules import money, people, plan, promises, raid, record

if TYPE_CHECKING:
    from governance.services import NewRule


def start_set() -> list[NewRule]:
    return [rule.as_rule() for theme in (people, record, plan, money, raid, promises) for rule in theme.RULES]
