"""The evidence behind a gate: every record of the project with its version and event, in one statement."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import CharField, F, Func, JSONField, Max, Model, OuterRef, Subquery
from django.db.models.functions import Cast, JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from common import formats
from common.prepared import Prepared
from projects.enums import UpdateState
from projects.facts import project_facts
from projects.facts.sources import ASKS, DECISIONS, ISSUES, MILESTONES, RISKS, UPDATE
from projects.models import (
    Ask,
    Decision,
    DocumentLink,
    EvidencePack,
    Gate,
    GateCriterion,
    Issue,
    Milestone,
    Phase,
    Project,
    Risk,
    Update,
)
from projects.selectors import history

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from projects.selectors.gates import Answer

FORMAT: Final = 1
_PATHS: Final[dict[type[Model], str]] = {
    Project: "pk", Phase: "project", Milestone: "project", Risk: "project", Issue: "project", Decision: "project",
    Ask: "project", Update: "project", DocumentLink: "project", Gate: "project", GateCriterion: "gate__project",
}  # fmt: skip
"""The records that are evidence, and how each leads to its project. Of the updates it is the newest."""
_LEFT_OUT: Final = frozenset({"search", "source_texts", "created_at"})
KIND_OF_SOURCE: Final = {
    MILESTONES.name: "milestone", RISKS.name: "risk", ISSUES.name: "issue", DECISIONS.name: "decision",
    ASKS.name: "ask", UPDATE.name: "update", "gates": "gate",
}  # fmt: skip
"""Which records a fact is summed up from; all others stand in the project's own row."""

Records = Mapping[str, list[dict[str, Any]]]
"""By kind: the columns of each record, with "event", the number of its newest event."""


def records_of(project: Project) -> Records:
    """Every record of a project that a gate may rest on. One statement, whatever the number of records."""
    names = [model._meta.model_name or "" for model in _PATHS]
    found = next(_RECORDS.rows([project.pk], timezone.localdate()))
    return dict(zip(names, found, strict=True))


def _with_records(projects: QuerySet[Project], _day: dt.date) -> QuerySet[Project, Any]:
    lists = {f"{model._meta.model_name}_rows": _rows(model, path) for model, path in _PATHS.items()}
    return projects.annotate(**lists).values_list(*lists)


def _rows(model: type[Model], path: str) -> Func:
    records: Any = model._default_manager.filter(**{path: OuterRef("pk")}).order_by("pk")
    if model is Update:
        records = records.filter(state=UpdateState.PUBLISHED).order_by("-as_of", "-pk")[:1]
    columns = {field.attname: _column(field) for field in model._meta.concrete_fields if field.name not in _LEFT_OUT}
    rows = ArraySubquery(records.values(row=JSONObject(**columns, event=_event(model))))
    return Func(rows, function="TO_JSONB", output_field=JSONField())


def _column(field: models.Field[Any, Any]) -> Any:
    """Amounts as text: a JSON number would be read as a float and lose cents."""
    return Cast(field.attname, CharField()) if isinstance(field, models.DecimalField) else F(field.attname)


def _event(model: type[Model]) -> Subquery:
    events = model.pgh_event_model._default_manager.filter(pgh_obj_id=OuterRef("pk")).order_by()  # type: ignore[attr-defined]  # made by @history.track
    return Subquery(events.values("pgh_obj_id").annotate(newest=Max("pgh_id")).values("newest"))


_RECORDS: Final = Prepared(Project, _with_records)


def ages_of(records: Records) -> dict[str, dt.datetime | None]:
    """When each kind of records changed last."""
    return {
        kind: max((moment for row in rows if (moment := parse_datetime(row["updated_at"]))), default=None)
        for kind, rows in records.items()
    }


def kind_behind(fact: str) -> str:
    """The kind of records that a fact comes from, by its full name."""
    return KIND_OF_SOURCE.get(project_facts.fact(fact).source.name, "project")


