from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission
from common import history
from common.models import Leased, Record
from projects.models import Portfolio, SnapshotSet
from reporting.enums import ReportKind, ReportState, SlotState

if TYPE_CHECKING:
    from accounts.models import User


class ReportSlotQuerySet(models.QuerySet["ReportSlot"]):
    def visible_to(self, user: User) -> ReportSlotQuerySet:
        return self.filter(portfolio__in=Portfolio.objects.reached_by(user, Permission.REPORT_VIEW).values("pk"))


class ReportSlot(Leased):
    """One report that is due: kind, portfolio and ISO week in the office's time zone, unique.

    Slots are derived from the calendar, so whatever was missed comes back. `starts_at` and `ends_at`
    are the bounds of the week it reports on (UTC moments of local midnights, half-open); `as_of` is its
    last day; the inputs are frozen in `snapshot_set` when the slot is first worked on.
    """

    kind = models.CharField(max_length=20, choices=ReportKind, default=ReportKind.WEEKLY_HEALTH)
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="report_slots")
    iso_year = models.PositiveSmallIntegerField()
    iso_week = models.PositiveSmallIntegerField()
    time_zone = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    as_of = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=SlotState, default=SlotState.DUE)
    snapshot_set = models.ForeignKey(SnapshotSet, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    frozen: models.JSONField[Any, Any] = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True, blank=True)

    objects = ReportSlotQuerySet.as_manager()

    class Meta:
        verbose_name = _("due report")
        verbose_name_plural = _("due reports")
        constraints = [
            models.UniqueConstraint(fields=["kind", "portfolio", "iso_year", "iso_week"], name="reportslot_once"),
            models.CheckConstraint(condition=Q(iso_week__range=(1, 53)), name="reportslot_iso_week"),
        ]
        indexes = [models.Index(fields=["due_at"], name="reportslot_due", condition=Q(state="due"))]

    def __str__(self) -> str:
        return f"{self.portfolio_id} {self.iso_year}-W{self.iso_week:02d}"


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> ReportQuerySet:
        return self.filter(slot__portfolio__in=Portfolio.objects.reached_by(user, Permission.REPORT_VIEW).values("pk"))

    def in_force(self) -> ReportQuerySet:
        return self.filter(state=ReportState.PUBLISHED)


@history.track(exclude=["content"])
class Report(Record):
    """A published report. Its content never changes; a correction is the next revision and supersedes it."""

    slot = models.ForeignKey(ReportSlot, on_delete=models.PROTECT, related_name="reports")
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=ReportState, default=ReportState.PUBLISHED)
    content: models.JSONField[Any, Any] = models.JSONField()
    content_sha256 = models.CharField(max_length=64)
    note = models.TextField(_("what the correction changes"), blank=True)
    published_at = models.DateTimeField(db_default=Now())
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: made on schedule."),
    )

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(fields=["slot", "revision"], name="report_revision_once"),
            models.UniqueConstraint(fields=["slot"], condition=Q(state="published"), name="report_one_in_force"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_report_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "slot_id", "revision", "content", "content_sha256", "published_at", "published_by_id", "note"
                ),
            ),
            pgtrigger.Protect(name="report_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.slot} r{self.revision}"


@history.track()
class Subscription(Record):
    """A person who wants a portfolio's reports by mail. Checked against their rights at every sending."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="subscriptions", verbose_name=_("person")
    )
    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.CASCADE, related_name="subscriptions", verbose_name=_("portfolio")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=ReportKind, default=ReportKind.WEEKLY_HEALTH)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [models.UniqueConstraint(fields=["user", "portfolio", "kind"], name="subscription_once")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.portfolio_id}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User | models.QuerySet[User]) -> SavedViewQuerySet:
        """One's own and the shared ones; of several people what any of them sees."""
        owned = Q(owner__in=user) if isinstance(user, models.QuerySet) else Q(owner=user)
        return self.filter(owned | Q(is_shared=True))


@history.track()
class SavedView(Record):
    """A named query string of a list page. Shared ones are for everybody; each reader sees only their own rows."""

    page = models.CharField(_("list"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=1000, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    is_shared = models.BooleanField(_("share with everybody"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [models.UniqueConstraint(fields=["owner", "page", "name"], name="savedview_once")]

    def __str__(self) -> str:
        return self.name


MOST_MINUTES = 2_400


@history.track()
class EffortEstimate(Record):
    """How many minutes each form of governance takes somebody, as the PMO estimates. One row for the organisation;
    as long as there is none, what a new one holds is the estimate.
    """

    vote = models.PositiveSmallIntegerField(_("a vote"), default=15)
    waiver = models.PositiveSmallIntegerField(_("asking for a waiver"), default=45)
    update = models.PositiveSmallIntegerField(_("a status update"), default=20)
    request = models.PositiveSmallIntegerField(_("a request"), default=90)

    class Meta:
        verbose_name = _("estimate of effort")
        verbose_name_plural = _("estimates of effort")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="effortestimate_only_one"),
            models.CheckConstraint(
                condition=Q(vote__lte=MOST_MINUTES)
                & Q(waiver__lte=MOST_MINUTES)
                & Q(update__lte=MOST_MINUTES)
                & Q(request__lte=MOST_MINUTES),
                name="effortestimate_at_most_a_week",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vote} {self.waiver} {self.update} {self.request}"
