"""A query that is asked all day long, translated to SQL once.

The ORM takes some fifty milliseconds of processor time to translate the facts of a project, a hundred
times what Postgres needs to answer for one project. So it is translated once per process and connection.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db import connections, router
from django.db.models import BigIntegerField, BooleanField, F, Func, Model, QuerySet, Value

_DAY: Final = date(1801, 1, 1)
"""Stands for the day of the question while translating; days near it are that many days from it."""
_NEAR: Final = timedelta(days=4000)
_IDS: Final = [-1801]

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
