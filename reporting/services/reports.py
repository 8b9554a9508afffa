"""Make, publish and correct reports: exactly one per slot in the database, its mail at least once.

A slot is worked on under a lease by the database's clock. Its inputs are frozen in a transaction of their
own, so every further try builds the same content; report and mails are written together, and only by the
worker that still holds the attempt it claimed.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from celery import current_app
from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from common import audit, leases
from common.enums import AuditKind
from common.errors import PortalError
from common.models import MAX_ATTEMPTS
from projects.enums import SnapshotSource
from projects.services import state
from reporting.enums import ReportState, SlotState
from reporting.models import Report, ReportSlot
from reporting.services import slots, subscriptions
from reporting.services.keeping import keeping
from reporting.slots import newest_due
from reporting.weekly import build, inputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from projects.models import Portfolio

log = logging.getLogger(__name__)

LEASE_SECONDS = 30
"""How soon the slot of a worker that died goes to another one; a living worker renews it (`keeping`)."""


TOLD_AT_ONCE = 100
"""How many slots one turn of the sweep hands out; the next turn brings the rest."""


class ReportNotMade(PortalError):
    """The report cannot be made now."""


class ReportSuperseded(PortalError):
    """Only the revision in force can be corrected."""


def due_slots() -> Any:
    """Slots to be worked on now: due, not held by a worker, with tries left.

    The least tried come first, then the oldest: what fails keeps nothing waiting, and an outage that ends
    worker after worker costs many slots one try instead of one slot all of its own.
    """
    return ReportSlot.objects.filter(leases.claimable(), state=SlotState.DUE, due_at__lte=Now()).order_by(
        "attempts", "due_at", "pk"
    )


def make_report(slot_id: int, *, progress: Callable[[str, int, int], None] | None = None) -> Report | None:
    """Make the report of one due slot; None when it is made already, held by somebody, or out of tries.

    Safe to call late, twice and at once. An error is noted with the slot and raised; after MAX_ATTEMPTS
    the slot rests as failed until a person presses retry, and keeps no other slot from its report.
    """
    wanted = due_slots().filter(pk=slot_id).select_related("portfolio__office")
    slot = leases.claim_next(wanted, seconds=LEASE_SECONDS)
    if slot is None:
        return None
    try:
        with keeping(slot, seconds=LEASE_SECONDS):
            return _work(slot, progress or _silent)
    except leases.LeaseLost:
        log.warning("Report slot %s was taken over by another worker.", slot.pk)
        return None
    except Exception as error:
        if leases.release_failed(slot, f"{type(error).__name__}: {error}"):
            leases.still_held(slot).update(state=SlotState.FAILED, leased_until=None)
        raise


def make_due(limit: int | None = None) -> list[int]:
    """Make what is due, one slot after another; the ids of the reports. A slot that fails is logged and left."""
    made = []
    for slot_id in list(due_slots().values_list("pk", flat=True)[:limit]):
        try:
            report = make_report(slot_id)
        except Exception:
            log.exception("The report of slot %s could not be made.", slot_id)
        else:
            made += [report.pk] if report else []
    return made


def sweep() -> None:
    """The periodic duty: write down what is due, give up on poison, and tell workers which slots wait.

    A message that is lost costs one turn; one that comes twice finds its slot taken.
    """
    slots.ensure_slots()
    give_up_on_poison()
    for slot_id in due_slots().values_list("pk", flat=True)[:TOLD_AT_ONCE]:
        current_app.send_task(
            "reporting.tasks.make_report", kwargs={"slot_id": slot_id}, ignore_result=True, retry=False, expires=60
        )


def give_up_on_poison() -> int:
    """Mark slots whose worker died at the last try, so that a person sees them; how many."""
    spent = Q(leased_until__isnull=True) | Q(leased_until__lt=Now())
    poison = ReportSlot.objects.filter(spent, state=SlotState.DUE, attempts__gte=MAX_ATTEMPTS)
    for slot_id, error in list(poison.values_list("pk", "last_error")):
        reason = error or _("The worker died every time it made this report.")
        ReportSlot.objects.filter(pk=slot_id, state=SlotState.DUE).update(state=SlotState.FAILED, last_error=reason)
    return ReportSlot.objects.filter(state=SlotState.FAILED).count()


@transaction.atomic
def retry_slot(*, slot_id: int, actor: User) -> ReportSlot:
    """A person sends a failed slot round again, with all its tries. Raises: ReportNotMade."""
    slot = ReportSlot.objects.select_for_update(of=("self",)).get(pk=slot_id)
    if slot.state != SlotState.FAILED:
        raise ReportNotMade(_("Only a report that failed can be tried again."))
    log.info("Slot %s is tried again by user %s.", slot.pk, actor.pk)
    leases.reset(slot)
    audit.record(AuditKind.ASKED, what="report_again", actor=actor, subject=str(slot), detail={"slot": slot.pk})
    ReportSlot.objects.filter(pk=slot.pk).update(state=SlotState.DUE)
    slot.refresh_from_db()
    return slot


def slot_to_make(portfolio: Portfolio) -> ReportSlot:
    """The newest due slot of a portfolio, written down when it is missing."""
    zone = ZoneInfo(portfolio.office.time_zone)
    return slots.ensure_slot(portfolio.pk, newest_due(slots.database_now(), zone), zone)


@transaction.atomic
def correct_report(*, report_id: int, note: str, actor: User) -> Report:
    """Publish the next revision of a report, built from what is known now, with a note on what it changes.

    The earlier revision stays readable as superseded; the slot's frozen inputs give way to new ones, the
    snapshots of that week stay. Raises: ReportSuperseded, ReportNotMade.
    """
    slot = ReportSlot.objects.select_for_update(of=("self",)).get(reports=report_id)
    check_correctable(Report.objects.get(pk=report_id), note)
    _freeze_inputs(slot)
    ReportSlot.objects.filter(pk=slot.pk).update(frozen=slot.frozen, snapshot_set=slot.snapshot_set)
    earlier = Report.objects.filter(slot=slot)
    newest = earlier.aggregate(newest=Max("revision"))["newest"]
    earlier.in_force().update(state=ReportState.SUPERSEDED, version=F("version") + 1)
    return _publish(slot, build.build(slot), revision=newest + 1, note=note.strip(), actor=actor)


def check_correctable(report: Report, note: str) -> None:
    """Raises: ReportSuperseded, ReportNotMade when nothing is said about what changes."""
    if not note.strip():
        raise ReportNotMade(_("Say what the correction changes."))
    if report.state != ReportState.PUBLISHED:
        raise ReportSuperseded(_("A newer revision of this report exists. Correct that one."))


def _silent(_step: str, _done: int = 0, _total: int = 0) -> None:
    """Nobody watches."""


def _work(slot: ReportSlot, progress: Callable[[str, int, int], None]) -> Report:
    progress(_("Reading projects and taking snapshots"), 1, 4)
    if not slot.frozen:
        _freeze(slot)
    progress(_("Comparing with last week"), 2, 4)
    content = build.build(slot)
    progress(_("Publishing and writing mail"), 3, 4)
    return _finish(slot, content)


def _freeze(slot: ReportSlot) -> None:
    """Fix the inputs in a transaction of their own: whatever happens later, no try reads live data again."""
    with transaction.atomic():
        _freeze_inputs(slot)
        if (
            not leases.still_held(slot)
            .filter(state=SlotState.DUE)
            .update(frozen=slot.frozen, snapshot_set=slot.snapshot_set)
        ):
            raise leases.LeaseLost


def _freeze_inputs(slot: ReportSlot) -> None:
    portfolios = inputs.covered(slot.portfolio)
    sets = state.take_sets(portfolios, as_of=slot.as_of, source=SnapshotSource.WEEKLY)
    slot.snapshot_set = next(found for found in sets if found.portfolio_id == slot.portfolio_id)
    slot.frozen = inputs.gather(slot, sets)


@transaction.atomic
def _finish(slot: ReportSlot, content: dict[str, Any]) -> Report:
    """Report, mails and the slot's end together, by the one worker that still holds the attempt."""
    held = leases.still_held(slot).filter(state=SlotState.DUE)
    if not held.update(state=SlotState.DONE, done_at=Now(), leased_until=None, last_error=""):
        raise leases.LeaseLost
    return _publish(slot, content, revision=1)  # a slot that was due has none yet, and the unique key holds it


def _publish(
    slot: ReportSlot, content: dict[str, Any], *, revision: int, note: str = "", actor: User | None = None
) -> Report:
    report = Report.objects.create(
        slot=slot,
        revision=revision,
        content=content,
        content_sha256=build.digest(content),
        note=note,
        published_by=actor,
    )
    subscriptions.queue_report_mail(report)
    return report
