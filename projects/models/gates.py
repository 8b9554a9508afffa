"""Gates: the milestones at which somebody decides whether a project goes on."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, IntegerField, Q
from django.db.models.functions import Cast, Coalesce, Now
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from governance.enums import Choice
from governance.models.outcomes import follows_a_ballot
from playbooks.models import Criterion
from projects.enums import GATE_MATTER, Judgement
from projects.models.plan import Milestone, Phase
from projects.models.project import Project

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

    from accounts.models import User

YES = (Choice.APPROVE, Choice.CONDITIONAL)


class _DaysFrom1900(Func):
    template = "(%(expressions)s - DATE '1900-01-01')"
    output_field = IntegerField()


def gate_place(prefix: str = "milestone__") -> Combinable:
    """Where a gate stands among the gates of its project: by its phase, within that by its agreed day."""
    phase = Cast(Coalesce(F(f"{prefix}phase__position"), 32767), models.BigIntegerField())
    return phase * 10_000_000 + Coalesce(_DaysFrom1900(F(f"{prefix}baseline_on")), 9_999_999)


class GateQuerySet(models.QuerySet["Gate"]):
    def visible_to(self, user: User) -> GateQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def in_force(self) -> GateQuerySet:
        """Those whose milestone is still a gate."""
        return self.filter(milestone__is_gate=True)

    def in_order(self) -> GateQuerySet:
        return self.in_force().annotate(place=gate_place()).order_by("place", "pk")


@history.track()
class Gate(Record):
    """The decision side of a milestone that closes its phase; the database makes it with the milestone.

    It is passed when its milestone is reached. `outcome` is what the last review decided; no outcome on a passed
    gate: it was passed before the portal knew it. `stage_money` is what a yes releases for what comes next;
    `released` is what it did release.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gates", verbose_name=_("project"))
    milestone = models.OneToOneField(
        Milestone, on_delete=models.CASCADE, related_name="gate", verbose_name=_("milestone")
    )
    stage_money: models.DecimalField[Decimal | None, Decimal | None] = models.DecimalField(
        _("stage money"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    released: models.DecimalField[Decimal | None, Decimal | None] = models.DecimalField(
        _("released"), max_digits=20, decimal_places=2, null=True, blank=True
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Choice, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    ballot = models.ForeignKey(
        "governance.Ballot",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ballot"),
    )

    is_asked: bool
    """Whether it has criteria; only of gates that came by `overview_of`, as `in_review`: its ballot is open."""
    in_review: bool

    objects = GateQuerySet.as_manager()

    class Meta:
        verbose_name = _("gate")
        verbose_name_plural = _("gates")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True, ballot__isnull=True)
                | ~Q(outcome="") & Q(decided_at__isnull=False, ballot__isnull=False),
                name="gate_decided_by_a_ballot",
            ),
            models.CheckConstraint(
                condition=Q(released__isnull=True) | Q(outcome__in=YES), name="gate_releases_with_a_yes"
            ),
            models.CheckConstraint(
                condition=Q(stage_money__isnull=True) | Q(stage_money__gte=0), name="gate_money_not_negative"
            ),
        ]
        triggers = [
            follows_a_ballot(
                GATE_MATTER,
                when="NEW.outcome <> '' AND (OLD.outcome, OLD.ballot_id) IS DISTINCT FROM (NEW.outcome, NEW.ballot_id)",
                match="b.id = NEW.ballot_id AND b.outcome = NEW.outcome",
            ),
            pgtrigger.Protect(
                name="passed_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.outcome IN ('approve', 'conditional')"),
            ),
        ]

    def __str__(self) -> str:
        return self.milestone.name

    @property
    def is_passed(self) -> bool:
        return self.milestone.actual_on is not None

    @property
    def phase(self) -> Phase | None:
        """The phase that it closes."""
        return self.milestone.phase


class GateCriterionQuerySet(models.QuerySet["GateCriterion"]):
    def visible_to(self, user: User) -> GateCriterionQuerySet:
        return self.filter(gate__in=Gate.objects.visible_to(user))


@history.track()
class GateCriterion(Record, Criterion):
    """A criterion of a gate of a project, copied from its playbook or added by the PMO.

    A judgement says whether it is met, who said so and the sentence why.
    """

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("gate"))
    is_of_playbook = models.BooleanField(_("from the playbook"), default=False, editable=False)
    judged = models.CharField(_("judged"), max_length=8, choices=Judgement, blank=True)
    sentence = models.CharField(_("because"), max_length=300, blank=True)
    judged_at = models.DateTimeField(_("judged at"), null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("judged by"),
    )

    objects = GateCriterionQuerySet.as_manager()

    class Meta(Criterion.Meta):
        verbose_name = _("criterion of a gate")
        verbose_name_plural = _("criteria of a gate")
        constraints = [
            *Criterion.Meta.constraints,
            models.CheckConstraint(
                condition=Q(judged="", sentence="", judged_at__isnull=True, judged_by__isnull=True)
                | Q(kind="judgement", judged_at__isnull=False, judged_by__isnull=False)
                & ~Q(judged="")
                & ~Q(sentence=""),
                name="gatecriterion_judged_at_by",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class EvidencePackQuerySet(models.QuerySet["EvidencePack"]):
    def visible_to(self, user: User) -> EvidencePackQuerySet:
        return self.filter(gate__in=Gate.objects.visible_to(user))


@history.track()
class EvidencePack(models.Model):
    """What the deciders of a gate review were shown, frozen: canonical JSON and its SHA-256.

    The newest number of a ballot counts. `anyway` is why the review was asked for while criteria were not met.
    """

    gate = models.ForeignKey(Gate, on_delete=models.CASCADE, related_name="packs", verbose_name=_("gate"))
    ballot = models.ForeignKey(
        "governance.Ballot", on_delete=models.PROTECT, related_name="+", verbose_name=_("ballot")
    )
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    content = models.TextField(_("content"))
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    anyway = models.TextField(_("asked anyway because"), blank=True)
    frozen_at = models.DateTimeField(_("frozen at"), db_default=Now(), editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("frozen by")
    )

    objects = EvidencePackQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence pack")
        verbose_name_plural = _("evidence packs")
        constraints = [models.UniqueConstraint(fields=["ballot", "number"], name="evidencepack_number_once")]
        triggers = [
            pgtrigger.Protect(name="frozen_stays", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="fingerprint_fits",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF encode(sha256(convert_to(NEW.content, 'UTF8')), 'hex') <> NEW.sha256 THEN
                        RAISE EXCEPTION 'this is not the fingerprint of the pack' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gate_id} · {self.number}"
