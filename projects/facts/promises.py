"""What the project needs from other projects, and what they need from it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.facts.declaring import DAYS, item
from projects.facts.sources import PROMISES, PROMISES_GIVEN

FACTS: Final = (
    *(
        item(f"promises_{word}", label, FactKind.NUMBER, sentence, PROMISES, word, stored=False, absent=0)
        for word, label, sentence in (
            (
                "open", _("needs from other projects"),
                _("What the project asked of other projects and did not get yet."),
            ),
            (
                "loose", _("needs not promised"),
                _("Those that the other project has not promised, or that it cannot give because it is over."),
            ),
            ("late", _("needs overdue"), _("Those that were promised for a day that has passed.")),
        )
    ),
    *(
        item(f"given_{word}", label, FactKind.NUMBER, sentence, PROMISES_GIVEN, word, stored=False, absent=0)
        for word, label, sentence in (
            ("open", _("promises to keep"), _("What other projects still expect of this one.")),
            ("late", _("promises overdue"), _("What this project promised for a day that has passed.")),
            ("unanswered", _("promises to answer"), _("What other projects asked and nobody answered.")),
        )
    ),
    item(
        "oldest_unanswered_days", _("oldest question of another project"), FactKind.DAYS,
        _("How long another project has waited for an answer."), PROMISES_GIVEN, "unanswered_days", unit=DAYS,
        stored=False,
    ),
)  # fmt: skip
