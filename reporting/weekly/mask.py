"""What a published report no longer tells: rows of projects that became confidential after it was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def named_projects(content: Mapping[str, Any]) -> set[int]:
    """The ids of all projects that the content names."""
    return {row["project"] for part in _parts(content) for row in part["rows"]}


def without(content: Mapping[str, Any], hidden: set[int]) -> dict[str, Any]:
    """The content without the rows of these projects. The counts stay: they were true when published."""
    if not hidden:
        return dict(content)

    def cut(part: Any) -> Any:
        if not _is_part(part):
            return part
        return {**part, "rows": [row for row in part["rows"] if row["project"] not in hidden]}

    changes = {name: cut(part) for name, part in content["changes"].items()}
    return {**{name: cut(part) for name, part in content.items()}, "changes": changes}


def _parts(content: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (part for part in (*content.values(), *content["changes"].values()) if _is_part(part))


def _is_part(part: Any) -> bool:
    return isinstance(part, dict) and "rows" in part
