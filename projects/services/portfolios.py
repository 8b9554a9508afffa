"""Making and changing portfolios and programmes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common import versions
from common.errors import PortalError
from projects.enums import ColourScale
from projects.models import Portfolio, ProjectState, Update
from projects.services import state

if TYPE_CHECKING:
    from accounts.models import User
    from strategy.models import Office

PORTFOLIO_FIELDS: Final = frozenset(
    {
        "name", "description", "office", "owner", "currency", "colour_scale", "update_cadence_days",
        "cost_tolerance_percent", "schedule_tolerance_days",
    }
)  # fmt: skip
JUDGED_BY: Final = frozenset(
    {"colour_scale", "update_cadence_days", "cost_tolerance_percent", "schedule_tolerance_days"}
)
"""What health depends on: when one of these changes, every project is judged anew."""
AT_ONCE: Final = 300
"""So many projects are judged anew at once; of more, the sweep does it within minutes."""

_TREE_LOCK: Final = 7_402_113


class PortfolioError(PortalError):
    """A portfolio that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPortfolio:
    """What a portfolio starts with; with a `parent` it is a programme."""

    name: str
    slug: str
    office: Office
    parent: Portfolio | None = None
    description: str = ""
    owner: User | None = None
    currency: str = "EUR"
    colour_scale: int = ColourScale.THREE
    update_cadence_days: int = 7
    cost_tolerance_percent: int = 10
    schedule_tolerance_days: int = 14
    is_demo: bool = False


@transaction.atomic
def create_portfolio(*, actor: User | None, data: NewPortfolio) -> Portfolio:
    """Make a portfolio, or a programme below one. Raises: PortfolioError when the short name is taken."""
    with connection.cursor() as cursor:  # places in the tree are counted, so one at a time
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])
    if Portfolio.objects.filter(slug=data.slug).exists():
        raise PortfolioError(_("Another portfolio has the short name “%(slug)s”.") % {"slug": data.slug})
    portfolio = Portfolio(
        name=data.name.strip(), slug=data.slug, description=data.description, office=data.office, owner=data.owner,
        currency=data.currency, colour_scale=data.colour_scale, update_cadence_days=data.update_cadence_days,
        cost_tolerance_percent=data.cost_tolerance_percent, schedule_tolerance_days=data.schedule_tolerance_days,
        is_demo=data.is_demo,
    )  # fmt: skip
    if data.parent is None:
        Portfolio.objects.add_root(instance=portfolio)
    else:
        Portfolio.objects.add_child(Portfolio.objects.get(pk=data.parent.pk), instance=portfolio)
    return portfolio


@transaction.atomic
def edit_portfolio(*, actor: User, portfolio_id: int, version: int | None, changes: Mapping[str, Any]) -> Portfolio:
    """Change a portfolio. Colours are never converted: a scale with updates on it stays.

    Raises: Conflict, PortfolioError.
    """
    portfolio: Portfolio = versions.claim(Portfolio.objects.all(), pk=portfolio_id, version=version)
    unknown = set(changes) - PORTFOLIO_FIELDS
    if unknown:
        msg = f"Fields that cannot be changed here: {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    scale = changes.get("colour_scale", portfolio.colour_scale)
    if scale != portfolio.colour_scale and Update.objects.in_force().filter(project__portfolio=portfolio).exists():
        raise PortfolioError(
            _("Updates were written on the present colour scale, and colours are never converted. The scale stays.")
        )
    if JUDGED_BY & set(versions.apply(portfolio, changes)):
        _judge_anew(portfolio)
    return portfolio


def _judge_anew(portfolio: Portfolio) -> None:
    ids = list(portfolio.projects.order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(ids) <= AT_ONCE:
        state.refresh(ids)
        return
    # An old date is what the sweep looks for; it works through them in chunks.
    ProjectState.objects.filter(portfolio=portfolio).update(as_of=dt.date(2000, 1, 1))
