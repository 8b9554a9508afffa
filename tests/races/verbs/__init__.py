"""The verbs of governance that eight people may do at once, by their subject."""

from __future__ import annotations

from typing import Final

from tests.races.race import Race
from tests.races.verbs.baselines import ChangeApart, ChangeBaseline
from tests.races.verbs.gates import AskReview, DecideGate
from tests.races.verbs.requests import Approve
from tests.races.verbs.rulebook import Activate, ChangeControl
from tests.races.verbs.votes import VoteAlone, VoteTogether, VoteTwice
from tests.races.verbs.waivers import AskWaiver, GrantWaiver

RACES: Final[tuple[type[Race], ...]] = (
    Approve, VoteTogether, VoteAlone, VoteTwice, AskWaiver, GrantWaiver, ChangeBaseline, ChangeApart, Activate,
    DecideGate, AskReview, ChangeControl,
)  # fmt: skip
