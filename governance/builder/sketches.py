"""What somebody has chosen so far, and what the buttons of the form do to it.

A group is {"join", "not", "parts"}, a question {"what", "op", "not", …} with the texts of its fields. `what` names a
fact, or "count:risks", "sum:risks.score", "exists:risks".
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Sketch: TypeAlias = dict[str, Any]

TEXTS: Final = ("op", "value", "low", "high", "other", "days")
"""The fields of a question that hold one text each."""


def group(*parts: Sketch, join: str = "all", turned: bool = False) -> Sketch:
    return {"join": join, "not": turned, "parts": list(parts)}


def blank() -> Sketch:
    return {"what": "", "not": False, "values": []}


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
        target["parts"].append(group(blank(), join="any" if target["join"] == "all" else "all"))
    elif verb == "filter" and "what" in target:
        target["where"] = group(blank())
    return sketch


def _at(sketch: Sketch, steps: list[str]) -> Sketch | None:
    found: Any = sketch
    for step in steps:
        if step == "where":
            found = found.get("where")
        else:
            parts = found.get("parts", [])
            place = _place(step, parts)
            found = None if place is None else parts[place]
        if not isinstance(found, dict):
            return None
    return found  # type: ignore[no-any-return]  # of a part typed Any


def _place(step: str, parts: list[Any]) -> int | None:
    """The place of a part that a button names; None when there is none: anybody can send anything."""
    known = {str(place): place for place in range(len(parts))}
    return known.get(step)


def _remove(sketch: Sketch, steps: list[str]) -> None:
    holder = _at(sketch, steps[:-1]) if steps else None
    if holder is None:
        return
    last = steps[-1]
    if last == "where":
        holder.pop("where", None)
    elif (place := _place(last, holder.get("parts", []))) is not None:
        del holder["parts"][place]
        if not holder["parts"] and "where" in holder:
            holder["where"] = None
