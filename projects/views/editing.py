"""Forms over one record: made once however often it is sent, and never overwriting what somebody else wrote."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import models, transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import Conflict, PortalError
from common.views import CONFLICT, INVALID
from projects.enums import ProposalTarget
from projects.forms.records import RecordForm, new_token
from projects.selectors import history
from projects.selectors.proposals import is_directed
from projects.services.proposals import propose
from projects.views.pages import ProjectPage, saved
from projects.views.sending import sent_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from common.models import Record
    from common.views import PortalRequest


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a conflict: how it was, how it is now, what you typed, and who touched it."""

    label: str
    before: str
    theirs: str
    mine: str
    touched: bool
    """Whether you changed it, so that the form keeps yours."""
    both: bool
    """Whether both changed it, to different values: the person has to choose."""


class RecordPage(ProjectPage):
    """What creating and editing share: the form, its page and where it leads."""

    permission: ClassVar[str] = Permission.PROJECT_EDIT
    template_name: ClassVar[str] = "projects/record_form.html"
    form_class: ClassVar[type[RecordForm]]
    heading: ClassVar[Any] = ""
    verb: ClassVar[Any] = ""
    back: ClassVar[str] = "project"
    anchor: ClassVar[str] = ""
    target: ClassVar[str] = ""
    """What the form changes, where a lead of a directive office proposes (`ProposalTarget`); empty: never."""

    def form_kwargs(self) -> dict[str, Any]:
        return {"project": self.project}

    def form(self, data: QueryDict | None = None, initial: Mapping[str, Any] | None = None) -> RecordForm:
        form = self.form_class(data, initial=dict(initial or {}), **self.form_kwargs())
        if self.proposes:
            ask_why(form, is_needed=self.target != ProposalTarget.PROJECT)
        return form

    @cached_property
    def proposes(self) -> bool:
        """Whether what is filled in goes to the PMO as a proposal. One query for who is not of the PMO."""
        return bool(self.target) and not self.rights.manage and is_directed(self.project)

    was_proposed = False

    def propose(self, form: RecordForm, record: Record | None, changes: Mapping[str, Any]) -> None:
        self.was_proposed = True
        propose(
            actor=self.user, project=self.project, target=self.target, record=record, changes=changes,
            why=form.cleaned_data["why"],
        )  # fmt: skip

    def told(self) -> None:
        if self.was_proposed:
            messages.success(self.request, _("Proposed. The PMO accepts or refuses it; see “Proposals”."))
        else:
            saved(self.request)

    def success_url(self) -> str:
        return self.to_tab(self.back, self.anchor)

    def show(self, form: RecordForm, *, status: int = 200, **context: Any) -> HttpResponse:
        verb = _("Propose") if self.proposes and self.target != ProposalTarget.PROJECT else self.verb or _("Save")
        context = {
            "form": form, "heading": self.heading, "verb": verb, "cancel": self.success_url(),
            "proposes": self.proposes, **self.extra(), **context,
        }  # fmt: skip
        return self.page(context, status=status)

    def extra(self) -> dict[str, Any]:
        return {}


class RecordCreate(RecordPage):
    """A new record of the project; the same form sent twice makes one."""

    def add(self, form: RecordForm) -> object:
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        return {}

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        return self.show(self.form(initial={**self.initial(), "token": new_token()}))

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = self.form(request.POST, self.initial())
        if not form.is_valid():
            return self.show(form, status=INVALID)

        def make() -> str:
            if self.proposes:
                self.propose(form, None, form.changes())
            else:
                self.add(form)
            return self.success_url()

        return sent_once(self.user, form, make, show=self.show, told=self.told)


