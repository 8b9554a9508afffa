"""The two doors by which a vote comes in: the service, and the page that people use. Each tells what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeAlias

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import PortalError
from governance.models import Ballot, Vote
from governance.services import ballots
from governance.services.ballots import NewCondition

CONFLICT: Final = 409
NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class Said:
    """A vote as it is handed in; `owner` meets the condition of a conditional yes."""

    who: User
    ballot: int
    choice: str
    reason: str
    owner: User

    @property
    def due_on(self) -> date:
        return timezone.localdate() + timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a vote: "counted", "heard" before, "void" (all vote anew), "refused", or "turned away" before the
    vote was so much as looked at.
    """

    done: str
    why: str = ""


Door: TypeAlias = Callable[[Said], Answer]


def at_the_service(said: Said) -> Answer:
    conditions = [NewCondition("Name a deputy", said.owner, said.due_on)] if said.choice == "conditional" else []
    before = Vote.objects.count()
    try:
        ballots.cast_vote(
            actor=said.who, ballot_id=said.ballot, choice=said.choice, reason=said.reason, conditions=conditions
        )
    except ballots.SubjectChanged:
        return Answer("void", "SubjectChanged")
    except PortalError as error:
        return Answer("refused", type(error).__name__)
    return Answer("counted" if Vote.objects.count() > before else "heard")


def on_the_page(said: Said) -> Answer:
    """As a browser sends it, with the version that the page showed."""
    client, before = Client(), Vote.objects.count()
    client.force_login(said.who)
    page = reverse("ballot", args=[said.ballot])
    answer = client.post(reverse("ballot-vote", args=[said.ballot]), _form(said))
    if answer.status_code == NOT_FOUND or (answer.status_code == 302 and answer["Location"] != page):
        return Answer("turned away", f"page {answer.status_code}")
    if Vote.objects.count() > before:
        return Answer("counted")
    if answer.status_code == CONFLICT:
        return Answer("void", "page 409")
    told = {message.level_tag for message in get_messages(answer.wsgi_request)}
    return Answer("heard") if told == {"success"} else Answer("refused", f"page {answer.status_code}")


def _form(said: Said) -> dict[str, str | int]:
    shown = Ballot.objects.values_list("subject_version", flat=True).get(pk=said.ballot)
    rows: dict[str, str | int] = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 10}
    if said.choice == "conditional":
        rows |= {"0-text": "Name a deputy", "0-owner": said.owner.email, "0-due_on": said.due_on.isoformat()}
    return {
        "version": shown, "choice": said.choice, "reason": said.reason,
        **{f"conditions-{name}": value for name, value in rows.items()},
    }  # fmt: skip
