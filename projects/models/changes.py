"""Change control: what was agreed, in versions, and the requests to change it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from common.prepared import IsAnyOf
from governance.models.outcomes import SAID_YES, follows_a_ballot
from projects.enums import CHANGE_MATTER, OPEN_CHANGES, BaselineSource, ChangeKind, ChangeState
from projects.models.project import Project

if TYPE_CHECKING:
    from accounts.models import User

_CLOSED = (ChangeState.ACCEPTED, ChangeState.REJECTED, ChangeState.WITHDRAWN)
_DECIDED = Q(state__in=[ChangeState.ACCEPTED, ChangeState.REJECTED])


def _money(label: Any) -> models.DecimalField[Decimal | None, Decimal | None]:
    return models.DecimalField(label, max_digits=20, decimal_places=2, null=True, blank=True)


class ChangeRequestQuerySet(models.QuerySet["ChangeRequest"]):
    def visible_to(self, user: User) -> ChangeRequestQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def open(self) -> ChangeRequestQuerySet:
        return self.filter(state__in=OPEN_CHANGES)


@history.track()
class ChangeRequest(Record):
    """A wish to change what was agreed.

    Each effect keeps what it starts from, so that a request that was overtaken by another is noticed. `milestones`:
    [{"id", "name", "from", "to"}], ISO dates or null; to null takes the milestone out of the baseline. An effect
    whose kind is chosen without an amount is unknown. `author_ids` are all who wrote
    on it; none of them decides. Once closed it never changes.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="change_requests", verbose_name=_("project")
    )
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("what should change"), max_length=200)
    reason = models.TextField(_("why"), blank=True)
    kinds: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=10, choices=ChangeKind), verbose_name=_("what it touches"), default=list, blank=True
    )
    scope_from = models.TextField(_("scope so far"), blank=True)
    scope_to = models.TextField(_("new scope statement"), blank=True)
    finish_from = models.DateField(_("finish so far"), null=True, blank=True)
    finish_to = models.DateField(_("new finish"), null=True, blank=True)
    milestones: models.JSONField[Any, Any] = models.JSONField(_("milestones that move"), default=list, blank=True)
    cost_from = _money(_("cost so far"))
    cost_delta = _money(_("more or less cost"))
    benefits_from = _money(_("benefits so far"))
    benefits_delta = _money(_("more or less benefits"))
    risks = models.TextField(_("effect on risks"), blank=True)
    options = models.TextField(_("other options"), blank=True)
    cost_of_not = models.TextField(_("what not doing it costs"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ChangeState, default=ChangeState.DRAFT)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="change_requests",
        verbose_name=_("requested by"),
    )
    author_ids: ArrayField[list[int], list[int]] = ArrayField(models.BigIntegerField(), default=list, editable=False)
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decision_reason = models.TextField(_("reason of the decision"), blank=True)

    objects = ChangeRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="changerequest_number_once"),
            models.CheckConstraint(
                condition=_DECIDED & Q(decided_at__isnull=False, decided_by__isnull=False)
                | ~_DECIDED & Q(decided_at__isnull=True, decided_by__isnull=True),
                name="changerequest_decided_at_by",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="changerequest_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(IsAnyOf(F("decided_by"), F("author_ids"))),
                name="changerequest_decided_by_none_of_its_authors",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ChangeState.DRAFT, ChangeState.WITHDRAWN])
                | Q(submitted_on__isnull=False) & ~Q(reason="") & ~Q(title=""),
                name="changerequest_submitted_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=_CLOSED, closed_on__isnull=False) | ~Q(state__in=_CLOSED) & Q(closed_on=None),
                name="changerequest_closed_on_when_closed",
            ),
        ]
        triggers = [
            follows_a_ballot(
                CHANGE_MATTER,
                when="OLD.decided_by_id IS NULL AND NEW.decided_by_id IS NOT NULL",
                match=f"b.decided_by_id = NEW.decided_by_id AND {SAID_YES} = (NEW.state = 'accepted')",
            ),
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=[str(one) for one in _CLOSED]),
            ),
            pgtrigger.Protect(
                name="origin_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("requested_by", "project", "number"),
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        ]
        indexes = [
            models.Index(
                fields=["project"],
                name="changerequest_open",
                condition=Q(state__in=OPEN_CHANGES),
                include=["finish_to", "cost_from", "cost_delta"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def key(self) -> str:
        """How people call it within its project."""
        return f"CR-{self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_CHANGES

    @property
    def is_closed(self) -> bool:
        return self.state in _CLOSED


class Baseline(models.Model):
    """What was agreed about a project, frozen under a number; the highest number is in force.

    Its dates and cost equal the project's `baseline_*` columns and its milestones their `baseline_on`: triggers on
    both tables hold that. `milestones`: [{"id", "name", "on"}] in order of date. `note` says where it comes from:
    the file of an import, the request that the project came from. `made_at` is the start of the transaction, the
    same moment that history gives to the move of the columns.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="baselines", verbose_name=_("project"))
    number = models.PositiveIntegerField(_("number"))
    source = models.CharField(_("where it comes from"), max_length=10, choices=BaselineSource)
    change_request = models.OneToOneField(
        ChangeRequest,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="baseline",
        verbose_name=_("change request"),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    agreed_at = models.DateTimeField(_("agreed at"))
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("agreed by"),
    )
    made_at = models.DateTimeField(db_default=TransactionNow(), editable=False)
    scope = models.TextField(_("scope statement"), blank=True)
    start_on = models.DateField(_("start"), null=True, blank=True)
    finish_on = models.DateField(_("finish"), null=True, blank=True)
    milestones: models.JSONField[Any, Any] = models.JSONField(_("milestones"), default=list, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    cost_period = models.CharField(_("period that the cost covers"), max_length=60, blank=True)
    cost = _money(_("cost"))
    cost_withheld = models.CharField(_("cost withheld because"), max_length=300, blank=True)
    benefits = _money(_("benefits"))
    benefits_withheld = models.CharField(_("benefits withheld because"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("baseline")
        verbose_name_plural = _("baselines")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="baseline_number_once"),
            models.CheckConstraint(
                condition=Q(source=BaselineSource.CHANGE, change_request__isnull=False)
                | ~Q(source=BaselineSource.CHANGE) & Q(change_request__isnull=True),
                name="baseline_change_has_its_request",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="baseline_counts_from_one"),
            models.CheckConstraint(
                condition=(Q(cost__isnull=True) | Q(cost_withheld=""))
                & (Q(benefits__isnull=True) | Q(benefits_withheld="")),
                name="baseline_known_or_withheld",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="agreed_stays", operation=pgtrigger.Update),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(_("Baseline %(number)s") % {"number": self.number})
