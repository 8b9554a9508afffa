"""A condition as a browser sends it: the fields of the form with their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.builder.drawing import draw
from governance.builder.sent import sketch_sent
from governance.builder.trees import sketch_of, tree_of
from governance.facts import Catalogue
from governance.words import Labels


def typed(tree: Any, root: str, known: Catalogue, labels: Labels) -> dict[str, Any]:
    """The fields of a stored condition; a box that is not ticked is not sent."""
    controls = draw(sketch_of(tree, known), root, known, labels).all_controls()
    return {one.name: one.value for one in controls if one.kind != "check" or one.value}


def meant(data: Mapping[str, Any], root: str, known: Catalogue, labels: Labels) -> Any:
    """The condition that the fields say."""
    return tree_of(sketch_sent(data, root, known), known, labels)
