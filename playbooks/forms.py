"""The forms of the playbook pages. A draft is one form of phases, each with its own rows of milestones."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from common.forms import PortalForm
from playbooks.selectors import DeliverableOutline, MilestoneOutline, PhaseOutline
from strategy.enums import ACCOUNTABLE, Letter, Post
from strategy.raci.cells import two_accountable

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


def _part(post: Post) -> forms.ChoiceField:
    choices = [("", "–"), *((one.value, one.value.replace("AR", "A/R")) for one in Letter)]
    return forms.ChoiceField(label=post.label, choices=choices, required=False)


class DeliverableForm(PortalForm):
    """A deliverable with its RACI by role: exactly one of the four should answer for it."""

    name = forms.CharField(
        label=_("Deliverable"), max_length=200, error_messages={"required": _("Give the deliverable a name.")}
    )
    day = forms.IntegerField(
        label=_("Day of the phase"),
        min_value=1,
        max_value=LONGEST,
        error_messages={"required": _("Say on which day of the phase it is due.")},
    )
    acceptance = forms.CharField(label=_("Accepted when"), max_length=5_000, required=False)
    lead, sponsor, budget_owner, pmo = _part(Post.LEAD), _part(Post.SPONSOR), _part(Post.BUDGET_OWNER), _part(Post.PMO)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for post in Post:
            self.fields[post.value].label = post.label  # four in a row are optional; saying so each time is noise

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if sum(data.get(post) in ACCOUNTABLE for post in Post.values) > 1:
            self.add_error("lead", two_accountable(data.get("name", "")))
        return data

    def outline(self) -> DeliverableOutline:
        data = self.cleaned_data
        letters = tuple((post, data[post]) for post in Post.values if data[post])
        return DeliverableOutline(data["name"].strip(), data["day"] - 1, data["acceptance"].strip(), letters)


DeliverableRows = formset_factory(
    DeliverableForm, extra=1, can_delete=True, max_num=MOST_MILESTONES, absolute_max=MOST_MILESTONES + 5
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
        made = self.initial.get("deliverables", [])
        self.deliverables = DeliverableRows(data, prefix=f"{self.prefix}-deliverables", initial=made)

    def has_changed(self) -> bool:
        below = (self.milestones, self.deliverables)
        return super().has_changed() or (self.is_bound and any(rows.has_changed() for rows in below))

    def full_clean(self) -> None:
        super().full_clean()
        is_empty = self.empty_permitted and not self.has_changed()
        if not self.is_bound or is_empty:
            return
        if not self.milestones.is_valid():
            self.add_error(None, _("Something is wrong with a milestone of this phase; see below."))
        if not self.deliverables.is_valid():
            self.add_error(None, _("Something is wrong with a deliverable of this phase; see below."))
        self._check_days()

    def _check_days(self) -> None:
        days = self.cleaned_data.get("days")
        for row in (*_kept(self.milestones), *_kept(self.deliverables)):
            day = row.cleaned_data.get("day") if row.is_valid() else None
            if days and day and day > days:
                row.add_error("day", _("The phase has only %(days)s days.") % {"days": days})
                self.add_error(None, _("Something falls after the end of its phase; see below."))

    def outline(self) -> PhaseOutline:
        """The phase as plain values, its milestones and deliverables by day."""
        milestones = sorted((row.outline() for row in _kept(self.milestones)), key=lambda item: item.day)
        made = sorted((row.outline() for row in _kept(self.deliverables)), key=lambda item: item.day)
        name, days = self.cleaned_data["name"].strip(), self.cleaned_data["days"]
        return PhaseOutline(name, days, tuple(milestones), tuple(made))


def _kept(rows: Any) -> list[Any]:
    """The rows that hold something: not left empty, not ticked away."""
    gone = rows.deleted_forms if rows.is_valid() else []
    return [row for row in rows.forms if row not in gone and (row.initial or row.has_changed())]


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
            for part in (form, *form.milestones.forms, *form.deliverables.forms):
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
            "deliverables": [
                {"name": item.name, "day": item.day + 1, "acceptance": item.acceptance, **dict(item.letters)}
                for item in phase.deliverables
            ],
        }
        for phase in outline
    ]
