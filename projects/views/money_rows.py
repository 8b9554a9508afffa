"""The money of a project as a table: known, unknown and withheld are three different things."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.translation import gettext as _

from common import formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from projects.enums import MoneyMeasure

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from projects.models import Project
    from projects.selectors.gates import StageMoney

MEANINGS = {
    MoneyMeasure.BASELINE_COST: lambda: _("What was agreed."),
    MoneyMeasure.FORECAST_COST: lambda: _("What it will cost, as seen now."),
    MoneyMeasure.ACTUAL_COST: lambda: _("What is spent so far."),
    MoneyMeasure.WHOLE_LIFE_COST: lambda: _("From the first idea to the end of use."),
    MoneyMeasure.BENEFITS: lambda: _("What it brings."),
}


def amount_cell(project: Project, measure: MoneyMeasure, *, compact: bool = False) -> SafeString:
    reason: str = getattr(project, f"{measure}_withheld")
    return cells.money(getattr(project, measure), project.currency, reason, compact=compact)


def money_table(project: Project) -> SafeString:
    head = [Column(_("Measure")), Column(_("Amount"), align="end"), Column(_("State"))]
    texts = {one: str(project.source_texts.get(one, "")) for one in MoneyMeasure}
    if any(texts.values()):
        head.append(Column(_("As imported")))
    rows = [_row(project, one, texts[one]) for one in MoneyMeasure]
    return data_table(head, [Row(row.cells[: len(head)]) for row in rows], caption=_("Money"))


def _row(project: Project, measure: MoneyMeasure, imported: str) -> Row:
    amount: Decimal | None = getattr(project, measure)
    reason: str = getattr(project, f"{measure}_withheld")
    if reason:
        state = format_html("{} {}", cells.tag(_("Withheld"), "hold"), reason)
    elif amount is None:
        state = format_html("{} {}", cells.tag(_("Unknown"), "hold"), _("Nobody has recorded it."))
    else:
        state = cells.tag(_("Known"), "plain")
    name = cells.lines(format_html("<b>{}</b>", measure.label), MEANINGS[measure]())
    return Row([name, amount_cell(project, measure), state, imported or "–"])


def variance_percent(project: Project) -> Decimal | None:
    """Forecast against baseline in percent; None when either is not known or the baseline is zero."""
    baseline, forecast = project.baseline_cost, project.forecast_cost
    if not baseline or forecast is None:
        return None
    return (forecast - baseline) / baseline * 100


def stage_facts(project: Project, money: StageMoney) -> list[tuple[str, SafeString]]:
    """What gates have released, of what they would release together; empty when no gate has stage money."""
    if money.planned is None:
        return []
    return [
        (_("Released by gates"), cells.money(money.released, project.currency)),
        (_("Stage money of all gates"), cells.money(money.planned, project.currency)),
    ]


def money_sentence(project: Project) -> str:
    """Forecast against baseline and tolerance, in one sentence; "" when it cannot be said."""
    percent = variance_percent(project)
    if percent is None:
        return ""
    tolerance = project.portfolio.cost_tolerance_percent
    return _("The forecast is %(percent)s against the baseline; the tolerance is %(tolerance)d%%.") % {
        "percent": formats.signed_percent(percent), "tolerance": tolerance,
    }  # fmt: skip


def spent_percent(project: Project) -> Decimal | None:
    """The share of the forecast that is spent, in percent."""
    if not project.forecast_cost or project.actual_cost is None:
        return None
    return project.actual_cost / project.forecast_cost * 100
