"""The sections of a weekly report: each turns a part of the content into a titled table in the active language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from common import formats
from common.ui.status import status_of
from projects.enums import Colour, Dimension, MoneyMeasure, Severity
from projects.health.sentences import sentence
from reporting.weekly import words
from reporting.weekly.document import Cell, Section

Content = Mapping[str, Any]
Row = tuple[Cell, ...]


def sections(content: Content) -> tuple[Section, ...]:
    """All sections in the order of reading: what changed, who needs help, what is due, what is asked, coverage."""
    return tuple(make(content) for make in _MAKERS)


def project_href(pk: int) -> str:
    """The path of a project's page."""
    return _href("project", f"P-{pk}")


def _href(name: str, *args: Any) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _list_href(content: Content, **more: str) -> str:
    path = _href("project-list")
    return f"{path}?{urlencode({'portfolio': content['portfolio']['slug'], **more})}" if path else ""


def _project(row: Mapping[str, Any], *lines: str) -> Cell:
    return Cell(row["project_name"], href=project_href(row["project"]), lines=tuple(line for line in lines if line))


def _colour(colour: str, before: str = "") -> Cell:
    return Cell(str(status_of(colour).word), colour=colour or Colour.GREY, before=before if before != colour else "")


def _section(
    key: str,
    title: str,
    head: Iterable[str],
    part: Mapping[str, Any],
    make: Callable[[Any], Row],
    empty: str,
    **more: Any,
) -> Section:
    rows = tuple(make(row) for row in part["rows"])
    return Section(key, title, tuple(head), rows, empty, more=words.more(part["total"], len(rows)), **more)


def health(content: Content) -> Section:
    """How many projects have which colour, computed and declared, against last time."""
    counts, before = content["counts"], content["counts"]["before"]
    counted = [source[kind] for source in (counts, before) if source for kind in ("computed", "declared")]
    used = [colour for colour in words.ORDER if any(each.get(colour) for each in counted)]
    head = (
        _("Status"),
        _("Computed by the portal"),
        _("Since last time"),
        _("Declared by the leads"),
        _("Since last time"),
    )
    rows = []
    for colour in used:
        cells = [_colour(colour)]
        for kind in ("computed", "declared"):
            now = counts[kind].get(colour, 0)
            then = before[kind].get(colour, 0) if before else None
            cells += [Cell(formats.number(now), end=True), Cell(words.difference(now, then), end=True)]
        rows.append(tuple(cells))
    return Section("health", _("Health"), head, tuple(rows), _("There are no projects."))


def moves(kind: str, title: str, empty: str, content: Content) -> Section:
    """Projects whose colour moved, with the signals that are the reason."""

    def row(entry: Mapping[str, Any]) -> Row:
        causes = [sentence(signal) for signal in entry["causes"]]
        gone = [_("No longer: %(reason)s") % {"reason": sentence(signal)} for signal in entry["gone"]]
        (was_computed, computed), (was_declared, declared) = entry["computed"], entry["declared"]
        reasons = gone + causes if kind == "better" else causes or gone
        if was_computed == computed:
            reasons = [_("The lead declares another colour."), *reasons]
        return (
            _project(entry),
            _colour(computed, was_computed),
            _colour(declared, was_declared),
            Cell(lines=tuple(reasons)),
        )

    head = (_("Project"), _("Computed"), _("Declared"), _("Why"))
    return _section(kind, title, head, content["changes"][kind], row, empty)


def joined(content: Content) -> Section:
    head = (_("Project"), _("Computed"), _("Declared"))

    def row(entry: Mapping[str, Any]) -> Row:
        return _project(entry), _colour(entry["computed"]), _colour(entry["declared"])

    return _section("joined", _("Joined"), head, content["changes"]["joined"], row, _("No project joined."))


def left(content: Content) -> Section:
    head = (_("Project"), _("Last computed"), _("Last declared"))

    def row(entry: Mapping[str, Any]) -> Row:
        return _project(entry), _colour(entry["computed"]), _colour(entry["declared"])

    return _section("left", _("Left or finished"), head, content["changes"]["left"], row, _("No project left."))


