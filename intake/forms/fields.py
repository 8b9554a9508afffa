"""A field that names a person without listing everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.models import User
from accounts.selectors import pickable_people
from intake.selectors.lists import people_to_offer

if TYPE_CHECKING:
    from collections.abc import Iterable


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


def offer_people(form: forms.Form) -> None:
    """Suggest those who hold the role below the two fields that ask for a lead and a sponsor."""
    roles = (("proposed_lead", RoleName.PROJECT_LEAD), ("proposed_sponsor", RoleName.SPONSOR))
    for name, role in roles:
        widget = form.fields[name].widget
        assert isinstance(widget, PersonInput)  # noqa: S101 — narrows the type
        widget.offered = people_to_offer(role)
