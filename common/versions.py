"""Optimistic locking of records: a form sends back the version that it was opened with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext as _

from common.errors import Conflict
from common.models import Record

R = TypeVar("R", bound=Record)


def claim(queryset: models.QuerySet[R], *, pk: Any, version: int | None) -> R:
    """Lock one record until the transaction ends and make sure that it is still the one the person saw.

    `version` None skips the comparison (changes that do not overwrite what somebody typed). One query.
    Raises: Conflict when the version moved on; the model's DoesNotExist.
    """
    record = queryset.select_for_update(of=("self",)).get(pk=pk)
    demand(record, version)
    return record


def demand(record: Record, version: int | None) -> None:
    """Make sure that a locked record is still the one the person saw; `version` None skips it. Raises: Conflict."""
    if version is not None and record.version != version:
        raise Conflict(
            _("Somebody else changed this while you were editing. Compare the two and save again."),
            current_version=record.version,
        )


def apply(record: R, changes: Mapping[str, Any]) -> list[str]:
    """Set what differs, raise the version and save those columns only; the names of what changed.

    Nothing differs: nothing is written, so saving a form twice leaves one trace. Call it on a record
    that `claim` locked.
    """
    changed = [name for name, value in changes.items() if getattr(record, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(record, name, changes[name])
    record.version += 1
    record.save(update_fields=[*changed, "version", "updated_at"])
    return changed


def touch(record: R) -> None:
    """Raise the version of a record that `claim` locked: something that belongs to it has changed."""
    record.version += 1
    record.save(update_fields=["version", "updated_at"])
