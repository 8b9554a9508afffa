"""What the page about compliance reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Max, QuerySet, Sum

from projects.models import ComplianceWeek

if TYPE_CHECKING:
    from accounts.models import User

WEEKS: Final = 13


@dataclass(frozen=True, slots=True)
class Kept:
    """Checks of a portfolio, or of many, in a week. A share is of what is known; None when nothing is."""

    kept: int
    broken: int
    waived: int
    unknown: int
    projects: int = 0

    @property
    def known(self) -> int:
        return self.kept + self.broken + self.waived

    @property
    def percent(self) -> float | None:
        return 100 * self.kept / self.known if self.known else None

    @property
    def coverage(self) -> float | None:
        """How much of what was asked could be told."""
        asked = self.known + self.unknown
        return 100 * self.known / asked if asked else None


_SUMS: Final = {name: Sum(name) for name in ("kept", "broken", "waived", "unknown", "projects")}


def weeks_of(user: User) -> list[tuple[dt.date, Kept]]:
    """The last weeks over all portfolios that the person reaches, the oldest first. One query."""
    rows: Any = ComplianceWeek.objects.visible_to(user).order_by().values("monday").annotate(**_SUMS)
    found = [(row.pop("monday"), Kept(**row)) for row in rows.order_by("-monday")[:WEEKS]]
    return found[::-1]


def newest_of(user: User) -> QuerySet[Any, dict[str, Any]]:
    """Per portfolio the sums of the newest week that any has, those that keep least first. Two queries."""
    visible = ComplianceWeek.objects.visible_to(user)
    newest = visible.aggregate(newest=Max("monday"))["newest"]
    rows: Any = (
        visible.filter(monday=newest).order_by().values("portfolio__name", "portfolio__slug", "portfolio__office__name")
    )
    return rows.annotate(**_SUMS).order_by("-broken", "portfolio__name")  # type: ignore[no-any-return]  # of the queryset typed Any
