from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission, RoleName
from accounts.models import OrgUnit
from common import history
from common.models import Record
from projects.enums import LIVE_STATUSES, DataClass, MoneyMeasure, ProjectStatus
from projects.models.portfolio import Portfolio

if TYPE_CHECKING:
    from accounts.models import User

KEY_PATTERN = re.compile(r"^\s*P-(\d{1,12})\s*$", re.IGNORECASE)

POSTS = (
    ("lead", RoleName.PROJECT_LEAD),
    ("sponsor", RoleName.SPONSOR),
    ("budget_owner", RoleName.BUDGET_OWNER),
)
"""The posts of a project with the role that each gives on it."""


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> ProjectQuerySet:
        """What the person may know of: by grants (confidential ones only with that permission), by being
        lead, sponsor or budget owner, or by a place in the team. No query of its own beyond the grants.
        """
        if not user.is_active:
            return self.none()
        return self.allowed(user, Permission.PROJECT_VIEW)

    def allowed(self, user: User, permission: str) -> ProjectQuerySet:
        """The projects for which the person has this permission by grant or by their role on the project.

        A person of an external office has only what was opened to them: posts and other roles do not count.
        `selectors.projects.rights_of` tells the same of a project that was read.
        """
        from projects.models.team import TeamMember

        granted = _within(user, permission)
        unveiled = _within(user, Permission.PROJECT_VIEW_CONFIDENTIAL)
        if granted is True and unveiled is True:
            return self
        own = TeamMember.objects.giving(permission, user).values("project_id")
        open_or_unveiled = Q(is_confidential=False) if unveiled is None else Q(is_confidential=False) | _as_q(unveiled)
        by_grant = None if granted is None else _as_q(granted) & (Q() if unveiled is True else open_or_unveiled)
        by_post = Q(pk__in=own)
        for field, role in POSTS:
            if TeamMember.role_gives(role, permission) and user.access.counts(role):
                by_post |= Q(**{field: user})
        return self.filter(by_post if by_grant is None else by_grant | by_post)

    def live(self) -> ProjectQuerySet:
        return self.filter(status__in=LIVE_STATUSES)

    def by_key(self, key: str) -> ProjectQuerySet:
        """The project of a key such as P-2037; nothing for anything else."""
        match = KEY_PATTERN.match(key)
        return self.filter(pk=int(match[1])) if match else self.none()


def _within(user: User, permission: str) -> Q | bool | None:
    """True: everywhere; a Q: in these subtrees; None: nowhere."""
    reach = user.access.reach(permission)
    if reach.everywhere:
        return True
    q = Q()
    if reach.org_unit_ids:
        q |= Q(org_unit__in=OrgUnit.objects.under(reach.org_unit_ids).values("pk"))
    if reach.portfolio_ids:
        q |= Q(portfolio__in=Portfolio.objects.under(reach.portfolio_ids).values("pk"))
    return q or None


def _as_q(within: Q | bool) -> Q:  # noqa: FBT001 — True stands for everywhere
    return Q() if isinstance(within, bool) else within


def _money(label: Any) -> models.DecimalField[Decimal | None, Decimal | None]:
    return models.DecimalField(label, max_digits=20, decimal_places=2, null=True, blank=True)


def _withheld() -> models.CharField[str, str]:
    return models.CharField(_("withheld because"), max_length=300, blank=True)


