"""Ballots: who decides on a question, what each of them said, and what came of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common import history
from common.languages import said
from common.models import Record
from common.prepared import IsAnyOf
from governance import matters
from governance.enums import BallotState, Choice, StepState

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User
    from common.languages import Words


def follows_a_ballot(kind: str, *, when: str, match: str) -> pgtrigger.Trigger:
    """A trigger for the model of a matter: what a ballot decides is written only after it, never by hand.

    `when` is the SQL condition of such a step, of OLD and NEW; `match` what must be true of the decided ballot `b`
    about the row. It runs after the constraints, so that these speak first.
    """
    return pgtrigger.Trigger(
        name="follows_a_ballot",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(when),
        func=f"""
            IF NOT EXISTS (SELECT FROM governance_ballot b WHERE b.subject_kind = '{kind}'
                AND b.subject_id = NEW.id AND b.state = 'decided' AND {match}) THEN
                RAISE EXCEPTION 'a ballot decides this' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


SAID_YES = "(b.outcome IN ('approve', 'conditional'))"


@history.track()
class Procedure(Record):
    """How an office decides on a matter up to an amount: its steps are copied into each ballot that opens.

    Without an office it holds for all; without an amount it has no limit. The narrowest one that fits is taken.
    """

    name = models.CharField(_("name"), max_length=120)
    matter = models.CharField(_("decides on"), max_length=30)
    office = models.ForeignKey(
        "strategy.Office",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="procedures",
        verbose_name=_("office"),
    )
    up_to = models.DecimalField(_("up to the amount"), max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    is_retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "office", "currency", "up_to"],
                condition=Q(is_retired=False),
                nulls_distinct=False,
                name="procedure_one_per_limit",
            ),
            models.CheckConstraint(
                condition=Q(up_to__isnull=True, currency="") | (Q(up_to__gt=0) & ~Q(currency="")),
                name="procedure_limit_has_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class ProcedureStep(models.Model):
    """One step of a procedure; see `governance.matters.StepPlan`."""

    procedure = models.ForeignKey(
        Procedure, on_delete=models.CASCADE, related_name="steps", verbose_name=_("procedure")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    title = models.CharField(_("who decides"), max_length=120)
    role = models.CharField(_("role"), max_length=30, choices=RoleName)
    quorum = models.PositiveSmallIntegerField(_("votes needed"), default=1)
    days = models.PositiveSmallIntegerField(_("days to decide"), default=0)
    escalates_to = models.CharField(_("then also"), max_length=30, choices=RoleName, blank=True)

    class Meta:
        verbose_name = _("step of a procedure")
        verbose_name_plural = _("steps of a procedure")
        constraints = [
            models.CheckConstraint(condition=Q(quorum__gte=1), name="procedurestep_needs_a_vote"),
            models.CheckConstraint(
                condition=Q(escalates_to="") | Q(days__gte=1), name="procedurestep_escalates_after_days"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def plan(self) -> matters.StepPlan:
        return matters.StepPlan(self.title, (self.role,), self.position, self.quorum, self.days, self.escalates_to)


class BallotQuerySet(models.QuerySet["Ballot"]):
    def visible_to(self, user: User) -> BallotQuerySet:
        """Those about things that the person may see, and those in which they have a seat."""
        if not user.is_active:
            return self.none()
        seen = Q(pk__in=BallotSeat.objects.of(user).values("ballot_id"))
        for kind, matter in matters.registered().items():
            seen |= Q(subject_kind=kind, subject_id__in=matter.visible_to(user))
        return self.filter(seen)

    def open(self) -> BallotQuerySet:
        return self.filter(state=BallotState.OPEN)

    def about(self, kind: str, subject_id: int) -> BallotQuerySet:
        return self.filter(subject_kind=kind, subject_id=subject_id)


@history.track()
class Ballot(Record):
    """A question put to those who decide on it. `subject_kind` is a matter (`governance.matters`).

    Somebody typed the `question`, or the portal says it: then `wording` has it in every language. `subject_version` is
    the version that the votes are about. `barred_ids` are the people who must not vote, the one who asks among them;
    `barred` says why, by id, as `Words`. `rule_versions` are the rules in force when it opened. A decided ballot never
    changes.
    """

    subject_kind = models.CharField(_("matter"), max_length=30)
    subject_id = models.BigIntegerField()
    subject_version = models.PositiveIntegerField(default=1)
    question = models.CharField(_("question"), max_length=300, blank=True)
    wording: models.JSONField[Any, Any] = models.JSONField(
        _("question by language"), default=dict, db_default={}, blank=True
    )
    amount: models.DecimalField[Decimal | None, Decimal | None] = models.DecimalField(
        _("amount"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    barred_ids: ArrayField[list[int], list[int]] = ArrayField(models.BigIntegerField(), default=list)
    barred: models.JSONField[Any, Any] = models.JSONField(_("may not vote"), default=dict)
    rule_versions: ArrayField[list[int], list[int]] = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(_("state"), max_length=10, choices=BallotState, default=BallotState.OPEN)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Choice, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], condition=Q(state="open"), name="ballot_one_open_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(state="decided", decided_at__isnull=False, decided_by__isnull=False, outcome__gt="")
                | Q(decided_at__isnull=True, decided_by__isnull=True, outcome="") & ~Q(state="decided"),
                name="ballot_decided_at_by",
            ),
            models.CheckConstraint(
                condition=(Q(question="") & ~Q(wording={})) | (Q(wording={}) & ~Q(question="")),
                name="ballot_is_typed_or_worded",
            ),
            models.CheckConstraint(condition=IsAnyOf(F("asked_by"), F("barred_ids")), name="ballot_bars_who_asks"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(IsAnyOf(F("decided_by"), F("barred_ids"))),
                name="ballot_never_decided_by_the_barred",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="decided_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state <> 'open'"),
            ),
            pgtrigger.Protect(
                name="question_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.subject_kind, OLD.subject_id, OLD.asked_by_id, OLD.question, OLD.wording, OLD.amount,"
                    " OLD.currency, OLD.rule_versions) IS DISTINCT FROM"
                    " (NEW.subject_kind, NEW.subject_id, NEW.asked_by_id, NEW.question, NEW.wording, NEW.amount,"
                    " NEW.currency, NEW.rule_versions) OR NOT NEW.barred_ids @> OLD.barred_ids)"
                ),
            ),
            pgtrigger.Trigger(
                name="decided_by_a_vote",
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.state = 'open' AND NEW.state = 'decided'"),
                func="""
                    IF NOT EXISTS (SELECT FROM governance_vote WHERE ballot_id = NEW.id
                        AND cast_by_id = NEW.decided_by_id AND voided_at IS NULL) THEN
                        RAISE EXCEPTION 'who decides has voted' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        ]
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="ballot_of_subject"),
            models.Index(fields=["-decided_at"], name="ballot_newest_decided", condition=Q(state="decided")),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def words(self) -> Words:
        """The question as it was put."""
        return self.question or self.wording

    @property
    def sentence(self) -> str:
        """The question for the reader."""
        return said(self.words)

    def why_barred(self, person_id: int) -> str:
        """Why somebody must not vote, for the reader; empty when they may, or nobody said why."""
        return said(self.barred.get(str(person_id), ""))

    @property
    def is_open(self) -> bool:
        return self.state == BallotState.OPEN

    @property
    def is_yes(self) -> bool:
        return bool(self.outcome) and Choice(self.outcome).is_yes


@history.track()
class BallotStep(models.Model):
    """A step of a ballot, as the procedure had it when the ballot opened."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="steps", verbose_name=_("ballot"))
    position = models.PositiveSmallIntegerField(_("order"))
    title = models.CharField(_("who decides"), max_length=120)
    quorum = models.PositiveSmallIntegerField(_("votes needed"))
    days = models.PositiveSmallIntegerField(_("days to decide"), default=0)
    escalates_to = models.CharField(_("then also"), max_length=30, choices=RoleName, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=StepState, default=StepState.WAITING)
    opened_at = models.DateTimeField(_("open since"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated at"), null=True, blank=True)

    class Meta:
        verbose_name = _("step of a ballot")
        verbose_name_plural = _("steps of a ballot")
        indexes = [
            models.Index(
                fields=["due_at"], name="ballotstep_to_escalate", condition=Q(state="open", escalated_at__isnull=True)
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="terms_stay",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("ballot", "position", "title", "quorum", "days", "escalates_to"),
            ),
            pgtrigger.Trigger(
                name="stays_when_decided",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (SELECT state FROM governance_ballot WHERE id = NEW.ballot_id) = 'decided' THEN
                        RAISE EXCEPTION 'a decided ballot stays' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def name(self) -> str:
        """Who decides, in the reader's language where the title is a word of the portal, as a role is."""
        return gettext(self.title) if self.title else ""


class BallotSeatQuerySet(models.QuerySet["BallotSeat"]):
    def of(self, user: User) -> BallotSeatQuerySet:
        """The person's own seats, and those of people whom they stand in for today; none for external people."""
        if user.is_external:
            return self.none()
        return self.filter(Q(person=user) | Q(person__in=Delegation.objects.to(user).values("from_user")))

    def waiting_for(self, user: User) -> BallotSeatQuerySet:
        """Seats from which the person can vote now: the step is open, nobody voted from it, nothing bars them."""
        voted = Vote.objects.counting().filter(seat=models.OuterRef("pk"))
        spoke = Vote.objects.counting().filter(step=models.OuterRef("step_id"), cast_by=user)
        return (
            self.of(user)
            .filter(step__state=StepState.OPEN, ballot__state=BallotState.OPEN)
            .exclude(ballot__barred_ids__contains=[user.pk])
            .filter(~Q(IsAnyOf(F("person"), F("ballot__barred_ids"))))
            .filter(~models.Exists(voted), ~models.Exists(spoke))
        )


@history.track()
class BallotSeat(models.Model):
    """Somebody who may vote in a step, by the role they held when the ballot opened (or when it was escalated)."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="seats", verbose_name=_("ballot"))
    step = models.ForeignKey(BallotStep, on_delete=models.CASCADE, related_name="seats", verbose_name=_("step"))
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="ballot_seats", verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=30, choices=RoleName)

    objects = BallotSeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat in a ballot")
        verbose_name_plural = _("seats in a ballot")
        constraints = [models.UniqueConstraint(fields=["step", "person"], name="ballotseat_once")]
        triggers = [pgtrigger.Protect(name="stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.ballot_id} · {self.person_id}"


class VoteQuerySet(models.QuerySet["Vote"]):
    def counting(self) -> VoteQuerySet:
        return self.filter(voided_at__isnull=True)


@history.track()
class Vote(models.Model):
    """What was said from a seat, by its holder or by whoever stood in for them. Void when the subject was edited."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="votes", verbose_name=_("ballot"))
    step = models.ForeignKey(BallotStep, on_delete=models.CASCADE, related_name="votes", verbose_name=_("step"))
    seat = models.ForeignKey(BallotSeat, on_delete=models.CASCADE, related_name="votes", verbose_name=_("seat"))
    cast_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="votes", verbose_name=_("cast by")
    )
    choice = models.CharField(_("vote"), max_length=12, choices=Choice)
    reason = models.TextField(_("reason"))
    subject_version = models.PositiveIntegerField()
    cast_at = models.DateTimeField(_("cast at"), db_default=Now(), editable=False)
    voided_at = models.DateTimeField(_("void since"), null=True, blank=True)

    objects = VoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        constraints = [
            models.UniqueConstraint(fields=["seat"], condition=Q(voided_at=None), name="vote_once_per_seat"),
            models.UniqueConstraint(
                fields=["step", "cast_by"], condition=Q(voided_at=None), name="vote_once_per_person_and_step"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="vote_has_a_reason"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="may_vote",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("asked", "RECORD"), ("place", "RECORD")],
                func="""
                    SELECT * INTO asked FROM governance_ballot WHERE id = NEW.ballot_id FOR SHARE;
                    SELECT s.ballot_id, s.step_id, s.person_id, t.state INTO place FROM governance_ballotseat s
                        JOIN governance_ballotstep t ON t.id = s.step_id WHERE s.id = NEW.seat_id;
                    IF asked.state <> 'open' OR place.state <> 'open' OR place.ballot_id <> NEW.ballot_id
                        OR place.step_id <> NEW.step_id THEN
                        RAISE EXCEPTION 'this seat cannot vote now' USING ERRCODE = 'check_violation';
                    END IF;
                    IF NEW.cast_by_id = ANY(asked.barred_ids) OR place.person_id = ANY(asked.barred_ids) THEN
                        RAISE EXCEPTION 'this person must not vote on this ballot' USING ERRCODE = 'check_violation';
                    END IF;
                    -- a day more on both sides: today is another day elsewhere
                    IF NEW.cast_by_id <> place.person_id AND NOT EXISTS (SELECT FROM governance_delegation
                        WHERE from_user_id = place.person_id AND to_user_id = NEW.cast_by_id AND revoked_at IS NULL
                        AND current_date BETWEEN starts_on - 1 AND ends_on + 1) THEN
                        RAISE EXCEPTION 'this seat is somebody else’s' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="void_while_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (SELECT state FROM governance_ballot WHERE id = NEW.ballot_id) <> 'open' THEN
                        RAISE EXCEPTION 'the votes of a ballot that is over stay' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(
                name="cast_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.voided_at IS NOT NULL OR NEW.voided_at IS NULL OR "
                    "(OLD.ballot_id, OLD.step_id, OLD.seat_id, OLD.cast_by_id, OLD.choice, OLD.reason, OLD.cast_at) "
                    "IS DISTINCT FROM "
                    "(NEW.ballot_id, NEW.step_id, NEW.seat_id, NEW.cast_by_id, NEW.choice, NEW.reason, NEW.cast_at)"
                ),
            ),
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.choice} · {self.cast_by_id}"


@history.track()
class DecisionCondition(Record):
    """What a conditional yes asks for, with an owner and a day. Unmet after its day, it holds up what comes next."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="conditions", verbose_name=_("ballot"))
    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="conditions", verbose_name=_("vote"))
    text = models.CharField(_("condition"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conditions", verbose_name=_("owner")
    )
    due_on = models.DateField(_("due"))
    evidence = models.TextField(_("how it was met"), blank=True)
    met_at = models.DateTimeField(_("met at"), null=True, blank=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )

    class Meta:
        verbose_name = _("condition of a decision")
        verbose_name_plural = _("conditions of a decision")
        constraints = [
            models.CheckConstraint(
                condition=Q(met_at__isnull=True, met_by__isnull=True)
                | Q(met_at__isnull=False, met_by__isnull=False) & ~Q(evidence=""),
                name="decisioncondition_met_at_by",
            ),
            models.CheckConstraint(
                condition=Q(met_by__isnull=True) | ~Q(met_by=F("owner")), name="decisioncondition_confirmed_by_another"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_overdue(self) -> bool:
        return self.met_at is None and self.due_on < timezone.localdate()


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self, on: dt.date | None = None) -> DelegationQuerySet:
        day = on or timezone.localdate()
        return self.filter(revoked_at__isnull=True, starts_on__lte=day, ends_on__gte=day)

    def to(self, user: User) -> DelegationQuerySet:
        """Those by which the person stands in for somebody today."""
        return self.in_force().filter(to_user=user, from_user__is_active=True)


@history.track()
class Delegation(Record):
    """Out of office: from the first day to the last, somebody else votes from this person's seats."""

    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegations", verbose_name=_("away")
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stand_ins", verbose_name=_("stands in")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    revoked_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="delegation_to_somebody_else"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="delegation_ends_after_it_starts"),
            ExclusionConstraint(
                name="delegation_one_at_a_time",
                expressions=[
                    ("from_user", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)), RangeOperators.OVERLAPS),
                ],
                condition=Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_user_id} › {self.to_user_id}"
