"""The answer of a policy: allowed, or why not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is a sentence for the person who is refused. `is_state` tells a moment that has passed from a
    missing right.
    """

    allowed: bool
    reason: str = ""
    is_state: bool = False

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(allowed=True)


def no(reason: str) -> Verdict:
    """The right is missing."""
    return Verdict(allowed=False, reason=reason)


def too_late(reason: str) -> Verdict:
    """The moment has passed."""
    return Verdict(allowed=False, reason=reason, is_state=True)
