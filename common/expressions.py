"""Small SQL expressions that several apps build their questions of."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Func, IntegerField, JSONField, Q, Value, When


class Days(Func):
    """The whole days from the second date to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


class Joined(Func):
    """Several JSON arrays as one."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = JSONField()


def yes_when(condition: Q) -> Case:
    """Yes where the condition holds, no everywhere else: never null."""
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
