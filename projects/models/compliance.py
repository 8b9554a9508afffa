"""How far the rules were kept: one row for each portfolio and week."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission
from projects.models.portfolio import Portfolio

if TYPE_CHECKING:
    from accounts.models import User


class ComplianceWeekQuerySet(models.QuerySet["ComplianceWeek"]):
    def visible_to(self, user: User) -> ComplianceWeekQuerySet:
        """Of portfolios that the person reaches as a whole; confidential projects are counted apart, and for whoever
        sees those.
        """
        if not user.is_active:
            return self.none()
        reached = Portfolio.objects.reached_by(user, Permission.PROJECT_VIEW).order_by().values("pk")
        unveiled = Portfolio.objects.reached_by(user, Permission.PROJECT_VIEW_CONFIDENTIAL).order_by().values("pk")
        return self.filter(Q(is_confidential=False) | Q(portfolio__in=unveiled), portfolio__in=reached)


class ComplianceWeek(models.Model):
    """What holding each live project of a portfolio against each rule that concerns it gave in the week of `monday`.

    Written once by a worker and never again; confidential projects are a row of their own.
    """

    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.CASCADE, related_name="compliance_weeks", verbose_name=_("portfolio")
    )
    monday = models.DateField(_("week of"))
    is_confidential = models.BooleanField(_("confidential"), default=False)
    projects = models.PositiveIntegerField(_("projects"), default=0)
    kept = models.PositiveIntegerField(_("kept"), default=0)
    broken = models.PositiveIntegerField(_("not kept"), default=0)
    waived = models.PositiveIntegerField(_("waived"), default=0)
    unknown = models.PositiveIntegerField(_("cannot be told"), default=0)
    taken_at = models.DateTimeField(_("taken at"), db_default=Now(), editable=False)

    objects = ComplianceWeekQuerySet.as_manager()

    class Meta:
        verbose_name = _("compliance of a week")
        verbose_name_plural = _("compliance by week")
        constraints = [
            models.UniqueConstraint(fields=["portfolio", "monday", "is_confidential"], name="complianceweek_once"),
            models.CheckConstraint(condition=Q(monday__iso_week_day=1), name="complianceweek_begins_on_monday"),
        ]
        indexes = [models.Index(fields=["monday", "portfolio"], name="complianceweek_newest")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} · {self.monday}"
