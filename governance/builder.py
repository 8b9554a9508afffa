"""A condition as a form of selects: every change is a submit, and the form carries all of it.

Between the stored tree and the form stands a *sketch*, which may be unfinished: a group is {"join", "not",
"parts"}, a question {"what", "op", "not", …} with the texts of its fields. `what` names a fact, or
"count:risks", "sum:risks.score", "exists:risks".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from governance.conditions import can_be_compared, can_be_summed, operators
from governance.facts import Catalogue, Fact, FactKind

if TYPE_CHECKING:
    from governance.facts import Text
    from governance.words import Labels

Sketch: TypeAlias = dict[str, Any]

MAX_PARTS: Final = 80
MAX_DEPTH: Final = 10
_COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
_OPS: Final[dict[str, Text]] = {
    "eq": pgettext_lazy("comparison", "is"),
    "ne": pgettext_lazy("comparison", "is not"),
    "lt": pgettext_lazy("comparison", "is less than"),
    "le": pgettext_lazy("comparison", "is at most"),
    "gt": pgettext_lazy("comparison", "is more than"),
    "ge": pgettext_lazy("comparison", "is at least"),
    "between": pgettext_lazy("comparison", "lies between"),
    "in": pgettext_lazy("comparison", "is one of"),
    "filled": pgettext_lazy("comparison", "is filled in"),
    "empty": pgettext_lazy("comparison", "is empty"),
    "withheld": pgettext_lazy("comparison", "is withheld"),
    "older_than": pgettext_lazy("comparison", "is more days ago than"),
    "within": pgettext_lazy("comparison", "is at most so many days ago"),
}
_DATE_OPS: Final[dict[str, Text]] = {
    "lt": pgettext_lazy("comparison", "is before"),
    "le": pgettext_lazy("comparison", "is on or before"),
    "gt": pgettext_lazy("comparison", "is after"),
    "ge": pgettext_lazy("comparison", "is on or after"),
}
_TEXTS: Final = ("op", "value", "low", "high", "other", "days")
_NUMBERS: Final = frozenset({FactKind.NUMBER, FactKind.PERCENT, FactKind.DAYS, FactKind.MONEY})
_NEEDED: Final = {"between": ("low", "high"), "older_than": ("days",), "within": ("days",)}


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form. `options`: (group, [(value, label)]) for a select."""

    name: str
    kind: str
    label: Text
    value: Any = ""
    options: list[tuple[str, list[tuple[str, Text]]]] = field(default_factory=list)
    redraws: bool = False
    """Whether other fields depend on it."""

    @property
    def id(self) -> str:
        return f"id_{self.name.replace('.', '_')}"


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


