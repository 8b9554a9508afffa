"""What a signal says, in the reader's language, with its numbers; and where its records are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.enums import Colour, Dimension, MoneyMeasure
from projects.health.judge import OVERALL
from projects.health.model import SignalData

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a record that a signal rests on is shown."""

    label: str
    url: str


def sentence(signal: SignalData | Mapping[str, Any]) -> str:
    """The sentence of a stored signal. An unknown code (of an older version) says its code."""
    says = SENTENCES.get(signal["code"])
    return says(signal["params"]) if says else str(signal["code"])


def links(signal: SignalData | Mapping[str, Any], project_key: str) -> list[Link]:
    """A link per record, numbered where there are several of a kind, or one to where the missing value is filled in."""
    labels = {"milestone": _("Milestone"), "risk": _("Risk"), "issue": _("Issue"), "update": _("Update")}
    models = [record["model"] for record in signal["records"]]
    found = [
        Link(
            labels[model] if models.count(model) == 1 else f"{labels[model]} {models[: place + 1].count(model)}",
            f"{_page(model, project_key)}#{model}-{record['id']}",
        )
        for place, (model, record) in enumerate(zip(models, signal["records"], strict=True))
        if model in labels
    ]
    if found or signal["dimension"] not in _PAGE_OF_DIMENSION:
        return found
    label, url_name = _PAGE_OF_DIMENSION[signal["dimension"]]
    return [Link(label(), reverse(url_name, args=[project_key]))]


_PAGE_OF_MODEL: Final = {
    "milestone": "project-plan",
    "risk": "project-raid",
    "issue": "project-raid",
    "update": "project-updates",
}
_PAGE_OF_DIMENSION: Final[dict[str, tuple[Callable[[], str], str]]] = {
    Dimension.SCHEDULE.value: (lambda: _("Plan"), "project-plan"),
    Dimension.COST.value: (lambda: _("Money"), "project-money"),
    Dimension.RISK.value: (lambda: _("Risks and issues"), "project-raid"),
    Dimension.FRESHNESS.value: (lambda: _("Updates"), "project-updates"),
}


def _page(model: str, project_key: str) -> str:
    return reverse(_PAGE_OF_MODEL[model], args=[project_key])


def _on(day: str | None) -> str:
    return date_format(date.fromisoformat(day), "DATE_FORMAT") if day else _("an unknown day")


def _number(text: Decimal | int | str) -> str:
    value = Decimal(str(text))
    return number_format(value.normalize() if value % 1 else value.quantize(Decimal(1)), force_grouping=True)


def _money(params: Params, name: str) -> str:
    return f"{params['currency']}\u00a0{_number(params[name])}"


