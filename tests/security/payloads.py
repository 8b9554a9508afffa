"""What the form of each address sends in the world, so that it succeeds for whoever may."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from governance import contents, documents, subjects
from governance.facts import catalogue
from governance.forms.rules import RuleForm
from governance.models import (
    Ballot,
)
from projects.start_rules import start_set
from tests.governance.typed import typed
from tests.security.items import Items
from tests.security.world import World
from tests.strategy import world as advice_world


def payload(world: World, name: str, of: str = "own") -> dict[str, Any]:
    """Data with which the POST of this address succeeds for whoever may; empty for a bare button."""
    items = world.secret if of == "confidential" else world.own
    return {
        key: value for key, value in _PAYLOADS.get(name, lambda _w, _i: {})(world, items).items() if value is not None
    }


def _versioned(record: Any, **values: Any) -> dict[str, Any]:
    record.refresh_from_db()
    return {"version": record.version, **values}


def _project(world: World, items: Items) -> dict[str, Any]:
    project = items.project
    days = {
        name: getattr(project, name) for name in (
            "forecast_start_on", "forecast_finish_on", "actual_start_on",
        )
    }  # fmt: skip
    people = {"lead": project.lead_id, "sponsor": project.sponsor_id, "budget_owner": project.budget_owner_id}
    data = {**people, **days, "name": "New name", "org_unit": world.unit.pk, "external_id": project.external_id}
    return _versioned(project, **data, **({"is_confidential": "on"} if project.is_confidential else {}))


_PORTFOLIO = {
    "currency": "EUR", "colour_scale": 3, "update_cadence_days": 7, "cost_tolerance_percent": 10,
    "schedule_tolerance_days": 14,
}  # fmt: skip
_OFFICE = {"kind": "internal", "control": "supportive", "time_zone": "Europe/Amsterdam", "fiscal_year_starts_in": 1}
_RISK = {"title": "Rain", "probability": 2, "impact": 2}
_UPDATE = {"declared": "green", "accomplished": "Much", "next_steps": "More", "rationale": "In hand"}
_CRITERION = {"title": "A mandate", "kind": "document", "document_kind": "Mandate"}
_IDEA = {"title": "Idea", "problem": "Cold", "wanted_result": "Warm"}


def _issue(**more: Any) -> dict[str, Any]:
    return {"title": "Leak", "severity": 2, "opened_on": timezone.localdate(), **more}


def _draft_rows(world: World) -> dict[str, Any]:
    management = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 30}
    rows = {f"phases-{name}": value for name, value in management.items()}
    for below in ("milestones", "deliverables"):
        rows |= {f"phases-0-{below}-{name}": value for name, value in (management | {"TOTAL_FORMS": 0}).items()}
    rows |= {"phases-0-name": "Build", "phases-0-days": 10, "phases-0-ORDER": 1}
    return {**_versioned(world.draft_version, note="Shorter"), **rows}


def _criteria_rows(world: World) -> dict[str, Any]:
    management = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 40}
    rows = {f"criteria-{name}": value for name, value in management.items()}
    rows |= {f"criteria-0-{name}": value for name, value in (_CRITERION | {"ORDER": 1}).items()}
    return {**_versioned(world.draft_version), **rows}


def _triage(world: World) -> dict[str, Any]:
    return _versioned(
        world.submitted, portfolio=world.home.pk, playbook=world.idle_playbook.pk, proposed_lead="lead@example.org",
        proposed_sponsor="sponsor@example.org", start_on="2027-01-04", note="Clear.",
    )  # fmt: skip


def _rule(world: World) -> dict[str, Any]:
    """The form of a rule as it is, with another weight."""
    content = contents.content_of(world.rule_draft)
    kind = world.rule_draft.rule.subject_kind
    known, labels = catalogue(kind), subjects.registered()[kind].labels
    trees = {root: typed(getattr(content, root), root, known, labels) for root in ("applies", "condition")}
    said = {name: value for name, value in RuleForm.initial_of(content).items() if value is not None}
    return {**said, **trees["applies"], **trees["condition"], "weight": "high"}


def _rule_file() -> str:
    one = next(one for one in start_set() if one.code == "drift")
    return documents.write([documents.Document("imported", one.kind, contents.read_content(one.content, one.kind))])


_RULE_CASE = {
    "name": "Another", "on_day": "2026-11-02", "expected": "fail", "state-is_started": "known",
    "fact-is_started": "yes", "state-benefits": "empty", "state-withheld": "known", "fact-withheld": "",
}  # fmt: skip


def _procedure() -> dict[str, Any]:
    management = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 8}
    rows = {f"steps-{name}": value for name, value in management.items()}
    rows |= {"steps-0-title": "Sponsor", "steps-0-role": "sponsor", "steps-0-position": 1, "steps-0-quorum": 1}
    return {"name": "Tiny requests", "matter": "request", "up_to": "2", "currency": "XXX", **rows}


def _matrix(record: Any, seat: str) -> dict[str, Any]:
    """One row of a matrix, with one who is consulted."""
    record.refresh_from_db()
    return {f"version-{record.pk}": record.version, f"cell-{record.pk}-{seat}": "C"}


def _token() -> str:
    return str(uuid.uuid4())


def _later() -> date:
    return timezone.localdate() + timedelta(days=20)


def _frame(world: World) -> dict[str, Any]:
    subject = f"playbook:{world.playbook.pk}"
    return {"title": "A look", "subject": subject, "workflows": "Intake", "goals": [world.outside.goal.pk]}


_PAYLOADS: dict[str, Any] = {
    "profile": lambda _w, _i: {"name": "New Name", "job_title": "Engineer"},
    "person-create": lambda _w, _i: {"name": "Nina New", "email": "nina@example.org"},
    "grant-create": lambda _w, _i: {"role": "executive", "holds_for": "organisation:"},
    "org-unit-create": lambda w, _i: {"name": "Team", "parent": w.unit.pk},
    "org-unit-edit": lambda _w, _i: {"name": "Works and roads"},
    "office-create": lambda _w, _i: {"name": "New office", **_OFFICE},
    "office-edit": lambda w, _i: _versioned(
        w.office, name="Renamed office", **{name: value for name, value in _OFFICE.items() if name != "control"}
    ),
    "office-control": lambda w, _i: _versioned(w.office, control="controlling", reason="Too many slips"),
    "goal-create": lambda _w, _i: {"name": "New goal"},
    "goal-edit": lambda w, _i: _versioned(w.goal, name="Renamed goal"),
    "playbook-create": lambda _w, _i: {"name": "New playbook"},
    "playbook-edit": lambda w, _i: _versioned(w.playbook, name="Renamed playbook"),
    "playbook-retire": lambda _w, _i: {"retire": "yes"},
    "playbook-draft": lambda w, _i: _draft_rows(w),
    "playbook-gate": lambda w, _i: _criteria_rows(w),
    "playbook-publish": lambda w, _i: _versioned(w.draft_version),
    "project-create": lambda w, _i: {"portfolio": w.home.pk, "name": "New project", "token": _token()},
    "project-edit": _project,
    "project-status": lambda _w, i: _versioned(i.project, status="on_hold"),
    "project-money-edit": lambda _w, i: _versioned(
        i.project, forecast_cost_state="known",
        forecast_cost="1100", actual_cost_state="unknown", whole_life_cost_state="unknown", benefits_state="unknown",
    ),
    "change-create": lambda _w, _i: {
        "title": "More pumps", "reason": "Rain", "kinds": ["cost"], "cost_delta": "100", "token": _token(),
    },
    "change-edit": lambda _w, i: _versioned(
        i.open_change, title="More pumps", reason="Rain", kinds=["cost"], cost_delta="100"
    ),
    "milestone-create": lambda _w, _i: {"name": "Opening", "forecast_on": "2027-03-01"},
    "milestone-edit": lambda _w, i: _versioned(
        i.milestone, name="Opening", forecast_on="2027-03-01"
    ),
    "change-submit": lambda _w, i: _versioned(i.draft_change),
    "change-resubmit": lambda _w, i: _versioned(i.open_change),
    "deliverable-create": lambda _w, _i: {"name": "Manual", "token": _token()},
    "deliverable-edit": lambda _w, i: _versioned(i.deliverable, name="Manual"),
    "deliverable-accept": lambda _w, i: _versioned(i.delivered),
    "deliverable-return": lambda _w, i: _versioned(i.delivered),
    "project-raci-edit": lambda _w, i: _matrix(i.deliverable, "lead"),
    "office-raci-edit": lambda w, _i: _matrix(w.process, "sponsor"),
    "process-create": lambda _w, _i: {"name": "Gate review"},
    "process-edit": lambda w, _i: _versioned(w.process, name="Triage of requests"),
    "phase-create": lambda _w, _i: {"name": "Build"},
    "phase-edit": lambda _w, i: _versioned(i.phase, name="Build"),
    "risk-create": lambda _w, _i: _RISK,
    "risk-edit": lambda _w, i: _versioned(i.risk, **_RISK),
    "issue-create": lambda _w, _i: _issue(),
    "issue-edit": lambda _w, i: _versioned(i.issue, **_issue()),
    "issue-resolve": lambda _w, _i: {"resolution": "Mended"},
    "decision-create": lambda _w, _i: {"question": "Which one?"},
    "decision-edit": lambda _w, i: _versioned(i.decision, question="Which of both?"),
    "decision-take": lambda _w, i: _versioned(i.decision, outcome="The first", rationale="Cheaper"),
    "team-member-add": lambda w, _i: {"user": w.person("requester").pk, "role": "stakeholder"},
    "document-add": lambda _w, _i: {"title": "Plan", "url": "https://example.org/plan"},
    "document-edit": lambda _w, i: _versioned(i.document, title="Plan", url="https://example.org/plan"),
    "document-accept": lambda _w, i: _versioned(i.paper),
    "gate-money": lambda _w, i: _versioned(i.gate, amount="500"),
    "gate-open": lambda _w, i: _versioned(i.gate, anyway="The supplier is here"),
    "criterion-create": lambda _w, _i: {**_CRITERION, "token": _token()},
    "criterion-edit": lambda _w, i: _versioned(i.criterion, **_CRITERION),
    "criterion-judge": lambda _w, i: _versioned(i.criterion, judged="met", sentence="Seen"),
    "portfolio-create": lambda w, _i: {"name": "New portfolio", "office": w.office.pk, "token": _token(), **_PORTFOLIO},
    "portfolio-edit": lambda w, _i: _versioned(w.home, name="Renamed", office=w.office.pk, **_PORTFOLIO),
    "update-write": lambda _w, _i: {**_UPDATE, "token": _token()},
    "update-autosave": lambda _w, _i: {**_UPDATE, "accomplished": "Typing"},
    "update-unchanged": lambda _w, _i: {"token": _token()},
    "update-correct": lambda _w, _i: {**_UPDATE, "token": _token()},
    "ask-answer": lambda _w, _i: {"answer": "Yes"},
    "promise-create": lambda w, _i: {
        "giver": w.far.project.key, "name": "Sand", "needed_on": "2027-03-01", "token": _token(),
    },
    "promise-step": lambda _w, i: _versioned(i.promise, on="2027-04-01", word="There is time"),
    "proposal-refuse": lambda _w, _i: {"answer": "Not now"},
    "waiver-ask": lambda _w, i: {
        "reason": "No goal yet", "compensating_control": "A talk", "owner": i.project.lead.email,
        "expires_on": timezone.localdate() + timedelta(days=30),
    },
    "import-create": lambda w, _i: {
        "portfolio": w.home.pk, "as_of": "2026-11-01",
        "file": SimpleUploadedFile("a.csv", b"Project ID,Project name\nX-9,One\n"),
    },
    "import-match": lambda _w, _i: {"as_of": "2026-11-01", "column_external_id": "0", "column_name": "1"},
    "import-preset-save": lambda _w, _i: {"name": "Ours"},
    "project-bulk": lambda w, i: {
        "action": "category", "category": "Moved", "apply": "1", "selected": [i.project.pk, w.far.project.pk],
    },
    "saved-view-create": lambda _w, _i: {"name": "A view", "query": ""},
    "saved-view-save": lambda _w, _i: {"query": "sort=-name"},
    "saved-view-share": lambda _w, _i: {"share": "yes"},
    "governance-estimates": lambda _w, _i: {"vote": 10, "waiver": 40, "update": 25, "request": 60, "version": 1},
    "report-correct": lambda _w, _i: {"note": "A better sentence"},
    "request-create": lambda _w, _i: {**_IDEA, "token": _token()},
    "request-edit": lambda _w, _i: _IDEA,
    "request-triage": lambda w, _i: _triage(w),
    "request-return": lambda w, _i: {f"return-{k}": v for k, v in _versioned(w.submitted, note="Which?").items()},
    "request-decide": lambda w, _i: _versioned(w.triaged, outcome="approve", reason="Pays back"),
    "rule-create": lambda w, _i: {**_rule(w), "code": "another-rule"},
    "rule-draft": lambda w, _i: _versioned(w.rule_draft, **_rule(w)),
    "rule-care": lambda w, _i: _versioned(w.rule_draft.rule, review_on="2027-03-01"),
    "rule-case-create": lambda _w, _i: _RULE_CASE,
    "rule-case-edit": lambda _w, _i: _RULE_CASE,
    "rule-activate": lambda w, _i: _versioned(w.rule_draft),
    "rule-import": lambda _w, _i: {"text": _rule_file()},
    "ballot-vote": lambda w, _i: {
        "version": Ballot.objects.get(pk=w.ballot.pk).subject_version, "choice": "approve", "reason": "Pays back",
    },
    "ballot-conflict": lambda _w, _i: {"conflict-reason": "My brother sells it"},
    "condition-meet": lambda _w, _i: {"evidence": "Forty-two bicycles"},
    "delegation-list": lambda _w, _i: {
        "to_user": "other@example.org", "starts_on": "2027-03-01", "ends_on": "2027-03-05",
    },
    "procedure-create": lambda _w, _i: _procedure(),
    "procedure-edit": lambda w, _i: _versioned(w.procedure, **_procedure()),
    "adviser-add": lambda w, _i: {"user": w.person("requester").pk, "ends_on": _later()},
    "adviser-edit": lambda w, _i: _versioned(w.outside.other, ends_on=_later()),
    "opening-add": lambda w, _i: {"holds_for": f"org_unit:{w.unit.pk}", "ends_on": _later()},
    "opening-edit": lambda _w, _i: {"ends_on": _later()},
    "assessment-create": lambda w, _i: {"token": _token(), **_frame(w)},
    "assessment-edit": lambda w, _i: _versioned(w.outside.draft, **_frame(w)),
    "assessment-rate": lambda w, _i: _versioned(w.outside.draft, conclusion="Fine"),
    "recommendation-create": lambda _w, _i: {"token": _token(), **advice_world.TEXTS, "priority": 1},
    "recommendation-answer": lambda w, _i: _versioned(
        w.outside.filed, state="planned", owner=w.other.pk, due_on=_later(), text="Yes"
    ),
    "recommendation-note": lambda _w, _i: {"text": "Half way"},
    "recommendation-effect": lambda _w, _i: {"text": "It helped"},
    "set_language": lambda _w, _i: {"language": "nl"},
}  # fmt: skip
