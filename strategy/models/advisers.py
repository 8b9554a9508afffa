from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from strategy.models.offices import Office


class OfficeMemberQuerySet(models.QuerySet["OfficeMember"]):
    def in_force(self) -> OfficeMemberQuerySet:
        """Not yet ended (the last day counts)."""
        return self.filter(ends_on__gte=timezone.localdate())


@history.track()
class OfficeMember(Record):
    """A person of an external office, until a last day. A person belongs to one such office at most, and stays
    external when the time there is over: the membership ends, it is never deleted.

    A trigger carries the last day to `User.external_until`, which is what the access policy reads; another
    refuses an office that is not external.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="members", verbose_name=_("office"))
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="office_membership", verbose_name=_("person")
    )
    ends_on = models.DateField(_("last day"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )

    objects = OfficeMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("person of an external office")
        verbose_name_plural = _("people of external offices")
        triggers = [
            pgtrigger.Protect(name="membership_ends_only", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="membership_stays_with_its_person",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("user", "office"),
            ),
            pgtrigger.Trigger(
                name="office_is_external",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM strategy_office WHERE id = NEW.office_id AND kind = 'external') THEN
                        RAISE EXCEPTION 'only an external office has advisers';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="person_is_external_until",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    UPDATE accounts_user SET external_until = NEW.ends_on
                    WHERE id = NEW.user_id AND external_until IS DISTINCT FROM NEW.ends_on;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def has_ended(self) -> bool:
        return self.ends_on < timezone.localdate()
