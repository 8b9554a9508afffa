"""Who changed what in a project, read from the event tables that the database itself writes."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import CharField, F, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, JSONObject
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common import formats
from projects.enums import ChangeState, UpdateState
from projects.models import (
    Ask,
    ChangeRequest,
    Decision,
    Deliverable,
    DeliverableAssignment,
    DocumentLink,
    Issue,
    Milestone,
    Phase,
    Project,
    Promise,
    Risk,
    TeamMember,
    Update,
)

KINDS: Final[dict[str, type[models.Model]]] = {
    model._meta.model_name or "": model
    for model in (
        Project,
        Phase,
        Milestone,
        Deliverable,
        DeliverableAssignment,
        Risk,
        Issue,
        Decision,
        ChangeRequest,
        Update,
        Ask,
        TeamMember,
        DocumentLink,
        Promise,
    )
}
PAGE: Final = 25
LONGEST: Final = 240
_DRAFTS: Final[dict[type[models.Model], str]] = {Update: UpdateState.DRAFT, ChangeRequest: ChangeState.DRAFT}
"""Drafts belong to their author and are no history of the project."""

_SILENT: Final = frozenset(
    {
        "id",
        "version",
        "created_at",
        "updated_at",
        "project",
        "is_demo",
        "source_texts",
        "search",
        "score",
        "imported_as_of",
        "position",
        "author_ids",
        "giver",
    }
)
_NAMES: Final = ("name", "title", "question", "text", "as_of", "user", "deliverable")


class _Exact(json.JSONDecoder):
    """Reads amounts as decimals: a float would lose cents of large sums."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


class _Values(JSONObject):
    output_field = JSONField(decoder=_Exact)


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its label, and how it read before and after ("" is empty)."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: when, who, what happened to which record, and the fields that changed."""

    at: dt.datetime
    kind: str
    kind_label: str
    name: str
    verb: str
    who: str
    request_id: str
    address: str = ""
    is_new: bool = False
    changes: list[Change] = field(default_factory=list)


def history_of(project: Project, *, page: str | None = None, kind: str = "") -> tuple[Page[Any], list[Entry]]:
    """The events of a project and everything in it, newest first. Four queries, whatever the number.

    The rows of the page are found first, among narrow columns, and only those are read and compared with
    the event before them. Drafts of updates belong to their author and are no history of the project.
    """
    models_shown = [KINDS[kind]] if kind in KINDS else list(KINDS.values())
    paginator = Paginator(_index(project, models_shown), PAGE)
    chosen = paginator.get_page(page)
    found = list(chosen.object_list)
    if not found:
        return chosen, []
    ids: dict[str, list[int]] = defaultdict(list)
    for name, pk, _at in found:
        ids[name].append(pk)
    rows = {(row[0], row[1]): row for row in union_of(events_of(KINDS[name], pks) for name, pks in ids.items())}
    ordered = [rows[name, pk] for name, pk, _at in found if (name, pk) in rows]
    names = names_of(references_of(ordered))
    return chosen, [entry_of(row, names) for row in ordered]


def event_model(model: type[models.Model]) -> type[models.Model]:
    return model.pgh_event_model  # type: ignore[attr-defined, no-any-return]


def _of_project(model: type[models.Model], project: Project) -> QuerySet[Any]:
    events = event_model(model)._default_manager.order_by()
    if model in _DRAFTS:
        events = events.exclude(state=_DRAFTS[model])
    if model is DeliverableAssignment:
        ever = event_model(Deliverable)._default_manager.filter(project_id=project.pk)
        return events.filter(deliverable_id__in=ever.values("pgh_obj_id"))
    return events.filter(pgh_obj_id=project.pk) if model is Project else events.filter(project_id=project.pk)


def _index(project: Project, shown: Sequence[type[models.Model]]) -> QuerySet[Any]:
    parts = [
        _of_project(model, project)
        .annotate(event_of=Value(model._meta.model_name, output_field=CharField()))
        .values_list("event_of", "pgh_id", "pgh_created_at")
        for model in shown
    ]
    return union_of(parts).order_by("-pgh_created_at", "-pgh_id", "event_of")


