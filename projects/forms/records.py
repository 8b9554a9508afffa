"""What the forms of a project share: a version or a one-time token, people to choose, fields behind “More”."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.models import User
from common.forms import PortalModelForm

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

    from projects.models import Project


class RecordForm(PortalModelForm):
    """A form over the fields of one record. It parses and converts; the service decides and writes.

    `first` names the fields that are always shown, the rest is behind “More”. An edit form carries the
    `version` it was opened with, a create form a one-time `token`.
    """

    first: ClassVar[tuple[str, ...]] = ()
    more_title: ClassVar[Any] = ""
    names_externals: ClassVar[bool] = False
    """Whether its person fields offer people of external offices, who can answer for nothing."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, project: Project | None = None, **kwargs: Any) -> None:
        self.project = project
        super().__init__(*args, **kwargs)
        self._offer_people()
        self._keep_to_columns()

    @classmethod
    def initial_from(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The initial data of the form for the values of a record by field name."""
        return dict(values)

    @classmethod
    def record_fields(cls) -> list[str]:
        """The model fields that the form can change."""
        return list(cls._meta.fields or [])

    def changes(self) -> dict[str, Any]:
        """What was filled in, by model field, for the service."""
        return {name: self.cleaned_data[name] for name in self.record_fields() if name in self.cleaned_data}

    def _offer_people(self) -> None:
        """Let each person field choose among the people who may sign in; the list is read once."""
        chosen = [one for one in self.fields.values() if _chooses(one, User)]
        if not chosen:
            return
        present = {getattr(value, "pk", value) for name, value in self.initial.items() if name in self.fields}
        people = User.objects.filter(
            self._may_be_named() | models.Q(pk__in=[pk for pk in present if isinstance(pk, int)])
        )
        names = [
            ("", _("Nobody")),
            *(
                (pk, name or email)
                for pk, name, email in people.order_by("name", "pk").values_list("pk", "name", "email")
            ),
        ]
        for one in chosen:
            one.queryset = people  # type: ignore[attr-defined]  # a choice of people
            one.choices = names  # type: ignore[attr-defined]  # a choice of people

    def _may_be_named(self) -> models.Q:
        return models.Q(is_active=True) if self.names_externals else models.Q(is_active=True, external_until=None)

    def _keep_to_columns(self) -> None:
        """Refuse numbers that the column cannot hold; the model's own validation is left out below."""
        for name in self._meta.fields or []:
            column = self._meta.model._meta.get_field(name)
            if isinstance(column, models.IntegerField) and isinstance(self.fields.get(name), forms.IntegerField):
                self.fields[name].validators.extend(column.validators)

    def _get_validation_exclusions(self) -> set[str]:
        return {one.name for one in self._meta.model._meta.get_fields()}

    def validate_unique(self) -> None:
        """Uniqueness and table rules are the service's and the database's; the form only parses."""

    def validate_constraints(self) -> None:
        """See `validate_unique`."""

    @cached_property
    def main_fields(self) -> list[BoundField]:
        return [self[name] for name in self._visible() if not self.first or name in self.first]

    @cached_property
    def more_fields(self) -> list[BoundField]:
        return [self[name] for name in self._visible() if self.first and name not in self.first]

    @property
    def more_is_open(self) -> bool:
        """Whether a field behind “More” has something to say."""
        return any(one.errors or one.value() not in (None, "", False) for one in self.more_fields)

    def _visible(self) -> Iterable[str]:
        return [name for name, one in self.fields.items() if not one.widget.is_hidden]


def _chooses(one: forms.Field, model: type[models.Model]) -> bool:
    return isinstance(one, forms.ModelChoiceField) and one.queryset is not None and one.queryset.model is model


def new_token() -> uuid.UUID:
    return uuid.uuid4()


def lock_field(form: forms.BaseForm, name: str, reason: str) -> None:
    """Show a field without letting it change, and say why."""
    form.fields[name].disabled = True
    form.fields[name].help_text = reason
