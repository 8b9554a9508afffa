"""The rules about requests that a rulebook starts with."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from governance.cases import Case
from governance.enums import Checkpoint, Expected, SubjectKind, Weight
from governance.services import NewRule
from projects.start_rules.rule import STOPPING, texts_of

LARGE: Final[dict[str, Any]] = {"fact": "request.budget", "op": "ge", "value": "100000"}
"""From this amount on a request has to say more; in its own currency."""
BOTH: Final = (Checkpoint.SUBMIT_REQUEST, Checkpoint.APPROVE_REQUEST)

_LINES: Final[tuple[tuple[Any, ...], ...]] = (
    (
        "request-goal", Weight.MEDIUM, _("A large request serves a goal"),
        _("Nobody can say which goal this request brings nearer."), _("Choose the goal"), "request-edit#id_goal",
        "has_goal", {"fact": "request.has_goal", "op": "eq", "value": True}, True, False, STOPPING, BOTH,
    ),
    (
        "request-benefit", Weight.MEDIUM, _("Whoever asks for a large sum says what it brings"),
        _("A large sum is asked for, and nobody says what it brings each year."), _("Fill in the benefit"),
        "request-edit#id_yearly_benefit",
        "yearly_benefit", {"fact": "request.yearly_benefit", "op": "filled"}, "40000", None, {}, BOTH,
    ),
    (
        "request-benefits-owner", Weight.MEDIUM, _("Benefits have an owner before a large request is approved"),
        _("Nobody would see to it that the benefits come."), _("Name who owns the benefits"),
        "request-edit#id_proposed_benefits_owner",
        "has_benefits_owner", {"fact": "request.has_benefits_owner", "op": "eq", "value": True}, True, False, STOPPING,
        (Checkpoint.APPROVE_REQUEST,),
    ),
)  # fmt: skip


def start_set() -> list[NewRule]:
    """Asked when a request is handed in and when it is approved, with an example of each answer."""
    return [
        NewRule(
            code=code, kind=SubjectKind.REQUEST.value,
            content={
                "weight": weight.value, "condition": condition, "applies": LARGE, "remedy_page": page,
                "texts": texts_of(title, message, remedy), "enforcement": does,
                "checkpoints": [one.value for one in moments],
            },
            cases=(
                Case(str(_("An example that keeps it")), Expected.PASS.value, {"budget": "250000", word: kept}),
                Case(str(_("An example that breaks it")), Expected.FAIL.value, {"budget": "250000", word: broken}),
            ),
        )
        for code, weight, title, message, remedy, page, word, condition, kept, broken, does, moments in _LINES
    ]  # fmt: skip
