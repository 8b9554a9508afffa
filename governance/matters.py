"""What is decided by ballot: whoever owns a matter tells here who decides on it and what follows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.enums import Choice

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from governance.facts import Text
    from governance.models import Ballot
    from governance.services import CheckResult
    from governance.subjects import Described

YES_OR_NO: Final = (Choice.APPROVE, Choice.REJECT)
WITH_CONDITIONS: Final = (Choice.APPROVE, Choice.CONDITIONAL, Choice.HOLD, Choice.REJECT)


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step of a procedure: whichever side first has `quorum` votes of those who hold one of these roles settles it.

    Steps of the same `position` run side by side. After `days` without a decision those who hold
    `escalates_to` get a seat as well; 0 days: it waits as long as it takes.
    """

    title: Text
    roles: tuple[str, ...]
    position: int = 1
    quorum: int = 1
    days: int = 0
    escalates_to: str = ""


class Case(Protocol):
    """One thing that is decided on, as it is now: what a ballot asks about it. Read once, kept for no longer than a
    transaction.
    """

    @property
    def office_id(self) -> int | None:
        """The office whose procedures hold for it."""

    def barred(self) -> Mapping[int, Text]:
        """Who must not decide on it, with the reason: the one who asks is barred anyway."""

    def electors(self, roles: Collection[str], /) -> Mapping[str, Collection[int]]:
        """The people who hold each of these roles towards it now (`accounts.enums.RoleName`), by id."""

    def steps(self) -> tuple[StepPlan, ...]:
        """How it is decided where no procedure is set up for it; may depend on the thing."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of thing that is decided by ballot.

    visible_to: the ids that a person may see, as a subquery.
    told: some of them, annotated with `told`: as JSON, what `in_words` needs of each.
    in_words: how one is called and where it is, of its id and what was told.
    lock: locks the thing until the transaction ends and returns its version; an edit moves the version, and
        then the votes cast so far are void. Raises the model's DoesNotExist.
    case: reads the thing. Raises the model's DoesNotExist.
    decided: called in the transaction of the vote that decides, with the reason of that vote; `ballot.outcome` is set.
        An error takes this vote back, and no other.
    choices: what one can vote, and `words` what these are called here.
    """

    label: Text
    visible_to: Callable[[User], QuerySet[Any, Any]]
    told: Callable[[Collection[int]], QuerySet[Any, Any]]
    in_words: Callable[[int, Mapping[str, Any]], Described]
    lock: Callable[[int], int]
    case: Callable[[int], Case]
    decided: Callable[[Ballot, str], None]
    choices: tuple[Choice, ...] = YES_OR_NO
    words: Mapping[str, Text] = field(default_factory=dict)
    written_to: Callable[[Ballot], Collection[int] | None] = lambda _ballot: None
    """Whom a mail asks for their vote; None: everybody with a seat in an open step."""
    tells_outcome: bool = True
    """Whether who asked gets a mail with the outcome; no, where `decided` writes a better one."""
    ends_with_subject: bool = False
    """Whether only a step of the thing itself takes the question back: without its ballot it would wait for ever."""
    rules_say: Callable[[Ballot], CheckResult | None] = lambda _ballot: None
    """What the rulebook would say to a yes now, for whoever votes; None where `decided` asks no rules."""
    vote_at: Callable[[Ballot], str] = lambda ballot: reverse("ballot", args=[ballot.pk])
    """The page on which one votes, when the matter has one of its own."""

    def describe(self, ids: Collection[int]) -> dict[int, Described]:
        """How some of them are called and where they are. One query."""
        return {pk: self.in_words(pk, told) for pk, told in self.told(ids).values_list("pk", "told")}

    def word(self, choice: str) -> str:
        """What a choice is called in this matter."""
        return str(self.words.get(choice) or Choice(choice).label)


GATE_WORDS: Final[Mapping[str, Text]] = {
    Choice.APPROVE: _("Go"),
    Choice.CONDITIONAL: _("Conditional go"),
    Choice.HOLD: _("Hold"),
    Choice.REJECT: _("Stop"),
}

_matters: dict[str, Matter] = {}


def register(kind: str, matter: Matter) -> None:
    """Make a matter known; called from AppConfig.ready() of the app that owns it. `kind` is stored in ballots."""
    _matters[kind] = matter


def registered() -> Mapping[str, Matter]:
    return _matters


def matter(kind: str) -> Matter:
    """Raises: KeyError for a kind that nobody registered."""
    return _matters[kind]
