"""The roles as data: a name, a sentence that a person can read, and what the role allows.

This page is the whole policy; the roles page of the portal prints it. Everybody who may sign in can
pitch a project (`EVERYBODY`); what a role allows holds within the scope it is given for. A person of an
external office can only read and recommend (`EXTERNAL_MAY`), whatever else they are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission, RoleName, ScopeKind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

EVERYBODY: frozenset[Permission] = frozenset({Permission.REQUEST_CREATE})

EXTERNAL: frozenset[Permission] = frozenset(
    {Permission.ADVICE_VIEW, Permission.ASSESSMENT_RUN, Permission.RECOMMENDATION_FILE}
)
"""What every person of an external office can do as long as they belong to it, in the place of `EVERYBODY`."""

EXTERNAL_MAY: frozenset[Permission] = EXTERNAL | {Permission.PROJECT_VIEW, Permission.REPORT_VIEW}
"""All that a person of an external office can ever do, whatever they were given: read and recommend."""

ORGANISATION_ONLY: frozenset[Permission] = frozenset(
    {
        Permission.PEOPLE_MANAGE,
        Permission.JOBS_MANAGE,
        Permission.OFFICE_EDIT,
        Permission.RULE_EDIT,
        Permission.RULE_APPROVE,
        Permission.AUDIT_VIEW,
    }
)
"""What concerns the whole organisation: a role that is given for a part of it does not allow these."""


@dataclass(frozen=True, slots=True)
class Role:
    """`name` in the database, `sentence` for people, `permissions` it allows, `scopes` where it may be granted."""

    name: RoleName
    sentence: StrPromise
    permissions: frozenset[Permission]
    scopes: frozenset[ScopeKind] = frozenset(ScopeKind)
    on_project: bool = False
    """Whether it can be given on a single project, as a place in the team."""


_READ = frozenset({Permission.PROJECT_VIEW})

ROLES: dict[str, Role] = {
    role.name.value: role
    for role in (
        Role(
            RoleName.ADMINISTRATOR,
            _("Manages people, roles, settings and background jobs; sees no projects by this role."),
            frozenset({Permission.PEOPLE_MANAGE, Permission.JOBS_MANAGE, Permission.OFFICE_EDIT}),
            frozenset({ScopeKind.ORGANISATION}),
        ),
        Role(
            RoleName.PMO_MANAGER,
            _("Triages requests, sets up portfolios and playbooks, imports, watches health and publishes reports."),
            frozenset(Permission)
            - {
                Permission.PEOPLE_MANAGE,
                Permission.REQUEST_DECIDE,
                Permission.DECISION_TAKE,
                Permission.ASSESSMENT_RUN,
                Permission.RECOMMENDATION_FILE,
            },
        ),
        Role(
            RoleName.EXECUTIVE,
            _("Reads dashboards and reports and decides on requests."),
            _READ
            | {
                Permission.RULE_APPROVE,
                Permission.REPORT_VIEW,
                Permission.REQUEST_VIEW,
                Permission.REQUEST_DECIDE,
                Permission.DECISION_TAKE,
                Permission.HISTORY_VIEW,
                Permission.ADVICE_VIEW,
            },
        ),
        Role(
            RoleName.SPONSOR,
            _("Answers for projects: reads them and takes their decisions."),
            _READ
            | {
                Permission.DECISION_TAKE,
                Permission.REQUEST_DECIDE,
                Permission.REQUEST_VIEW,
                Permission.REPORT_VIEW,
                Permission.HISTORY_VIEW,
            },
            on_project=True,
        ),
        Role(
            RoleName.BUDGET_OWNER,
            _("Answers for the money: reads projects and takes their decisions."),
            _READ
            | {
                Permission.DECISION_TAKE,
                Permission.REQUEST_DECIDE,
                Permission.REQUEST_VIEW,
                Permission.REPORT_VIEW,
                Permission.HISTORY_VIEW,
            },
            on_project=True,
        ),
        Role(
            RoleName.PROJECT_LEAD,
            _("Runs projects: plan, risks, issues, money, team and the weekly update."),
            _READ | {Permission.PROJECT_EDIT, Permission.UPDATE_WRITE, Permission.HISTORY_VIEW},
            on_project=True,
        ),
        Role(
            RoleName.STAKEHOLDER,
            _("Reads the projects it belongs to."),
            _READ,
            on_project=True,
        ),
        Role(
            RoleName.EXTERNAL_ADVISER,
            _("Reads what was opened to it until a last day, assesses and recommends; never manages anything."),
            EXTERNAL_MAY,
            frozenset({ScopeKind.ORG_UNIT, ScopeKind.PORTFOLIO}),
            on_project=True,
        ),
        Role(
            RoleName.AUDITOR,
            _("Reads everything with its history, and changes nothing."),
            _READ
            | {
                Permission.PROJECT_VIEW_CONFIDENTIAL,
                Permission.REPORT_VIEW,
                Permission.REQUEST_VIEW,
                Permission.HISTORY_VIEW,
                Permission.AUDIT_VIEW,
                Permission.ADVICE_VIEW,
            },
        ),
    )
}

PROJECT_ROLES: tuple[str, ...] = tuple(name for name, role in ROLES.items() if role.on_project)
