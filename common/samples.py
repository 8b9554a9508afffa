# ruff: noqa: E501, PLR2004, RUF001  (sample data reads best as one row per line)
"""What the gallery of components shows: made-up projects, their charts and their lists."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.utils import timezone

from common.forms import MoneyField, PortalForm
from common.svg import bars, lines, matrix, plan, roadmap
from common.ui import cells, tables

TODAY: Final = dt.date(2026, 11, 22)
HREF: Final = "#"


class SampleForm(PortalForm):
    """A form with one of each kind of field."""

    title = forms.CharField(label="Title", help_text="What would you call it in the corridor?")
    goal = forms.ChoiceField(
        label="Which goal does this help most?",
        choices=[("energy", "Energy transition"), ("customer", "Customer"), ("order", "House in order")],
        widget=forms.RadioSelect,
    )
    benefit = MoneyField(label="What does it bring in per year?", help_text="Money only. For example 480,000 or 480k.")
    needed_on = forms.DateField(label="Needed on", required=False)
    phase = forms.ChoiceField(label="Phase", choices=[("", "Choose…"), ("build", "Build")])
    notes = forms.CharField(label="Notes", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    legal = forms.BooleanField(label="A law or regulator asks for it", required=False)


def projects() -> list[tables.Row]:
    facts = [
        ("Smart meters phase 2", "P-2041 · Sanne de Wit", "red", "gggaar", "radr", 4_900_000, 16.4, "G4 Delivery", 3),
        ("Customer portal renewal", "P-2037 · Tim Bakker", "amber", "ggaaaa", "agaa", 1_910_000, 3.0, "G3 Build ready", 2),
        ("HR system migration", "P-2029 · Joris Mulder", "amber", "ggggaa", "grga", 1_200_000, 23.5, "G4 Delivery", 9),
        ("Charging for business", "P-2055 · Daan Peters", "on_hold", "ggahhh", "hgga", 1_100_000, 0, "G2 Plan agreed", 21),
        ("Asset data quality", "P-2052 · Farah El Idrissi", "green", "gggggg", "gggg", 618_000, -3.4, "G2 Plan agreed", 6),
        ("Offshore wind connection", "P-2060 · Noor Hendriks", "grey", "", "u?gg", None, None, "G1 Mandate", 1),
    ]  # fmt: skip
    letter = {"g": "green", "a": "amber", "r": "red", "h": "on_hold", "d": "amber_red"}
    names = ("Schedule", "Budget", "Scope", "Risk")
    rows = []
    for title, sub, colour, trend, dims, forecast, gap, gate, age in facts:
        dots = [cells.status_dot(letter.get(c, "grey"), name) for c, name in zip(dims, names, strict=True)]
        row = [
            cells.title_cell(title, "#", sub),
            cells.status_badge(colour),
            cells.trend_bars(letter.get(c) for c in trend),
            *dots,
            cells.money(forecast, "EUR", compact=True),
            cells.delta(gap, alarm=10),
            cells.lines(gate, "12 Feb 2027"),
            cells.date_ago(timezone.now() - dt.timedelta(days=age), stale_days=7),
        ]
        rows.append(tables.Row(row, key=sub[:6], name=title))
    return rows


def columns() -> list[tables.Column]:
    middle = [tables.Column(name, "center") for name in ("Schedule", "Budget", "Scope", "Risk")]
    return [
        tables.Column("Project", sort="name"),
        tables.Column("Status", sort="status"),
        tables.Column("Trend"),
        *middle,
        tables.Column("Forecast", "end", sort="forecast"),
        tables.Column("Difference", "end", sort="variance"),
        tables.Column("Next gate"),
        tables.Column("Update", "end"),
    ]


def _periods() -> list[bars.Period]:
    months = ["Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]
    green = [15, 15, 16, 17, 16, 17, 18, 18, 17, 17, 17, 18]
    return [
        bars.Period(month, {"green": g, "amber": 4 + i % 3, "red": 1 + (i > 5), "grey": i == 0})
        for i, (month, g) in enumerate(zip(months, green, strict=True))
    ]


def _roadmap() -> list[roadmap.Bar]:
    day = dt.date
    mark = roadmap.Mark
    return [
        roadmap.Bar("Smart meters phase 2", day(2026, 7, 1), day(2027, 2, 28), "red", 54, "#", "Energy transition",
                    [mark(day(2026, 9, 13), "G3", passed=True), mark(day(2027, 2, 12), "G4")]),
        roadmap.Bar("Offshore wind connection", day(2026, 10, 1), day(2027, 6, 28), "green", 8, "#", "Energy transition",
                    [mark(day(2026, 12, 11), "G1"), mark(day(2027, 3, 1), "G2")]),
        roadmap.Bar("Customer portal renewal", day(2026, 7, 1), day(2027, 3, 31), "amber", 44, "#", "Customer",
                    [mark(day(2026, 12, 18), "G3")],
                    [roadmap.Phase("Design", day(2026, 7, 1), day(2026, 9, 1)), roadmap.Phase("Build", day(2026, 9, 1), day(2027, 1, 15)),
                     roadmap.Phase("Roll-out", day(2027, 1, 15), day(2027, 3, 31))]),
        roadmap.Bar("SAP to the cloud", None, None, "grey", None, "#", "House in order"),
    ]  # fmt: skip


def _plan() -> list[plan.PlanRow]:
    day = dt.date
    row = plan.PlanRow
    return [
        row("1", "Phase 1 · Design", day(2026, 4, 1), day(2026, 6, 26), "phase"),
        row("2", "Journeys and wireframes", day(2026, 4, 1), day(2026, 5, 15), progress=100, level=1, owner="IK", href="#",
            baseline_start=day(2026, 4, 1), baseline_end=day(2026, 5, 8)),
        row("3", "Architecture and security", day(2026, 4, 20), day(2026, 6, 12), progress=100, level=1, owner="EW", href="#"),
        row("4", "G2 Plan agreed", day(2026, 6, 26), day(2026, 6, 26), "milestone", 100, 1, day(2026, 6, 19), day(2026, 6, 19), after=["3"]),
        row("5", "Phase 2 · Build", day(2026, 7, 1), day(2026, 12, 18), "phase"),
        row("6", "Sign-in and mandates", day(2026, 7, 1), day(2026, 9, 4), progress=100, level=1, owner="TB", href="#", after=["4"],
            baseline_start=day(2026, 7, 1), baseline_end=day(2026, 8, 28)),
        row("7", "Invoices and payments", day(2026, 9, 21), day(2026, 12, 4), progress=62, level=1, owner="TB", href="#", critical=True,
            after=["6"], baseline_start=day(2026, 9, 21), baseline_end=day(2026, 11, 13)),
        row("8", "G3 Build ready", day(2026, 12, 18), day(2026, 12, 18), "milestone", 0, 1, day(2026, 11, 27), day(2026, 11, 27), critical=True, after=["7"]),
        row("9", "Pilot with 2,000 customers", None, None, level=1, owner="SV"),
    ]  # fmt: skip


def charts() -> dict[str, Any]:
    periods, road, rows = _periods(), _roadmap(), _plan()
    bullets = [
        bars.Bullet("Energy transition", 12.7, 5.2, 13.4, "€13.4m", "+5.4%"),
        bars.Bullet("Customer", 3.4, 1.9, 3.5, "€3.5m", "+2.4%"),
        bars.Bullet("People & safety", 0.86, 0.4, 0.81, "€815k", "−5.2%"),
    ]
    labels = ["Q1", "Q2", "Q3", "Q4", "Q1 27", "Q2 27"]
    burn = [
        lines.Series("Plan", [1e6, 4e6, 8e6, 12e6, 16e6, 19e6], "hold", "dash"),
        lines.Series("Spent", [0.8e6, 3.1e6, 8.4e6, 13.1e6, None, None], "accent", "area"),
        lines.Series("Forecast", [None, None, None, 13.1e6, 18e6, 22e6], "risk", "dash"),
    ]
    counts = {(5, 4): 2, (4, 4): 1, (3, 3): 3, (2, 5): 1, (1, 1): 4}
    places = [
        matrix.Bubble("Smart meters phase 2", 7.8, 8.6, 0.7, "red", "#"),
        matrix.Bubble("Customer portal renewal", 5.2, 7.4, 0.4, "amber", "#"),
        matrix.Bubble("Asset data quality", 2.4, 6.3, 0.1, "green", "#"),
    ]
    shares = [bars.Share("green", 18), bars.Share("amber", 4), bars.Share("red", 2)]
    return {
        "health": bars.health_bar(shares, "Health of 24 projects"),
        "stack": bars.stacked_bars(periods, "Health, 12 months"),
        "stack_table": bars.stacked_bars_table(periods),
        "bullets": bars.bullet_bars(bullets, "Budget per goal"),
        "bullets_table": bars.bullet_table(bullets),
        "burn": lines.line_chart(labels, burn, "Spending against plan", now=3),
        "burn_table": lines.line_table(labels, burn),
        "matrix": matrix.risk_matrix(counts, "Open risks", hrefs={(5, 4): "#"}),
        "matrix_table": matrix.risk_matrix_table(counts),
        "bubbles": matrix.bubbles(places, "Value against risk", "risk", "value"),
        "bubbles_table": matrix.bubbles_table(places, "Risk", "Value"),
        "roadmap": roadmap.roadmap(road, "Roadmap", TODAY),
        "roadmap_table": roadmap.roadmap_table(road),
        "plan": plan.plan_strip(rows, "Plan", TODAY),
        "plan_table": plan.plan_table(rows),
        "plan_words": plan.legend_words(),
    }


HEAT: Final = [("92%", "hold"), ("104%", "risk"), ("118%", "off"), ("70%", "ok"), ("96%", "hold"), ("—", "hold")]

LISTS: Final[dict[str, Any]] = {
    "crumbs": [("Portfolio", HREF), ("Whole of Duinstroom", "")],
    "tabs": [
        {"label": "Overview", "href": HREF, "active": True},
        {"label": "Plan", "href": HREF},
        {"label": "RAID", "href": HREF, "count": 14},
    ],
    "chips": [
        {"label": "Status: Off track, At risk", "href": HREF, "remove": True},
        {"label": "My goals", "href": HREF},
        {"label": "Gate within 30 days", "href": HREF, "active": True},
    ],
    "facts": [
        ("Sponsor", "L. Visser"),
        ("Project lead", "Tim Bakker"),
        ("Score at intake", "7.4", HREF, "score at intake"),
    ],
    "tasks": [
        {"label": "The idea", "href": HREF, "state": "done"},
        {"label": "Value and urgency", "href": HREF, "state": "busy", "current": True},
        {"label": "Size", "href": HREF, "state": "todo"},
        {"label": "Check and submit", "state": "locked", "hint": "Opens when the rest is done"},
    ],
    "todos": [
        {"icon": "edit", "tone": "off", "title": "Status update Customer portal", "href": HREF, "verb": "Write", "text": "Proposal ready: At risk · 5 changes since 13 Nov", "due": "today"},
        {"icon": "alert-triangle", "tone": "risk", "title": "Risk R-88 has no response", "href": HREF, "verb": "Add", "text": "Too few testers in January · score 20", "due": "26 Nov"},
    ],
    "gates": [
        {"label": "G1 Mandate", "sub": "12 Feb · go", "state": "passed", "href": HREF},
        {"label": "G2 Plan agreed", "sub": "26 Jun · conditions", "state": "conditional", "href": HREF},
        {"label": "G3 Build ready", "sub": "18 Dec · in 26 days", "state": "next", "href": HREF},
        {"label": "G4 Delivery", "sub": "31 Mar 2027", "state": "planned", "href": HREF},
    ],
    "steps": ["Submitted", "Checked", "Assessed", "Decided"],
    "diff": [
        ("End", "31 Mar 2027", "21 Apr 2027"),
        ("Budget", "€1,850,000", "€1,910,000"),
        ("Owner", "", "Tim Bakker"),
    ],
}  # fmt: skip
"""What the components of lists are given, by the name in the template."""
