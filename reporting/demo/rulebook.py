"""The rulebook of the demo organisation: who looks after which rule, and a draft that is being tried out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from accounts.models import User
from common import jobs
from governance.cases import Case
from governance.contents import content_of
from governance.enums import Expected
from governance.models import Rule
from governance.services import drafts, rehearsals

TRIED: Final = "drift"
"""The rule of which a stricter version is being written."""
DAYS: Final = 30


def set_up_rulebook(mila: User, owners: list[User], today: dt.date) -> None:
    """Every rule has an owner and a day of review; one has a draft with cases and a rehearsal."""
    for number, rule in enumerate(Rule.objects.order_by("code")):
        drafts.describe_rule(
            actor=mila, pk=rule.pk, version=rule.version, owner=owners[number % len(owners)],
            review_on=today + dt.timedelta(days=30 + 11 * number),
        )  # fmt: skip
    draft = drafts.open_draft(actor=mila, rule_id=Rule.objects.get(code=TRIED).pk)
    stricter = replace(
        content_of(draft),
        condition={"fact": "project.slip_days", "op": "le", "value": DAYS},
        texts={
            "en": {"title": "The finish stays within a month of the baseline",
                   "message": "The finish has drifted more than thirty days from what was agreed.",
                   "remedy": "Ask for a decision"},
            "nl": {"title": "De einddatum blijft binnen een maand van de basislijn",
                   "message": "De einddatum is meer dan dertig dagen uitgelopen op wat is afgesproken.",
                   "remedy": "Vraag om een besluit"},
        },
    )  # fmt: skip
    drafts.save_draft(
        actor=mila, pk=draft.pk, version=draft.version, content=stricter, note="Six weeks proved too late to steer"
    )
    for case in draft.cases.all():
        drafts.remove_case(actor=mila, draft_id=draft.pk, pk=case.pk)
    for name, days, expected in (("Just within", DAYS, Expected.PASS), ("A day over", DAYS + 1, Expected.FAIL)):
        drafts.save_case(
            actor=mila, draft_id=draft.pk, case=Case(name, expected.value, {"slip_days": days}, on_day=today)
        )
    jobs.run_now(rehearsals.ask_for_rehearsal(actor=mila, pk=draft.pk))
