from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from strategy.enums import ControlLevel, OfficeKind


@history.track()
class Office(Record):
    """A PMO with its charter. It serves org units and owns portfolios; weeks and quarters are its own:
    a week is an ISO week in `time_zone`, a fiscal year starts in `fiscal_year_starts_in`. Somebody who is
    accountable for more than `accountable_limit` open deliverables of the next 30 days is overloaded.
    `document_places` holds addresses, one on each line, below which documents of its projects belong.
    """

    ACCOUNTABLE_LIMIT: ClassVar[int] = 8

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=OfficeKind, default=OfficeKind.INTERNAL)
    control = models.CharField(_("control"), max_length=12, choices=ControlLevel, default=ControlLevel.SUPPORTIVE)
    serves = models.ManyToManyField("accounts.OrgUnit", blank=True, related_name="offices", verbose_name=_("serves"))
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Amsterdam")
    fiscal_year_starts_in = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    purpose = models.TextField(_("purpose"), blank=True)
    mandate = models.TextField(_("mandate"), blank=True)
    success_metrics = models.TextField(_("success metrics"), blank=True)
    sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sponsored_offices",
        verbose_name=_("sponsor"),
    )
    head = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="headed_offices",
        verbose_name=_("head of the office"),
    )
    accountable_limit = models.PositiveSmallIntegerField(
        _("most deliverables one person is accountable for"),
        default=ACCOUNTABLE_LIMIT,
        db_default=ACCOUNTABLE_LIMIT,
        validators=[MinValueValidator(1)],
    )
    document_places = models.TextField(_("agreed places for documents"), blank=True, default="", db_default="")
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        constraints = [models.UniqueConstraint(Lower("name"), name="office_name_once")]

    def __str__(self) -> str:
        return self.name


@history.track()
class Goal(Record):
    """What the organisation wants to reach; every project is tied to one."""

    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="goals",
        verbose_name=_("owner"),
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="goals", verbose_name=_("office")
    )
    ends_on = models.DateField(_("to be reached by"), null=True, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        constraints = [models.UniqueConstraint(Lower("name"), name="goal_name_once")]

    def __str__(self) -> str:
        return self.name
