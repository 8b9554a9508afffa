"""Makers of people, offices, portfolios, projects and their items, for tests.

Plain functions: `make_project(lead=user, forecast_finish_on=…)`. Every keyword is a field of the model,
what is left out gets a sensible value, and nothing is refreshed: call `projects.services.state.refresh`
(or `refresh=True` of `make_project`) where a test needs states.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.enums import RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from projects.enums import Colour, IssueStatus, RiskStatus, UpdateState
from projects.models import (
    Ask,
    Decision,
    Deliverable,
    DeliverableAssignment,
    Issue,
    Milestone,
    Phase,
    Portfolio,
    Project,
    Promise,
    Risk,
    TeamMember,
    Update,
)
from projects.services import state
from strategy.models import Goal, Office
from strategy.services.raci import new_assignments

_numbers = count(1)
PASSWORD = "correct horse battery staple"


def _number() -> int:
    return next(_numbers)


def make_user(name: str = "", **fields: Any) -> User:
    """A person without any role. `password=` to sign in by form; `client.force_login` is faster."""
    number = _number()
    password = fields.pop("password", None)
    email = fields.pop("email", f"person{number}@example.org")
    return User.objects.create_user(email, password, name=name or f"Person {number}", **fields)


def make_org_unit(name: str = "", parent: OrgUnit | None = None, **fields: Any) -> OrgUnit:
    fields = {"name": name or f"Unit {_number()}", **fields}
    if parent is not None:
        parent.refresh_from_db()
    unit: OrgUnit = parent.add_child(**fields) if parent else OrgUnit.add_root(**fields)
    return unit


def grant(user: User, role: str, scope: OrgUnit | Portfolio | None = None, **fields: Any) -> RoleGrant:
    """Give a role for the organisation, an org unit or a portfolio; forgets what the person had cached."""
    kind = ScopeKind.ORGANISATION
    if scope is not None:
        kind = ScopeKind.ORG_UNIT if isinstance(scope, OrgUnit) else ScopeKind.PORTFOLIO
    user.__dict__.pop("access", None)
    if role == RoleName.EXTERNAL_ADVISER:
        fields.setdefault("ends_on", timezone.localdate() + timedelta(days=365))
    return RoleGrant.objects.create(user=user, role=role, scope=kind, scope_id=scope.pk if scope else None, **fields)


def make_person(role: str = RoleName.PMO_MANAGER, scope: OrgUnit | Portfolio | None = None, **fields: Any) -> User:
    """A person with one role, by default for the whole organisation."""
    user = make_user(**fields)
    grant(user, role, scope)
    return user


def make_office(name: str = "", **fields: Any) -> Office:
    number = _number()
    return Office.objects.create(**{"name": name or f"Office {number}", "slug": f"office-{number}", **fields})


def make_goal(name: str = "", **fields: Any) -> Goal:
    return Goal.objects.create(**{"name": name or f"Goal {_number()}", **fields})


def make_portfolio(name: str = "", parent: Portfolio | None = None, **fields: Any) -> Portfolio:
    """A portfolio with an office of its own, or a programme when `parent` is given (its office then)."""
    number = _number()
    fields = {"name": name or f"Portfolio {number}", "slug": f"portfolio-{number}", **fields}
    if parent is not None:
        parent.refresh_from_db()
        fields = {"office": parent.office, **fields}
    elif "office" not in fields:
        fields["office"] = make_office()
    portfolio: Portfolio = parent.add_child(**fields) if parent else Portfolio.add_root(**fields)
    return portfolio


def make_project(name: str = "", *, refresh: bool = False, **fields: Any) -> Project:
    """A running project about which nothing is known yet. See `make_healthy_project`."""
    portfolio = fields.pop("portfolio", None) or make_portfolio()
    fields = {"name": name or f"Project {_number()}", "currency": portfolio.currency, **fields}
    project = Project.objects.create(portfolio=portfolio, **fields)
    if refresh:
        state.refresh([project.pk])
    return project


def make_healthy_project(name: str = "", *, as_of: date | None = None, refresh: bool = False, **fields: Any) -> Project:
    """A project about which everything is known as of the day, and all of it is well: computed green."""
    day = as_of or timezone.localdate()
    fields = {
        "baseline_start_on": day - timedelta(days=100),
        "forecast_start_on": day - timedelta(days=100),
        "actual_start_on": day - timedelta(days=100),
        "baseline_finish_on": day + timedelta(days=100),
        "forecast_finish_on": day + timedelta(days=100),
        "baseline_cost": 1000,
        "forecast_cost": 1000,
        "actual_cost": 500,
        **fields,
    }
    project = make_project(name, **fields)
    make_milestone(project, forecast_on=day + timedelta(days=10), baseline_on=day + timedelta(days=10))
    make_risk(project, probability=1, impact=2)
    make_update(project, as_of=day, declared=Colour.GREEN)
    if refresh:
        state.refresh([project.pk], as_of=day)
    return project


def make_phase(project: Project, name: str = "", **fields: Any) -> Phase:
    position = fields.pop("position", project.phases.count() + 1)
    return Phase.objects.create(project=project, position=position, name=name or f"Phase {position}", **fields)


def make_milestone(project: Project, name: str = "", **fields: Any) -> Milestone:
    return Milestone.objects.create(project=project, name=name or f"Milestone {_number()}", **fields)


def make_risk(project: Project, title: str = "", **fields: Any) -> Risk:
    """An open risk of middling score; closed when `closed_on` is given."""
    if fields.get("closed_on"):
        fields.setdefault("status", RiskStatus.CLOSED)
    fields = {"title": title or f"Risk {_number()}", "probability": 2, "impact": 3, **fields}
    return Risk.objects.create(project=project, **fields)


def make_issue(project: Project, title: str = "", **fields: Any) -> Issue:
    """An open issue of today; solved when `resolved_on` is given."""
    if fields.get("resolved_on"):
        fields.setdefault("status", IssueStatus.RESOLVED)
    fields = {"title": title or f"Issue {_number()}", "opened_on": timezone.localdate(), **fields}
    return Issue.objects.create(project=project, **fields)


def make_decision(project: Project, question: str = "", **fields: Any) -> Decision:
    """A wanted decision."""
    if "raised_by" not in fields:
        fields["raised_by"] = make_user()
    fields = {"question": question or f"Question {_number()}?", "raised_on": timezone.localdate(), **fields}
    return Decision.objects.create(project=project, **fields)


def make_update(project: Project, **fields: Any) -> Update:
    """A published green update of today."""
    fields = {"as_of": timezone.localdate(), "declared": Colour.GREEN, "state": UpdateState.PUBLISHED, **fields}
    if fields["state"] != UpdateState.DRAFT:
        day: date = fields["as_of"]
        fields.setdefault("published_at", datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    return Update.objects.create(project=project, **fields)


def make_ask(project: Project, text: str = "", **fields: Any) -> Ask:
    return Ask.objects.create(project=project, text=text or f"Ask {_number()}", **fields)


def join_team(project: Project, user: User, role: str = RoleName.STAKEHOLDER, **fields: Any) -> TeamMember:
    return TeamMember.objects.create(project=project, user=user, role=role, **fields)


def make_promise(project: Project, giver: Project, name: str = "", **fields: Any) -> Promise:
    """What `project` asked of `giver` today, needed in thirty days."""
    today = timezone.localdate()
    fields = {"asked_on": today, "needed_on": today + timedelta(days=30), "asked_by": make_user(), **fields}
    if fields.get("state", "asked") == "asked":
        fields.setdefault("waits_since", fields["asked_on"])
    return Promise.objects.create(project=project, giver=giver, name=name or f"Need {_number()}", **fields)


def make_deliverable(project: Project, name: str = "", **fields: Any) -> Deliverable:
    """A planned deliverable; `letters=` gives parts by seat: {"lead": "R", f"person-{user.pk}": "A"}."""
    letters: dict[str, str] = fields.pop("letters", {})
    made = Deliverable.objects.create(project=project, name=name or f"Deliverable {_number()}", **fields)
    DeliverableAssignment.objects.bulk_create(new_assignments(DeliverableAssignment, made.pk, letters))
    return made
