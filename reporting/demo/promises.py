"""What the demo's projects need from each other: kept, promised, moved, late, asked and refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from projects.enums import GIVER_MOVES, PromiseMove
from projects.models import Promise
from projects.services import promises
from reporting.demo.story import as_person

if TYPE_CHECKING:
    from accounts.models import User
    from reporting.demo.seed import Seed

M = PromiseMove


@dataclass(frozen=True, slots=True)
class Said:
    """A step: weeks before today, and how many weeks from then the day lies that it names."""

    weeks_left: int
    move: PromiseMove
    in_weeks: int = 0
    word: str = ""


@dataclass(frozen=True, slots=True)
class Need:
    """What one project asks of another, weeks before today, and by when it needs it, in weeks from then."""

    taker: str
    giver: str
    name: str
    description: str
    asked: int
    needed_in: int
    said: tuple[Said, ...] = ()


NEEDS: Final = (
    Need("Forms without paper", "Sign in once", "Sign-in for forms", "Somebody signs in once and fills in three forms.", 18, 8,
         (Said(17, M.OFFER, 7), Said(10, M.DELIVER), Said(9, M.RECEIVE))),
    Need("One counter online", "One address register", "Addresses from one source", "The counter reads the register of the day.", 12, 16,
         (Said(11, M.OFFER, 14), Said(5, M.OFFER, 14, "The old systems hold more double addresses than counted."),
          Said(4, M.AGREE, 0, "We start with the neighbourhoods that are done."))),
    Need("One counter online", "Digital archive", "A place for closed cases", "A closed case is found again within a minute.", 9, 6,
         (Said(8, M.OFFER, 5),)),
    Need("New case system", "Out of the old data centre", "A server in the new data centre", "Tested with the load of a Monday morning.", 3, 14),
    Need("Rainwater to the canal", "Mill quay rebuilt", "Passage for two drains", "Both drains reach the canal through the new wall.", 7, 20,
         (Said(6, M.OFFER, 28, "The wall is closed there in spring at the earliest."),)),
    Need("Station square green", "Cycle route west", "Crossing at the station", "Bicycles cross before the square opens.", 8, 18,
         (Said(6, M.REFUSE, 0, "The crossing is not in our budget."),)),
    Need("Bridge sensors", "Security monitoring", "Alarm line for sensors", "An alarm reaches the room within a minute.", 6, 12,
         (Said(5, M.OFFER, 10),)),
)  # fmt: skip


def play_promises(seed: Seed, weeks_left: int) -> None:
    """What is asked and said in one week, by the PMO for who needs it and by the leads from then on."""
    stories = {story.plan.name: story for story in seed.stories if not story.is_over()}
    for need in NEEDS:
        if need.taker not in stories or need.giver not in stories:
            continue
        taker, giver = stories[need.taker], stories[need.giver]
        if need.asked == weeks_left:
            values = {"name": need.name, "description": need.description, "needed_on": _in_weeks(need.needed_in)}
            with as_person(taker.cast.pmo):
                promises.ask_promise(actor=taker.cast.pmo, project=taker.project, giver=giver.project, values=values)
        for step in need.said:
            if step.weeks_left == weeks_left:
                _say(need, step, giver.lead if step.move in GIVER_MOVES else taker.lead)


def _say(need: Need, step: Said, speaker: User) -> None:
    promise = Promise.objects.get(name=need.name, project__name=need.taker, project__is_demo=True)
    with as_person(speaker):
        promises.move_promise(
            actor=speaker, promise_id=promise.pk, version=promise.version, move=step.move,
            on=_in_weeks(step.in_weeks) if step.in_weeks else None, word=step.word,
        )  # fmt: skip


def _in_weeks(number: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(weeks=number)
