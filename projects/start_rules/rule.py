"""A rule of the start set, and the words in which its conditions are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.cases import Case
from governance.enums import Checkpoint, Enforcement, Expected, SubjectKind, Weight
from governance.services import NewRule
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    Tree = dict[str, Any]
    Facts = dict[str, Any]

STOPPING: Final = {
    ControlLevel.SUPPORTIVE.value: Enforcement.ADVISE.value,
    ControlLevel.CONTROLLING.value: Enforcement.REQUIRE_WAIVER.value,
    ControlLevel.DIRECTIVE.value: Enforcement.BLOCK.value,
}
"""What a rule that stops work does under each control level."""


@dataclass(frozen=True, slots=True)
class StartRule:
    """What good practice asks of a project, with the facts of one that keeps it and of one that does not.

    `page` is where it is mended. Broken, it stops work at `stops_at` in an office that controls or directs; else it
    advises. One that nobody can keep before the end is not scanned for: a finding would only be noise.
    """

    code: str
    weight: Weight
    title: StrPromise
    message: StrPromise
    remedy: StrPromise
    page: str
    condition: Tree
    kept: Facts
    broken: Facts
    applies: Tree | None = None
    stops_at: tuple[Checkpoint, ...] = ()
    is_scanned: bool = True

    def as_rule(self) -> NewRule:
        """With its texts in every language of the portal and an example of each answer."""
        moments = [*self.stops_at, *((Checkpoint.WEEKLY_SCAN,) if self.is_scanned else ())]
        return NewRule(
            code=self.code, kind=SubjectKind.PROJECT.value,
            content={
                "weight": self.weight.value, "condition": self.condition, "applies": self.applies,
                "remedy_page": self.page, "texts": texts_of(self.title, self.message, self.remedy),
                "checkpoints": [one.value for one in moments], "enforcement": STOPPING if self.stops_at else {},
            },
            cases=(
                Case(str(_("An example that keeps it")), Expected.PASS.value, self.kept),
                Case(str(_("An example that breaks it")), Expected.FAIL.value, self.broken),
            ),
        )  # fmt: skip


def texts_of(title: StrPromise, message: StrPromise, remedy: StrPromise) -> dict[str, dict[str, str]]:
    """The texts of a rule in every language of the portal."""
    texts = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            texts[language.partition("-")[0]] = {"title": str(title), "message": str(message), "remedy": str(remedy)}
    return texts


def fact(name: str, op: str, value: object) -> Tree:
    return {"fact": f"project.{name}", "op": op, "value": value}


def filled(name: str) -> Tree:
    return {"fact": f"project.{name}", "op": "filled"}


def row(field: str, value: object) -> Tree:
    return {"fact": field, "op": "eq", "value": value}


def none_of(children: str, *parts: Tree) -> Tree:
    """There is none of which all of this is true."""
    where: Tree = parts[0] if len(parts) == 1 else {"all": list(parts)}
    return {"count": children, "where": where, "op": "eq", "value": 0}


STARTED: Final = fact("is_started", "eq", True)
