"""Publishers whose files are known, as mappings. Names are patterns, so that other years match too.

Sources: the UK Government Major Projects Portfolio data of the annual reports since 2013 (rating given
by the MPA, later the IPA, since 2025 NISTA; by the SRO where they gave none), the Government of Canada's
large IT projects as answered to parliament, the US Federal IT Dashboard, and New York City's capital
project schedules and budgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.imports.errors import ImportRefused
from projects.imports.mapping import REQUIRED, Mapping, find, from_json

MILLION: Final = "1000000"
_FOI: Final = [r"^\W*exempt\b", r"^\W*withheld\b", r"^\W*redacted\b", r"freedom of information act"]


def _any(*names: str) -> str:
    """The first of these that the file has."""
    return "|".join(names)


PRESETS: Final[dict[str, dict[str, Any]]] = {
    "gmpp": {
        "currency": "GBP",
        "withheld": _FOI,
        "financial_year_from": 4,
        "columns": {
            "external_id": {"columns": ["GMPP ID Number|GMPP ID|*gmpp id|Project ID|Project number"]},
            "name": {"columns": ["Project Name|Programme Name"]},
            "org_unit": {"columns": ["Department"]},
            "category": {"columns": ["Annual Report Category|Report Category|=Category"]},
            "description": {"columns": ["Description / Aims|Description|Project Description"]},
            "declared": {
                "columns": [
                    _any(
                        "IPA Delivery Confidence",
                        "*ipa delivery confidence",
                        "NISTA Delivery Confidence",
                        "*nista delivery confidence",
                        "MPA Delivery Confidence",
                        "*mpa delivery confidence",
                        "=IPA RAG Rating",
                        "=MPA RAG Rating",
                        "IPA DCA",
                        "NISTA DCA",
                        "Delivery Confidence Assessment",
                        "=colour_rating",
                        "=RAG Rating",
                        "=DCA",
                        "=Rating",
                    ),  # fmt: skip  # noqa: RUF028  inside a list
                    "SRO Delivery Confidence|*sro delivery confidence|=SRO RAG Rating|SRO DCA|=colour_rating (2)",
                ]
            },
            "forecast_start_on": {"columns": ["Project Start Date|Start Date|*latest approved start date"]},
            "forecast_finish_on": {"columns": ["Project End Date|End Date|*latest approved end date"]},
            "baseline_cost": {
                "columns": ["Financial Year Baseline|*financial year baseline|In Year Baseline|=total_baseline"],
                "scale": MILLION,
            },
            "forecast_cost": {
                "columns": ["Financial Year Forecast|*financial year forecast|In Year Forecast|=forecast_incl_NGC"],
                "scale": MILLION,
            },
            "whole_life_cost": {
                "columns": [
                    _any(
                        "TOTAL Baseline Whole Life Cost",
                        "*baseline whole life cost",
                        "*budgeted whole life costs m",
                        "*total budgeted whole life cost",
                        "Whole Life Cost TOTAL Baseline",
                        "wlc_baseline_incl_NCG",
                        "=Whole Life Costs",
                        "=Whole Life Cost",
                        "=wlc_baseline",
                    )  # fmt: skip  # noqa: RUF028  inside a list
                ],
                "scale": MILLION,
            },
            "benefits": {
                "columns": ["TOTAL Baseline Benefits|*total baseline benefits|*monetised benefits m|=Total Benefits"],
                "scale": MILLION,
            },
            "accomplished": {
                "join": True,
                "columns": [
                    "*commentary on actions planned or taken|=rating_comment",
                    "*narrative on schedule|=schedule_comment",
                    "*narrative on budget forecast variance|=variance_comment",
                    "*narrative on budgeted whole life cost|*narrative on whole life cost|=budget_comment",
                    "*narrative on benefits|*narrative on budgeted benefits",
                ],
            },
        },
    },
    "canada-it": {
        "currency": "CAD",
        "file_date": {"columns": ["asOfDate|As of date"]},
        "columns": {
            "external_id": {"columns": ["uniqueId|Unique ID|Project ID"]},
            "name": {"columns": ["projectName|Project Name"]},
            "org_unit": {"columns": ["=department|=Organization|Department or agency"]},
            "description": {"columns": ["description|Project Description"]},
            "whole_life_cost": {"columns": ["totalBudget|Total Budget|Total Project Budget"]},
            "forecast_finish_on": {
                "columns": [
                    "estimatedCompletionDate|Estimated Completion Date|Completion Date",
                    "rawProvidedDate|Provided Date",
                ]
            },
        },
    },
    "us-itdashboard": {
        "currency": "USD",
        "columns": {
            "external_id": {"columns": ["=Project_ID|=Unique Project ID|=Agency Project ID"]},
            "name": {"columns": ["Project_Name"], "unescape": True},
            "org_unit": {"columns": ["Agency_Name|=Agency"], "unescape": True},
            "description": {"columns": ["Investment_Title|Objectives or outcomes"], "unescape": True},
            "baseline_cost": {
                "columns": ["PlannedCost|Planned Cost|Planned Project Cost|Lifecycle Cost"],
                "scale": MILLION,
            },
            "forecast_start_on": {"columns": ["Start_Date|Project Start Date"], "order": "mdy"},
            "baseline_finish_on": {
                "columns": ["Start_Date|Project Start Date"],
                "add": ["Planned_Duration"],
                "order": "mdy",
            },
            "forecast_finish_on": {
                "columns": ["Start_Date|Project Start Date"],
                "add": ["Planned_Duration", "Project_delay"],
                "order": "mdy",
            },
        },
    },
    "nyc-capital": {
        "currency": "USD",
        "row_date": {"columns": ["Date Reported As Of|Reporting Period"], "order": "mdy"},
        "columns": {
            "external_id": {"columns": ["=PID|=FMS ID|=Project ID"]},
            "name": {"columns": ["Project Name"]},
            "description": {"columns": ["Description"]},
            "category": {"columns": ["Category|Ten-Year Plan Category"]},
            "org_unit": {"columns": ["Managing Agency"]},
            "phase": {"columns": ["Current Phase"]},
            "forecast_start_on": {"columns": ["Design Start"], "order": "mdy"},
            "forecast_finish_on": {"columns": ["Forecast Completion"], "order": "mdy"},
            "forecast_cost": {"columns": ["Budget Forecast|=Total Budget"]},
        },
        "checks": [
            {"label": "schedule", "sum_of": ["Latest Schedule Changes"], "equals": ["Total Schedule Changes"]},
            {
                "label": "budget",
                "sum_of": ["Latest Budget Changes"],
                "equals": ["Total Budget Changes"],
                "tolerance": "2",
            },
        ],
    },
}

LABELS: Final[dict[str, Any]] = {
    "gmpp": gettext_lazy("UK Government Major Projects Portfolio"),
    "canada-it": gettext_lazy("Government of Canada, large IT projects"),
    "us-itdashboard": gettext_lazy("US Federal IT Dashboard, projects"),
    "nyc-capital": gettext_lazy("New York City, capital projects"),
}
CHECK_LABELS: Final[dict[str, Any]] = {
    "schedule": gettext_lazy("Schedule changes, in days"),
    "budget": gettext_lazy("Budget changes"),
}


def preset(name: str) -> Mapping:
    """The mapping of a preset. Raises: ImportRefused that lists the presets when there is none of that name."""
    if name not in PRESETS:
        raise ImportRefused(
            _("There is no preset “%(name)s”. There are: %(names)s.")
            % {"name": name, "names": ", ".join(sorted(PRESETS))}
        )
    return from_json({**PRESETS[name], "preset": name})


SIGNATURES: Final[dict[str, list[str]]] = {
    "gmpp": [
        _any(
            "GMPP ID",
            "*gmpp id",
            "*ipa delivery confidence",
            "*nista delivery confidence",
            "*sro delivery confidence",
            "MPA RAG",
            "wlc_baseline",
        )  # fmt: skip  # noqa: RUF028  inside a list
    ],
    "canada-it": ["=uniqueId", "=totalBudget"],
    "us-itdashboard": ["=Investment_Title", "=PlannedCost|=Planned Cost|=Planned Project Cost"],
    "nyc-capital": ["Date Reported As Of", "=PID"],
}
"""Headers that only this publisher uses; all must be there before a file is taken for theirs."""


def guess(header: Sequence[str]) -> str:
    """The preset whose signature and id and name are in this header, knowing most of its fields; else empty."""
    best, share = "", 0.0
    for name, signature in SIGNATURES.items():
        columns = preset(name).columns
        known = {field for field, source in columns.items() if find(header, source.columns)}
        if (
            len(find(header, signature)) == len(signature)
            and known >= set(REQUIRED)
            and len(known) / len(columns) > share
        ):
            best, share = name, len(known) / len(columns)
    return best
