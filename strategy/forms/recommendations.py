from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.selectors import pickable_people
from common.forms import OnceForm, PortalForm
from strategy import records
from strategy.enums import ABOUT_KINDS, Priority, RecommendationState, RecordKind
from strategy.models import Assessment
from strategy.selectors.recommendations import Filter, assessments_to_cite
from strategy.services.recommendations import Answer, NewRecommendation

if TYPE_CHECKING:
    from accounts.models import User

LONGEST = 5_000


def _text(label: Any, help_text: Any = "", rows: int = 4, *, required: bool = True) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=help_text, max_length=LONGEST, widget=area, required=required)


class RecommendationForm(OnceForm):
    title = forms.CharField(label=_("Title"), max_length=160, help_text=_("The proposal in one line."))
    about = forms.ChoiceField(label=_("For"), required=False)
    finding = _text(_("Finding"), _("What did you find?"))
    evidence = _text(_("Evidence"), _("What did you see that shows it? Link the records below."))
    links = forms.MultipleChoiceField(
        label=_("Records"), required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Each reader sees those that are open to them."),
    )  # fmt: skip
    proposal = _text(_("Proposal"), _("What should the organisation do?"))
    expected_effect = _text(_("Expected effect"), _("What should be better afterwards, and how will you notice?"), 3)
    priority = forms.TypedChoiceField(
        label=_("Priority"), coerce=int, choices=Priority.choices, initial=Priority.MEDIUM.value
    )
    assessment = forms.ModelChoiceField(
        label=_("Follows from the assessment"), queryset=Assessment.objects.none(), required=False,
        empty_label=_("None"),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        about, links, assessment = (self.fields[name] for name in ("about", "links", "assessment"))
        assert isinstance(about, forms.ChoiceField)  # noqa: S101 — narrows the type
        assert isinstance(links, forms.MultipleChoiceField)  # noqa: S101 — narrows the type
        assert isinstance(assessment, forms.ModelChoiceField)  # noqa: S101 — narrows the type
        groups = records.choices(user, RecordKind.values)
        of_kind = {RecordKind(kind).label for kind in ABOUT_KINDS}
        about.choices = [("", _("The whole organisation")), *(one for one in groups if one[0] in of_kind)]
        links.choices = groups
        assessment.queryset = assessments_to_cite(user)

    def recommendation(self) -> NewRecommendation:
        """What was filled in, as the service takes it."""
        data = self.cleaned_data
        return NewRecommendation(
            title=data["title"], finding=data["finding"], evidence=data["evidence"], proposal=data["proposal"],
            expected_effect=data["expected_effect"], priority=data["priority"],
            about=_ref(data["about"]) if data["about"] else None,
            assessment=data["assessment"].pk if data["assessment"] else None,
            links=[_ref(value) for value in data["links"]],
        )  # fmt: skip


def _ref(value: str) -> records.Ref:
    kind, _colon, pk = value.partition(":")
    return kind, int(pk)


class AnswerForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    state = forms.ChoiceField(
        label=pgettext_lazy("noun", "Answer"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    text = _text(_("Explanation"), _("The adviser reads this. To reject it, say why."), required=False)
    owner = forms.ModelChoiceField(
        label=_("Owner of the plan"), queryset=pickable_people(), required=False, empty_label=_("Nobody yet"),
        help_text=_("Needed for a plan."),
    )  # fmt: skip
    due_on = forms.DateField(label=_("To be done by"), required=False, help_text=_("Needed for a plan."))

    def __init__(self, *args: Any, answers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — narrows the type
        words = {
            RecommendationState.ACCEPTED.value: _("Accept: we agree, a plan follows"),
            RecommendationState.PLANNED.value: _("Plan: somebody does it by a day"),
            RecommendationState.REJECTED.value: _("Reject: we will not do this"),
        }
        field.choices = [(state, words[state]) for state in answers]
        if len(answers) == 1:
            self.initial.setdefault("state", answers[0])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        state = data.get("state")
        if state == RecommendationState.REJECTED and not data.get("text", "").strip():
            self.add_error("text", _("Write why, so that the adviser and later readers understand it."))
        if state == RecommendationState.PLANNED:
            for name, message in (("owner", _("Choose who does it.")), ("due_on", _("Choose the day."))):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, message)
        return data

    def answer(self) -> Answer:
        """What was filled in, as the service takes it."""
        data = self.cleaned_data
        return Answer(state=data["state"], text=data["text"], owner=data["owner"], due_on=data["due_on"])


class NoteForm(PortalForm):
    text = _text(_("How does it go?"), rows=3)


class EffectForm(PortalForm):
    text = _text(_("What came of it?"), _("Beside what was expected; also when it is nothing."), 3)


class FilterForm(PortalForm):
    q = forms.CharField(label=_("Words"), required=False, max_length=100)
    priority = forms.TypedChoiceField(
        label=_("Priority"), required=False, coerce=int, empty_value=None,
        choices=[("", _("Any")), *Priority.choices],
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.base_fields[name].label  # a filter may stay empty, which needs no word

    def filter(self, view: str) -> Filter:
        """What the list is narrowed to; nonsense narrows nothing."""
        data = self.cleaned_data if self.is_valid() else {}
        return Filter(view, data.get("priority"), data.get("q", "").strip())