def union_of(parts: Iterable[QuerySet[Any]]) -> QuerySet[Any]:
    first, *rest = parts
    return first.union(*rest, all=True) if rest else first


def events_of(model: type[models.Model], ids: Sequence[int], kind: str = "") -> QuerySet[Any]:
    """The events with their values, and the values of the event before them, as JSON, for `entry_of`.

    `kind` is what the rows call the model; its name when left out.
    """
    events = event_model(model)
    columns = {one.name: one.attname for one in _tracked(model)}
    earlier = events._default_manager.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id"))
    if model in _DRAFTS:
        earlier = earlier.exclude(state=_DRAFTS[model])
    found: QuerySet[Any] = (
        events._default_manager.order_by()
        .filter(pgh_id__in=ids)
        .annotate(
            event_of=Value(kind or model._meta.model_name, output_field=CharField()),
            event_after=_Values(**columns),
            event_before=Subquery(earlier.order_by("-pgh_id").values(row=_Values(**columns))[:1]),
            event_actor=KeyTextTransform("user", "pgh_context__metadata"),
            event_request=KeyTextTransform("request_id", "pgh_context__metadata"),
            event_address=KeyTextTransform("address", "pgh_context__metadata"),
        )
        .values_list(
            "event_of",
            "pgh_id",
            "pgh_created_at",
            "pgh_label",
            "event_actor",
            "event_request",
            "event_before",
            "event_after",
            "event_address",
        )
    )
    return found


