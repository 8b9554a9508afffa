from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """Everything a role can allow. A view names one of these; a misspelt name fails at import."""

    PROJECT_VIEW = "project.view", _("see projects, their plan, risks, money and updates")
    PROJECT_VIEW_CONFIDENTIAL = "project.view_confidential", _("see confidential projects too")
    PROJECT_CREATE = "project.create", _("add projects")
    PROJECT_EDIT = "project.edit", _("edit projects, plans, risks and money")
    UPDATE_WRITE = "update.write", _("write status updates")
    DECISION_TAKE = "decision.take", _("take decisions")
    REQUEST_CREATE = "request.create", _("pitch projects")
    REQUEST_VIEW = "request.view", _("see all requests")
    REQUEST_TRIAGE = "request.triage", _("triage requests")
    REQUEST_DECIDE = "request.decide", _("decide on requests")
    PORTFOLIO_EDIT = "portfolio.edit", _("set up portfolios")
    PORTFOLIO_IMPORT = "portfolio.import", _("import portfolios")
    REPORT_VIEW = "report.view", _("read health reports of portfolios")
    REPORT_MAKE = "report.make", _("make and correct health reports")
    PLAYBOOK_EDIT = "playbook.edit", _("write playbooks")
    RULE_EDIT = "rule.edit", _("write, test and rehearse rules")
    RULE_APPROVE = "rule.approve", _("put rules in force that a colleague wrote")
    VIEW_SHARE = "view.share", _("share saved views")
    HISTORY_VIEW = "history.view", _("read who changed what")
    AUDIT_VIEW = "audit.view", _("read the audit trail of the whole organisation")
    OFFICE_EDIT = "office.edit", _("set up offices and goals")
    PEOPLE_MANAGE = "people.manage", _("manage people and roles")
    JOBS_MANAGE = "jobs.manage", _("watch and retry background jobs")
    ADVICE_VIEW = "advice.view", _("read assessments and recommendations")
    ASSESSMENT_RUN = "assessment.run", _("assess workflows against goals")
    RECOMMENDATION_FILE = "recommendation.file", _("file recommendations")
    RECOMMENDATION_ANSWER = "recommendation.answer", _("answer recommendations")


class RoleName(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    PMO_MANAGER = "pmo_manager", _("PMO manager")
    EXECUTIVE = "executive", _("Executive")
    SPONSOR = "sponsor", _("Sponsor")
    BUDGET_OWNER = "budget_owner", _("Budget owner")
    PROJECT_LEAD = "project_lead", _("Project lead")
    STAKEHOLDER = "stakeholder", _("Stakeholder")
    EXTERNAL_ADVISER = "external_adviser", _("External PMO adviser")
    AUDITOR = "auditor", _("Auditor")


class ScopeKind(models.TextChoices):
    """Where a granted role holds. A role on one project is a team membership, kept with the project."""

    ORGANISATION = "organisation", _("the whole organisation")
    ORG_UNIT = "org_unit", _("an org unit and all below it")
    PORTFOLIO = "portfolio", _("a portfolio and all below it")
