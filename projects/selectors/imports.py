"""What the import pages read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.enums import Permission
from projects.enums import ImportState
from projects.imports import presets, progress, tables
from projects.imports.records import REFUSING
from projects.imports.report import KINDS
from projects.models import ImportPreset, ImportRun, Portfolio

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models.portfolio import PortfolioQuerySet

BUILT_IN: Final = "builtin"
OWN: Final = "own"
MOST_DIGITS: Final = 18
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def import_portfolios(user: User) -> PortfolioQuerySet:
    """The portfolios that the person may import into."""
    return Portfolio.objects.reached_by(user, Permission.PORTFOLIO_IMPORT)


def imports_for(user: User) -> QuerySet[ImportRun]:
    """The imports that the person may see, newest first, without the files themselves."""
    runs = (
        ImportRun.objects.visible_to(user)
        .select_related("portfolio", "created_by")
        .defer("content", "preview", "mapping")
    )
    return runs.order_by("-created_at", "-pk")


def get_import_for(user: User, pk: int, *, with_file: bool = False) -> ImportRun:
    """One import. Who may not import into its portfolio does not learn that it exists. Raises: Http404."""
    runs = ImportRun.objects.visible_to(user).select_related("portfolio", "job", "created_by")
    run = (runs if with_file else runs.defer("content")).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def preset_choices(user: User) -> list[tuple[str, str]]:
    """Built-in and saved matchings that the person can start from."""
    own = ImportPreset.objects.visible_to(user).order_by("name")
    return [
        *((f"{BUILT_IN}:{name}", str(label)) for name, label in presets.LABELS.items()),
        *((f"{OWN}:{preset.pk}", preset.name) for preset in own),
    ]


def preset_mapping(user: User, key: str) -> dict[str, Any] | None:
    """The matching behind a choice of `preset_choices`, as JSON values."""
    kind, _sep, name = key.partition(":")
    if kind == BUILT_IN and name in presets.PRESETS:
        return {**presets.PRESETS[name], "preset": name}
    if kind == OWN and name.isdecimal() and len(name) < MOST_DIGITS:
        found = ImportPreset.objects.visible_to(user).filter(pk=int(name)).first()
        return dict(found.mapping) if found else None
    return None


def progress_of(run: ImportRun) -> dict[str, Any]:
    """How far a running import is, in words and numbers. What is not known yet is a start."""
    known = progress.told(run.pk) if run.state == ImportState.RUNNING else None
    return known or {"step": _("Waiting for a worker"), "done": 0, "total": 0}


def problem_rows(run: ImportRun, *, kind: str = "", field: str = "") -> list[list[Any]]:
    """Each problem of the run as [row, id, kind, field, column, text], perhaps of one kind and field only."""
    data = run.result if run.state == ImportState.DONE else run.preview
    return [row for row in data.get("problems", []) if (not kind or row[2] == kind) and (not field or row[3] == field)]


def refused_rows(run: ImportRun) -> Iterator[list[str]]:
    """The refused rows as they were, each behind its number and the reason, for mending and importing again."""
    table = tables.read_table(bytes(run.content))
    reasons = {row[0]: str(KINDS[row[2]]) for row in problem_rows(run) if row[2] in REFUSING}
    yield [_("Row"), _("Reason"), *table.columns]
    for row in table.rows:
        if row.number in reasons:
            yield [str(row.number), reasons[row.number], *map(escaped, row.cells)]
    for misfit in table.misfits:
        yield [str(misfit.number), str(KINDS["misfit"]), escaped(misfit.text)]


def escaped(text: str) -> str:
    """A text that no spreadsheet takes for a formula; importing it again takes the sign away."""
    return f"'{text}" if text.startswith(_FORMULA) else text