def finish(content: Content) -> Section:
    head = (_("Project"), _("Was"), _("Is now"), _("Days"))

    def row(entry: Mapping[str, Any]) -> Row:
        days = Cell(formats.signed(entry["days"]), end=True)
        return _project(entry), Cell(words.date(entry["old"])), Cell(words.date(entry["new"])), days

    return _section("finish", _("Finish moved"), head, content["changes"]["finish"], row, _("No finish date moved."))


def money(content: Content) -> Section:
    head = (_("Project"), _("Forecast was"), _("Is now"), _("Difference"))

    def row(entry: Mapping[str, Any]) -> Row:
        old, new = float(entry["old"]), float(entry["new"])
        change = formats.signed_percent((new - old) / abs(old) * 100) if old else ""
        amounts = (words.amount(entry[name], entry["currency"]) for name in ("old", "new"))
        return _project(entry), *(Cell(text, end=True) for text in amounts), Cell(change, end=True)

    return _section("money", _("Cost forecast moved"), head, content["changes"]["money"], row, _("No forecast moved."))


def projects(content: Content) -> Section:
    """The projects that need attention first, each with its signals as sentences."""
    head = (_("Project"), _("Declared"), _("Computed"), _("Finish"), _("Forecast cost"), _("Signals"))

    def row(entry: Mapping[str, Any]) -> Row:
        reasons = tuple(sentence(signal) for signal in entry["signals"])
        about = " · ".join(part for part in (entry["org_unit_name"], entry["phase_name"]) if part)
        slip = entry["slip_days"]
        late = _("%(days)s days against baseline") % {"days": formats.signed(slip)} if slip else ""
        cost = (
            formats.withheld()
            if "forecast_cost" in entry["withheld"]
            else words.amount(entry["forecast_cost"], entry["currency"])
        )
        finish_on = Cell(words.date(entry["forecast_finish_on"]), lines=(late,) if late else ())
        return (
            _project(entry, about), _colour(entry["declared"]), _colour(entry["computed"]), finish_on,
            Cell(cost, end=True), Cell(lines=reasons),
        )  # fmt: skip

    return _section(
        "projects", _("Projects, the worst first"), head, content["projects"], row, _("There are no projects."),
        more_href=_list_href(content),
    )  # fmt: skip


def milestones(key: str, title: str, empty: str, content: Content) -> Section:
    head = (_("Milestone"), _("Project"), _("Due"), _("Baseline"))

    def row(entry: Mapping[str, Any]) -> Row:
        name = f"◆ {entry['name']}" if entry["is_gate"] else entry["name"]
        baseline = words.date(entry["baseline_on"], _("None"))
        return Cell(name), _project(entry), Cell(words.date(entry["due_on"])), Cell(baseline)

    return _section(key, title, head, content[key], row, empty)


def risks(content: Content) -> Section:
    head = (_("Risk"), _("Project"), _("Score"), _("Owner"), _("What we do about it"))

    def row(entry: Mapping[str, Any]) -> Row:
        score = _("%(score)d (%(probability)d × %(impact)d)") % entry
        return (
            Cell(entry["title"]),
            _project(entry),
            Cell(score, end=True),
            _person(entry["owner"]),
            Cell(entry["response_plan"]),
        )

    return _section("risks", _("Top risks"), head, content["risks"], row, _("No open risks are recorded."))


def blockers(content: Content) -> Section:
    head = (_("Blocker"), _("Project"), _("Open since"), _("Age"), _("Severity"), _("Owner"))
    as_of = words.day(content["week"]["as_of"])

    def row(entry: Mapping[str, Any]) -> Row:
        opened = words.day(entry["opened_on"])
        age = words.age((as_of - opened).days) if as_of and opened else ""
        severity = str(Severity(entry["severity"]).label)
        return (
            Cell(entry["title"]), _project(entry), Cell(words.date(entry["opened_on"])), Cell(age, end=True),
            Cell(severity), _person(entry["owner"]),
        )  # fmt: skip

    return _section("blockers", _("Blockers"), head, content["blockers"], row, _("Nothing stands still."))


def asks(content: Content) -> Section:
    head = (_("What is needed"), _("Project"), _("From whom"), _("Needed by"))

    def row(entry: Mapping[str, Any]) -> Row:
        return Cell(entry["text"]), _project(entry), _person(entry["asked_of"]), _needed(entry)

    return _section("asks", _("Asks"), head, content["asks"], row, _("Nothing is asked."))


