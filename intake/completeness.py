"""The three pages of the form and what each must hold before a request can be handed in. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from intake.models import Request


class Step(models.TextChoices):
    """The pages of the form, in their order."""

    IDEA = "idea", _("The idea")
    VALUE = "value", _("Value and urgency")
    SIZE = "size", _("Size and people")


def next_step(step: Step) -> Step | None:
    """The page after this one; None after the last."""
    steps = list(Step)
    at = steps.index(step) + 1
    return steps[at] if at < len(steps) else None


def missing_on(pitch: Request, step: Step) -> list[str]:
    """Names of the fields on this page that must still be answered."""
    if step == Step.IDEA:
        return [name for name in ("title", "problem", "wanted_result") if not getattr(pitch, name).strip()]
    if step == Step.VALUE:
        benefit = [] if pitch.yearly_benefit is not None or pitch.benefit_is_unknown else ["yearly_benefit"]
        return benefit + (["wanted_by"] if pitch.is_mandatory and pitch.wanted_by is None else [])
    budget = [] if pitch.budget is not None or pitch.budget_is_unknown else ["budget"]
    return budget + (["org_unit"] if pitch.org_unit_id is None else [])


def missing_answers(pitch: Request) -> list[str]:
    """Names of all fields that must still be answered; empty when the request can be handed in."""
    return [name for step in Step for name in missing_on(pitch, step)]
