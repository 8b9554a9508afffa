from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import OnceForm, PortalForm
from strategy.enums import Score
from strategy.models import Goal
from strategy.selectors.assessments import subjects_for
from strategy.services.assessments import MOST_GOALS, MOST_WORKFLOWS, Frame, Judgement

if TYPE_CHECKING:
    from accounts.models import User
    from strategy.models import Rating
    from strategy.selectors.assessments import Matrix


class FrameForm(OnceForm):
    """What is assessed against which goals."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Title"), max_length=160)
    subject = forms.ChoiceField(
        label=_("What do you assess?"), help_text=_("The way of working of a portfolio, playbook, office or goal.")
    )
    workflows = forms.CharField(
        label=_("Workflows"),
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One on a line, such as: intake of requests; weekly status; gate decisions. At most eight."),
    )
    goals = forms.ModelMultipleChoiceField(
        label=_("Goals that they are to serve"), queryset=Goal.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        subject, goals = self.fields["subject"], self.fields["goals"]
        assert isinstance(subject, forms.ChoiceField)  # noqa: S101 — narrows the type
        assert isinstance(goals, forms.ModelMultipleChoiceField)  # noqa: S101 — narrows the type
        subject.choices = [("", _("Choose")), *subjects_for(user)]
        goals.queryset = Goal.objects.order_by("name", "pk")

    def clean_workflows(self) -> list[str]:
        names = list(
            dict.fromkeys(line.strip()[:80] for line in self.cleaned_data["workflows"].splitlines() if line.strip())
        )
        if len(names) > MOST_WORKFLOWS:
            raise forms.ValidationError(_("At most %(n)d workflows, each on a line."), params={"n": MOST_WORKFLOWS})
        return names

    def clean_goals(self) -> list[int]:
        found = [goal.pk for goal in self.cleaned_data["goals"]]
        if len(found) > MOST_GOALS:
            raise forms.ValidationError(_("Choose at most %(n)d goals."), params={"n": MOST_GOALS})
        return found

    def frame(self) -> Frame:
        """What was filled in, as the service takes it."""
        kind, _colon, pk = self.cleaned_data["subject"].partition(":")
        data = self.cleaned_data
        return Frame(data["title"], (kind, int(pk)), data["workflows"], data["goals"])


class RateForm(PortalForm):
    """A score and what was seen, for every cell; what is left empty can be filled in later."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    conclusion = forms.CharField(
        label=_("Conclusion"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What should the organisation remember of this assessment?"),
    )

    def __init__(self, *args: Any, matrix: Matrix, **kwargs: Any) -> None:
        self.matrix = matrix
        for cell in matrix.cells:
            kwargs.setdefault("initial", {}).update(
                {f"score_{cell.pk}": cell.score or "", f"evidence_{cell.pk}": cell.evidence}
            )
        super().__init__(*args, **kwargs)
        for cell in matrix.cells:
            names = {"workflow": cell.workflow, "goal": cell.goal.name}
            self.fields[f"score_{cell.pk}"] = forms.TypedChoiceField(
                label=_("Score of %(workflow)s for %(goal)s") % names, required=False, coerce=int, empty_value=None,
                choices=[("", _("Not rated yet")), *Score.choices],
            )  # fmt: skip
            self.fields[f"evidence_{cell.pk}"] = forms.CharField(
                label=_("What did you see?"), required=False, max_length=2_000,
                widget=forms.Textarea(
                    attrs={"rows": 2, "aria-label": _("Evidence for %(workflow)s and %(goal)s") % names}
                ),
            )  # fmt: skip

    def by_workflow(self) -> list[tuple[str, list[tuple[Rating, forms.BoundField, forms.BoundField]]]]:
        """The fields as the page lays them out: each workflow with score and evidence for each goal."""
        return [
            (row.name, [(cell, self[f"score_{cell.pk}"], self[f"evidence_{cell.pk}"]) for cell in row.cells])
            for row in self.matrix.rows
        ]

    def judgements(self) -> dict[int, Judgement]:
        """What was filled in, by id of the cell."""
        data = self.cleaned_data
        return {cell.pk: Judgement(data[f"score_{cell.pk}"], data[f"evidence_{cell.pk}"]) for cell in self.matrix.cells}
