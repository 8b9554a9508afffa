from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from projects.enums import DeliverableState
from projects.models.plan import Phase
from projects.models.project import Project
from projects.models.team import TeamMember
from strategy.enums import Post, Vacancy
from strategy.models.raci import Assignment, AssignmentQuerySet, raci_constraints

if TYPE_CHECKING:
    from accounts.models import User


class DeliverableQuerySet(models.QuerySet["Deliverable"]):
    def visible_to(self, user: User) -> DeliverableQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def open(self) -> DeliverableQuerySet:
        """Not yet accepted."""
        return self.exclude(state=DeliverableState.ACCEPTED)


@history.track()
class Deliverable(Record):
    """Something a project hands over: planned, delivered by who made it, accepted by somebody else.

    `acceptance` describes what must hold before it is accepted.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="deliverables", verbose_name=_("project")
    )
    phase = models.ForeignKey(
        Phase, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliverables", verbose_name=_("phase")
    )
    name = models.CharField(_("name"), max_length=200)
    acceptance = models.TextField(_("accepted when"), blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DeliverableState, default=DeliverableState.PLANNED, editable=False
    )
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True, editable=False)
    delivered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("delivered by"),
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("accepted by"),
    )

    objects = DeliverableQuerySet.as_manager()

    class Meta:
        verbose_name = _("deliverable")
        verbose_name_plural = _("deliverables")
        constraints = [
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True, delivered_by__isnull=True)
                | Q(delivered_at__isnull=False, delivered_by__isnull=False),
                name="deliverable_delivered_at_by",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="deliverable_accepted_at_by",
            ),
            models.CheckConstraint(
                condition=Q(state=DeliverableState.PLANNED, delivered_at__isnull=True, accepted_at__isnull=True)
                | Q(state=DeliverableState.DELIVERED, delivered_at__isnull=False, accepted_at__isnull=True)
                | Q(state=DeliverableState.ACCEPTED, delivered_at__isnull=False, accepted_at__isnull=False),
                name="deliverable_state_as_dated",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=F("delivered_by")),
                name="deliverable_accepted_by_another",
            ),
        ]
        indexes = [
            # dashboards of accountability walk the open ones by date
            models.Index(fields=["due_on"], name="deliverable_open", condition=~Q(state="accepted")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state != DeliverableState.ACCEPTED


@history.track()
class DeliverableAssignment(Assignment):
    """Who has which part in a deliverable."""

    SUBJECT = "deliverable"
    HOLDERS: ClassVar[dict[str, str]] = {
        Post.LEAD.value: "deliverable__project__lead",
        Post.SPONSOR.value: "deliverable__project__sponsor",
        Post.BUDGET_OWNER.value: "deliverable__project__budget_owner",
        Post.PMO.value: "deliverable__project__portfolio__office__head",
    }

    deliverable = models.ForeignKey(
        Deliverable, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("deliverable")
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("part in a deliverable")
        verbose_name_plural = _("parts in deliverables")
        constraints = raci_constraints("deliverable", "deliverableassignment")

    @classmethod
    def further_vacancies(cls) -> list[When]:
        """A named person whose every place in the team ended, and who holds no post of the project, is gone."""
        places = TeamMember.objects.filter(project=OuterRef("deliverable__project"), user=OuterRef("person"))
        present = Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate())
        mine = {path.removeprefix("deliverable__project__"): OuterRef("person") for path in cls.HOLDERS.values()}
        in_post = Project.objects.filter(Q(**mine, _connector=Q.OR), pk=OuterRef("deliverable__project"))
        gone = Exists(places) & ~Exists(places.filter(present)) & ~Exists(in_post)
        return [When(Q(post="") & gone, then=Value(Vacancy.PLACE_ENDED.value))]
