"""Forms about rules. What a rule says is read by `governance.contents`; these only turn fields into plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.forms import PortalForm, polish
from governance import documents, subjects
from governance.contents import FIELDS, TEXTS, Content, ContentError, read_content
from governance.enums import Checkpoint, Enforcement, Expected, OfferKind, Weight
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from governance.facts import Text

_LABELS: dict[str, Text] = {
    "title": gettext_lazy("Title"),
    "message": gettext_lazy("What a finding says"),
    "remedy": gettext_lazy("What the remedy is called"),
}
_PREFIX = {"texts": "texts", "enforcement": "does", "scope": "for"}


class RuleForm(PortalForm):
    """Everything that a version says besides its two conditions, which the builder reads."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    weight = forms.ChoiceField(label=gettext_lazy("Weight"), choices=Weight.choices)
    remedy_page = forms.ChoiceField(label=gettext_lazy("Mended on"), required=False)
    offers = forms.ChoiceField(
        label=gettext_lazy("Offers"), required=False, choices=[("", gettext_lazy("Nothing")), *OfferKind.choices],
        help_text=gettext_lazy("Shown with the advice, to help to keep the rule."),
    )  # fmt: skip
    offer_url = forms.URLField(
        label=gettext_lazy("Where that is"), required=False, max_length=800, assume_scheme="https"
    )
    checkpoints = forms.MultipleChoiceField(label=gettext_lazy("Asked when"), widget=forms.CheckboxSelectMultiple)
    effective_from = forms.DateField(label=gettext_lazy("In force from"), required=False)
    effective_to = forms.DateField(label=gettext_lazy("In force up to"), required=False)
    note = forms.CharField(label=gettext_lazy("What changes, and why"), max_length=300, required=False)

    def __init__(self, *args: Any, kind: str, with_code: bool = False, **kwargs: Any) -> None:
        subject = subjects.registered()[kind]
        self.kind = kind
        forms.Form.__init__(self, *args, **kwargs)
        if with_code:
            self.fields["code"] = forms.SlugField(
                label=_("Code"), max_length=60, help_text=_("Small letters and hyphens; it never changes.")
            )
        self.fields["remedy_page"].choices = [("", _("Nowhere in particular")), *subject.remedies.items()]  # type: ignore[attr-defined]  # a choice field
        moments = [(value, Checkpoint(value).label) for value in subject.checkpoints]
        self.fields["checkpoints"].choices = moments  # type: ignore[attr-defined]  # a choice field
        for language, name in settings.LANGUAGES:
            for part, limit in TEXTS.items():
                self.fields[f"texts-{language.partition('-')[0]}-{part}"] = forms.CharField(
                    label=f"{_LABELS[part]} ({_(str(name))})", max_length=limit
                )
        for level in ControlLevel:
            self.fields[f"does-{level.value}"] = forms.ChoiceField(
                label=_("In a %(control)s office") % {"control": level.label.lower()}, choices=Enforcement.choices
            )
        for facet, known in subject.facets.items():
            field = forms.MultipleChoiceField(
                label=_("Only for this %(facet)s") % {"facet": known.label},
                choices=list(known.options().items()),
                required=False,
                widget=forms.SelectMultiple(attrs={"size": 4}),
            )
            self.fields[f"for-{facet}"] = field
        polish(self)

    @property
    def texts(self) -> list[forms.BoundField]:
        return self._named("texts-")

    @property
    def enforcement(self) -> list[forms.BoundField]:
        return self._named("does-")

    @property
    def scope(self) -> list[forms.BoundField]:
        return self._named("for-")

    def _named(self, start: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(start)]

    @staticmethod
    def initial_of(content: Content) -> dict[str, Any]:
        """The fields as a content fills them."""
        plain = {name: getattr(content, name) for name in FIELDS if name not in {"condition", "applies", *_PREFIX}}
        texts = {f"texts-{code}-{part}": text for code, parts in content.texts.items() for part, text in parts.items()}
        does = {f"does-{level}": what for level, what in content.enforcement.items()}
        return plain | texts | does | {f"for-{facet}": values for facet, values in content.scope.items()}

    @staticmethod
    def initial_from(data: Any) -> dict[str, Any]:
        """The fields as they were just sent, to draw the form again without judging it."""
        several = {name for name in data if name == "checkpoints" or name.startswith("for-")}
        return {name: data.getlist(name) if name in several else data.get(name) for name in data}

    def content(self, trees: Mapping[str, Any]) -> Content | None:
        """What the form and the builder say together; None, with the errors on the form, when it does not hold."""
        if not self.is_valid():
            return None
        said = self.cleaned_data
        plain: dict[str, Any] = {name: said[name] for name in FIELDS if name in said}
        plain["texts"] = _nested(said, "texts-")
        plain["enforcement"] = {name.removeprefix("does-"): said[name] for name in said if name.startswith("does-")}
        plain["scope"] = {
            name.removeprefix("for-"): said[name] for name in said if name.startswith("for-") and said[name]
        }
        try:
            return read_content(plain | dict(trees), self.kind)
        except ContentError as error:
            self.refuse(error)
        return None

    def refuse(self, error: ContentError) -> None:
        """Show an error where it belongs, or with its place in words above the form."""
        first, *rest = error.place.split(" › ")
        sentence = str(error).removeprefix(f"{error.place}: ")
        name = {"texts": f"texts-{'-'.join(rest)}", "scope": f"for-{'-'.join(rest)}"}.get(first, first)
        if name in self.fields:
            self.add_error(name, sentence)
        else:
            self.add_error(None, place_in_words(error.place, sentence))


