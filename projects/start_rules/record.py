"""What the record of a project says, how it is kept up, and what it leaves behind."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.enums import Checkpoint, Weight
from projects.start_rules.rule import STARTED, StartRule, fact, filled, none_of, row

POST_MORTEMS: Final = ("Post-mortem", "post-mortem", "Evaluatie", "evaluatie")
"""What people write as the kind of a post-mortem, in the languages of the portal."""

RULES: Final = (
    StartRule(
        "goal", Weight.MEDIUM, _("Every project serves a goal"),
        _("Nobody can say which goal this project brings nearer."), _("Choose the goal"), "project-edit#id_goal",
        condition=fact("has_goal", "eq", True), kept={"has_goal": True}, broken={"has_goal": False},
        stops_at=(Checkpoint.PASS_GATE, Checkpoint.CLOSE_PROJECT),
    ),
    StartRule(
        "org-unit", Weight.LOW, _("Every project belongs to an org unit"),
        _("Without an org unit the project is missing in the overviews of its department."), _("Choose the org unit"),
        "project-edit#id_org_unit",
        condition=fact("has_org_unit", "eq", True), kept={"has_org_unit": True}, broken={"has_org_unit": False},
    ),
    StartRule(
        "data-classification", Weight.MEDIUM, _("It is known how closely the data of a project must be kept"),
        _("Nobody said whether its data is public, internal, confidential or secret."), _("Classify its data"),
        "project-edit#id_data_class",
        condition=filled("data_class"), applies=STARTED, kept={"is_started": True, "data_class": "internal"},
        broken={"is_started": True, "data_class": ""},
    ),
    StartRule(
        "update-cadence", Weight.HIGH, _("A status update comes in the agreed rhythm"),
        _("The last status update is older than was agreed, or there never was one."), _("Write an update"),
        "update-write",
        condition={"all": [
            filled("last_update_on"),
            {"fact": "project.update_age_days", "op": "le", "other": "project.update_cadence"},
        ]},
        kept={"last_update_on": "2026-10-30", "update_age_days": 3, "update_cadence": 7},
        broken={"last_update_on": "2026-10-20", "update_age_days": 13, "update_cadence": 7},
    ),
    StartRule(
        "path-to-green", Weight.MEDIUM, _("Amber and red come with an ask, a decision or an issue"),
        _("The lead declares trouble, and nothing on record would change it."), _("Say what is needed"), "update-write",
        condition={"any": [
            fact("asks_open", "gt", 0), fact("decisions_wanted", "gt", 0), fact("issues_open", "gt", 0),
        ]},
        applies={"fact": "project.declared", "op": "in", "values": ["amber", "red", "amber_red"]},
        kept={"declared": "red", "asks_open": 1, "decisions_wanted": 0, "issues_open": 0},
        broken={"declared": "red", "asks_open": 0, "decisions_wanted": 0, "issues_open": 0},
    ),
    StartRule(
        "agreed-place", Weight.LOW, _("Documents lie in an agreed place"),
        _("A document lies outside the places that the office agreed on."), _("See the documents"), "project-team",
        condition=none_of("documents", row("document.is_in_place", False)),
        applies=fact("has_agreed_places", "eq", True),
        kept={"has_agreed_places": True, "documents": [{"is_in_place": True}]},
        broken={"has_agreed_places": True, "documents": [{"is_in_place": False}]},
    ),
    StartRule(
        "post-mortem", Weight.MEDIUM, _("A project closes with a post-mortem"),
        _("There is no document that says what was learned."), _("Link the post-mortem"), "project-team",
        condition={"exists": "documents", "where": {"fact": "document.kind", "op": "in", "values": list(POST_MORTEMS)}},
        kept={"documents": [{"kind": "Post-mortem"}]}, broken={"documents": [{"kind": "Minutes"}]},
        stops_at=(Checkpoint.CLOSE_PROJECT,), is_scanned=False,
    ),
)  # fmt: skip
