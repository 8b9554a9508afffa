"""A sketch as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from governance.builder import options
from governance.builder.controls import Control, value_control, values_control
from governance.conditions import operators

if TYPE_CHECKING:
    from governance.builder.sketches import Sketch
    from governance.facts import Catalogue, Children, Fact, Text
    from governance.words import Labels


@dataclass(frozen=True, slots=True)
class Part:
    """A group with its parts, or a question with its fields, as the page draws it."""

    path: str
    is_group: bool
    controls: list[Control]
    parts: list[Part] = field(default_factory=list)
    where: Part | None = None
    can_filter: bool = False
    is_root: bool = False
    of: Text = ""
    """What the rows are, for the filter of a count."""

    def all_controls(self) -> Iterator[Control]:
        yield from self.controls
        for part in (*self.parts, *((self.where,) if self.where else ())):
            yield from part.all_controls()


def draw(sketch: Sketch, path: str, catalogue: Catalogue, labels: Labels, *, of: Text = "") -> Part:
    """A group as the root of a form, or of the filter of a count."""
    return _Pen(catalogue, labels).group(sketch, path, is_root=True, of=of)


@dataclass(frozen=True, slots=True)
class _Pen:
    catalogue: Catalogue
    labels: Labels

    def group(self, sketch: Sketch, path: str, *, is_root: bool = False, of: Text = "") -> Part:
        joins: options.Options = [("all", _("all of this holds")), ("any", _("at least one of this holds"))]
        controls = [
            Control(f"{path}-join", "select", _("How the parts go together"), sketch["join"], [("", joins)]),
            Control(f"{path}-not", "check", _("not"), sketch["not"]),
        ]
        parts = [self.part(part, f"{path}.{number}") for number, part in enumerate(sketch["parts"])]
        return Part(path, is_group=True, controls=controls, parts=parts, is_root=is_root, of=of)

    def part(self, sketch: Sketch, path: str) -> Part:
        return self.group(sketch, path) if "join" in sketch else self.question(sketch, path)

    def question(self, sketch: Sketch, path: str) -> Part:
        what = sketch["what"]
        asked = options.questions(self.catalogue, what)
        controls = [
            Control(f"{path}-not", "check", _("not"), sketch["not"]),
            Control(f"{path}-what", "select", _("What is asked"), what, asked, redraws=True),
        ]
        key, _colon, name = what.partition(":")
        children = self.catalogue.children_of(name)
        if children is not None:
            return self.over(sketch, path, children, controls if key == "exists" else controls + _counted(sketch, path))
        fact = None if name else self.catalogue.facts.get(what)
        return Part(path, is_group=False, controls=controls + (self.about(sketch, path, fact) if fact else []))

    def over(self, sketch: Sketch, path: str, children: Children, controls: list[Control]) -> Part:
        where = None
        if sketch.get("where"):
            where = draw(sketch["where"], f"{path}.where", children.fields, self.labels, of=children.label)
        return Part(path, is_group=False, controls=controls, where=where, can_filter=where is None, of=children.label)

    def about(self, sketch: Sketch, path: str, fact: Fact) -> list[Control]:
        op = options.chosen_op(sketch, operators(fact, self.catalogue))
        offered = options.comparisons(fact, self.catalogue)
        return [
            Control(f"{path}-op", "select", _("Comparison"), op, [("", offered)], redraws=True),
            *self.operands(op, sketch, path, fact),
        ]

    def operands(self, op: str, sketch: Sketch, path: str, fact: Fact) -> Iterator[Control]:
        """The fields for what the fact is compared with."""
        if op in options.COMPARISONS:
            other = sketch.get("other", "")
            others = options.others(fact, self.catalogue, other)
            if not other:
                yield self.value(f"{path}-value", _("Value"), sketch.get("value", ""), fact)
            if others:
                offered = [("", [("", _("a value")), *others])]
                yield Control(f"{path}-other", "select", _("Compared with"), other, offered, redraws=True)
        elif op == "between":
            for end, label in (("low", _("From")), ("high", _("Up to and including"))):
                yield self.value(f"{path}-{end}", label, sketch.get(end, ""), fact)
        elif op == "in":
            yield values_control(f"{path}-values", sketch.get("values", []), fact, self.labels)
        elif op in {"older_than", "within"}:
            yield Control(f"{path}-days", "number", _("Days"), sketch.get("days", ""))
            yield Control(f"{path}-working", "check", _("working days only"), sketch.get("working", False))

    def value(self, name: str, label: Text, value: str, fact: Fact) -> Control:
        return value_control(name, label, value, fact, self.labels)


def _counted(sketch: Sketch, path: str) -> list[Control]:
    """The fields that a count or a sum is compared by."""
    op, ops = options.chosen_op(sketch, options.COMPARISONS, "le"), options.comparisons_of_counts()
    return [
        Control(f"{path}-op", "select", _("Comparison"), op, [("", ops)]),
        Control(f"{path}-value", "number", _("Number"), sketch.get("value", "")),
    ]
