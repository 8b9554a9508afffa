"""What the project is, who answers for it, and what its portfolio tolerates."""

from __future__ import annotations

from typing import Final

from django.db.models import BooleanField, Case, F, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.facts.declaring import DAYS, own
from projects.facts.sources import is_set

FACTS: Final = (
    own("name", _("name"), FactKind.TEXT, _("What the project is called."), stored=False),
    own("portfolio_id", _("portfolio"), FactKind.NUMBER, _("The portfolio that the project is in."), stored=False),
    own(
        "office_id", _("office"), FactKind.NUMBER, _("The office that owns the project's portfolio."),
        F("portfolio__office"), stored=False,
    ),
    own(
        "playbook_id", _("playbook"), FactKind.NUMBER, _("The playbook that the project was made from; 0 for none."),
        Coalesce(F("playbook_version__playbook"), Value(0)), stored=False,
    ),
    own(
        "org_unit_name", _("org unit"), FactKind.TEXT, _("The org unit that the project is done for."),
        Coalesce(F("org_unit__name"), Value("")), stored=False,
    ),
    own(
        "imported_as_of", _("record as of"), FactKind.DATE, _("The day that the imported record speaks of."),
        stored=False,
    ),
    *(
        own(f"has_{post}", label, FactKind.YES_NO, sentence, is_set(post), stored=False)
        for post, label, sentence in (
            ("lead", _("project lead named"), _("Whether somebody leads the project.")),
            ("sponsor", _("sponsor named"), _("Whether somebody answers for the project towards the organisation.")),
            ("budget_owner", _("budget owner named"), _("Whether somebody answers for the project's money.")),
            ("benefits_owner", _("benefits owner named"), _("Whether somebody sees to it that the benefits come.")),
            ("goal", _("goal chosen"), _("Whether the project serves a goal.")),
            ("org_unit", _("org unit chosen"), _("Whether the project belongs to an org unit.")),
        )
    ),
    own(
        "lead_is_sponsor", _("lead and sponsor are one person"), FactKind.YES_NO,
        _("Whether the project lead and the sponsor are the same person; unknown while one of them is missing."),
        Case(
            When(lead__isnull=True, then=None), When(sponsor__isnull=True, then=None),
            When(lead=F("sponsor"), then=Value(True)), default=Value(False), output_field=BooleanField(),
        ),
        stored=False,
    ),
    own("kick_off_on", _("kick-off"), FactKind.DATE, _("The day on which the team began together."), stored=False),
    own("actual_start_on", _("actual start"), FactKind.DATE, _("The day on which work began."), stored=False),
    own(
        "data_class", _("classification of its data"), FactKind.CHOICE,
        _("How closely the data that it works with must be kept."), stored=False,
    ),
    own(
        "has_agreed_places", _("places for documents agreed"), FactKind.YES_NO,
        _("Whether the office of its portfolio says where documents belong."),
        Case(
            When(portfolio__office__document_places="", then=Value(False)), default=Value(True),
            output_field=BooleanField(),
        ),
        stored=False,
    ),
    own("status", _("status"), FactKind.CHOICE, _("Whether the project runs, is paused, completed or stopped.")),
    own("category", _("category"), FactKind.TEXT, _("The category that the portfolio puts the project in.")),
    own(
        "phase_name", _("phase"), FactKind.TEXT, _("The phase that the project is in."),
        Coalesce(F("phase__name"), Value("")),
    ),
    own(
        "schedule_tolerance", _("schedule tolerance"), FactKind.DAYS, _("How late the portfolio still calls on track."),
        F("portfolio__schedule_tolerance_days"), stored=False, unit=DAYS,
    ),
    own(
        "cost_tolerance", _("cost tolerance"), FactKind.PERCENT,
        _("How far over baseline the portfolio still calls on track."), F("portfolio__cost_tolerance_percent"),
        stored=False, unit="%",
    ),
    own(
        "update_cadence", _("update cadence"), FactKind.DAYS, _("How often the portfolio wants a status update."),
        F("portfolio__update_cadence_days"), stored=False, unit=DAYS,
    ),
)  # fmt: skip