def _days(number: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", number) % {"days": number}


def _milestones_overdue(p: Params) -> str:
    text = ngettext(
        "%(count)d milestone is overdue, by %(days)s.",
        "%(count)d milestones are overdue, the longest by %(days)s.",
        p["count"],
    )
    return text % {"count": p["count"], "days": _days(p["days"])}


def _milestones_undated(p: Params) -> str:
    text = ngettext(
        "%(count)d open milestone has no forecast date.", "%(count)d open milestones have no forecast date.", p["count"]
    ) % {"count": p["count"]}
    if not p["overdue"]:
        return text
    overdue = ngettext("%(count)d other is overdue.", "%(count)d others are overdue.", p["overdue"])
    return f"{text} {overdue % {'count': p['overdue']}}"


def _finish_slipped(p: Params) -> str:
    text = _("The finish of %(finish)s is %(days)s later than the baseline of %(baseline)s (tolerance %(tolerance)s).")
    return text % {
        "finish": _on(p["finish"]),
        "days": _days(p["days"]),
        "baseline": _on(p["baseline"]),
        "tolerance": _days(p["tolerance"]),
    }


def _finish_unknown(p: Params) -> str:
    if p["missing"] == "baseline":
        return _("There is no baseline finish to hold the forecast against.")
    return _("Nobody has said when the project is expected to finish.")


def _finish_moved(p: Params) -> str:
    return _("The forecast finish moved %(days)s later since the snapshot before, from %(previous)s to %(finish)s.") % {
        "days": _days(p["days"]),
        "previous": _on(p["previous"]),
        "finish": _on(p["finish"]),
    }


def _finish_passed(p: Params) -> str:
    return _("The finish of %(finish)s passed %(days)s ago and the project has not finished.") % {
        "finish": _on(p["finish"]),
        "days": _days(p["days"]),
    }


def _amounts(measures: list[str]) -> str:
    return ", ".join(str(MoneyMeasure(measure).label).lower() for measure in measures)


def _amount_unknown(p: Params) -> str:
    withheld = [measure for measure in p["missing"] if measure in p["withheld"]]
    unknown = [measure for measure in p["missing"] if measure not in p["withheld"]]
    said = []
    if unknown:
        said.append(_("Not known: %(amounts)s.") % {"amounts": _amounts(unknown)})
    if withheld:
        said.append(_("Withheld: %(amounts)s.") % {"amounts": _amounts(withheld)})
    if not said and p["is_started"] is None:
        return _("Nobody has said whether the project has started, so its spending cannot be judged.")
    return " ".join(said) or _("The amounts cannot be compared, because one of them is zero.")


def _forecast_over_baseline(p: Params) -> str:
    text = _(
        "The forecast of %(forecast)s is %(percent)s %% over the baseline of %(baseline)s (tolerance %(tolerance)s %%)."
    )
    return text % {
        "forecast": _money(p, "forecast"),
        "percent": _number(p["percent"]),
        "baseline": _money(p, "baseline"),
        "tolerance": _number(p["tolerance"]),
    }


def _spent_over_baseline(p: Params) -> str:
    return _("%(actual)s is spent, %(percent)s %% over the baseline of %(baseline)s (tolerance %(tolerance)s %%).") % {
        "actual": _money(p, "actual"),
        "percent": _number(p["percent"]),
        "baseline": _money(p, "baseline"),
        "tolerance": _number(p["tolerance"]),
    }


def _spent_over_forecast(p: Params) -> str:
    return _("%(actual)s is spent, %(percent)s %% of the whole forecast of %(forecast)s.") % {
        "actual": _money(p, "actual"),
        "percent": _number(p["percent"]),
        "forecast": _money(p, "forecast"),
    }


def _spent_ahead(p: Params) -> str:
    return _("%(spent)s %% of the forecast is spent in %(elapsed)s %% of the time.") % {
        "spent": _number(p["spent"]),
        "elapsed": _number(p["elapsed"]),
    }


def _exposure(p: Params) -> str:
    worst = _("The worst open risk scores %(top)d of 25: %(title)s.") % {"top": p["top"], "title": p["title"] or "-"}
    if (p["high"] or 0) < 2:  # noqa: PLR2004 — the sum of one says nothing new
        return worst
    return f"{worst} " + _("%(high)d high risks add up to %(exposure)d.") % {
        "high": p["high"],
        "exposure": p["exposure"],
    }


def _blockers(p: Params) -> str:
    text = ngettext(
        "%(count)d blocker is open, for %(days)s: %(title)s.",
        "%(count)d blockers are open, the oldest for %(days)s: %(title)s.",
        p["count"],
    )
    return text % {"count": p["count"], "days": _days(p["days"]), "title": p["title"] or "-"}


def _age(p: Params) -> str:
    return _("The last update is %(days)s old; one is wanted every %(cadence)s.") % {
        "days": _days(p["days"]),
        "cadence": _days(p["cadence"]),
    }


def _stale(p: Params) -> str:
    return _("The last update is of %(on)s, %(days)s ago; by now nobody can tell (wanted every %(cadence)s).") % {
        "on": _on(p["on"]),
        "days": _days(p["days"]),
        "cadence": _days(p["cadence"]),
    }


def _floor(p: Params) -> str:
    if p["floor"] == Colour.RED:
        return _("At least one part is off track for certain.")
    return _("It is at least amber; what is unknown could make it red.")


def _gap(p: Params) -> str:
    return _("The lead declares “%(declared)s”, the facts say “%(computed)s”.") % {
        "declared": Colour(p["declared"]).label,
        "computed": Colour(p["computed"]).label,
    }


SENTENCES: Final[dict[str, Callable[[Params], str]]] = {
    "schedule.milestones_overdue": _milestones_overdue,
    "schedule.milestones_undated": _milestones_undated,
    "schedule.milestones_unknown": lambda _p: _("The milestones are not known."),
    "schedule.no_milestones": lambda _p: _("There are no milestones, so nobody can tell whether one is late."),
    "schedule.finish_slipped": _finish_slipped,
    "schedule.finish_unknown": _finish_unknown,
    "schedule.finish_moved": _finish_moved,
    "schedule.move_unknown": lambda _p: _("The forecast finish cannot be compared with the snapshot before."),
    "schedule.finish_passed": _finish_passed,
    "schedule.end_unknown": lambda _p: _("Nobody has said when the project is expected to finish."),
    "cost.amount_unknown": _amount_unknown,
    "cost.forecast_over_baseline": _forecast_over_baseline,
    "cost.spent_over_baseline": _spent_over_baseline,
    "cost.spent_over_forecast": _spent_over_forecast,
    "cost.spent_ahead_of_time": _spent_ahead,
    "cost.time_unknown": lambda _p: _("The spending cannot be held against time: start or finish is not known."),
    "risk.unknown": lambda _p: _("The risks are not known."),
    "risk.none_registered": lambda _p: _("No risk was ever registered, which is not the same as no risk."),
    "risk.exposure": _exposure,
    "risk.blockers": _blockers,
    "risk.blockers_unknown": lambda _p: _("The blockers are not known."),
    "freshness.unknown": lambda _p: _("It is not known whether the project runs."),
    "freshness.never": lambda _p: _("There has never been a status update."),
    "freshness.age": _age,
    "freshness.stale": _stale,
    "floor": _floor,
    "declared.gap": _gap,
}

NOTES: Final = {"floor", "declared.gap"}
"""Codes of signals that colour nothing."""

__all__ = ["NOTES", "OVERALL", "SENTENCES", "Link", "links", "sentence"]
