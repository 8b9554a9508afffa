"""What the project costs and brings."""

from __future__ import annotations

from typing import Final

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.enums import MoneyMeasure
from projects.facts.declaring import own
from projects.facts.sources import share, withheld

FACTS: Final = (
    own("currency", _("currency"), FactKind.TEXT, _("The currency of the project's amounts.")),
    *(
        own(
            measure.value, measure.label, FactKind.MONEY,
            _("An amount in the project's currency; unknown and withheld are empty."),
        )
        for measure in MoneyMeasure
    ),
    own(
        "withheld", _("withheld amounts"), FactKind.LIST, _("The amounts that are kept secret, with a reason."),
        withheld(),
    ),
    own(
        "cost_variance_percent", _("cost variance"), FactKind.PERCENT,
        _("How far the forecast cost is over the baseline cost."),
        share(
            F("forecast_cost") - F("baseline_cost"), F("baseline_cost"),
            Q(baseline_cost__gt=0, forecast_cost__isnull=False),
        ),
        unit="%",
    ),
    own(
        "spent_of_forecast_percent", _("spent of forecast"), FactKind.PERCENT,
        _("The actual cost as a share of the forecast."),
        share(F("actual_cost"), F("forecast_cost"), Q(forecast_cost__gt=0, actual_cost__isnull=False)), stored=False,
        unit="%",
    ),
    own(
        "spent_over_baseline_percent", _("spent over baseline"), FactKind.PERCENT,
        _("How far the actual cost is over the baseline cost."),
        share(
            F("actual_cost") - F("baseline_cost"), F("baseline_cost"),
            Q(baseline_cost__gt=0, actual_cost__isnull=False),
        ),
        stored=False, unit="%",
    ),
    own(
        "cost_is_whole", _("cost covers the whole project"), FactKind.YES_NO,
        _("Whether the costs cover the whole project and not one period of it."),
        Case(When(cost_period="", then=Value(True)), default=Value(False)), stored=False,
    ),
)  # fmt: skip
