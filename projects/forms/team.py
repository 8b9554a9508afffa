from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from accounts.roles import ROLES
from projects.forms.records import RecordForm
from projects.models import DocumentLink, TeamMember
from projects.policies import ProjectRights, roles_to_give


class MemberForm(RecordForm):
    names_externals: ClassVar[bool] = True

    class Meta:
        model = TeamMember
        fields: ClassVar[list[str]] = ["user", "role", "task", "ends_on"]
        help_texts: ClassVar[dict[str, Any]] = {
            "task": gettext_lazy("Such as architect, tester, communication."),
            "ends_on": gettext_lazy(
                "The last day on which the role holds. Empty: no end. An external adviser always has one."
            ),
        }

    def __init__(self, *args: Any, rights: ProjectRights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = roles_to_give(rights)
        self.fields["role"] = forms.ChoiceField(
            label=gettext_lazy("Role"), widget=forms.RadioSelect, initial="stakeholder",
            choices=[(name, f"{ROLES[name].name.label}: {ROLES[name].sentence}") for name in given],
        )  # fmt: skip


class DocumentForm(RecordForm):
    url = forms.URLField(
        label=gettext_lazy("Address"), max_length=800, assume_scheme="https",
        help_text=gettext_lazy("Where the document lives: https://…"),
    )  # fmt: skip

    class Meta:
        model = DocumentLink
        fields: ClassVar[list[str]] = ["title", "url", "kind", "owner"]
        help_texts: ClassVar[dict[str, Any]] = {
            "kind": gettext_lazy("Such as business case, mandate, minutes, post-mortem.")
        }

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError(gettext_lazy("A document's address starts with http:// or https://."))
        return url
