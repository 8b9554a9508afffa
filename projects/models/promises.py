"""What one project needs from another, and what the other promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from projects.enums import LIVE_STATUSES, PROMISES_OVER, PromiseMove, PromiseState
from projects.models.project import Project

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


class PromiseQuerySet(models.QuerySet["Promise"]):
    def visible_to(self, user: User) -> PromiseQuerySet:
        """Those of which the person may see one of the two projects; the other one may have to stay unnamed."""
        seen = Project.objects.visible_to(user)
        return self.filter(Q(project__in=seen) | Q(giver__in=seen))

    def live(self) -> PromiseQuerySet:
        """Those that somebody still needs: kept and dropped ones are over, and so is what an ended project needed."""
        return self.exclude(state__in=PROMISES_OVER).filter(project__status__in=LIVE_STATUSES)

    def waiting_for(self, user: User) -> PromiseQuerySet:
        """Those whose next word is the person's, as the lead of the side that is asked; not of who spoke before."""
        to_give = Q(state=PromiseState.ASKED, giver__lead=user) & ~Q(asked_by=user)
        to_take = Q(state__in=[PromiseState.OFFERED, PromiseState.DELIVERED], project__lead=user)
        return self.live().filter(to_give | to_take & ~Q(answered_by=user))


@history.track()
class Promise(Record):
    """A dependency across projects: `project` needs it by `needed_on`, `giver` promises it for `promised_on`.

    Both sides agree. A day no later than needed is agreed as soon as it is promised; a later one is `offered_on` until
    the other side agrees, and what was promised before holds until then. `asked_by` spoke last for who needs it and
    `answered_by` for who gives it: never the same person. `asked_on` is when it was first asked, `waits_since` when
    the answer that is still missing was asked for. What is kept or no longer needed stays as it is.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="promises", verbose_name=_("project that needs it")
    )
    giver = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="promises_given", verbose_name=_("project that gives it")
    )
    name = models.CharField(_("what is needed"), max_length=200)
    description = models.TextField(_("when it is good"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=PromiseState, default=PromiseState.ASKED)
    needed_on = models.DateField(_("needed by"))
    offered_on = models.DateField(_("offered for"), null=True, blank=True)
    promised_on = models.DateField(_("promised for"), null=True, blank=True)
    asked_on = models.DateField(_("asked on"))
    waits_since = models.DateField(_("waits for an answer since"), null=True, blank=True)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    move = models.CharField(_("last step"), max_length=10, choices=PromiseMove, default=PromiseMove.ASK)
    word = models.TextField(_("what was said"), blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("spoke last for who needs it"),
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("spoke last for who gives it"),
    )

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        constraints = [
            models.CheckConstraint(condition=~Q(project=F("giver")), name="promise_between_two"),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("asked_by")),
                name="promise_spoken_by_two",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["kept", "withdrawn"], closed_on__isnull=False)
                | Q(closed_on__isnull=True) & ~Q(state__in=["kept", "withdrawn"]),
                name="promise_closed_as_dated",
            ),
            models.CheckConstraint(
                condition=Q(state="asked", waits_since__isnull=False) | Q(waits_since__isnull=True) & ~Q(state="asked"),
                name="promise_asked_as_dated",
            ),
            models.CheckConstraint(
                condition=Q(state="offered", offered_on__isnull=False)
                | Q(offered_on__isnull=True) & ~Q(state="offered"),
                name="promise_offered_as_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["agreed", "delivered", "kept"])
                | Q(promised_on__isnull=False, answered_by__isnull=False),
                name="promise_agreed_as_dated",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["delivered", "kept"], delivered_on__isnull=False)
                | Q(delivered_on__isnull=True) & ~Q(state__in=["delivered", "kept"]),
                name="promise_delivered_as_dated",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="closed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["kept", "withdrawn"]),
            ),
            pgtrigger.Protect(
                name="sides_stay", operation=pgtrigger.Update, condition=pgtrigger.AnyChange("project", "giver")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state not in PROMISES_OVER

    @property
    def is_orphaned(self) -> bool:
        """Whether the project that has to give it is over, and did not."""
        return self.is_open and self.delivered_on is None and not self.giver.is_live

    def is_late(self, today: dt.date) -> bool:
        """Whether the day has passed for which it was promised, and it is not delivered."""
        return self.is_open and self.delivered_on is None and self.promised_on is not None and self.promised_on < today