def _tracked(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    known = {one.name for one in event_model(model)._meta.concrete_fields}
    return [one for one in model._meta.concrete_fields if one.name in known and one.name not in _SILENT]


def references_of(
    rows: Iterable[Sequence[Any]], kinds: Mapping[str, type[models.Model]] = KINDS
) -> set[tuple[str, int]]:
    """The (model label, id) pairs that rows point at, people who acted included."""
    wanted: set[tuple[str, int]] = set()
    person = get_user_model()._meta.label
    for kind, _pk, _at, _label, actor, _request, before, after, _address in rows:
        if actor and actor.isdigit():
            wanted.add((person, int(actor)))
        for one in _tracked(kinds[kind]):
            if one.is_relation and one.related_model:
                pks = {(values or {}).get(one.name) for values in (before, after)}
                wanted |= {(_pointed_at(one), pk) for pk in pks if pk is not None}
    return wanted


def _pointed_at(relation: Any) -> str:
    """The model that a relation points at, as a label such as "accounts.User"."""
    return str(relation.related_model._meta.label)


def names_of(wanted: set[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """The names of referenced records by (model label, id). One query, none when nothing is asked."""
    ids: dict[str, list[int]] = defaultdict(list)
    for label, pk in wanted:
        ids[label].append(pk)
    parts = []
    for label, pks in sorted(ids.items()):
        model = apps.get_model(label)
        column = next((name for name in _NAMES if _has(model, name)), "pk")
        parts.append(
            model._default_manager.order_by()
            .filter(pk__in=pks)
            .annotate(name_of=Value(label, output_field=CharField()), name_words=Cast(F(column), CharField()))
            .values_list("name_of", "pk", "name_words")
        )
    return {(label, pk): words for label, pk, words in union_of(parts)} if parts else {}


def _has(model: type[models.Model], name: str) -> bool:
    try:
        return bool(model._meta.get_field(name).concrete)
    except FieldDoesNotExist:
        return False


def entry_of(
    row: Sequence[Any], names: Mapping[tuple[str, int], str], kinds: Mapping[str, type[models.Model]] = KINDS
) -> Entry:
    """An event in words: a row of `events_of`, with the names of what it points at."""
    kind, _pk, at, label, actor, request, before, after, address = row
    model = kinds[kind]
    new = label == "insert" or before is None
    old_values, new_values = ({} if new else before), ({} if label == "delete" else after)
    person = names.get((get_user_model()._meta.label, int(actor)), "") if actor and actor.isdigit() else ""
    return Entry(
        at=at,
        kind=kind,
        kind_label=str(model._meta.verbose_name),
        name="" if model is Project else name_of(model, after, names),
        verb={"insert": _("added"), "delete": _("removed")}.get(
            "insert" if new and label != "delete" else label, _("changed")
        ),
        who=person or _("The portal itself"),
        request_id=request or "",
        address=address or "",
        is_new=new and label != "delete",
        changes=_changes(model, old_values, new_values, names),
    )


def name_of(model: type[models.Model], values: Mapping[str, Any], names: Mapping[tuple[str, int], str]) -> str:
    """What a record was called, from the values of one of its events; "" when it has no name."""
    column = next((name for name in _NAMES if name in values), "")
    return words_for(model, column, values.get(column), names) if column else ""


def _changes(
    model: type[models.Model],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    names: Mapping[tuple[str, int], str],
) -> list[Change]:
    changes = []
    for one in _tracked(model):
        old, new = before.get(one.name), after.get(one.name)
        if old == new or (not before and new in (None, "", False)) or (not after and old in (None, "", False)):
            continue
        currency = str((after or before).get("currency") or "")
        changes.append(
            Change(
                label_of(model, one.name),
                words_for(model, one.name, old, names, currency) if before else "",
                words_for(model, one.name, new, names, currency) if after else "",
            )
        )
    return changes


def label_of(model: type[models.Model], name: str) -> str:
    """The label of a field, with a capital; a withheld reason is named after its amount."""
    measure = name.removesuffix("_withheld")
    if measure != name:
        return _("%(amount)s withheld because") % {"amount": label_of(model, measure)}
    text = str(getattr(model._meta.get_field(name), "verbose_name", name))
    return capfirst(text)


def words_for(
    model: type[models.Model],
    name: str,
    value: Any,
    names: Mapping[tuple[str, int], str] | None = None,
    currency: str = "",
) -> str:
    """A value of a field as people read it; "" when it is empty. Takes values of records and of events."""
    one = model._meta.get_field(name)
    if value is None or value == "":
        return ""
    if isinstance(value, models.Model):
        return str(value)
    if one.is_relation and one.related_model:
        return (names or {}).get((_pointed_at(one), value)) or _("no. %(number)s, since removed") % {"number": value}
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return _plain_words(one, value, currency)


def _plain_words(one: Any, value: Any, currency: str) -> str:
    if isinstance(value, list):
        return ", ".join(_element_words(one, each) for each in value)
    if getattr(one, "choices", None):
        return str(dict(one.flatchoices).get(value, value))
    if isinstance(one, models.DateTimeField):
        return formats.moment_short(parse_datetime(value) if isinstance(value, str) else value)
    if isinstance(one, models.DateField):
        return formats.date_short(parse_date(value) if isinstance(value, str) else value)
    if isinstance(one, models.DecimalField):
        return formats.money(value, currency) if currency else formats.number(value, 2)
    text = _nested_words(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _nested_words(value: Any) -> str:
    """What is kept as a tree (a condition, texts per language), said in one line: names with what they hold."""
    if isinstance(value, Mapping):
        held = ((name, _nested_words(each), isinstance(each, Mapping)) for name, each in value.items())
        return "; ".join(f"{name}: ({words})" if is_tree else f"{name}: {words}" for name, words, is_tree in held)
    if isinstance(value, list):
        return ", ".join(f"({_nested_words(each)})" if isinstance(each, Mapping) else str(each) for each in value)
    return str(value)


def _element_words(one: Any, value: Any) -> str:
    """An element of a list: a choice by its label, a moved date by its name and day."""
    if isinstance(value, dict):
        to = value.get("to")
        day = parse_date(to) if isinstance(to, str) else None
        return f"{value.get('name', '')}: {formats.date_short(day) if day else to or _('(empty)')}"
    return str(dict(getattr(one, "base_field", one).flatchoices).get(value, value))


def at_version(record: models.Model, version: int) -> dict[str, Any] | None:
    """The values (by field name; ids for relations) that a record had at a version; None when not kept. One query."""
    model = type(record)
    event = (
        event_model(model)._default_manager.filter(Q(pgh_obj_id=record.pk), version=version).order_by("-pgh_id").first()
    )
    if event is None:
        return None
    return {one.name: getattr(event, one.attname) for one in _tracked(model)}
