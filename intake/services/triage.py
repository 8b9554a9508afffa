"""What the PMO does: make a request ready for a decision, or send it back with questions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import check_appointable
from common.errors import PortalError
from governance.services import ballots
from intake import policies
from intake.enums import RequestState
from intake.models import BALLOT_KIND
from intake.services import letters
from intake.services.matter import put_to_vote
from intake.services.transitions import by, demand, lock, move
from playbooks.selectors import published_version_of

if TYPE_CHECKING:
    from accounts.models import User
    from intake.models import Request
    from playbooks.models import Playbook
    from projects.models import Portfolio


class PlaybookNotPublished(PortalError):
    """A project can only be set up from a published version."""


class NoteMissing(PortalError):
    """A request that goes back without a question helps nobody."""


@dataclass(frozen=True, slots=True)
class Triage:
    """What the PMO proposes: where the project belongs, how it runs, who answers for it, when it starts."""

    portfolio: Portfolio
    playbook: Playbook
    proposed_lead: User
    proposed_sponsor: User
    start_on: dt.date
    note: str = ""


@transaction.atomic
def triage_request(*, actor: User, pk: int, data: Triage, version: int | None = None) -> Request:
    """Make a submitted request ready for a decision; those who decide get a mail.

    Raises: NotAllowed, WrongState, Conflict, PlaybookNotPublished, RoleNotGrantable, and BodyTooSmall when nobody may
    decide on it.
    """
    with by(actor):
        pitch = lock(pk, version, "requester")
        demand(policies.can_triage(actor, pitch))
        check_appointable(data.proposed_lead, data.proposed_sponsor)
        if published_version_of(data.playbook) is None:
            raise PlaybookNotPublished(_("“%(name)s” has no published version yet.") % {"name": data.playbook})
        move(
            pitch, RequestState.TRIAGED,
            portfolio=data.portfolio, playbook=data.playbook,
            proposed_lead=data.proposed_lead, proposed_sponsor=data.proposed_sponsor,
            start_on=data.start_on, triage_note=data.note,
            triaged_at=timezone.now(), triaged_by=actor,
        )  # fmt: skip
        put_to_vote(pitch)
    return pitch


@transaction.atomic
def return_request(*, actor: User, pk: int, note: str, version: int | None = None) -> Request:
    """Send a request back to its requester with questions, before or after triage; they get a mail.

    Raises: NotAllowed, WrongState, Conflict, NoteMissing.
    """
    with by(actor):
        pitch = lock(pk, version)
        demand(policies.can_return(actor, pitch))
        if not note.strip():
            raise NoteMissing(_("Write what the requester should answer or change."))
        ballots.withdraw_question(kind=BALLOT_KIND, subject_id=pitch.pk)
        move(pitch, RequestState.RETURNED, triage_note=note.strip(), triaged_at=None, triaged_by=None)
        letters.returned(pitch, actor)
    return pitch
