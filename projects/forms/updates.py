from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.selectors import pickable_people
from common.forms import PortalForm
from common.ui.cells import status_badge
from common.ui.status import status_of
from projects.enums import ColourScale
from projects.services.updates import DIMENSIONS, AskData

if TYPE_CHECKING:
    from projects.models import Update

_TEXT = {"rows": 4}


class UpdateForm(PortalForm):
    """The three questions and the colours of one week, on the portfolio's scale."""

    declared = forms.ChoiceField(
        label=_("How is the project?"), required=False, widget=forms.RadioSelect(attrs={"class": "form-check-input"})
    )
    schedule = forms.ChoiceField(label=_("Schedule"), required=False)
    cost = forms.ChoiceField(label=_("Cost"), required=False)
    scope = forms.ChoiceField(label=_("Scope"), required=False)
    risk = forms.ChoiceField(label=_("Risk"), required=False)
    rationale = forms.CharField(
        label=_("Why are you more confident than the facts?"),
        help_text=_("Only needed when you declare better than the portal computes. Readers see it."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    accomplished = forms.CharField(label=_("What happened?"), required=False, widget=forms.Textarea(attrs=_TEXT))
    next_steps = forms.CharField(label=_("What will happen?"), required=False, widget=forms.Textarea(attrs=_TEXT))
    asks_text = forms.CharField(widget=forms.HiddenInput, required=False)
    ask = forms.CharField(label=_("What do you need?"), required=False, max_length=300)
    asked_of = forms.ModelChoiceField(
        label=_("From whom?"), queryset=User.objects.none(), required=False, empty_label=_("Whoever reads this")
    )
    needed_by = forms.DateField(label=_("By when?"), required=False)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, scale: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colours = [(str(colour), status_of(colour).word) for colour in ColourScale(scale).colours]
        self._choices("declared", [(value, status_badge(value)) for value, _word in colours])
        for name in DIMENSIONS:
            self._choices(name, [("", _("Not said")), *colours])
        people = self.fields["asked_of"]
        assert isinstance(people, forms.ModelChoiceField)  # noqa: S101 — narrows the type
        people.queryset = pickable_people()
        for name in ("declared", *DIMENSIONS, "accomplished", "next_steps"):
            self.fields[name].label = self.base_fields[name].label  # what may stay empty needs no word here

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — narrows the type
        field.choices = choices

    def dimensions(self, previous: Update | None) -> list[tuple[forms.BoundField, str]]:
        """The fields of the dimensions, each with the word of the previous update ("" when none was said)."""
        return [(self[name], _word(getattr(previous, name, ""))) for name in DIMENSIONS]

    def content(self) -> dict[str, Any]:
        """What goes into the update."""
        names = ("declared", *DIMENSIONS, "rationale", "accomplished", "next_steps")
        return {**{name: self.cleaned_data[name] for name in names}, "asks_text": self.cleaned_data["ask"]}

    def asks(self) -> list[AskData]:
        data = self.cleaned_data
        return [AskData(data["ask"], data["asked_of"], data["needed_by"])] if data["ask"].strip() else []

    @property
    def sent_token(self) -> uuid.UUID:
        return self.cleaned_data["token"] or uuid.uuid4()


def _word(colour: str) -> str:
    return str(status_of(colour).word) if colour else ""


def initial_from(update: Update | None) -> dict[str, Any]:
    """The fields of the form for an update or a draft."""
    if update is None:
        return {}
    names = ("declared", *DIMENSIONS, "rationale", "accomplished", "next_steps")
    return {**{name: getattr(update, name) for name in names}, "ask": update.asks_text}


class AnswerForm(PortalForm):
    answer = forms.CharField(label=_("Your answer"), widget=forms.Textarea(attrs={"rows": 4}))