@history.track(exclude=["search"])
class Project(Record):
    """A project of a portfolio: who answers for it, when it runs, what it costs and brings.

    `benefits_owner` harvests the benefits after it has ended; the post gives no rights.
    Money is in `currency`. An amount is known, unknown (null, no reason) or withheld (null, with the
    reason in `<measure>_withheld`); a check keeps the three apart. `source_texts` keeps, per field, what
    an import found there and could not read as a value. `cost_period` says which period baseline,
    forecast and actual cost cover; empty means the whole project.
    """

    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.PROTECT, related_name="projects", verbose_name=_("portfolio")
    )
    external_id = models.CharField(_("external id"), max_length=120, blank=True)
    name = models.CharField(_("name"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    category = models.CharField(_("category"), max_length=120, blank=True)
    org_unit = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="projects", verbose_name=_("org unit")
    )
    goal = models.ForeignKey(
        "strategy.Goal",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("goal"),
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="led_projects",
        verbose_name=_("project lead"),
    )
    sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sponsored_projects",
        verbose_name=_("sponsor"),
    )
    budget_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="funded_projects",
        verbose_name=_("budget owner"),
    )
    benefits_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("benefits owner"),
    )
    status = models.CharField(_("status"), max_length=12, choices=ProjectStatus, default=ProjectStatus.ACTIVE)
    is_confidential = models.BooleanField(_("confidential"), default=False)
    phase = models.ForeignKey(
        "projects.Phase",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("current phase"),
    )
    playbook_version = models.ForeignKey(
        "playbooks.PlaybookVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("playbook version"),
    )
    left_on = models.DateField(_("left the portfolio on"), null=True, blank=True)

    baseline_start_on = models.DateField(_("baseline start"), null=True, blank=True)
    baseline_finish_on = models.DateField(_("baseline finish"), null=True, blank=True)
    forecast_start_on = models.DateField(_("forecast start"), null=True, blank=True)
    forecast_finish_on = models.DateField(_("forecast finish"), null=True, blank=True)
    actual_start_on = models.DateField(_("actual start"), null=True, blank=True)
    actual_finish_on = models.DateField(_("actual finish"), null=True, blank=True)

    kick_off_on = models.DateField(_("kick-off"), null=True, blank=True)
    data_class = models.CharField(
        _("classification of its data"), max_length=12, choices=DataClass, blank=True, default="", db_default=""
    )

    currency = models.CharField(_("currency"), max_length=3)
    cost_period = models.CharField(_("period that the cost covers"), max_length=60, blank=True)
    baseline_cost = _money(_("baseline cost"))
    baseline_cost_withheld = _withheld()
    forecast_cost = _money(_("forecast cost"))
    forecast_cost_withheld = _withheld()
    actual_cost = _money(_("actual cost"))
    actual_cost_withheld = _withheld()
    whole_life_cost = _money(_("whole-life cost"))
    whole_life_cost_withheld = _withheld()
    benefits = _money(_("benefits"))
    benefits_withheld = _withheld()

    source_texts: models.JSONField[Any, Any] = models.JSONField(_("texts as imported"), default=dict, blank=True)
    imported_as_of = models.DateField(_("record as of"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("name", "external_id", weight="A", config="simple")
        + SearchVector("description", "category", weight="C", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "external_id"], condition=~Q(external_id=""), name="project_external_id_once"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(status=ProjectStatus.LEFT), name="project_left_on_when_left"
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{measure}__isnull": True}) | Q(**{f"{measure}_withheld": ""}),
                    name=f"project_{measure}_known_or_withheld",
                )
                for measure in MoneyMeasure.values
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="project_search"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="project_name_trigram"),
            models.Index(fields=["portfolio", "status"], name="project_portfolio_status"),
            models.Index(fields=["name", "id"], name="project_by_name"),
            # lists count what somebody may see from this index alone
            models.Index(
                fields=["status"],
                include=["id", "is_confidential", "lead", "sponsor", "budget_owner", "portfolio"],
                name="project_counted",
            ),
            models.Index(fields=["portfolio"], name="project_confidential", condition=Q(is_confidential=True)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="baseline_is_the_agreed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "baseline_start_on", "baseline_finish_on", "baseline_cost", "baseline_cost_withheld"
                ),
                declare=[("agreed", "RECORD")],
                func="""
                    SELECT start_on, finish_on, cost, cost_withheld INTO agreed FROM projects_baseline
                        WHERE project_id = NEW.id ORDER BY number DESC LIMIT 1;
                    IF FOUND AND (agreed.start_on, agreed.finish_on, agreed.cost, agreed.cost_withheld)
                        IS DISTINCT FROM (NEW.baseline_start_on, NEW.baseline_finish_on, NEW.baseline_cost,
                        NEW.baseline_cost_withheld) THEN
                        RAISE EXCEPTION 'an agreed baseline moves with a new version only'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def key(self) -> str:
        """How people call it: P- and its number. Derived, so there is nothing to keep in step."""
        return f"P-{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.status in LIVE_STATUSES
