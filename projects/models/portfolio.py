from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left, Length
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from accounts.enums import Permission
from common import history
from common.models import Record
from projects.enums import ColourScale

if TYPE_CHECKING:
    from accounts.models import User


class PortfolioQuerySet(MP_NodeQuerySet):
    def under(self, ids: frozenset[int]) -> PortfolioQuerySet:
        """The portfolios of these ids and the programmes below them, as one subquery."""
        roots = self.model._base_manager.filter(pk__in=ids, path=Left(OuterRef("path"), Length("path")))
        return self.filter(Exists(roots))

    def at_or_above(self, portfolio: Portfolio) -> PortfolioQuerySet:
        """A portfolio and those that hold it."""
        return self.filter(
            path__in=[portfolio.path[: end * self.model.steplen] for end in range(1, portfolio.depth + 1)]
        )

    def reached_by(self, user: User, permission: str) -> PortfolioQuerySet:
        """The portfolios in which the person's grants allow this for every (not confidential) project."""
        reach = user.access.reach(permission)
        if reach.everywhere:
            return self
        if not reach.portfolio_ids:
            return self.none()
        return self.under(reach.portfolio_ids)

    def visible_to(self, user: User) -> PortfolioQuerySet:
        """Portfolios granted as a whole, and those in which the person sees at least one project."""
        from projects.models.project import Project

        reach = user.access.reach(Permission.PROJECT_VIEW)
        if reach.everywhere:
            return self
        seen = Project.objects.visible_to(user).values("portfolio_id")
        granted = Portfolio.objects.reached_by(user, Permission.PROJECT_VIEW).values("pk")
        return self.filter(Q(pk__in=seen) | Q(pk__in=granted))


class PortfolioManager(MP_NodeManager):
    def get_queryset(self) -> PortfolioQuerySet:
        return PortfolioQuerySet(self.model, using=self._db).order_by("path")

    def under(self, ids: frozenset[int]) -> PortfolioQuerySet:
        return self.get_queryset().under(ids)

    def at_or_above(self, portfolio: Portfolio) -> PortfolioQuerySet:
        return self.get_queryset().at_or_above(portfolio)

    def reached_by(self, user: User, permission: str) -> PortfolioQuerySet:
        return self.get_queryset().reached_by(user, permission)

    def visible_to(self, user: User) -> PortfolioQuerySet:
        return self.get_queryset().visible_to(user)


@history.track(exclude=["numchild"])
class Portfolio(MP_Node, Record):
    """A portfolio; one with a parent is a programme. It is owned by an office, whose weeks it follows."""

    name = models.CharField(_("name"), max_length=160)
    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    description = models.TextField(_("description"), blank=True)
    office = models.ForeignKey(
        "strategy.Office", on_delete=models.PROTECT, related_name="portfolios", verbose_name=_("office")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_portfolios",
        verbose_name=_("owner"),
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    colour_scale = models.PositiveSmallIntegerField(_("colour scale"), choices=ColourScale, default=ColourScale.THREE)
    update_cadence_days = models.PositiveSmallIntegerField(_("days between updates"), default=7)
    cost_tolerance_percent = models.PositiveSmallIntegerField(_("cost tolerance (%)"), default=10)
    schedule_tolerance_days = models.PositiveSmallIntegerField(_("schedule tolerance (days)"), default=14)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = PortfolioManager()
    node_order_by: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("portfolio")
        verbose_name_plural = _("portfolios")

    def __str__(self) -> str:
        return self.name

    @property
    def is_programme(self) -> bool:
        return bool(self.depth > 1)
