"""The forms of the playbook pages. A draft is one form of phases, each with its own rows of milestones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from common.forms import PortalForm
from playbooks.selectors import MilestoneOutline, PhaseOutline

LONGEST = 30_000
MOST_PHASES = 30
MOST_MILESTONES = 60


class PlaybookForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    summary = forms.CharField(
        label=_("When to use it"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NoteForm(PortalForm):
    """What stands above the phases of a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("What changed in this version"), max_length=300, required=False)


class MilestoneForm(PortalForm):
    name = forms.CharField(
        label=_("Milestone"), max_length=160, error_messages={"required": _("Give the milestone a name.")}
    )
    day = forms.IntegerField(
        label=_("Day of the phase"),
        min_value=1,
        max_value=LONGEST,
        error_messages={"required": _("Say on which day of the phase it falls.")},
    )
    is_gate = forms.BooleanField(label=_("Gate"), required=False)

    def outline(self) -> MilestoneOutline:
        """The milestone as plain values; a gate keeps the criteria that it had when the form was opened."""
        cleaned = self.cleaned_data
        criteria = self.initial.get("criteria", ()) if cleaned["is_gate"] else ()
        return MilestoneOutline(cleaned["name"].strip(), cleaned["day"] - 1, cleaned["is_gate"], criteria)


MilestoneRows = formset_factory(
    MilestoneForm, extra=2, can_delete=True, max_num=MOST_MILESTONES, absolute_max=MOST_MILESTONES + 5
)


class PhaseForm(PortalForm):
    name = forms.CharField(label=_("Phase"), max_length=80, error_messages={"required": _("Give the phase a name.")})
    days = forms.IntegerField(
        label=_("Length in days"),
        min_value=1,
        max_value=LONGEST,
        error_messages={"required": _("Say how many days the phase takes.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        initial = self.initial.get("milestones", [])
        data = self.data if self.is_bound else None
        self.milestones = MilestoneRows(data, prefix=f"{self.prefix}-milestones", initial=initial)

    def has_changed(self) -> bool:
        return super().has_changed() or (self.is_bound and self.milestones.has_changed())

    def full_clean(self) -> None:
        super().full_clean()
        is_empty = self.empty_permitted and not self.has_changed()
        if not self.is_bound or is_empty:
            return
        if not self.milestones.is_valid():
            self.add_error(None, _("Something is wrong with a milestone of this phase; see below."))
        self._check_days()

    def _check_days(self) -> None:
        days = self.cleaned_data.get("days")
        for row in self._kept():
            day = row.cleaned_data.get("day") if row.is_valid() else None
            if days and day and day > days:
                row.add_error("day", _("The phase has only %(days)s days.") % {"days": days})
                self.add_error(None, _("A milestone falls after the end of its phase; see below."))

    def _kept(self) -> list[MilestoneForm]:
        """The rows that hold a milestone: not left empty, not ticked away."""
        gone = self.milestones.deleted_forms if self.milestones.is_valid() else []
        return [row for row in self.milestones.forms if row not in gone and (row.initial or row.has_changed())]

    def outline(self) -> PhaseOutline:
        """The phase as plain values, its milestones by day."""
        rows = sorted((row.outline() for row in self._kept()), key=lambda item: item.day)
        return PhaseOutline(self.cleaned_data["name"].strip(), self.cleaned_data["days"], tuple(rows))


class BasePhaseRows(BaseFormSet[PhaseForm]):
    """All phases of a draft, in the order of their numbers."""

    ordered_forms: list[PhaseForm]

    def add_fields(self, form: PhaseForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = _("Place")
        form.fields["DELETE"].label = _("Take this phase out")

    def outline(self) -> list[PhaseOutline]:
        """What the draft shall hold: without the rows that were ticked away or left empty."""
        return [form.outline() for form in self.ordered_forms]

    def first_wrong(self) -> list[tuple[str, str]]:
        """(id of a field, what is wrong with it) for the summary above the form."""
        found = []
        for form in self.forms:
            for part in (form, *form.milestones.forms):
                found += [
                    (part[name].id_for_label, str(message))
                    for name, messages in part.errors.items()
                    if name in part.fields
                    for message in messages
                ]
        return found


PhaseRows = formset_factory(
    PhaseForm,
    formset=BasePhaseRows,
    extra=1,
    can_delete=True,
    can_order=True,
    max_num=MOST_PHASES,
    absolute_max=MOST_PHASES + 5,
)


def rows_of(outline: tuple[PhaseOutline, ...]) -> list[dict[str, Any]]:
    """An outline as the initial values of the rows; people count days from 1."""
    return [
        {
            "name": phase.name,
            "days": phase.days,
            "milestones": [
                {"name": item.name, "day": item.day + 1, "is_gate": item.is_gate, "criteria": item.criteria}
                for item in phase.milestones
            ],
        }
        for phase in outline
    ]
