"""Votes: what was said from the seats of a ballot."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common import history
from governance.enums import Choice


class VoteQuerySet(models.QuerySet["Vote"]):
    def counting(self) -> VoteQuerySet:
        return self.filter(voided_at__isnull=True)


@history.track()
class Vote(models.Model):
    """What was said from a seat, by its holder or by whoever stood in for them. Void when the subject was edited."""

    ballot = models.ForeignKey(
        "governance.Ballot", on_delete=models.CASCADE, related_name="votes", verbose_name=_("ballot")
    )
    step = models.ForeignKey(
        "governance.BallotStep", on_delete=models.CASCADE, related_name="votes", verbose_name=_("step")
    )
    seat = models.ForeignKey(
        "governance.BallotSeat", on_delete=models.CASCADE, related_name="votes", verbose_name=_("seat")
    )
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
