from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName, ScopeKind
from accounts.middleware import ZONES
from accounts.models import OrgUnit
from accounts.selectors import scope_choices
from common.forms import PortalForm


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
