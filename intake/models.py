from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission
from accounts.models import OrgUnit
from common import history
from common.models import Record
from governance.enums import SubjectKind, WaiverState
from governance.models import Waiver
from governance.models.outcomes import SAID_YES, follows_a_ballot
from intake.enums import RequestState
from projects.models import Portfolio

if TYPE_CHECKING:
    from accounts.models import User

BALLOT_KIND = "request"
"""What requests are called among the matters that are decided by ballot."""
KEY_PATTERN = re.compile(r"^\s*REQ-(\d{1,12})\s*$", re.IGNORECASE)


class RequestQuerySet(models.QuerySet["Request"]):
    def visible_to(self, user: User) -> RequestQuerySet:
        """One's own; those where one is proposed as sponsor or lead; and, once submitted, those in reach of
        the permission to see requests (a request without portfolio belongs to the organisation). Nothing for
        people of external offices: what is not yet a project cannot be opened to them.

        Whoever asks for a waiver of what stops a draft opens it to those who would see it submitted: they grant it.
        """
        if not user.is_active or user.is_external:
            return self.none()
        asked = Waiver.objects.filter(
            subject_kind=SubjectKind.REQUEST,
            subject_id=OuterRef("pk"),
            state__in=[WaiverState.ASKED, WaiverState.GRANTED],
        )
        opened = ~Q(state=RequestState.DRAFT) | Q(Exists(asked))
        proposed = Q(proposed_sponsor=user) | Q(proposed_lead=user)
        return self.filter(Q(requester=user) | (opened & (proposed | self.within(user, Permission.REQUEST_VIEW))))

    def allowed(self, user: User, permission: str) -> RequestQuerySet:
        """Submitted requests for which the person's grants allow this. No query of its own beyond the grants."""
        if not user.is_active:
            return self.none()
        return self.filter(~Q(state=RequestState.DRAFT) & self.within(user, permission))

    @staticmethod
    def within(user: User, permission: str) -> Q:
        """Where the grants of a person reach: a condition on requests, never true for who has none."""
        reach = user.access.reach(permission)
        if reach.everywhere:
            return ~Q(pk__in=[])
        q = Q(pk__in=[])
        if reach.portfolio_ids:
            q |= Q(portfolio__in=Portfolio.objects.under(reach.portfolio_ids).values("pk"))
        if reach.org_unit_ids:
            q |= Q(org_unit__in=OrgUnit.objects.under(reach.org_unit_ids).values("pk"))
        return q

    def by_key(self, key: str) -> RequestQuerySet:
        match = KEY_PATTERN.match(key)
        return self.filter(pk=int(match[1])) if match else self.none()


@history.track(exclude=["search", "form_token"])
class Request(Record):
    """A pitch before there is a project. Approved by somebody who is not the requester, it becomes one
    project from a playbook, once. An amount that is null was not answered yet, unless `…_is_unknown` says
    that the requester does not know it. `state_changed_at` is since when it waits where it is.
    """

    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requests", verbose_name=_("requester")
    )
    form_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=160)
    problem = models.TextField(_("what is the problem"), blank=True)
    wanted_result = models.TextField(_("what should be better afterwards"), blank=True)
    org_unit = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="requests", verbose_name=_("for")
    )
    goal = models.ForeignKey(
        "strategy.Goal",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="requests",
        verbose_name=_("goal it serves most"),
    )
    budget = models.DecimalField(_("budget"), max_digits=20, decimal_places=2, null=True, blank=True)
    budget_is_unknown = models.BooleanField(_("budget not known yet"), default=False)
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    yearly_benefit = models.DecimalField(_("benefit a year"), max_digits=20, decimal_places=2, null=True, blank=True)
    benefit_is_unknown = models.BooleanField(_("benefit not known yet"), default=False)
    wanted_by = models.DateField(_("wanted by"), null=True, blank=True)
    is_mandatory = models.BooleanField(_("required by law or regulator"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=RequestState, default=RequestState.DRAFT)
    state_changed_at = models.DateTimeField(_("in this state since"), default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)

    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.PROTECT, null=True, blank=True, related_name="requests", verbose_name=_("portfolio")
    )
    playbook = models.ForeignKey(
        "playbooks.Playbook", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("playbook")
    )
    proposed_lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed lead"),
    )
    proposed_sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed sponsor"),
    )
    proposed_benefits_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed benefits owner"),
    )
    start_on = models.DateField(_("proposed start"), null=True, blank=True)
    triage_note = models.TextField(_("note of the PMO"), blank=True)
    triaged_at = models.DateTimeField(_("triaged at"), null=True, blank=True)
    triaged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assessed by"),
    )
    reason = models.TextField(_("reason of the decision"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_requests",
        verbose_name=_("decided by"),
    )
    project = models.OneToOneField(
        "projects.Project",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="request",
        verbose_name=_("project"),
    )
    is_demo = models.BooleanField(default=False, editable=False)
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="simple")
        + SearchVector("problem", "wanted_result", weight="C", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        verbose_name_plural = _("requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requester")),
                name="request_decided_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["approved", "rejected"], decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(state__in=["approved", "rejected"]) & Q(decided_at__isnull=True, decided_by__isnull=True)),
                name="request_decided_at_by_when_decided",
            ),
            models.CheckConstraint(
                condition=Q(triaged_at__isnull=True, triaged_by__isnull=True)
                | Q(triaged_at__isnull=False, triaged_by__isnull=False),
                name="request_triaged_at_by",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=True) | Q(state="approved"), name="request_project_when_approved"
            ),
            models.CheckConstraint(
                condition=Q(budget__isnull=True) | Q(budget_is_unknown=False), name="request_budget_known_or_not"
            ),
            models.CheckConstraint(
                condition=Q(yearly_benefit__isnull=True) | Q(benefit_is_unknown=False),
                name="request_benefit_known_or_not",
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="request_search"),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="request_title_trigram"),
            models.Index(fields=["state", "submitted_at"], name="request_waiting"),
            models.Index(fields=["requester", "-created_at"], name="request_of_requester"),
        ]
        triggers = [
            follows_a_ballot(
                BALLOT_KIND,
                when="OLD.decided_by_id IS NULL AND NEW.decided_by_id IS NOT NULL",
                match=f"b.decided_by_id = NEW.decided_by_id AND {SAID_YES} = (NEW.state = 'approved')",
            ),
            pgtrigger.Protect(
                name="requester_stays", operation=pgtrigger.Update, condition=pgtrigger.AnyChange("requester")
            ),
            pgtrigger.Protect(
                name="decision_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["approved", "rejected"])
                & (
                    pgtrigger.Q(old__state__df=pgtrigger.F("new__state"))
                    | pgtrigger.Q(old__decided_by__df=pgtrigger.F("new__decided_by"))
                    | pgtrigger.Q(old__project__df=pgtrigger.F("new__project"))
                    | pgtrigger.Q(old__reason__df=pgtrigger.F("new__reason"))
                    | pgtrigger.Q(old__portfolio__df=pgtrigger.F("new__portfolio"))
                    | pgtrigger.Q(old__budget__df=pgtrigger.F("new__budget"))
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """How people call it: REQ- and its number in four digits or more."""
        return f"REQ-{self.pk:04d}"
