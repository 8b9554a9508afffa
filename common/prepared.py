"""A query that is asked all day long, translated to SQL once.

The ORM takes some fifty milliseconds of processor time to translate the facts of a project, a hundred
times what Postgres needs to answer for one project. So it is translated once per process and connection.
`Prepared` gives rows of values, `PreparedRecord` the record behind a door with all that belongs to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeAlias, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connections, router
from django.db.models import BigIntegerField, BooleanField, F, Func, JSONField, Model, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.query import get_related_populators

_DAY: Final = date(1801, 1, 1)
"""Stands for the day of the question while translating; days near it are that many days from it."""
_NEAR: Final = timedelta(days=4000)
_IDS: Final = [-1801]

M = TypeVar("M", bound=Model)
Param: TypeAlias = Any
"""Whatever the driver takes."""


class IsAnyOf(Func):
    """`value = ANY(array)`: probes an index for each element, where `IN (subquery)` fetches all and filters."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class _Translated:
    sql: str
    params: tuple[Param, ...]
    converters: dict[int, tuple[list[Any], Any]]

    def params_for(self, ids: list[int], as_of: date) -> list[Param]:
        return [_param(param, ids, as_of) for param in self.params]


def _param(param: Param, ids: list[int], as_of: date) -> Param:
    if type(param) is date and abs(param - _DAY) < _NEAR:
        return as_of + (param - _DAY)
    return ids if param == _IDS else param


class Prepared:
    """The rows of `build(subjects, as_of)` for subjects given by id and for any day.

    `build` gets the queryset of the subjects and the day, and returns a `values_list`; it may use the day,
    and days counted from it, as values and not to decide what to ask. The ids are those of the rows themselves, or of
    what the foreign key `key` names.
    """

    def __init__(
        self, model: type[Model], build: Callable[[QuerySet[Any], date], QuerySet[Any, Any]], *, key: str = "pk"
    ) -> None:
        self._model = model
        self._build = build
        self._key = key
        self._translated: dict[str, _Translated] = {}

    def rows(self, ids: Collection[int], as_of: date) -> Iterator[tuple[Any, ...]]:
        """One query for one subject or a thousand."""
        using = router.db_for_write(self._model)
        connection = connections[using]
        translated = self._translated.get(using) or self._translate(using)
        with connection.cursor() as cursor:
            cursor.execute(translated.sql, translated.params_for(list(ids), as_of))
            for row in cursor:  # one by one: the driver holds them in a tenth of the memory of Python's values
                values = list(row)
                for place, (converters, expression) in translated.converters.items():
                    for convert in converters:
                        values[place] = convert(values[place], expression, connection)
                yield tuple(values)

    def _translate(self, using: str) -> _Translated:
        asked = Value(_IDS, output_field=ArrayField(BigIntegerField()))
        subjects = self._model._default_manager.using(using).filter(IsAnyOf(F(self._key), asked))
        compiler = self._build(subjects, _DAY).query.get_compiler(using)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])
        self._translated[using] = _Translated(sql, tuple(params), converters)
        return self._translated[using]


class PreparedRecord:
    """One record with what `build` selects with it: the wide part of a page's question, which is the same for all.

    Who may have it is the narrow part: `behind` gets a queryset with at most one row, translated anew each time, and
    hands over what it annotates. One statement for both, so nothing can change between them.
    """

    def __init__(self, build: Callable[[], QuerySet[M]], *, told: tuple[str, ...]) -> None:
        """`told` names what every door annotates besides the key; the record has it as attributes."""
        self._build = build
        self._told = told
        self._translated: dict[str, _Wide] = {}

    def behind(self, door: QuerySet[M]) -> M | None:
        """The record that the door lets through, or None. One query."""
        using = door.db
        connection = connections[using]
        wide = self._translated.get(using) or self._translate(using)
        try:
            narrow, narrow_params = door.values_list("pk", *self._told).query.sql_with_params()
        except EmptyResultSet:  # the door knows without asking that nothing is behind it
            return None
        columns = ", ".join(connection.ops.quote_name(name) for name in ("pk", *self._told))
        with connection.cursor() as cursor:
            # it begins with SELECT, as everything that only reads does: what tells history who writes goes by that
            sql = f"SELECT * FROM (WITH door ({columns}) AS ({narrow}) {wide.sql}) AS page"  # noqa: S608  all of it ours
            cursor.execute(sql, (*narrow_params, *wide.params))
            row = cursor.fetchone()
        return None if row is None else wide.record(row, connection)

    def _translate(self, using: str) -> _Wide:
        behind = RawSQL("(SELECT door.pk FROM door)", [], output_field=BigIntegerField())
        told = RawSQL("(SELECT to_jsonb(door) FROM door)", [], output_field=JSONField())
        query = self._build().using(using).filter(pk=behind).annotate(door=told).order_by().query
        compiler = query.get_compiler(using)
        sql, params = compiler.as_sql()
        self._translated[using] = _Wide(sql, tuple(params), compiler, self._told)
        return self._translated[using]


class _Wide:
    """The SQL of the wide part, and how its row becomes a record: as `QuerySet` does it, which offers no way to give
    it rows from elsewhere.
    """

    def __init__(self, sql: str, params: tuple[Param, ...], compiler: Any, told: tuple[str, ...]) -> None:
        self.sql, self.params, self._told = sql, params, told
        info = compiler.klass_info
        self._model = info["model"]
        self._start, self._end = info["select_fields"][0], info["select_fields"][-1] + 1
        self._names = [one[0].target.attname for one in compiler.select[self._start : self._end]]
        # Django 6.1 asks for a fetch mode as well, and the type stubs already do
        self._related = get_related_populators(info, compiler.select, compiler.using)  # type: ignore[call-arg]  # see above
        self._annotations = dict(compiler.annotation_col_map)
        self._converters = compiler.get_converters([expression for expression, _sql, _alias in compiler.select])

    def record(self, row: Sequence[Any], connection: Any) -> Any:
        values = list(row)
        for place, (converters, expression) in self._converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        record = self._model.from_db(connection.alias, self._names, values[self._start : self._end])
        for related in self._related:
            related.populate(values, record)
        for name, place in self._annotations.items():
            setattr(record, name, values[place])
        for name in self._told:
            setattr(record, name, record.door[name])
        return record
