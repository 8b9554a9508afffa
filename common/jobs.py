"""Background runs that a person asked for: a row with progress, done by whichever worker claims it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from common import audit, leases
from common.enums import AuditKind, JobState
from common.errors import PortalError
from common.models import JobRun
from common.wake import wake_worker

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

LEASE_SECONDS = 120

Handler = Callable[[JobRun, "Progress"], dict[str, Any]]
_handlers: dict[str, Handler] = {}


class Progress:
    """Tell how far a run is. Writing it also renews the lease, so a living run is never taken over."""

    def __init__(self, job: JobRun) -> None:
        self.job = job

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Show `step` in words, and `done` of `total` when total is known. Raises: LeaseLost.

        Inside a transaction of the handler it becomes visible with that transaction.
        """
        leases.renew(self.job, seconds=LEASE_SECONDS)
        leases.still_held(self.job).update(step=step[:200], progress_done=done, progress_total=total)


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does runs of this kind. It must leave the same when it runs twice."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def ask_for(
    *, kind: str, label: str, actor: User | None, params: dict[str, Any] | None = None, dedupe_key: str = ""
) -> JobRun:
    """Write down that this shall be done, in the caller's transaction, and wake a worker after it.

    With a `dedupe_key`, asking again while that run is open or done gives the same run.
    """
    if kind not in _handlers:
        raise LookupError(f"No handler for jobs of kind {kind!r}.")
    try:
        with transaction.atomic():
            job = JobRun.objects.create(
                kind=kind, label=label[:200], created_by=actor, params=params or {}, dedupe_key=dedupe_key or None
            )
    except IntegrityError:
        return JobRun.objects.get(dedupe_key=dedupe_key)
    if actor is not None:
        audit.record(AuditKind.ASKED, what=kind, actor=actor, reason=label, detail={"run": job.pk})
    wake_worker()
    return job


def run_next() -> JobRun | None:
    """Claim one open run and do it; None when nothing is open."""
    job = leases.claim_next(JobRun.objects.open().order_by("created_at"), seconds=LEASE_SECONDS)
    if job is not None:
        _run(job)
    return job


def run_now(job: JobRun) -> JobRun:
    """Do this run here and now, for commands and tests; the same as a worker would."""
    claimed = leases.claim_next(JobRun.objects.open().filter(pk=job.pk), seconds=LEASE_SECONDS)
    if claimed is not None:
        _run(claimed)
    job.refresh_from_db()
    return job


def _run(job: JobRun) -> None:
    leases.still_held(job).update(state=JobState.RUNNING, started_at=Now())
    try:
        result = _handlers[job.kind](job, Progress(job))
    except leases.LeaseLost:
        log.warning("Job %s was taken over by another worker.", job.pk)
    except PortalError as error:
        _finish(job, state=JobState.FAILED, last_error=str(error))
    except Exception as error:
        if leases.release_failed(job, f"{type(error).__name__}: {error}"):
            _finish(job, state=JobState.FAILED)
        log.exception("Job %s (%s) failed at try %s.", job.pk, job.kind, job.attempts)
    else:
        _finish(job, state=JobState.DONE, result=result, last_error="")


def _finish(job: JobRun, **fields: Any) -> None:
    leases.still_held(job).update(finished_at=Now(), leased_until=None, **fields)


@transaction.atomic
def retry(*, job_pk: int, actor: User) -> JobRun:
    """A person sends a failed run round again. Raises: PortalError when it did not fail."""
    job = JobRun.objects.visible_to(actor).get(pk=job_pk)
    if not JobRun.objects.filter(pk=job_pk, state=JobState.FAILED).update(
        state=JobState.QUEUED, attempts=0, leased_until=None, finished_at=None
    ):
        raise PortalError(_("Only a run that failed can be tried again."))
    audit.record(AuditKind.ASKED, what="again", actor=actor, reason=job.label, detail={"run": job.pk})
    wake_worker()
    job.refresh_from_db()
    return job
