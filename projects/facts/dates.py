"""When the project starts and finishes."""

from __future__ import annotations

from typing import Final

from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.facts.declaring import DAYS, own
from projects.facts.sources import elapsed, finish_overdue, finished, is_started, slip

FACTS: Final = (
    own(
        "start_on", _("start"), FactKind.DATE, _("When the project started, or is expected to."),
        Coalesce("actual_start_on", "forecast_start_on", "baseline_start_on"),
    ),
    own(
        "is_started", _("has started"), FactKind.YES_NO,
        _("Whether the project has started: it has a start, or has spent money."), is_started, stored=False,
    ),
    own("baseline_finish_on", _("baseline finish"), FactKind.DATE, _("The finish that was agreed.")),
    own("forecast_finish_on", _("forecast finish"), FactKind.DATE, _("The finish that is expected now.")),
    own("actual_finish_on", _("actual finish"), FactKind.DATE, _("When the project finished."), finished),
    own(
        "slip_days", _("slip"), FactKind.DAYS, _("How much later than the baseline the project finishes."), slip,
        unit=DAYS,
    ),
    own(
        "finish_overdue_days", _("past its finish"), FactKind.DAYS,
        _("How long ago the project should have finished; 0 when it has, or need not yet."), finish_overdue,
        stored=False, unit=DAYS,
    ),
    own(
        "elapsed_percent", _("time elapsed"), FactKind.PERCENT, _("The share of the project's time that has passed."),
        elapsed, stored=False, unit="%",
    ),
)  # fmt: skip