@dataclass(frozen=True, slots=True)
class Builder:
    """Draws and reads conditions over a catalogue."""

    catalogue: Catalogue
    labels: Labels

    # --- from the stored tree and back -------------------------------------------------------------------------------

    def sketch(self, tree: Any) -> Sketch:
        """A stored tree as a group with parts; None is an empty group."""
        if tree is None:
            return {"join": "all", "not": False, "parts": []}
        found = self._sketched(tree, turned=False)
        return found if "join" in found else {"join": "all", "not": False, "parts": [found]}

    def _sketched(self, tree: Any, *, turned: bool) -> Sketch:
        if "not" in tree:
            return self._sketched(tree["not"], turned=not turned)
        for join in ("all", "any"):
            if join in tree:
                parts = [self._sketched(part, turned=False) for part in tree[join]]
                return {"join": join, "not": turned, "parts": parts}
        for key in ("count", "sum", "exists"):
            if key in tree:
                return self._over(tree, key, turned=turned)
        found: Sketch = {"what": tree["fact"], "not": turned, "working": "calendar" in tree}
        found["values"] = [self._written(value) for value in tree.get("values", ())]
        return found | {name: self._written(tree[name]) for name in _TEXTS if name in tree}

    def _over(self, tree: Any, key: str, *, turned: bool) -> Sketch:
        name = str(tree[key]).partition(".")[0]
        children = self.catalogue.children.get(f"{self.catalogue.subject}.{name}")
        where = None
        if children is not None and tree.get("where") is not None:
            where = Builder(children.fields, self.labels).sketch(tree["where"])
        texts = {name: self._written(tree[name]) for name in ("op", "value") if name in tree}
        return {"what": f"{key}:{tree[key]}", "not": turned, "where": where, **texts}

    @staticmethod
    def _written(value: Any) -> str:
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)

    def tree(self, sketch: Sketch) -> Any:
        """The tree that a sketch means, as far as it is finished; None for a group without parts."""
        if "join" not in sketch:
            found = self._question(sketch)
        else:
            parts = [part for part in map(self.tree, sketch["parts"]) if part is not None]
            if not parts:
                return None
            found = parts[0] if len(parts) == 1 else {sketch["join"]: parts}
        if not sketch["not"]:
            return found
        return found["not"] if set(found) == {"not"} else {"not": found}

    def _question(self, sketch: Sketch) -> dict[str, Any]:
        key, _colon, name = sketch["what"].partition(":")
        if name:
            return self._over_tree(sketch, key, name)
        fact = self.catalogue.facts.get(sketch["what"])
        if fact is None:
            return {"fact": sketch["what"]}
        op = self._op(sketch, fact)
        if not sketch.get("value"):
            sketch = sketch | {"value": self._first(fact)}
        return {"fact": fact.name, "op": op} | _operands(op, sketch, fact)

    def _first(self, fact: Fact) -> str:
        """What a select of values shows before anybody chose; "" for a field to type in."""
        return "yes" if fact.kind is FactKind.YES_NO else next(iter(self._named(fact)), "")

    def _over_tree(self, sketch: Sketch, key: str, name: str) -> dict[str, Any]:
        asked: dict[str, Any] = {key: name}
        children = self.catalogue.children.get(f"{self.catalogue.subject}.{name.partition('.')[0]}")
        if children is not None and sketch.get("where"):
            where = Builder(children.fields, self.labels).tree(sketch["where"])
            asked |= {} if where is None else {"where": where}
        if key == "exists":
            return asked
        op = sketch.get("op") if sketch.get("op") in _COMPARISONS else "le"
        return asked | {"op": op, "value": _number(sketch.get("value", ""))}

    def _op(self, sketch: Sketch, fact: Fact) -> str:
        known = operators(fact, self.catalogue)
        return sketch["op"] if sketch.get("op") in known else known[0]

    # --- from the form and back --------------------------------------------------------------------------------------

    def from_form(self, data: Mapping[str, Any], path: str, depth: int = 0) -> Sketch:
        """What the form says; an empty group when it says nothing."""
        group: Sketch = {"join": "any" if _one(data, f"{path}-join") == "any" else "all", "parts": []}
        group["not"] = f"{path}-not" in data
        for number in range(MAX_PARTS):
            below = f"{path}.{number}"
            if f"{below}-join" in data and depth < MAX_DEPTH:
                group["parts"].append(self.from_form(data, below, depth + 1))
            elif f"{below}-what" in data:
                group["parts"].append(self._asked(data, below, depth))
            else:
                break
        return group

    def _asked(self, data: Mapping[str, Any], path: str, depth: int) -> Sketch:
        what = _one(data, f"{path}-what")
        found: Sketch = {"what": what, "not": f"{path}-not" in data, "working": f"{path}-working" in data}
        found |= {name: _one(data, f"{path}-{name}") for name in _TEXTS}
        found["values"] = [line for text in _many(data, f"{path}-values") for line in text.splitlines() if line.strip()]
        name = what.partition(":")[2].partition(".")[0]
        children = self.catalogue.children.get(f"{self.catalogue.subject}.{name}") if name else None
        if children is not None and f"{path}.where-join" in data:
            found["where"] = Builder(children.fields, self.labels).from_form(data, f"{path}.where", depth + 1)
        return found

    def fields(self, tree: Any, path: str) -> dict[str, Any]:
        """The names and values of all fields of the form."""
        return {
            one.name: one.value
            for one in self.draw(self.sketch(tree), path).all_controls()
            if one.kind != "check" or one.value
        }

    def read(self, data: Mapping[str, Any], path: str) -> Any:
        """The tree that the form means."""
        return self.tree(self.from_form(data, path))

    # --- drawing -----------------------------------------------------------------------------------------------------

    def draw(self, sketch: Sketch, path: str, *, is_root: bool = True, of: Text = "") -> Part:
        """A sketch as the page shows it."""
        if "join" not in sketch:
            return self._draw_question(sketch, path)
        joins: list[tuple[str, Text]] = [("all", _("all of this holds")), ("any", _("at least one of this holds"))]
        controls = [
            Control(f"{path}-join", "select", _("How the parts go together"), sketch["join"], [("", joins)]),
            Control(f"{path}-not", "check", _("not"), sketch["not"]),
        ]
        parts = [self.draw(part, f"{path}.{number}", is_root=False) for number, part in enumerate(sketch["parts"])]
        return Part(path, is_group=True, controls=controls, parts=parts, is_root=is_root, of=of)

    def _draw_question(self, sketch: Sketch, path: str) -> Part:
        what = sketch["what"]
        controls = [
            Control(f"{path}-not", "check", _("not"), sketch["not"]),
            Control(f"{path}-what", "select", _("What is asked"), what, self._choices(what), redraws=True),
        ]
        key, _colon, name = what.partition(":")
        if not name:
            fact = self.catalogue.facts.get(what)
            return Part(path, is_group=False, controls=controls + (self._about(sketch, path, fact) if fact else []))
        children = self.catalogue.children.get(f"{self.catalogue.subject}.{name.partition('.')[0]}")
        if children is None:
            return Part(path, is_group=False, controls=controls)
        if key != "exists":
            ops = [(op, _OPS[op]) for op in _COMPARISONS]
            op = sketch.get("op") if sketch.get("op") in _COMPARISONS else "le"
            controls.append(Control(f"{path}-op", "select", _("Comparison"), op, [("", ops)]))
            controls.append(Control(f"{path}-value", "number", _("Number"), sketch.get("value", "")))
        inner = Builder(children.fields, self.labels)
        where = None
        if sketch.get("where"):
            where = inner.draw(sketch["where"], f"{path}.where", of=children.label)
        return Part(path, is_group=False, controls=controls, where=where, can_filter=where is None, of=children.label)

    def _about(self, sketch: Sketch, path: str, fact: Fact) -> list[Control]:
        op = self._op(sketch, fact)
        said = _OPS | _DATE_OPS if fact.kind is FactKind.DATE else _OPS
        ops = [(one, said[one]) for one in operators(fact, self.catalogue)]
        controls = [Control(f"{path}-op", "select", _("Comparison"), op, [("", ops)], redraws=True)]
        if op in _COMPARISONS:
            others = self._others(fact, sketch.get("other", ""))
            if not sketch.get("other"):
                controls.append(self.input(f"{path}-value", _("Value"), sketch.get("value", ""), fact))
            if others:
                choices = [("", _("a value")), *others]
                label = _("Compared with")
                controls.append(
                    Control(f"{path}-other", "select", label, sketch.get("other", ""), [("", choices)], redraws=True)
                )
        elif op == "between":
            for end, label in (("low", _("From")), ("high", _("Up to and including"))):
                controls.append(self.input(f"{path}-{end}", label, sketch.get(end, ""), fact))
        elif op == "in":
            controls.append(self._several(f"{path}-values", sketch.get("values", []), fact))
        elif op in {"older_than", "within"}:
            controls.append(Control(f"{path}-days", "number", _("Days"), sketch.get("days", "")))
            controls.append(Control(f"{path}-working", "check", _("working days only"), sketch.get("working", False)))
        return controls

    def _choices(self, what: str) -> list[tuple[str, list[tuple[str, Text]]]]:
        known = self.catalogue
        facts: list[tuple[str, Text]] = [
            (fact.name, fact.label)
            for fact in known.facts.values()
            if (fact.kind is not FactKind.LIST and not fact.word.endswith("_id")) or fact.name == what
        ]
        counts: list[tuple[str, Text]] = []
        sums: list[tuple[str, Text]] = []
        exist: list[tuple[str, Text]] = []
        for one in known.children.values():
            counts.append((f"count:{one.word}", _("number of %(children)s") % {"children": one.label}))
            exist.append((f"exists:{one.word}", _("at least one of: %(children)s") % {"children": one.label}))
            sums += [
                (
                    f"sum:{one.word}.{each.word}",
                    _("sum of %(field)s over %(children)s") % {"field": each.label, "children": one.label},
                )
                for each in one.fields.facts.values()
                if can_be_summed(each)
            ]
        groups: list[tuple[str, list[tuple[str, Text]]]] = [
            ("", [("", _("Choose…"))]),
            (_("Facts"), sorted(facts, key=lambda pair: str(pair[1]).lower())),
        ]
        if counts:
            groups += [(_("Counted"), counts), (_("Added up"), sums), (_("Is there one?"), exist)]
        return groups

    def _others(self, fact: Fact, chosen: str) -> list[tuple[str, Text]]:
        """The facts that this one can be compared with: numbers and dates, and whatever is chosen already."""
        offered = fact.kind in _NUMBERS or fact.kind is FactKind.DATE
        return [
            (one.name, one.label)
            for one in self.catalogue.facts.values()
            if one.name == chosen
            or (offered and can_be_compared(fact, one) and one is not fact and not one.word.endswith("_id"))
        ]

    def _named(self, fact: Fact) -> Mapping[str, Text]:
        return self.labels.get(fact.name) or self.labels.get(fact.word) or {}

    def input(self, name: str, label: Text, value: str, fact: Fact) -> Control:
        """The field for a value of a fact."""
        if fact.kind is FactKind.YES_NO:
            answers: list[tuple[str, Text]] = [("yes", _("yes")), ("no", _("no"))]
            return Control(name, "select", label, value or "yes", [("", answers)])
        named = self._named(fact)
        if named:
            extra = [] if not value or value in named else [(value, value)]
            return Control(name, "select", label, value or next(iter(named)), [("", [*named.items(), *extra])])
        kind = "date" if fact.kind is FactKind.DATE else "number" if fact.kind in _NUMBERS else "text"
        shown = f"{label} ({fact.unit})" if fact.unit else label
        return Control(name, kind, shown, value)

    def _several(self, name: str, values: list[str], fact: Fact) -> Control:
        named = self._named(fact)
        if named:
            options = [*named.items(), *((value, value) for value in values if value not in named)]
            return Control(name, "several", _("Values"), values, [("", options)])
        return Control(name, "lines", _("Values, one on each line"), "\n".join(values))


