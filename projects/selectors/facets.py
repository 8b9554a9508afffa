"""By what a rule can be narrowed to some subjects only: what projects and requests have in common."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.subjects import Facet
from playbooks.models import Playbook
from projects.models import Portfolio
from strategy.models import Office


def _offices() -> dict[str, str]:
    return dict(Office.objects.order_by("name").values_list("slug", "name"))


def _office_ids(slugs: Collection[str]) -> list[int]:
    return list(Office.objects.filter(slug__in=slugs).values_list("pk", flat=True))


def _portfolios() -> dict[str, str]:
    rows = Portfolio.objects.order_by("path").values_list("slug", "depth", "name")
    return {slug: f"{'— ' * (depth - 1)}{name}" for slug, depth, name in rows}


def _portfolio_ids(slugs: Collection[str]) -> list[int]:
    """These portfolios and the programmes below them."""
    roots = frozenset(Portfolio.objects.filter(slug__in=slugs).values_list("pk", flat=True))
    return list(Portfolio.objects.under(roots).values_list("pk", flat=True)) if roots else []


def _playbooks() -> dict[str, str]:
    return dict(Playbook.objects.order_by("name", "pk").values_list("slug", "name"))


def _playbook_ids(slugs: Collection[str]) -> list[int]:
    return list(Playbook.objects.filter(slug__in=slugs).values_list("pk", flat=True))


OFFICE: Final = Facet(gettext_lazy("office"), "office_id", _offices, _office_ids)
PORTFOLIO: Final = Facet(gettext_lazy("portfolio"), "portfolio_id", _portfolios, _portfolio_ids)
PLAYBOOK: Final = Facet(gettext_lazy("playbook"), "playbook_id", _playbooks, _playbook_ids)
"""How heavily and in which manner the work is run: a light one has other rules than a large one."""


def contradiction(scope: Mapping[str, Collection[Any]]) -> str:
    """Why a scope of offices and portfolios fits nothing, as a sentence; "" when it fits."""
    offices, portfolios = scope.get("office"), scope.get("portfolio")
    if not (offices and portfolios):
        return ""
    stray = Portfolio.objects.filter(slug__in=portfolios).exclude(office__slug__in=offices).first()
    if stray is None:
        return ""
    return _("“%(name)s” belongs to another office than those chosen: leave one of the two out.") % {"name": stray.name}
