"""Where a request stands, in words: what happens now, who holds it, since when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from intake.enums import RequestState as S

if TYPE_CHECKING:
    from intake.models import Request

TRACK: Final = (
    gettext_lazy("Submitted"),
    gettext_lazy("Triage"),
    gettext_lazy("Decision"),
    gettext_lazy("Project"),
)
"""The steps of a request, as the requester follows them."""

TONES: Final[dict[str, str]] = {
    S.DRAFT: "hold", S.SUBMITTED: "accent", S.TRIAGED: "accent", S.RETURNED: "risk",
    S.APPROVED: "ok", S.REJECTED: "off", S.WITHDRAWN: "hold",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """`sentence` says what happens now, `holder` who must act (empty: nobody), `step` the place on `TRACK` from 1
    (0: not on it yet; 5: at its end).
    """

    sentence: str
    holder: str
    since: dt.datetime
    step: int
    tone: str


def standing_of(pitch: Request) -> Standing:
    """Where this request stands. No query when requester, sponsor, portfolio and decider are loaded."""
    sentence, step = {
        S.DRAFT: (_("Not handed in yet. Only you can see it."), 0),
        S.SUBMITTED: (_("The PMO checks whether it is clear and complete."), 2),
        S.RETURNED: (_("The PMO has a question. Answer it and hand the request in again."), 1),
        S.TRIAGED: (_("It is clear and complete, and waits for a decision."), 3),
        S.APPROVED: (_("Approved. It is a project now."), 5),
        S.REJECTED: (_("Not approved. The reason is below."), 3),
        S.WITHDRAWN: (_("Withdrawn by the requester."), 0),
    }[S(pitch.state)]
    return Standing(sentence, holder_of(pitch), pitch.state_changed_at, step, TONES[pitch.state])


def holder_of(pitch: Request) -> str:
    """Who must do the next thing; empty when nobody must."""
    if pitch.state in {S.DRAFT, S.RETURNED}:
        return str(pitch.requester)
    if pitch.state == S.SUBMITTED:
        return _("PMO")
    if pitch.state == S.TRIAGED:
        return str(pitch.proposed_sponsor or _("whoever decides for %(portfolio)s") % {"portfolio": pitch.portfolio})
    return ""
