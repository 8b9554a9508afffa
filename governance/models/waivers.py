"""Waivers: one rule does not bind one subject until a day, for a reason, under a compensating control."""

from __future__ import annotations

import datetime as dt
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from governance import subjects
from governance.enums import WAIVER_TRANSITIONS, Enforcement, SubjectKind, WaiverState
from governance.models.outcomes import SAID_YES, follows_a_ballot
from governance.models.rules import Rule, RuleVersion

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import User

LONGEST_DAYS: Final = 366
"""A waiver holds for a year at most; what lasts longer is a rule that is wrong."""


class Alike(models.Func):
    """Two values are the same, or both are missing."""

    template = "(%(expressions)s)"
    arg_joiner = " IS NOT DISTINCT FROM "
    output_field = models.BooleanField()


class WaiverQuerySet(models.QuerySet["Waiver"]):
    def visible_to(self, user: User) -> WaiverQuerySet:
        """Those about subjects that the person may see."""
        if not user.is_active:
            return self.none()
        seen = Q(pk__in=[])
        for kind, subject in subjects.registered().items():
            seen |= Q(subject_kind=kind, subject_id__in=subject.visible_to(user))
        return self.filter(seen)

    def about(self, kind: str, ids: Collection[int]) -> WaiverQuerySet:
        return self.filter(subject_kind=kind, subject_id__in=ids)

    def lifting(self, on: dt.date) -> WaiverQuerySet:
        """Those that lift their rule on this day.

        The day is asked each time, so an expired waiver lifts nothing, whether or not a worker noted its end. And a
        rule that meanwhile asks something else than it was waived for bites again.
        """
        now = RuleVersion.objects.active().filter(rule=models.OuterRef("rule"))
        same = now.filter(
            Alike(F("applies"), models.OuterRef("rule_version__applies")),
            Alike(F("condition"), models.OuterRef("rule_version__condition")),
        )
        return self.filter(models.Exists(same), state=WaiverState.GRANTED, expires_on__gte=on)


@history.track()
class Waiver(Record):
    """A rule that a subject need not keep up to and including `expires_on`; asked by one person, granted by another.

    `lifts` is the strictest enforcement that it lifts: one that the PMO alone granted where the rule stopped until
    waived does not lift a rule that meanwhile stops outright. `owner` answers for the compensating control.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="waivers", verbose_name=_("rule"))
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, related_name="waivers", verbose_name=_("version of the rule")
    )
    subject_kind = models.CharField(_("about a"), max_length=20, choices=SubjectKind)
    subject_id = models.BigIntegerField()
    lifts = models.CharField(_("lifts a rule that"), max_length=20, choices=Enforcement)
    reason = models.TextField(_("reason"))
    compensating_control = models.TextField(_("compensating control"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waivers", verbose_name=_("owner")
    )
    asked_on = models.DateField(_("asked on"))
    expires_on = models.DateField(_("last day"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="asked_waivers", verbose_name=_("asked by")
    )
    state = models.CharField(_("state"), max_length=10, choices=WaiverState, default=WaiverState.ASKED)
    granted_at = models.DateTimeField(_("granted at"), null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="granted_waivers",
        verbose_name=_("granted by"),
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("closed by"),
    )
    is_demo = models.BooleanField(default=False, editable=False)

    objects = WaiverQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_kind", "subject_id"], condition=Q(state="asked"), name="waiver_asked_once"
            ),
            models.UniqueConstraint(
                fields=["rule", "subject_kind", "subject_id"], condition=Q(state="granted"), name="waiver_granted_once"
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("asked_by")),
                name="waiver_granted_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=F("owner")),
                name="waiver_granted_by_another_than_its_owner",
            ),
            models.CheckConstraint(
                condition=Q(
                    granted_at__isnull=True, granted_by__isnull=True, state__in=["asked", "refused", "withdrawn"]
                )
                | Q(granted_at__isnull=False, granted_by__isnull=False, state__in=["granted", "ended"]),
                name="waiver_granted_at_by",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, state__in=["asked", "granted"])
                | Q(closed_at__isnull=False, state__in=["refused", "withdrawn", "ended"]),
                name="waiver_closed_at_when_closed",
            ),
            # nobody closes it when its last day passes
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | Q(closed_at__isnull=False), name="waiver_closed_at_by"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gte=F("asked_on"))
                & Q(expires_on__lte=F("asked_on") + timedelta(days=LONGEST_DAYS)),
                name="waiver_at_most_a_year",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(compensating_control=""), name="waiver_says_why_and_what_instead"
            ),
            models.CheckConstraint(condition=~Q(lifts=Enforcement.ADVISE), name="waiver_lifts_what_stops"),
        ]
        triggers = [
            follows_a_ballot(
                "waiver",
                when="OLD.state = 'asked' AND NEW.state IN ('granted', 'refused')",
                match="b.decided_by_id = COALESCE(NEW.granted_by_id, NEW.closed_by_id)"
                f" AND {SAID_YES} = (NEW.state = 'granted')",
            ),
            pgtrigger.FSM(
                name="steps",
                field="state",
                transitions=[(old, new) for old, news in WAIVER_TRANSITIONS.items() for new in sorted(news)],
            ),
            pgtrigger.Protect(
                name="granted_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.state <> 'asked' OR NEW.state <> 'asked') AND "
                    "(OLD.reason, OLD.compensating_control, OLD.owner_id, OLD.expires_on, OLD.lifts,"
                    " OLD.rule_version_id) "
                    "IS DISTINCT FROM "
                    "(NEW.reason, NEW.compensating_control, NEW.owner_id, NEW.expires_on, NEW.lifts,"
                    " NEW.rule_version_id) "
                    "OR OLD.granted_at IS NOT NULL AND "
                    "(OLD.granted_at, OLD.granted_by_id) IS DISTINCT FROM (NEW.granted_at, NEW.granted_by_id))"
                ),
            ),
            pgtrigger.Protect(
                name="question_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.rule_id, OLD.subject_kind, OLD.subject_id, OLD.asked_by_id, OLD.asked_on) IS DISTINCT FROM "
                    "(NEW.rule_id, NEW.subject_kind, NEW.subject_id, NEW.asked_by_id, NEW.asked_on))"
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="waiver_of_subject"),
            models.Index(fields=["expires_on"], name="waiver_running_out", condition=Q(state="granted")),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} · {self.subject_kind} {self.subject_id}"
