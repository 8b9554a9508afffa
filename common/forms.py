# ruff: noqa: ARG002  (Django hands fields values of any kind, and calls methods by name)
"""What every form of the portal shares: fields that survive both languages, and one look."""

from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common import formats
from common.money_text import AmbiguousError, UnreadableError, parse_money


class DateInput(forms.DateInput):
    """A date field of the browser; its value is ISO in every language, or it would show empty."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")

    def format_value(self, value: Any) -> str | None:
        """Return the ISO form of a date; text that a person typed stays as it is."""
        if hasattr(value, "strftime"):
            return str(value.strftime("%Y-%m-%d"))
        return value or None


class MoneyInput(forms.TextInput):
    """A text field for an amount, with the right keys on a phone."""

    def __init__(self, attrs: dict[str, Any] | None = None, currency: str = "") -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})
        if currency:
            self.attrs["data-currency"] = currency


class MoneyField(forms.DecimalField):
    """An amount as people type it: ``€ 1.234``, ``480k``, ``1,2 mln``; never a guess when unclear."""

    widget = MoneyInput
    default_error_messages = {
        "invalid": _("Enter an amount of money, such as 480,000 or 480k."),
        "ambiguous": _("This amount can be read in two ways. Write it without a thousands sign, or with two decimals."),
    }

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 16)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(**kwargs)
        self.currency = currency
        if currency:
            self.widget.attrs["data-currency"] = currency

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs know a field of whole numbers
        """Return the amount.

        Raises:
            ValidationError: nobody can tell which amount is meant.
        """
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        try:
            return parse_money(str(value), decimal_comma=(get_language() or "en").startswith("nl"))
        except AmbiguousError as error:
            raise ValidationError(self.error_messages["ambiguous"], code="ambiguous") from error
        except UnreadableError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        """Return a stored amount as it is written in the language, so that it reads back the same."""
        if not isinstance(value, Decimal | int | float):
            return value
        exact = Decimal(str(value))
        return formats.number(exact, 0 if exact == exact.to_integral_value() else 2).replace(formats.MINUS, "-")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Tell whether the amount differs, not whether it is typed differently."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Leave out the number attributes of a decimal field: this is a text field."""
        return {}


DASHES: Final = BLANK_CHOICE_DASH[0][1]
"""What Django draws where nothing is chosen."""


class PortalForm(forms.Form):
    """A form in the portal's manners: dates that survive, optional fields marked as such."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


class OnceForm(PortalForm):
    """A form that makes one record, however often it is sent."""

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def token_or_new(self) -> UUID:
        found: UUID | None = self.cleaned_data.get("token")
        return found or uuid4()


class PortalModelForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers only
    """A model form in the portal's manners."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        polish(self)


def _name_the_blank(field: forms.Field) -> None:
    """Say "Choose…" where Django draws a row of dashes, or a short dash where nothing need be chosen."""
    word = _("Choose…") if field.required else "–"
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == DASHES:
            field.empty_label = word
    elif isinstance(field, forms.ChoiceField) and not callable(field.choices):
        choices = list(field.choices)
        if choices[:1] == [("", DASHES)]:
            field.choices = [("", word), *choices[1:]]


def polish(form: forms.BaseForm) -> None:
    """Give a form its manners: ISO date fields, "(optional)" labels, errors that name their field, a helper."""
    for name, field in form.fields.items():
        if isinstance(field, forms.DateField) and not isinstance(field.widget, DateInput | forms.HiddenInput):
            field.widget = DateInput(attrs={**field.widget.attrs})
        label = field.label if field.label is not None else name.replace("_", " ").capitalize()
        if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = _("Fill in “%(label)s”.") % {"label": label}
        _name_the_blank(field)
        silent = field.widget.is_hidden or isinstance(field, forms.BooleanField)
        if not field.required and not silent:
            field.label = _("%(label)s (optional)") % {"label": label}
    if not hasattr(form, "helper"):
        form.helper = PortalFormHelper()  # type: ignore[attr-defined]  # crispy looks for it there


class PortalFormHelper(FormHelper):
    """The crispy helper of the portal: the page writes the form tag and its buttons."""

    def __init__(self, form: forms.BaseForm | None = None) -> None:
        super().__init__(form)
        self.form_tag = False
        self.disable_csrf = True
        self.form_show_errors = True
        self.help_text_inline = False
        self.include_media = False
