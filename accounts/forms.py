from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName, ScopeKind
from accounts.middleware import ZONES
from accounts.models import OrgUnit, User
from accounts.selectors import pickable_people, scope_choices
from common.forms import PortalForm


class PersonInput(forms.TextInput):
    """A text field with people to choose from below it; without JavaScript the browser offers the same."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", **(attrs or {})})
        self.offered: Iterable[User] = ()

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        people = list(self.offered)
        if not people:
            return super().render(name, value, attrs, renderer)
        list_id = f"{(attrs or {}).get('id', name)}_people"
        field = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        options = format_html_join("", '<option value="{}">{}</option>', ((each.email, each.name) for each in people))
        return format_html('{}<datalist id="{}">{}</datalist>', field, list_id, options)


class PersonField(forms.CharField):
    """A person who may sign in, by e-mail address or by a name that only one of them has."""

    widget = PersonInput
    default_error_messages = {
        "nobody": _("Nobody with this name or e-mail address can sign in. Check the spelling."),
        "several": _("Several people are called this. Enter the e-mail address."),
    }

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = list(pickable_people().filter(Q(email__iexact=text) | Q(name__iexact=text))[:3])
        exact = [person for person in found if person.email.lower() == text.lower()]
        if exact:
            return exact[0]
        if len(found) != 1:
            raise ValidationError(self.error_messages["several" if found else "nobody"])
        return found[0]

    def prepare_value(self, value: Any) -> Any:
        """A person is shown by e-mail address, which is never ambiguous; typed text stays as it is."""
        return value.email if isinstance(value, User) else value


def _language() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("As the browser asks")), *settings.LANGUAGES]
    )


class ProfileForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    job_title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    language = _language()
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in ZONES if "/" in zone and not zone.startswith("Etc/"))
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — narrows the type
        field.choices = [("", _("As the organisation")), *((zone, zone.replace("_", " ")) for zone in zones)]


class PersonForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    job_title = forms.CharField(label=_("Job title"), max_length=120, required=False)
    org_unit = forms.ModelChoiceField(
        label=_("Org unit"), queryset=OrgUnit.objects.none(), required=False, empty_label=_("None")
    )
    language = _language()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["org_unit"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 — narrows the type
        field.queryset = OrgUnit.objects.all()


class GrantForm(PortalForm):
    role = forms.ChoiceField(label=_("Role"), choices=[("", _("Choose a role")), *RoleName.choices])
    holds_for = forms.ChoiceField(label=_("Holds for"))
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        help_text=_("Empty: until it is taken away. An external adviser's role always has a last day."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["holds_for"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — narrows the type
        field.choices = scope_choices()

    def clean_holds_for(self) -> tuple[ScopeKind, int | None]:
        kind, _colon, pk = self.cleaned_data["holds_for"].partition(":")
        return ScopeKind(kind), int(pk) if pk else None


class OrgUnitForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    code = forms.CharField(label=_("Code"), max_length=40, required=False)
    parent = forms.ModelChoiceField(
        label=_("Below"), queryset=OrgUnit.objects.none(), required=False, empty_label=_("Top of the organisation")
    )

    def __init__(self, *args: Any, with_parent: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_parent:
            del self.fields["parent"]
            return
        field = self.fields["parent"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 — narrows the type
        field.queryset = OrgUnit.objects.all()
