"""Writing a RACI matrix, whatever its rows are: deliverables of a project or processes of an office."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Conflict, PortalError
from common.models import Record
from strategy.enums import ACCOUNTABLE
from strategy.models.raci import PERSON, Assignment
from strategy.raci.cells import Wanted, two_accountable


class MatrixError(PortalError):
    """A matrix that cannot be."""


class MatrixConflict(Conflict):
    """Somebody else changed rows of the matrix since it was opened; `rows` names their ids."""

    def __init__(self, rows: Sequence[int]) -> None:
        super().__init__(
            _("Somebody else changed this while you were editing. Compare the two and save again."), current_version=0
        )
        self.rows = tuple(rows)


def write_matrix(
    *, model: type[Assignment], subjects: Mapping[int, Record], wanted: Mapping[int, Wanted]
) -> dict[int, dict[str, str]]:
    """Make the rows as wanted; what changed, by row: seat → letter ("" taken away).

    The subjects are locked by the caller. A row that is already as wanted is left alone, whatever version was
    seen, so sending a form twice changes nothing. At most six statements, however many rows.
    Raises: MatrixConflict, MatrixError.
    """
    cells = cells_of(model, list(subjects))
    present = {pk: {seat: row.letter for seat, row in cells[pk].items()} for pk in subjects}
    changed = {pk: one for pk, one in wanted.items() if pk in subjects and dict(one.letters) != present[pk]}
    if stale := [pk for pk, one in changed.items() if one.version != subjects[pk].version]:
        raise MatrixConflict(stale)
    for pk, one in changed.items():
        if sum(code in ACCOUNTABLE for code in one.letters.values()) > 1:
            raise MatrixError(two_accountable(str(subjects[pk])))
    _write(model, cells, changed)
    if changed:
        type(next(iter(subjects.values())))._default_manager.filter(pk__in=changed).update(
            version=F("version") + 1, updated_at=timezone.now()
        )
    return {pk: _difference(present[pk], one.letters) for pk, one in changed.items()}


def cells_of(model: type[Assignment], subject_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The assignments of these subjects, by subject and seat. One query."""
    found: dict[int, dict[str, Any]] = {pk: {} for pk in subject_ids}
    for row in model._default_manager.filter(**{f"{model.SUBJECT}__in": subject_ids}):
        found[getattr(row, f"{model.SUBJECT}_id")][row.seat] = row
    return found


def new_assignments(model: type[Assignment], subject_id: int, letters: Mapping[str, str]) -> list[Any]:
    """Unsaved assignments of one subject."""
    return [model(**{f"{model.SUBJECT}_id": subject_id}, letter=code, **_seat(seat)) for seat, code in letters.items()]


def _write(model: type[Assignment], cells: Mapping[int, Mapping[str, Any]], changed: Mapping[int, Wanted]) -> None:
    """Take away, then demote, then promote and add: at no moment does a row have two who are accountable."""
    rows = model._default_manager
    gone = [row.pk for pk, one in changed.items() for seat, row in cells[pk].items() if seat not in one.letters]
    if gone:
        rows.filter(pk__in=gone).delete()
    kept = _relettered(cells, changed)
    promoted = [one for one in kept if one.letter in ACCOUNTABLE]
    for part in ([one for one in kept if one not in promoted], promoted):
        rows.bulk_update(part, ["letter"])
    rows.bulk_create(
        row
        for pk, one in changed.items()
        for row in new_assignments(
            model, pk, {seat: code for seat, code in one.letters.items() if seat not in cells[pk]}
        )
    )


def _relettered(cells: Mapping[int, Mapping[str, Any]], changed: Mapping[int, Wanted]) -> list[Any]:
    """The assignments that stay with another letter, which is set."""
    kept = []
    for pk, one in changed.items():
        for seat, row in cells[pk].items():
            if one.letters.get(seat, row.letter) != row.letter:
                row.letter = one.letters[seat]
                kept.append(row)
    return kept


def _seat(seat: str) -> dict[str, Any]:
    return {"person_id": int(seat.removeprefix(PERSON))} if seat.startswith(PERSON) else {"post": seat}


def _difference(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    return {seat: after.get(seat, "") for seat in before.keys() | after.keys() if before.get(seat) != after.get(seat)}