def canonical(content: Mapping[str, Any]) -> str:
    """The one way to write content down, so that equal content has an equal fingerprint."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def content_of(
    gate: Gate, answers: list[Answer], records: Records, rules: list[tuple[str, int, int]]
) -> dict[str, Any]:
    """What a pack holds: the gate, what each criterion came to, all records with version and event, the rules."""
    own = [row for row in records["gatecriterion"] if row["gate_id"] == gate.pk]
    return {
        "format": FORMAT,
        "project": gate.project_id,
        "gate": gate.pk,
        "as_of": timezone.localdate().isoformat(),
        "frozen_at": timezone.now().isoformat(timespec="seconds"),
        "criteria": [_told(answer) for answer in answers],
        "rules": [{"code": code, "number": number, "id": pk} for code, number, pk in rules],
        "records": {**records, "gatecriterion": own},
    }


def _told(answer: Answer) -> dict[str, Any]:
    one = answer.criterion
    return {
        "id": one.pk,
        "version": one.version,
        "kind": one.kind,
        "texts": one.texts,
        "outcome": answer.outcome.value,
        "steps": [{"fact": step.fact, "value": step.value, "outcome": step.outcome.value} for step in answer.steps],
        "rule": {"code": one.rule, "number": answer.rule.number} if answer.rule else None,
        "document": answer.document.pk if answer.document else None,
        "judged": one.judged,
        "sentence": one.sentence,
        "judged_by": str(one.judged_by) if one.judged_by else "",
    }


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that is no longer as the pack has it: which record, and in words what changed."""

    what: str
    words: str


_SILENT: Final = frozenset({"id", "version", "updated_at", "event", "project_id", "score", "position", "is_demo"})
_NOT_SOURCES: Final = frozenset({"gate", "gatecriterion"})
"""Editing these makes the votes void, so they never differ unseen."""
_NAMES: Final = ("name", "title", "question", "text")


def moved_since(pack: EvidencePack, records: Records, answers: list[Answer]) -> list[Moved]:
    """What changed in the sources since a pack was frozen. One query more when records name other records."""
    content = json.loads(pack.content)
    return [*_turned(content["criteria"], answers), *_edited(content["records"], records)]


def _turned(before: list[dict[str, Any]], answers: list[Answer]) -> Iterator[Moved]:
    was = {one["id"]: one["outcome"] for one in before}
    words = {"pass": _("met"), "fail": _("not met"), "unknown": _("not known")}
    for answer in answers:
        then, now = was.get(answer.criterion.pk), answer.outcome.value
        if then and then != now:
            told = {"before": words.get(then, then), "after": words.get(now, now)}
            yield Moved(answer.criterion.title, _("was %(before)s, is now %(after)s") % told)


def _edited(before: Records, after: Records) -> Iterator[Moved]:
    by_name = {model._meta.model_name: model for model in _PATHS}
    pairs = []
    for kind, rows in after.items():
        if kind in _NOT_SOURCES:
            continue
        then = {row["id"]: row for row in before.get(kind, [])}
        now = {row["id"]: row for row in rows}
        label = str(by_name[kind]._meta.verbose_name)
        yield from (Moved(f"{label}: {name_of(then[pk])}", _("is gone")) for pk in then.keys() - now.keys())
        yield from (Moved(f"{label}: {name_of(now[pk])}", _("is new")) for pk in now.keys() - then.keys())
        pairs += [
            (by_name[kind], then[pk], now[pk])
            for pk in then.keys() & now.keys()
            if then[pk].get("event") != now[pk].get("event") or then[pk]["version"] != now[pk]["version"]
        ]
    yield from _differences(pairs)


def _differences(pairs: list[tuple[type[Model], dict[str, Any], dict[str, Any]]]) -> Iterator[Moved]:
    changed = [
        (model, field, then.get(field.attname), now.get(field.attname), now)
        for model, then, now in pairs
        for field in model._meta.concrete_fields
        if field.attname not in _SILENT | _LEFT_OUT and then.get(field.attname) != now.get(field.attname)
    ]
    wanted = {
        (field.related_model._meta.label, value)  # type: ignore[union-attr]  # a relation names its model
        for _model, field, then, now, _row in changed
        if field.is_relation
        for value in (then, now)
        if value is not None
    }
    names = history.names_of(wanted) if wanted else {}
    for model, field, then, now, row in changed:
        told = {
            "label": history.label_of(model, field.name),
            "before": history.words_for(model, field.name, then, names) or _("empty"),
            "after": history.words_for(model, field.name, now, names) or _("empty"),
        }
        what = f"{model._meta.verbose_name}: {name_of(row)}"
        yield Moved(what, _("%(label)s was %(before)s, is now %(after)s") % told)


def name_of(row: Mapping[str, Any]) -> str:
    """How people call a record."""
    day = parse_date(row.get("as_of") or "")
    return str(next((row[name] for name in _NAMES if row.get(name)), formats.date_short(day) if day else row["id"]))
