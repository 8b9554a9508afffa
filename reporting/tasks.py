"""Shells around the report slots: the database says what is due, a message only says when to look."""

from __future__ import annotations

from celery import shared_task

from reporting.services import reports


@shared_task(name="reporting.tasks.make_report")
def make_report(*, slot_id: int) -> None:
    """Make the report of one slot, if it is still to be made and nobody holds it."""
    reports.make_report(slot_id)