class RecordEdit(RecordPage):
    """Editing a record with the version it was opened at."""

    def queryset(self) -> models.QuerySet[Any]:
        """The records of this project among which the address chooses; nothing else can be reached."""
        raise NotImplementedError

    def change(self, form: RecordForm, version: int | None) -> object:
        raise NotImplementedError

    def load(self) -> Record:
        return get_object_or_404(self.queryset(), pk=self.kwargs["pk"])  # type: ignore[no-any-return]  # of the queryset typed Any

    @cached_property
    def record(self) -> Record:
        return self.load()

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        return self.show(self.form(initial=self._initial(values_of(self.record, self.form_class))))

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = self.form(request.POST, self._initial(values_of(self.record, self.form_class)))
        if not form.is_valid():
            return self.show(form, status=INVALID)
        try:
            self.change_or_propose(form, form.cleaned_data["version"] or 0)
        except Conflict as conflict:
            return self._conflict(form, conflict)
        except models.ObjectDoesNotExist as error:
            raise Http404 from error
        except PortalError as error:
            form.add_error(None, str(error))
            return self.show(form, status=INVALID)
        self.told()
        return HttpResponseRedirect(self.success_url())

    def change_or_propose(self, form: RecordForm, version: int | None) -> None:
        if not self.proposes:
            self.change(form, version)
            return
        with transaction.atomic():
            self.propose(form, versions.claim(self.queryset(), pk=self.record.pk, version=version), form.changes())

    def _initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**self.form_class.initial_from(values), "version": self.record.version}

    def _conflict(self, form: RecordForm, conflict: Conflict) -> HttpResponse:
        """Both versions, field by field, over a form that keeps what was typed.

        What only the other person changed is taken over; what you changed stays yours until you say otherwise.
        """
        mine = form.changes()
        self.record = self.queryset().get(pk=self.record.pk)
        theirs = values_of(self.record, self.form_class)
        before = history.at_version(self.record, form.cleaned_data["version"] or 0) or {}
        merged = {
            name: theirs[name] if name in before and same(mine[name], before[name]) else mine[name] for name in mine
        }
        fresh = self.form(initial=self._initial({**theirs, **merged}))
        differences = differences_of(type(self.record), before, theirs, mine)
        return self.show(
            fresh, status=CONFLICT, conflict=str(conflict), differences=differences, verb=_("Save on top of theirs")
        )


def ask_why(form: RecordForm, *, is_needed: bool) -> None:
    """Have a form ask why, as a proposal says it."""
    label = _("Why? The PMO reads it.") if is_needed else _("Why, if you change dates? The PMO reads it.")
    form.fields["why"] = forms.CharField(
        label=label, required=is_needed, max_length=5_000, widget=forms.Textarea(attrs={"rows": 2})
    )
    if form.first:
        form.first = (*form.first, "why")  # type: ignore[misc]  # of this form, not of its class


def values_of(record: models.Model, form_class: type[RecordForm]) -> dict[str, Any]:
    """The values that the form can change, by field name; related records themselves."""
    return {name: getattr(record, name) for name in form_class.record_fields()}


def same(one: object, other: object) -> bool:
    """Whether two values of a field are the same, be they records or ids, dates or none."""
    return bool(_plain(one) == _plain(other))


def _plain(value: object) -> object:
    if isinstance(value, models.Model):
        return value.pk
    return "" if value is None else value


def differences_of(
    model: type[models.Model], before: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> list[Difference]:
    """The fields in which you and the other person differ, or in which they changed something."""
    names = history.names_of(
        {
            (one.related_model._meta.label, before[one.name])  # type: ignore[union-attr]  # a relation names its model
            for one in model._meta.concrete_fields
            if one.is_relation and before.get(one.name) is not None and one.name in mine
        }
    )
    found = []
    for name in mine:
        moved = name in before and not same(theirs[name], before[name])
        if same(mine[name], theirs[name]) and not moved:
            continue
        touched = name not in before or not same(mine[name], before[name])
        words = [history.words_for(model, name, values.get(name), names) for values in (before, theirs, mine)]
        own = words[2] if touched else _("(not changed by you)")
        both = touched and (moved or name not in before) and not same(mine[name], theirs[name])
        found.append(Difference(history.label_of(model, name), words[0], words[1], own, touched, both))
    return found
