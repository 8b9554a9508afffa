"""The rulebook of requests: the rules that every portal starts with."""

from __future__ import annotations

from governance import services as rulebook
from intake.start_rules import start_set


def install_start_set() -> int:
    """Put the rules of the start set in force that the rulebook does not have yet; how many. A duty of the sweep."""
    return rulebook.add_rules(start_set())
