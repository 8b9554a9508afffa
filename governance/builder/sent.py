"""The fields of the form, as they were sent, as a sketch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from governance.builder.sketches import TEXTS, Sketch, group

if TYPE_CHECKING:
    from governance.facts import Catalogue

MAX_PARTS: Final = 80
MAX_DEPTH: Final = 10


def sketch_sent(data: Mapping[str, Any], path: str, catalogue: Catalogue, depth: int = 0) -> Sketch:
    """What the form says; an empty group when it says nothing."""
    found = group(join="any" if _one(data, f"{path}-join") == "any" else "all", turned=f"{path}-not" in data)
    for number in range(MAX_PARTS):
        below = f"{path}.{number}"
        if f"{below}-join" in data and depth < MAX_DEPTH:
            found["parts"].append(sketch_sent(data, below, catalogue, depth + 1))
        elif f"{below}-what" in data:
            found["parts"].append(_question(data, below, catalogue, depth))
        else:
            break
    return found


def _question(data: Mapping[str, Any], path: str, catalogue: Catalogue, depth: int) -> Sketch:
    what = _one(data, f"{path}-what")
    found: Sketch = {"what": what, "not": f"{path}-not" in data, "working": f"{path}-working" in data}
    found |= {name: _one(data, f"{path}-{name}") for name in TEXTS}
    found["values"] = [line for text in _many(data, f"{path}-values") for line in text.splitlines() if line.strip()]
    children = catalogue.children_of(what.partition(":")[2])
    if children is not None and f"{path}.where-join" in data:
        found["where"] = sketch_sent(data, f"{path}.where", children.fields, depth + 1)
    return found


def _one(data: Mapping[str, Any], name: str) -> str:
    values = _many(data, name)
    return values[-1] if values else ""


def _many(data: Mapping[str, Any], name: str) -> list[str]:
    if hasattr(data, "getlist"):
        return list(data.getlist(name))
    found = data.get(name, [])
    return list(found) if isinstance(found, list) else [str(found)]