def place_in_words(place: str, sentence: str) -> str:
    """A place such as "condition › all[1] › any[0]" as a person counts: from one, and in words."""
    names = {
        "condition": _("What is asked"), "applies": _("Where it applies"), "texts": _("Texts"),
        "scope": _("For whom"), "enforcement": _("What it does"), "where": _("filter"),
    }  # fmt: skip
    said = []
    for step in place.split(" › "):
        key, _bracket, number = step.partition("[")
        if number:
            said.append(_("part %(number)d") % {"number": int(number.rstrip("]")) + 1})
        elif key not in {"all", "any", "not"} and key:
            said.append(names.get(key, key))
    return f"{', '.join(said)}: {sentence}" if said else sentence


def _nested(said: Mapping[str, Any], start: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, value in said.items():
        if name.startswith(start):
            language, _dash, part = name.removeprefix(start).partition("-")
            found.setdefault(language, {})[part] = value
    return found


class RuleCareForm(PortalForm):
    """Who looks after a rule."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("name"), label=gettext_lazy("Owner"), required=False
    )
    review_on = forms.DateField(label=gettext_lazy("Looked at again on"), required=False)


class RuleFileForm(PortalForm):
    """A YAML text, as a file or typed."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    text = forms.CharField(
        label=gettext_lazy("Or paste the text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "class": "mono", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """Return the text of the file, or the one that was typed."""
        said = super().clean() or {}
        upload = said.get("file")
        if upload is not None:
            if upload.size > documents.MAX_BYTES:
                raise forms.ValidationError(_("This file is too large: a rulebook has at most a million characters."))
            try:
                said["text"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(_("This is no YAML text.")) from error
        if not said.get("text", "").strip():
            raise forms.ValidationError(_("Choose a file or paste a text."))
        return said


class CaseForm(PortalForm):
    """A test case without its facts, which have fields of their own."""

    name = forms.CharField(label=gettext_lazy("Name of the case"), max_length=120)
    on_day = forms.DateField(label=gettext_lazy("On the day"))
    expected = forms.ChoiceField(label=gettext_lazy("The rule must be"), choices=Expected.choices)
