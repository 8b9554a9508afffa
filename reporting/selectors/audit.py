"""Reading the whole trail: the events of every tracked model and the audit events, as one list, newest first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.db.models import BigIntegerField, CharField, F, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.models import RoleGrant, User
from accounts.selectors import places_of
from common.enums import AuditKind
from common.history import event_models
from common.models import AuditEvent
from intake.enums import RequestState
from intake.models import Request
from projects.enums import UpdateState
from projects.models import Project, TeamMember, Update
from projects.selectors import history
from projects.selectors.history import Change
from reporting.audit import words
from reporting.audit.query import Cursor, TrailQuery

PAGE: Final = 40
CHUNK: Final = 500
AUDIT: Final = "audit"
MOST_PEOPLE: Final = 50

_AUDIT_KINDS: Final[dict[str, tuple[str, ...]]] = {
    "": tuple(AuditKind.values),
    "refused": (AuditKind.REFUSED, AuditKind.SIGN_IN_FAILED),
    "sign_in": (AuditKind.SIGNED_IN, AuditKind.SIGNED_OUT, AuditKind.SIGN_IN_FAILED, AuditKind.CREDENTIAL),
    "exported": (AuditKind.EXPORTED,),
    "asked": (AuditKind.ASKED, AuditKind.REMOVED),
}
_RECORD_KINDS: Final = frozenset({"", "records", "roles"})
_ROLES: Final = (RoleGrant, TeamMember, User)
_DRAFTS: Final[dict[type[models.Model], str]] = {Update: UpdateState.DRAFT, Request: RequestState.DRAFT}
"""A draft belongs to its author, also before an auditor."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event: when, who did what to what, the fields that changed, and what else is known."""

    at: dt.datetime
    kind: str
    kind_label: str
    who: str
    sentence: str
    subject: str = ""
    """The key of the project or request that it is about."""

    changes: list[Change] = field(default_factory=list)
    is_new: bool = False
    facts: list[tuple[str, str]] = field(default_factory=list)
    request_id: str = ""
    address: str = ""
    source: str = ""
    """Table and id, for whoever looks it up in the database."""


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some lines of the trail, and where the next ones begin; None at its end."""

    lines: list[Line]
    next_after: Cursor | None


def tracked_kinds() -> dict[str, type[models.Model]]:
    """Every model with a history, by its label such as `projects.risk`."""
    found = {one.pgh_tracked_model._meta.label_lower: one.pgh_tracked_model for one in event_models()}  # type: ignore[attr-defined]  # made by @history.track
    return dict(sorted(found.items()))


def trail(query: TrailQuery, *, size: int = PAGE) -> TrailPage:
    """A page of the trail. At most seven queries, whatever the number of rows and tables."""
    rows = list(_index(query, size + 1))
    shown = rows[:size]
    last = shown[-1] if shown else None
    more = Cursor(last[2], last[0], last[1]) if last and len(rows) > size else None
    return TrailPage(_lines(shown), more)


def whole_trail(query: TrailQuery) -> Iterator[Line]:
    """All lines of the query, some hundreds at a time."""
    after = query.after
    while True:
        page = trail(query.older_than(after) if after else query, size=CHUNK)
        yield from page.lines
        after = page.next_after
        if after is None:
            return


def count(query: TrailQuery) -> int:
    """How many lines the query has. One query, two with a person."""
    parts = [part.values_list("pk") for part in _parts(replace(query, after=None))]
    if not parts:
        return 0
    statements = [part.order_by().query.sql_with_params() for part in parts]
    sql = " UNION ALL ".join(f"SELECT count(*) AS n FROM ({text}) AS part" for text, _params in statements)  # noqa: S608  names of our own tables
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum(n)::bigint FROM ({sql}) AS parts", [p for _sql, ps in statements for p in ps])  # noqa: S608  names of our own tables
        return int(cursor.fetchone()[0] or 0)


# --- which rows ----------------------------------------------------------------------------------------------------


def _index(query: TrailQuery, size: int) -> QuerySet[Any] | list[Any]:
    """Table, id, moment and project of the first rows: each table gives its own first, by its index."""
    parts = [
        part.order_by("-pgh_created_at", "-pgh_id").values_list(
            "event_of", "pgh_id", "pgh_created_at", "event_project", "event_rank"
        )[:size]
        for part in _parts(query)
    ]
    if len(parts) < 2:  # noqa: PLR2004 — one alone is in order already
        return parts[0] if parts else []
    return history.union_of(parts).order_by("-pgh_created_at", "event_rank", "-pgh_id")[:size]


def _parts(query: TrailQuery) -> list[QuerySet[Any]]:
    people = _people(query.person) if query.person else None
    about = _about(query.about) if query.about else None
    parts = []
    if query.kind in _RECORD_KINDS:
        for kind, model in tracked_kinds().items():
            if query.kind == "roles" and model not in _ROLES:
                continue
            part = _events(kind, model, people, about)
            if part is not None:
                parts.append(_within(part, query, kind))
    if query.kind in _AUDIT_KINDS:
        part = _audit_events(_AUDIT_KINDS[query.kind], people, about)
        if part is not None:
            parts.append(_within(part, query, AUDIT))
    return parts


def _people(text: str) -> list[int]:
    found = User.objects.filter(Q(name__icontains=text) | Q(email__icontains=text))
    return list(found.order_by("pk").values_list("pk", flat=True)[:MOST_PEOPLE])


@dataclass(frozen=True, slots=True)
class _About:
    """What the trail is asked about: a project, a request or a person, by id; nothing when it is not known."""

    project: int | None = None
    request: int | None = None
    person: int | None = None
    key: str = ""


def _about(text: str) -> _About:
    project = Project.objects.by_key(text).first() if "-" in text else None
    if project is not None:
        return _About(project=project.pk, key=project.key)
    pitch = Request.objects.by_key(text).first() if "-" in text else None
    if pitch is not None:
        return _About(request=pitch.pk, key=pitch.key)
    person = User.objects.filter(email__iexact=text).first()
    return _About(person=person.pk if person else None)


def _events(
    kind: str, model: type[models.Model], people: list[int] | None, about: _About | None
) -> QuerySet[Any] | None:
    events = history.event_model(model)
    found: QuerySet[Any] = events._default_manager.order_by()
    if model in _DRAFTS:
        found = found.exclude(state=_DRAFTS[model])
    if people is not None:
        actor = KeyTextTransform("user", "pgh_context__metadata")
        found = found.alias(event_actor=actor).filter(event_actor__in=[str(pk) for pk in people])
    if about is not None:
        condition = _condition(model, about)
        if condition is None:
            return None
        found = found.filter(condition)
    project = F("pgh_obj_id") if model is Project else F("project_id") if _has(events, "project") else Value(None)
    annotated: QuerySet[Any] = found.annotate(
        event_of=Value(kind, output_field=CharField()),
        event_rank=Value(_rank(kind)),
        event_project=Cast(project, BigIntegerField()),
    )
    return annotated


def _rank(kind: str) -> int:
    """The place of a table among events of one moment: the order that `_within` compares kinds in."""
    return sorted([AUDIT, *tracked_kinds()]).index(kind)


def _condition(model: type[models.Model], about: _About) -> Q | None:
    if about.project is not None:
        if model is Project:
            return Q(pgh_obj_id=about.project)
        return Q(project_id=about.project) if _has(history.event_model(model), "project") else None
    if about.request is not None:
        return Q(pgh_obj_id=about.request) if model is Request else None
    if about.person is not None:
        if model is User:
            return Q(pgh_obj_id=about.person)
        return Q(user_id=about.person) if model in {RoleGrant, TeamMember} else None
    return None


def _has(model: type[models.Model], name: str) -> bool:
    try:
        return bool(model._meta.get_field(name))
    except FieldDoesNotExist:
        return False


def _audit_events(kinds: Sequence[str], people: list[int] | None, about: _About | None) -> QuerySet[Any] | None:
    found: QuerySet[Any] = AuditEvent.objects.order_by()
    if len(kinds) < len(AuditKind.values):
        found = found.filter(kind__in=kinds)
    if people is not None:
        found = found.filter(Q(person_id__in=people) | Q(detail__account__in=people))
    if about is not None:
        if about.key:
            found = found.filter(subject=about.key)
        elif about.person is not None:
            found = found.filter(detail__account=about.person)
        else:
            return None
    annotated: QuerySet[Any] = found.annotate(
        event_of=Value(AUDIT, output_field=CharField()),
        event_rank=Value(_rank(AUDIT)),
        pgh_id=F("id"),
        pgh_created_at=F("created_at"),
        event_project=Cast(Value(None), BigIntegerField()),
    )
    return annotated


def _within(part: QuerySet[Any], query: TrailQuery, kind: str) -> QuerySet[Any]:
    """The days that are asked for, and what comes after the place where the last page ended."""
    since, until = query.bounds()
    if since is not None:
        part = part.filter(pgh_created_at__gte=since)
    if until is not None:
        part = part.filter(pgh_created_at__lt=until)
    place = query.after
    if place is None:
        return part
    if kind < place.kind:
        return part.filter(pgh_created_at__lt=place.at)
    if kind > place.kind:
        return part.filter(pgh_created_at__lte=place.at)
    return part.filter(Q(pgh_created_at__lt=place.at) | Q(pgh_created_at=place.at, pgh_id__lt=place.pk))


# --- what they say -------------------------------------------------------------------------------------------------


def _lines(rows: Sequence[Sequence[Any]]) -> list[Line]:
    kinds = tracked_kinds()
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, pk, *_rest in rows:
        ids[kind].append(pk)
    audit = AuditEvent.objects.in_bulk(ids.pop(AUDIT)) if AUDIT in ids else {}
    parts = [history.events_of(kinds[kind], pks, kind) for kind, pks in ids.items()]
    events = {(row[0], row[1]): row for row in history.union_of(parts)} if parts else {}
    wanted = history.references_of(events.values(), kinds)
    names = history.names_of(wanted)
    grants = [values for key, row in events.items() if key[0] == "accounts.rolegrant" for values in row[6:8] if values]
    places = places_of((one["scope"], one["scope_id"]) for one in grants) if grants else {}
    made = []
    for kind, pk, _at, project, _rank in rows:
        if kind == AUDIT:
            if pk in audit:
                made.append(_audit_line(audit[pk]))
        elif (kind, pk) in events:
            line = _record_line(events[kind, pk], kinds, names, project)
            made.append(_with_places(line, events[kind, pk], places) if kind == "accounts.rolegrant" else line)
    return made


def _record_line(
    row: Sequence[Any], kinds: dict[str, type[models.Model]], names: dict[tuple[str, int], str], project: int | None
) -> Line:
    entry = history.entry_of(row, names, kinds)
    model = kinds[row[0]]
    name = history.name_of(model, row[7], names)
    label = capfirst(entry.kind_label)
    thing = f"{label} “{name}”" if name else label
    pk = row[7].get("id") if model is Request else None
    return Line(
        at=entry.at,
        kind=row[0],
        kind_label=label,
        who=entry.who,
        sentence=f"{entry.verb}: {thing}",
        subject=f"P-{project}" if project else f"REQ-{pk:04d}" if pk else "",
        changes=entry.changes,
        is_new=entry.is_new,
        facts=[(_("Network address"), entry.address)] if entry.address else [],
        request_id=entry.request_id,
        address=entry.address,
        source=f"{history.event_model(model)._meta.db_table}:{row[1]}",
    )


def _with_places(line: Line, row: Sequence[Any], places: dict[tuple[str, int | None], str]) -> Line:
    """A role grant tells the name of what it holds for in the place of a number."""
    label = history.label_of(RoleGrant, "scope_id")

    def name(values: dict[str, Any] | None) -> str:
        return places.get((values["scope"], values["scope_id"]), "") if values else ""

    rest = [change for change in line.changes if change.label != label]
    before, after = name(row[6]), name(row[7])
    if row[3] == "delete":
        before, after = after, ""
    elif line.is_new:
        before = ""
    told = [Change(_("Place"), before, after)] if before != after else []
    return replace(line, changes=[*rest, *told])


def _audit_line(event: AuditEvent) -> Line:
    return Line(
        at=event.created_at,
        kind=event.kind,
        kind_label=str(event.get_kind_display()),
        who=event.person_name or (_("Somebody who was not signed in") if event.address else _("The portal itself")),
        sentence=words.sentence(event),
        subject=event.subject,
        facts=words.facts(event),
        request_id=event.request_id,
        address=event.address,
        source=f"{AuditEvent._meta.db_table}:{event.pk}",
    )
