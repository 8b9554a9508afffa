"""The stored tree of a condition as a sketch, and a sketch as the tree that it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from governance.builder.options import COMPARISONS, choices, chosen_op
from governance.builder.sketches import TEXTS, Sketch, group
from governance.conditions import operators
from governance.facts import FactKind

if TYPE_CHECKING:
    from governance.facts import Catalogue, Fact
    from governance.words import Labels


def sketch_of(tree: Any, catalogue: Catalogue) -> Sketch:
    """A stored tree as a group with parts; None is an empty group."""
    if tree is None:
        return group()
    found = _sketched(tree, catalogue, turned=False)
    return found if "join" in found else group(found)


def _sketched(tree: Any, catalogue: Catalogue, *, turned: bool) -> Sketch:
    if "not" in tree:
        return _sketched(tree["not"], catalogue, turned=not turned)
    for join in ("all", "any"):
        if join in tree:
            parts = (_sketched(part, catalogue, turned=False) for part in tree[join])
            return group(*parts, join=join, turned=turned)
    for key in ("count", "sum", "exists"):
        if key in tree:
            return _sketched_over(tree, key, catalogue, turned=turned)
    found: Sketch = {"what": tree["fact"], "not": turned, "working": "calendar" in tree}
    found["values"] = [_written(value) for value in tree.get("values", ())]
    return found | {name: _written(tree[name]) for name in TEXTS if name in tree}


def _sketched_over(tree: Any, key: str, catalogue: Catalogue, *, turned: bool) -> Sketch:
    children, where = catalogue.children_of(str(tree[key])), None
    if children is not None and tree.get("where") is not None:
        where = sketch_of(tree["where"], children.fields)
    texts = {name: _written(tree[name]) for name in ("op", "value") if name in tree}
    return {"what": f"{key}:{tree[key]}", "not": turned, "where": where, **texts}


def _written(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def tree_of(sketch: Sketch, catalogue: Catalogue, labels: Labels) -> Any:
    """The tree that a sketch means, as far as it is finished; None for a group without parts."""
    if "join" not in sketch:
        found = _question(sketch, catalogue, labels)
    else:
        read = (tree_of(part, catalogue, labels) for part in sketch["parts"])
        parts = [part for part in read if part is not None]
        if not parts:
            return None
        found = parts[0] if len(parts) == 1 else {sketch["join"]: parts}
    if not sketch["not"]:
        return found
    return found["not"] if set(found) == {"not"} else {"not": found}


def _question(sketch: Sketch, catalogue: Catalogue, labels: Labels) -> dict[str, Any]:
    key, _colon, name = sketch["what"].partition(":")
    if name:
        return _over(sketch, key, name, catalogue, labels)
    fact = catalogue.facts.get(sketch["what"])
    if fact is None:
        return {"fact": sketch["what"]}
    op = chosen_op(sketch, operators(fact, catalogue))
    if not sketch.get("value"):  # a select shows its first choice before anybody chose
        sketch = sketch | {"value": next(iter(choices(fact, labels)), "")}
    return {"fact": fact.name, "op": op} | _operands(op, sketch, fact)


def _over(sketch: Sketch, key: str, name: str, catalogue: Catalogue, labels: Labels) -> dict[str, Any]:
    asked: dict[str, Any] = {key: name}
    children = catalogue.children_of(name)
    if children is not None and sketch.get("where"):
        where = tree_of(sketch["where"], children.fields, labels)
        asked |= {} if where is None else {"where": where}
    if key == "exists":
        return asked
    return asked | {"op": chosen_op(sketch, COMPARISONS, "le"), "value": _number(sketch.get("value", ""))}


def _operands(op: str, sketch: Sketch, fact: Fact) -> dict[str, Any]:
    """What a comparison is made with, as far as it is filled in."""
    if op in COMPARISONS and sketch.get("other"):
        return {"other": sketch["other"]}
    if op in COMPARISONS:
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


def _meant(fact: Fact, text: str) -> Any:
    if fact.kind is FactKind.YES_NO:
        return {"yes": True, "no": False}.get(text, text)
    return _number(text) if fact.kind.is_number else text


def _number(text: str) -> str:
    """A number as people type it: with a decimal comma or point."""
    bare = text.strip().replace(" ", "").replace("\u00a0", "")
    return bare.replace(",", ".") if bare.count(",") == 1 and "." not in bare else bare
