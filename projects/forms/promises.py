from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import PortalForm, polish
from projects.enums import MOVES_WITH_DAY, MOVES_WITH_REASON, PromiseMove
from projects.forms.records import RecordForm
from projects.models import Project, Promise

if TYPE_CHECKING:
    from accounts.models import User

ALIKE = 5
"""So many look-alikes are named when a project is not found."""


class PromiseForm(RecordForm):
    field_order = ("name", "giver", "needed_on", "description")

    giver = forms.CharField(
        label=gettext_lazy("Which project gives it?"), max_length=200,
        help_text=gettext_lazy(
            "Its key, such as P-12, or its whole name. Your PMO asks a project that you cannot see."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    class Meta:
        model = Promise
        fields: ClassVar[list[str]] = ["name", "needed_on", "description"]
        help_texts: ClassVar[dict[str, Any]] = {
            "name": gettext_lazy("Such as a test environment, a decision on a standard, a connected quay."),
            "description": gettext_lazy("What must hold before you receive it."),
        }
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_giver(self) -> Project:
        """The project of the key or name, among those that the person sees."""
        typed = self.cleaned_data["giver"].strip()
        seen = Project.objects.visible_to(self._user)
        found = list(seen.by_key(typed) or seen.filter(name__iexact=typed)[:2])
        if len(found) == 1:
            return found[0]
        alike = found or list(seen.live().filter(name__icontains=typed).order_by("name", "pk")[:ALIKE])
        if alike:
            names = ", ".join(f"{one.key} {one.name}" for one in alike)
            raise forms.ValidationError(_("Which one do you mean: %(names)s? Type its key.") % {"names": names})
        raise forms.ValidationError(_("No project that you can see is called that. Type its key, such as P-12."))


class MoveForm(PortalForm):
    """What is said with a step: the day, the reason, and the version that the person saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, move: PromiseMove, promise: Promise, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"{move.value}-%s", **kwargs)
        self.move = move
        moves_day = move == PromiseMove.OFFER and (promise.promised_on or promise.offered_on)
        self.words = _("Offer another day") if moves_day else move.label
        if move in MOVES_WITH_DAY:
            label = _("By when is it needed?") if move == PromiseMove.ASK else _("For which day?")
            self.fields["on"] = forms.DateField(label=label)
        self.fields["word"] = forms.CharField(
            label=_("Why") if move in MOVES_WITH_REASON else _("What else to say"), max_length=5_000,
            required=move in MOVES_WITH_REASON, widget=forms.Textarea(attrs={"rows": 2}),
        )  # fmt: skip
        polish(self)
