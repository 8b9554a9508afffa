"""The tree of portfolios and what one portfolio's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet

from projects.enums import LIVE_STATUSES
from projects.models import Portfolio, Project

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 20


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """A portfolio in its place in the tree, with how many of its own live projects the reader sees."""

    portfolio: Portfolio
    level: int
    live: int
    others: int


def tree_for(user: User, below: Portfolio | None = None) -> list[PortfolioRow]:
    """The portfolios that the person sees, in the order of the tree; only those below one when given. Two queries."""
    portfolios: QuerySet[Portfolio] = Portfolio.objects.visible_to(user).select_related("office", "owner")
    if below is not None:
        portfolios = portfolios.filter(path__startswith=below.path).exclude(pk=below.pk)
    rows = list(portfolios.order_by("path"))
    counts = _counts(user, rows)
    levels = _levels(rows)
    return [PortfolioRow(one, levels[one.pk], *counts.get(one.pk, (0, 0))) for one in rows]


def _counts(user: User, rows: list[Portfolio]) -> dict[int, tuple[int, int]]:
    seen = Project.objects.visible_to(user).filter(portfolio__in=[one.pk for one in rows]).order_by()
    counted = seen.values("portfolio").annotate(
        live=Count("pk", filter=Q(status__in=LIVE_STATUSES)), others=Count("pk", filter=~Q(status__in=LIVE_STATUSES))
    )
    return {pk: (live, others) for pk, live, others in counted.values_list("portfolio", "live", "others")}


def _levels(rows: list[Portfolio]) -> dict[int, int]:
    """How deep each lies below the nearest one above it that is shown: a hidden parent leaves no gap."""
    levels: dict[int, int] = {}
    above: list[Portfolio] = []
    for one in rows:
        while above and not one.path.startswith(above[-1].path):
            above.pop()
        levels[one.pk] = len(above)
        above.append(one)
    return levels


def ancestors_of(user: User, portfolio: Portfolio) -> list[Portfolio]:
    """The portfolios above this one that the person sees, from the top. One query, none for a root."""
    paths = [portfolio.path[:end] for end in range(portfolio.steplen, len(portfolio.path), portfolio.steplen)]
    return list(Portfolio.objects.visible_to(user).filter(path__in=paths).order_by("path")) if paths else []


def worst_projects_of(user: User, portfolio: Portfolio) -> list[Project]:
    """The live projects of a portfolio and its programmes, neediest first; one more than is shown. One query."""
    return list(
        Project.objects.visible_to(user)
        .live()
        .defer("search")
        .filter(portfolio__path__startswith=portfolio.path)
        .select_related("lead", "state")
        .order_by("-state__rank", "pk")[: SHOWN + 1]
    )


def may_edit(user: User, portfolio: Portfolio, permission: str) -> bool:
    """Whether the person's grant for this permission reaches the portfolio. One query at most."""
    return bool(Portfolio.objects.reached_by(user, permission).filter(pk=portfolio.pk).exists())