def _operands(op: str, sketch: Sketch, fact: Fact) -> dict[str, Any]:
    """What a comparison is made with, as far as it is filled in."""
    if op in _COMPARISONS and sketch.get("other"):
        return {"other": sketch["other"]}
    if op in _COMPARISONS:
        return {"value": _meant(fact, sketch.get("value", ""))}
    if op == "between":
        return {end: _meant(fact, sketch.get(end, "")) for end in ("low", "high")}
    if op == "in":
        return {"values": [_meant(fact, value) for value in sketch.get("values", ())]}
    if op not in {"older_than", "within"}:
        return {}
    days = sketch.get("days", "").strip()
    calendar = {"calendar": "working"} if sketch.get("working") else {}
    return {"days": int(days) if days.isdecimal() and days.isascii() else days} | calendar


def _one(data: Mapping[str, Any], name: str) -> str:
    values = _many(data, name)
    return values[-1] if values else ""


def _many(data: Mapping[str, Any], name: str) -> list[str]:
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    found = data.get(name, [])
    return list(found) if isinstance(found, list) else [str(found)]


def _number(text: str) -> str:
    """A number as people type it: with a decimal comma or point."""
    bare = text.strip().replace(" ", "").replace("\u00a0", "")
    return bare.replace(",", ".") if bare.count(",") == 1 and "." not in bare else bare


