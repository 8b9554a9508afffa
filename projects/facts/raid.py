"""The open risks and issues, and the decisions and asks that somebody waits for."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.facts.declaring import DAYS, item
from projects.facts.sources import ASKS, DECISIONS, ISSUES, RISKS

FACTS: Final = (
    item(
        "risks_registered", _("risks"), FactKind.NUMBER, _("All risks in the register, closed ones too."), RISKS,
        "registered", stored=False, absent=0,
    ),
    item("risks_open", _("open risks"), FactKind.NUMBER, _("Risks that may still happen."), RISKS, "open", absent=0),
    item(
        "risks_without_owner", _("open risks without owner"), FactKind.NUMBER, _("Open risks that belong to nobody."),
        RISKS, "ownerless", stored=False, absent=0,
    ),
    item(
        "risks_review_overdue", _("open risks past their review"), FactKind.NUMBER,
        _("Open risks whose day of review has passed."), RISKS, "unreviewed", stored=False, absent=0,
    ),
    item(
        "top_risk_score", _("top risk"), FactKind.NUMBER, _("The highest probability times impact of the open risks."),
        RISKS, "top",
    ),
    item(
        "risk_exposure", _("exposure"), FactKind.NUMBER, _("The sum of the scores of the high open risks."), RISKS,
        "exposure", stored=False, absent=0,
    ),
    item(
        "risks_high", _("high risks"), FactKind.NUMBER, _("Open risks with a score of 12 or more."), RISKS, "high",
        stored=False, absent=0,
    ),
    item(
        "risks_high_ids", _("the high risks"), FactKind.LIST, _("The high open risks, worst first."), RISKS, "ids",
        stored=False,
    ),
    item(
        "top_risk_title", _("worst risk"), FactKind.TEXT, _("The open risk with the highest score."), RISKS, "title",
        stored=False,
    ),
    item("issues_open", _("open issues"), FactKind.NUMBER, _("Issues that are not solved."), ISSUES, "open", absent=0),
    item(
        "blockers_open", _("open blockers"), FactKind.NUMBER, _("Open issues that stop work."), ISSUES, "blockers",
        absent=0,
    ),
    item(
        "oldest_blocker_days", _("oldest blocker"), FactKind.DAYS, _("How long the oldest blocker is open."), ISSUES,
        "oldest_days", unit=DAYS,
    ),
    item(
        "blocker_ids", _("the blockers"), FactKind.LIST, _("The open blockers, oldest first."), ISSUES, "ids",
        stored=False,
    ),
    item(
        "oldest_blocker_title", _("the oldest blocker"), FactKind.TEXT, _("The blocker that is open longest."), ISSUES,
        "title", stored=False,
    ),
    item(
        "decisions_wanted", _("decisions wanted"), FactKind.NUMBER, _("Decisions that somebody waits for."), DECISIONS,
        "wanted", absent=0,
    ),
    item(
        "decisions_overdue", _("decisions overdue"), FactKind.NUMBER,
        _("Those that are past the day they were needed by."), DECISIONS, "overdue", absent=0,
    ),
    item("asks_open", _("open asks"), FactKind.NUMBER, _("Asks that nobody has answered."), ASKS, "open", absent=0),
)  # fmt: skip
