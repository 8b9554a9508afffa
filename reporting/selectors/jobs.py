"""Reading background runs and the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Min, Q, QuerySet
from django.http import Http404

from accounts.enums import Permission
from common.enums import JobState
from common.models import MAX_ATTEMPTS, JobRun, OutgoingMail

if TYPE_CHECKING:
    import datetime as dt
    from typing import TypedDict

    from accounts.models import User

    class Outbox(TypedDict):
        """How many mails wait, how many were given up, and since when the oldest waits."""

        waiting: int
        failed: int
        oldest: dt.datetime | None


def job_runs_for(user: User, state: str = "") -> QuerySet[JobRun]:
    """The runs that the person may watch, the newest first; of one state when it is given."""
    runs = JobRun.objects.visible_to(user).select_related("created_by")
    if state in JobState.values:
        runs = runs.filter(state=state)
    return runs.order_by("-created_at", "-pk")


def get_job_run_for(user: User, pk: int) -> JobRun:
    """The one door to a run. Raises: Http404."""
    run = job_runs_for(user).filter(pk=pk).first()
    if run is None:
        raise Http404
    return run


def outbox() -> Outbox:
    """The state of the outbox, in one query."""
    unsent = OutgoingMail.objects.filter(sent_at__isnull=True)
    spent = Q(attempts__gte=MAX_ATTEMPTS)
    found = unsent.aggregate(
        waiting=Count("pk", filter=~spent), failed=Count("pk", filter=spent), oldest=Min("created_at")
    )
    return {"waiting": found["waiting"], "failed": found["failed"], "oldest": found["oldest"]}


def failed_mail_for(user: User) -> QuerySet[OutgoingMail]:
    """Mails that were given up, for whoever looks after the portal's jobs; nobody else sees any."""
    if not user.can(Permission.JOBS_MANAGE):
        return OutgoingMail.objects.none()
    return OutgoingMail.objects.filter(sent_at__isnull=True, attempts__gte=MAX_ATTEMPTS).order_by("-pk")
