"""Ballots: a question with its steps, and who has a seat in it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common import history
from common.languages import said
from common.models import Record
from common.prepared import IsAnyOf
from governance import matters
from governance.enums import BallotState, Choice, StepState
from governance.models.delegations import Delegation
from governance.models.votes import Vote

if TYPE_CHECKING:
    from accounts.models import User
    from common.languages import Words


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