def decisions(content: Content) -> Section:
    head = (_("Question"), _("Project"), _("Who decides"), _("Needed by"))

    def row(entry: Mapping[str, Any]) -> Row:
        advice = (_("Recommended: %(text)s") % {"text": entry["recommendation"]},) if entry["recommendation"] else ()
        return Cell(entry["question"], lines=advice), _project(entry), _person(entry["holder"]), _needed(entry)

    return _section("decisions", _("Decisions waiting"), head, content["decisions"], row, _("No decision is waiting."))


def stale(content: Content) -> Section:
    head = (_("Project"), _("Age of the last update"))

    def row(entry: Mapping[str, Any]) -> Row:
        return _project(entry), Cell(words.age(entry["days"]), end=True)

    return _section(
        "stale", _("Without a recent update"), head, content["stale"], row, _("Every project has a recent update."),
        more_href=_list_href(content),
    )  # fmt: skip


def sums(content: Content) -> Section:
    """Each sum with how much of the portfolio it rests on; currencies are never added up."""
    head = (_("Amount"), _("Sum"), _("Known of"), _("Withheld"))
    rows: list[Row] = []
    for measure, currencies in sorted(content["sums"].items(), key=lambda item: MoneyMeasure.values.index(item[0])):
        for currency, entry in sorted(currencies.items()):
            total = words.amount(entry["amount"], currency) if entry["known"] else formats.unknown()
            known = _("%(known)s of %(of)s projects") % {
                "known": formats.number(entry["known"]),
                "of": formats.number(entry["of"]),
            }
            label = str(MoneyMeasure(measure).label)
            rows.append(
                (Cell(label), Cell(total, end=True), Cell(known), Cell(formats.number(entry["withheld"]), end=True))
            )
    return Section("sums", _("Money and its coverage"), head, tuple(rows), _("There are no projects."))


def dimensions(content: Content) -> Section:
    """Computed colours per dimension."""
    counts = content["counts"]["dimensions"]
    used = [colour for colour in words.ORDER if any(row.get(colour) for row in counts.values())]
    head = (_("Dimension"), *(str(status_of(colour).word) for colour in used))
    rows = tuple(
        (
            Cell(str(Dimension(name).label)),
            *(Cell(formats.number(counts[name].get(colour, 0)), end=True) for colour in used),
        )
        for name in Dimension.values
        if name in counts
    )
    return Section("dimensions", _("Computed health by dimension"), head, rows, _("There are no projects."))


def updates(content: Content) -> Section:
    head = (_("Project"), _("As of"), _("Declared"), _("What happened"), _("By"))

    def row(entry: Mapping[str, Any]) -> Row:
        return (
            _project(entry), Cell(words.date(entry["as_of"])), _colour(entry["declared"]), Cell(entry["accomplished"]),
            _person(entry["author"]),
        )  # fmt: skip

    return _section("updates", _("Updates of the week"), head, content["updates"], row, _("No update was published."))


def _person(name: str | None) -> Cell:
    return Cell(name or _("Nobody"))


def _needed(entry: Mapping[str, Any]) -> Cell:
    return Cell(words.date(entry["needed_by"], _("No date")))


def _worse(content: Content) -> Section:
    return moves("worse", _("Got worse"), _("No project got worse."), content)


def _unknown(content: Content) -> Section:
    return moves("unknown", _("No longer known"), _("No colour was lost."), content)


def _better(content: Content) -> Section:
    return moves("better", _("Got better"), _("No project got better."), content)


def _assessed(content: Content) -> Section:
    return moves("assessed", _("Known again"), _("No project was assessed anew."), content)


def _missed(content: Content) -> Section:
    return milestones("milestones_missed", _("Milestones missed"), _("No milestone is late."), content)


def _due(content: Content) -> Section:
    empty = _("No milestone is due in the next 14 days.")
    return milestones("milestones_due", _("Milestones due in the next 14 days"), empty, content)


_MAKERS: Final = (
    health, _worse, _unknown, _better, _assessed, joined, left, finish, money, projects, _missed, _due,
    risks, blockers, asks, decisions, stale, sums, dimensions, updates,
)  # fmt: skip
