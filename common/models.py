from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from common.enums import AuditKind, JobState

if TYPE_CHECKING:
    from accounts.models import User

MAX_ATTEMPTS = 5
"""Work that failed this often is poison: it rests until a person presses retry."""


class Record(models.Model):
    """A governed record: when it came and changed, and a version that a form must send back.

    `version` is compared and raised by `common.versions.claim`, so a lost update becomes a conflict
    page and never a silent overwrite.
    """

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True, editable=False)

    class Meta:
        abstract = True


class Leased(models.Model):
    """A row that a worker claims for a while, by the database's clock (see `common.leases`).

    `attempts` also fences: the final write of a worker checks that it still holds the attempt that
    it claimed, so a worker that was thought dead cannot overwrite its successor.
    """

    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    leased_until = models.DateTimeField(_("held until"), null=True, blank=True, editable=False)
    last_error = models.TextField(_("last error"), blank=True, editable=False)

    class Meta:
        abstract = True


class JobRunQuerySet(models.QuerySet["JobRun"]):
    def visible_to(self, user: User) -> JobRunQuerySet:
        """Own runs; every run for whoever looks after the portal's jobs."""
        if user.can("jobs.manage"):
            return self
        return self.filter(created_by=user.pk)

    def open(self) -> JobRunQuerySet:
        return self.filter(state__in=[JobState.QUEUED, JobState.RUNNING])


class JobRun(Leased):
    """One background run, with progress a person can watch and a result that stays.

    The row is written in the transaction that asks for the work; the broker only wakes a worker up
    early, and a sweep finds whatever it forgot. `kind` names a handler in `common.jobs`; `params`
    holds ids and plain values; `dedupe_key` makes asking twice give the same run.
    """

    kind = models.CharField(_("kind"), max_length=60)
    label = models.CharField(_("what it does"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="job_runs"
    )
    params: models.JSONField[Any, Any] = models.JSONField(_("parameters"), default=dict)
    result: models.JSONField[Any, Any] = models.JSONField(_("result"), default=dict)
    dedupe_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    step = models.CharField(_("step"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("asked at"), db_default=Now(), editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
        indexes = [
            # the sweep looks for work that is open and whose lease ran out
            models.Index(fields=["leased_until"], name="jobrun_open", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["-created_at"], name="jobrun_newest"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_open(self) -> bool:
        return self.state in {JobState.QUEUED, JobState.RUNNING}


class OutgoingMail(Leased):
    """A mail to one person, written in the transaction that has the reason to send it.

    A relay sends and then marks it, so a mail is never lost and rarely doubled; `message_id` comes
    from the cause (slot, request …) and is the same on every try, so that mail programs can tell a double.
    """

    message_id = models.CharField(_("message id"), max_length=250, unique=True)
    to_address = models.EmailField(_("to"))
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True)
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"), blank=True)
    headers: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("written at"), db_default=Now(), editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mail")
        indexes = [models.Index(fields=["created_at"], name="outgoingmail_unsent", condition=Q(sent_at__isnull=True))]

    def __str__(self) -> str:
        return self.subject


class Heartbeat(models.Model):
    """When a periodic duty was last done, so that the health page can tell a dead beat from a quiet day."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class UsedToken(models.Model):
    """A one-time token of a form that was accepted, with where it led: a repeat gets the same answer."""

    token = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    target = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.token)


MOST_DETAIL = 4_000
"""Characters that the details of an audit event may take, in the database's own writing."""


class AuditEvent(models.Model):
    """Something that happened without a change of a record: a refusal, a sign-in, an export. Never changes.

    `person_id` is no foreign key and `person_name` is kept beside it, so that a trace holds nobody here and
    outlives whom it names. `what` says which of its kind it is: the list that was exported, the error that
    refused. `repeats` above 1 stands for as many alike, which were counted and not written one by one.
    """

    created_at = models.DateTimeField(_("when"), db_default=Now(), editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=AuditKind)
    what = models.CharField(_("what"), max_length=60, blank=True)
    person_id = models.BigIntegerField(_("person"), null=True, blank=True)
    person_name = models.CharField(_("person"), max_length=120, blank=True)
    address = models.CharField(_("network address"), max_length=64, blank=True)
    request_id = models.CharField(_("reference"), max_length=64, blank=True)
    method = models.CharField(_("method"), max_length=10, blank=True)
    url_name = models.CharField(_("page or action"), max_length=80, blank=True)
    path = models.CharField(_("page address"), max_length=200, blank=True)
    status = models.PositiveSmallIntegerField(_("answer"), null=True, blank=True)
    subject = models.CharField(_("about"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    detail: models.JSONField[Any, Any] = models.JSONField(_("details"), default=dict, blank=True)
    repeats = models.PositiveIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        constraints = [
            models.CheckConstraint(
                condition=LessThanOrEqual(Length(Cast("detail", models.TextField())), MOST_DETAIL),
                name="auditevent_detail_is_short",
            ),
            models.CheckConstraint(condition=Q(repeats__gte=1), name="auditevent_happened"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="auditevent_newest"),
            models.Index(fields=["person_id", "-created_at"], name="auditevent_of_person"),
            models.Index(fields=["subject"], name="auditevent_subject", condition=~Q(subject="")),
        ]
        triggers = [pgtrigger.Protect(name="audit_event_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.person_name}"


class RefusalCount(models.Model):
    """How often one origin was refused in one hour: beyond a few, refusals are counted and not written."""

    origin = models.CharField(max_length=100)
    hour = models.DateTimeField()
    seen = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "hour"], name="refusalcount_once")]

    def __str__(self) -> str:
        return f"{self.origin} {self.hour:%Y-%m-%d %H}: {self.seen}"


class Seal(models.Model):
    """One link of the chain over the history (see `common.seals`). Never changes.

    `covered` says per table from which id (exclusive) to which (inclusive), how many rows, which columns, and
    the SHA-256 over them; `hash` is the SHA-256 over all of that and over the hash of the seal before.
    """

    number = models.PositiveIntegerField(_("number"), primary_key=True)
    sealed_at = models.DateTimeField(_("sealed at"))
    previous = models.CharField(max_length=64, unique=True)
    hash = models.CharField(max_length=64, unique=True)
    rows = models.PositiveBigIntegerField()
    covered: models.JSONField[Any, Any] = models.JSONField()

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        triggers = [pgtrigger.Protect(name="seal_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:16]}"


class SealMark(models.Model):
    """How far a table is sealed, and which transactions must end before it can be sealed further."""

    table = models.CharField(max_length=63, primary_key=True)
    sealed_to = models.BigIntegerField(null=True)
    wanted_to = models.BigIntegerField(null=True)
    waiting_for: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.table} {self.sealed_to}"
