"""Where the progress of a running import is shown: in the cache, because its transaction is not yet visible."""

from __future__ import annotations

from typing import Any, Final

from django.core.cache import cache

SECONDS: Final = 600


def tell(run_id: int, step: str, done: int, total: int) -> None:
    """Say how far an import is. Losing it costs nothing but the bar."""
    cache.set(_key(run_id), {"step": step, "done": done, "total": total}, SECONDS)


def told(run_id: int) -> dict[str, Any] | None:
    """How far the import is, when somebody said so lately."""
    found: dict[str, Any] | None = cache.get(_key(run_id))
    return found


def _key(run_id: int) -> str:
    return f"import-progress:{run_id}"
