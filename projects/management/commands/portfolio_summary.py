"""``manage.py portfolio_summary --portfolio NAME [--as-of DATE] --json``."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from projects.imports import report, summary
from projects.management.commands.import_portfolio import _date, _portfolio
from projects.models import SnapshotSet


class Command(BaseCommand):
    """Print a portfolio in numbers, at its newest snapshot or the newest one by a date."""

    help = "Print counts, sums with their coverage, joiners and leavers of a portfolio."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--portfolio", required=True, help="The name or short name of the portfolio.")
        parser.add_argument("--as-of", type=_date, help="The newest snapshot by this date: YYYY-MM-DD.")
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  as Django calls it
        """Print the summary."""
        portfolio = _portfolio(options["portfolio"])
        if portfolio is None:
            raise CommandError(_("There is no portfolio “%(name)s”.") % {"name": options["portfolio"]})
        chosen = summary.snapshot_set(portfolio, options["as_of"])
        if chosen is None:
            dates = SnapshotSet.objects.filter(portfolio=portfolio).order_by("as_of").values_list("as_of", flat=True)
            raise CommandError(
                _("%(name)s has no snapshot by that date. It has: %(dates)s.")
                % {"name": portfolio, "dates": ", ".join(map(str, dates)) or _("none")}
            )
        data = summary.portfolio_summary(chosen)
        self.stdout.write(
            json.dumps(data, ensure_ascii=False, indent=2) if options["json"] else report.summary_text(data)
        )
