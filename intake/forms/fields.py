"""Suggestions for the fields that name a person."""

from __future__ import annotations

from django import forms

from accounts.enums import RoleName
from accounts.forms import PersonInput
from intake.selectors.lists import people_to_offer


def offer_people(form: forms.Form) -> None:
    """Suggest those who hold the role below the two fields that ask for a lead and a sponsor."""
    roles = (("proposed_lead", RoleName.PROJECT_LEAD), ("proposed_sponsor", RoleName.SPONSOR))
    for name, role in roles:
        widget = form.fields[name].widget
        assert isinstance(widget, PersonInput)  # noqa: S101 — narrows the type
        widget.offered = people_to_offer(role)