def _meant(fact: Fact, text: str) -> Any:
    if fact.kind is FactKind.YES_NO:
        return {"yes": True, "no": False}.get(text, text)
    return _number(text) if fact.kind in _NUMBERS else text


def act(sketch: Sketch, root: str, do: str) -> Sketch:
    """Do what a button of the form says: "add:", "group:", "filter:" or "remove:" and the path of a part.

    The sketch is changed in place. What cannot be done is not done: a page may be old.
    """
    verb, _colon, path = do.partition(":")
    if path != root and not path.startswith(f"{root}."):
        return sketch
    steps = path[len(root) :].split(".")[1:]
    if verb == "remove":
        _remove(sketch, steps)
        return sketch
    target = _at(sketch, steps)
    if target is None:
        return sketch
    if verb == "add" and "join" in target:
        target["parts"].append(blank())
    elif verb == "group" and "join" in target:
        other = "any" if target["join"] == "all" else "all"
        target["parts"].append({"join": other, "not": False, "parts": [blank()]})
    elif verb == "filter" and "what" in target:
        target["where"] = {"join": "all", "not": False, "parts": [blank()]}
    return sketch


def blank() -> Sketch:
    return {"what": "", "not": False, "values": []}


def _at(sketch: Sketch, steps: list[str]) -> Sketch | None:
    found: Any = sketch
    for step in steps:
        if step == "where":
            found = found.get("where")
        else:
            parts = found.get("parts", [])
            found = parts[int(step)] if step.isdecimal() and int(step) < len(parts) else None
        if not isinstance(found, dict):
            return None
    return found  # type: ignore[no-any-return]  # of the queryset typed Any


def _remove(sketch: Sketch, steps: list[str]) -> None:
    holder = _at(sketch, steps[:-1]) if steps else None
    if holder is None:
        return
    last = steps[-1]
    if last == "where":
        holder["where"] = None
    elif last.isdecimal() and int(last) < len(holder.get("parts", [])):
        del holder["parts"][int(last)]
        if not holder["parts"] and "where" in holder:
            holder["where"] = None


PLACES: Final[dict[str, Text]] = {
    "condition": gettext_lazy("Asks that"),
    "applies": gettext_lazy("Applies where"),
}
"""The roots of the two trees of a rule, and what they are called."""
