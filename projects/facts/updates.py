"""What was told last."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.enums import Colour
from projects.facts.declaring import DAYS, item
from projects.facts.sources import UPDATE

FACTS: Final = (
    item(
        "declared", _("declared"), FactKind.CHOICE, _("The colour that the lead declared last."), UPDATE, "declared",
        absent=Colour.NOT_ASSESSED.value,
    ),
    item(
        "declared_scale", _("scale"), FactKind.NUMBER, _("How many points the scale of the declared colour has."),
        UPDATE, "scale", absent=3,
    ),
    *(
        item(
            f"declared_{dimension}", label, FactKind.CHOICE,
            _("The colour that the lead declared for this dimension."), UPDATE, dimension, absent="",
        )
        for dimension, label in (
            ("schedule", _("declared schedule")),
            ("cost", _("declared cost")),
            ("scope", _("declared scope")),
            ("risk", _("declared risk")),
        )
    ),
    item(
        "last_update_on", _("last update"), FactKind.DATE, _("The day that the newest published update speaks of."),
        UPDATE, "on",
    ),
    item(
        "update_age_days", _("age of the update"), FactKind.DAYS, _("How many days ago that was."), UPDATE, "age",
        unit=DAYS,
    ),
    item(
        "update_id", _("newest update"), FactKind.NUMBER, _("The newest published update."), UPDATE, "id", stored=False,
    ),
)  # fmt: skip
