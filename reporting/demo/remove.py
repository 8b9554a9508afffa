"""Taking the demo organisation out again, with its traces."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models, transaction
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import OrgUnit, User
from common.errors import PortalError
from common.models import JobRun
from governance.enums import SubjectKind
from governance.models import Ballot, Finding
from intake.models import Request
from projects.enums import CHANGE_MATTER
from projects.models import ChangeRequest, Portfolio, Project, Update
from reporting.models import Report, ReportSlot
from strategy.models import Goal, Office


class DemoInUse(PortalError):
    """Something that is not of the demo stands on it."""


@transaction.atomic
def remove_demo() -> dict[str, int]:
    """Delete everything of the demo organisation and its history; how many of each.

    The start set of playbooks stays. Raises: DemoInUse when somebody built on the demo.
    """
    people = User.objects.filter(is_demo=True)
    projects = Project.objects.filter(portfolio__is_demo=True)
    portfolios = Portfolio.objects.filter(is_demo=True)
    removed = {"projects": projects.count(), "people": people.count()}
    with pgtrigger.ignore():
        try:
            _events_of(Request, Request.objects.filter(is_demo=True))
            Request.objects.filter(is_demo=True).delete()
            Report.objects.filter(slot__portfolio__in=portfolios).delete()
            ReportSlot.objects.filter(portfolio__in=portfolios).delete()
            _delete_projects(projects)
            for portfolio in portfolios.order_by("-depth"):
                portfolio.delete()
            JobRun.objects.filter(created_by__in=people).delete()
            for model in (Office, Goal):
                _events_of(model, model._default_manager.filter(is_demo=True))
                model._default_manager.filter(is_demo=True).delete()
            _release_playbooks(people)
            people.delete()
            for unit in OrgUnit.objects.filter(is_demo=True).order_by("-depth"):
                unit.delete()
        except ProtectedError as error:
            holders = ", ".join(sorted({f"{one._meta.verbose_name} “{one}”" for one in error.protected_objects}))
            raise DemoInUse(
                _("This stands on the demo organisation: %(holders)s. Move it first.") % {"holders": holders[:500]}
            ) from error
    return removed


def _delete_projects(projects: models.QuerySet[Project]) -> None:
    corrections = Update.objects.filter(project__in=projects, supersedes__isnull=False)
    corrections.update(supersedes=None)
    _events_of(Project, projects)
    about = list(projects.values_list("pk", flat=True))
    Finding.objects.filter(subject_kind=SubjectKind.PROJECT, subject_id__in=about).delete()
    asked = list(ChangeRequest.objects.filter(project__in=about).values_list("pk", flat=True))
    Ballot.objects.filter(subject_kind=CHANGE_MATTER, subject_id__in=asked).delete()
    projects.delete()


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


def _events_of(model: type[models.Model], rows: models.QuerySet[Any]) -> None:
    for event_model in apps.get_models():
        if getattr(event_model, "pgh_tracked_model", None) is model:
            event_model._default_manager.filter(pgh_obj_id__in=rows.values("pk")).delete()
