"""What the pages of the form show beside their fields: progress, and all answers in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from common import formats
from intake.completeness import Step, missing_on

if TYPE_CHECKING:
    from decimal import Decimal

    from intake.models import Request


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the form with its answers as (label, value) rows; `href` leads back to it."""

    title: str
    rows: list[tuple[str, str]]
    href: str = ""
    is_complete: bool = True


def progress_of(pitch: Request | None, current: Step | None) -> list[dict[str, Any]]:
    """The pages with their state, for the list beside the form; `current` None is the check page."""
    items = []
    for step in Step:
        is_done = pitch is not None and not missing_on(pitch, step) and step != current
        state = "busy" if step == current else "done" if is_done else "todo" if pitch else "locked"
        href = reverse("request-edit", args=[pitch.key, step.value]) if pitch else ""
        items.append({"label": step.label, "state": state, "href": href, "current": step == current})
    href = reverse("request-check", args=[pitch.key]) if pitch else ""
    is_here = pitch is not None and current is None
    state = "busy" if is_here else "locked" if pitch is None else "todo"
    items.append({"label": _("Check and hand in"), "state": state, "href": href, "current": is_here})
    return items


def summary_of(pitch: Request, *, with_links: bool = False) -> list[Section]:
    """All answers in words, page by page. No query when the related rows are loaded."""
    rows = {Step.IDEA: _idea(pitch), Step.VALUE: _value(pitch), Step.SIZE: _size(pitch)}
    return [
        Section(
            str(step.label),
            rows[step],
            f"{reverse('request-edit', args=[pitch.key, step.value])}?back=1" if with_links else "",
            not missing_on(pitch, step),
        )
        for step in Step
    ]


def _idea(pitch: Request) -> list[tuple[str, str]]:
    return [
        (_("Name"), pitch.title),
        (_("Problem or chance"), pitch.problem or _missing()),
        (_("Better afterwards"), pitch.wanted_result or _missing()),
    ]


def _value(pitch: Request) -> list[tuple[str, str]]:
    return [
        (_("Goal"), str(pitch.goal or _("None, or not sure"))),
        (_("Brings in a year"), _amount(pitch, pitch.yearly_benefit, is_unknown=pitch.benefit_is_unknown)),
        (_("Required by law or regulator"), _("Yes") if pitch.is_mandatory else _("No")),
        (_("Needed by"), formats.date_short(pitch.wanted_by) if pitch.wanted_by else _("No date")),
    ]


def _size(pitch: Request) -> list[tuple[str, str]]:
    return [
        (_("For"), str(pitch.org_unit or _missing())),
        (_("May cost"), _amount(pitch, pitch.budget, is_unknown=pitch.budget_is_unknown)),
        (_("Proposed sponsor"), str(pitch.proposed_sponsor or _("Nobody yet"))),
        (_("Proposed lead"), str(pitch.proposed_lead or _("Nobody yet"))),
        (_("Proposed benefits owner"), str(pitch.proposed_benefits_owner or _("Nobody yet"))),
    ]


def _amount(pitch: Request, amount: Decimal | None, *, is_unknown: bool) -> str:
    if amount is not None:
        return formats.money(amount, pitch.currency)
    return _("Not known yet") if is_unknown else _missing()


def _missing() -> str:
    return _("Not answered yet")


def proposal_of(pitch: Request) -> list[tuple[str, str]]:
    """What triage proposes, in words."""
    return [
        (_("Portfolio"), str(pitch.portfolio or "")),
        (_("Playbook"), str(pitch.playbook or "")),
        (_("Project lead"), str(pitch.proposed_lead or "")),
        (_("Sponsor"), str(pitch.proposed_sponsor or "")),
        (_("Start"), formats.date_short(pitch.start_on) if pitch.start_on else ""),
    ]
