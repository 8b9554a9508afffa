"""Taking the demo organisation out again. Its history stays: what happened is sealed, and the taking out is part of it."""

from __future__ import annotations

import pgtrigger
from django.db import models, transaction
from django.db.models import Q
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import OrgUnit, RoleGrant, User
from common import audit
from common.enums import AuditKind
from common.errors import PortalError
from common.models import JobRun
from governance.enums import SubjectKind, VersionState
from governance.models import Ballot, Finding, Rule, RuleVersion, Waiver
from intake.models import Request
from projects.enums import CHANGE_MATTER, GATE_MATTER
from projects.models import ChangeRequest, Gate, Portfolio, Project, Update
from reporting.models import Report, ReportSlot
from strategy.models import Assessment, Goal, Office, OfficeMember, Recommendation


class DemoInUse(PortalError):
    """Something that is not of the demo stands on it."""


@transaction.atomic
def remove_demo() -> dict[str, int]:
    """Delete everything of the demo organisation; how many of each. History tells of every row that goes.

    The start set of playbooks stays, and so does all history. Raises: DemoInUse when somebody built on the demo.
    """
    people = User.objects.filter(is_demo=True)
    projects = Project.objects.filter(portfolio__is_demo=True)
    portfolios = Portfolio.objects.filter(is_demo=True)
    removed = {"projects": projects.count(), "people": people.count()}
    with pgtrigger.ignore(*_protections()):
        try:
            gates = list(Gate.objects.filter(project__in=projects).values_list("pk", flat=True))
            Request.objects.filter(is_demo=True).delete()
            Report.objects.filter(slot__portfolio__in=portfolios).delete()
            ReportSlot.objects.filter(portfolio__in=portfolios).delete()
            _delete_advice()
            _delete_projects(projects)
            _remove_decisions(people, gates)
            for portfolio in portfolios.order_by("-depth"):
                portfolio.delete()
            JobRun.objects.filter(created_by__in=people).delete()
            for model in (Office, Goal):
                model._default_manager.filter(is_demo=True).delete()
            _release_playbooks(people)
            _release_rules(people)
            RoleGrant.objects.filter(user__in=people).delete()
            people.delete()
            for unit in OrgUnit.objects.filter(is_demo=True).order_by("-depth"):
                unit.delete()
        except ProtectedError as error:
            holders = ", ".join(sorted({f"{one._meta.verbose_name} “{one}”" for one in error.protected_objects}))
            raise DemoInUse(
                _("This stands on the demo organisation: %(holders)s. Move it first.") % {"holders": holders[:500]}
            ) from error
    audit.record(AuditKind.REMOVED, what="demo", detail=removed)
    return removed


def _remove_decisions(people: models.QuerySet[User], gates: list[int]) -> None:
    """Ballots about gates of the demo or asked for by its people, and the waivers; evidence held them till now."""
    Ballot.objects.filter(Q(subject_kind=GATE_MATTER, subject_id__in=gates) | Q(asked_by__in=people)).delete()
    Waiver.objects.filter(asked_by__in=people).delete()


def _protections() -> list[str]:
    """What keeps published reports, taken decisions and submitted assessments where they are. The triggers that write
    history stay on.
    """
    return [trigger.get_uri(model) for model, trigger in pgtrigger.registered() if _forbids(trigger)]


def _forbids(trigger: pgtrigger.Trigger) -> bool:
    before_a_delete = trigger.when == pgtrigger.Before and "DELETE" in str(trigger.operation)
    return isinstance(trigger, pgtrigger.Protect) or before_a_delete


def _delete_advice() -> None:
    offices = Office.objects.filter(is_demo=True)
    for model in (Recommendation, Assessment, OfficeMember):
        model._default_manager.filter(office__in=offices).delete()


def _delete_projects(projects: models.QuerySet[Project]) -> None:
    corrections = Update.objects.filter(project__in=projects, supersedes__isnull=False)
    corrections.update(supersedes=None)
    about = list(projects.values_list("pk", flat=True))
    Finding.objects.filter(subject_kind=SubjectKind.PROJECT, subject_id__in=about).delete()
    asked = list(ChangeRequest.objects.filter(project__in=about).values_list("pk", flat=True))
    Ballot.objects.filter(subject_kind=CHANGE_MATTER, subject_id__in=asked).delete()
    projects.delete()


def _release_rules(people: models.QuerySet[User]) -> None:
    """The rules stay; drafts of invented people go, and what they put in force belongs to nobody any more."""
    RuleVersion.objects.filter(author__in=people, state=VersionState.DRAFT).delete()
    Rule.objects.filter(versions__isnull=True).delete()
    Rule.objects.filter(owner__in=people).update(owner=None)
    RuleVersion.objects.filter(author__in=people).update(author=None)
    RuleVersion.objects.filter(activated_by__in=people).update(activated_by=None, activated_at=None)


def _release_playbooks(people: models.QuerySet[User]) -> None:
    """The playbooks stay; the invented people who published them go, so the first real person takes their place."""
    from playbooks.models import Playbook, PlaybookVersion

    heir = User.objects.filter(is_demo=False, is_active=True).order_by("pk").first()
    if heir is None:
        PlaybookVersion.objects.filter(published_by__in=people).delete()
        Playbook.objects.filter(versions__isnull=True).delete()
        Playbook.objects.filter(owner__in=people).update(owner=None)
        return
    PlaybookVersion.objects.filter(published_by__in=people).update(published_by=heir)
    Playbook.objects.filter(owner__in=people).update(owner=heir)
