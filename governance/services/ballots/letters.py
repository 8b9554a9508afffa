"""The mails about a ballot, put in the outbox with the step that they tell of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.mail import queue_all, write_mail
from governance import matters
from governance.enums import StepState
from governance.models import BallotSeat, Delegation, Vote

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from governance.facts import Text
    from governance.models import Ballot, BallotStep

_SUBJECTS: Final[dict[str, Text]] = {
    "asked": gettext_lazy("Your vote: %(question)s"),
    "void": gettext_lazy("Please vote again: %(question)s"),
    "overdue": gettext_lazy("Still waiting for your vote: %(question)s"),
    "decided": gettext_lazy("Decided: %(question)s"),
    "withdrawn": gettext_lazy("Withdrawn: %(question)s"),
}
_SENTENCES: Final[dict[str, Text]] = {
    "asked": gettext_lazy("%(asker)s asks for a decision, and you have a vote."),
    "void": gettext_lazy("This was changed after you voted, so your vote no longer counts. Read it again and vote."),
    "overdue": gettext_lazy("The time to decide is over, and nobody has settled it."),
    "decided": gettext_lazy("Those who decide have said: %(outcome)s."),
    "withdrawn": gettext_lazy("The question was taken back. You need not vote any more."),
}


def ask_for_votes(ballot: Ballot, only: Collection[int] | None = None) -> None:
    """To everybody with a seat in an open step (or to `only` those), and to who stands in for them."""
    seats = BallotSeat.objects.filter(ballot=ballot, step__state=StepState.OPEN).exclude(person__in=ballot.barred_ids)
    if only is None:
        only = matters.matter(ballot.subject_kind).written_to(ballot)
    _send(ballot, "asked", _reachable(seats if only is None else seats.filter(person__in=only)))


def void(ballot: Ballot, voters: Iterable[int]) -> None:
    """To those whose votes became void."""
    _send(ballot, "void", User.objects.filter(pk__in=list(voters)))


def remind(ballot: Ballot, step: BallotStep) -> None:
    """To those of a step who have not voted, also those who just got a seat."""
    voted = Vote.objects.counting().filter(step=step).values("seat")
    silent = BallotSeat.objects.filter(step=step).exclude(pk__in=voted).exclude(person__in=ballot.barred_ids)
    _send(ballot, "overdue", _reachable(silent))


def decided(ballot: Ballot) -> None:
    """To whoever asked, unless the matter writes to them itself."""
    if matters.matter(ballot.subject_kind).tells_outcome:
        _send(ballot, "decided", [ballot.asked_by])


def withdrawn(ballot: Ballot) -> None:
    """To those who had not voted yet in the open steps."""
    voted = Vote.objects.counting().filter(ballot=ballot).values("seat")
    silent = BallotSeat.objects.filter(ballot=ballot, step__opened_at__isnull=False).exclude(pk__in=voted)
    _send(ballot, "withdrawn", User.objects.filter(pk__in=silent.values("person")))


def _reachable(seats: QuerySet[BallotSeat]) -> Iterable[User]:
    """The people of these seats, and whoever stands in for one of them today."""
    people = seats.values("person")
    stand_ins = Delegation.objects.in_force().filter(from_user__in=people).values("to_user")
    return User.objects.filter(Q(pk__in=people) | Q(pk__in=stand_ins), is_active=True)


def _send(ballot: Ballot, what: str, people: Iterable[User]) -> None:
    matter = matters.matter(ballot.subject_kind)
    path = matter.vote_at(ballot) if what != "decided" else reverse("ballot", args=[ballot.pk])
    mails = []
    for person in people:
        with translation.override(person.language or settings.LANGUAGE_CODE):
            words = {
                "question": ballot.sentence,
                "asker": ballot.asked_by,
                "outcome": matter.word(ballot.outcome) if ballot.outcome else "",
            }
            subject, sentence = (str(texts[what]) % words for texts in (_SUBJECTS, _SENTENCES))
        mails.append(
            write_mail(
                message_id=f"ballot-{ballot.pk}-{what}-{ballot.version}-{person.pk}@pmo-portal",
                to=person,
                subject=subject,
                template="ballot",
                context={"sentence": sentence, "ballot": ballot, "path": path},
            )
        )
    if mails:
        queue_all(mails)
