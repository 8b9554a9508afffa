from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from projects.models.project import Project

if TYPE_CHECKING:
    from accounts.models import User


@history.track()
class Phase(Record):
    """A phase of a project, in order; `finish_on` is the planned last day."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="phases", verbose_name=_("project"))
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    start_on = models.DateField(_("start"), null=True, blank=True)
    finish_on = models.DateField(_("finish"), null=True, blank=True)

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "position"],
                name="phase_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(start_on__isnull=True) | Q(finish_on__isnull=True) | Q(finish_on__gte=models.F("start_on")),
                name="phase_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def visible_to(self, user: User) -> MilestoneQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def open(self) -> MilestoneQuerySet:
        return self.filter(actual_on__isnull=True)


@history.track()
class Milestone(Record):
    """A moment that is reached or not: planned at `baseline_on`, expected at `forecast_on`, reached at `actual_on`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="milestones", verbose_name=_("project"))
    phase = models.ForeignKey(
        Phase, on_delete=models.SET_NULL, null=True, blank=True, related_name="milestones", verbose_name=_("phase")
    )
    name = models.CharField(_("name"), max_length=200)
    is_gate = models.BooleanField(_("gate: closes its phase with a decision"), default=False)
    baseline_on = models.DateField(_("baseline"), null=True, blank=True)
    forecast_on = models.DateField(_("forecast"), null=True, blank=True)
    actual_on = models.DateField(_("reached on"), null=True, blank=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        indexes = [
            # facts read the open ones of a project; dashboards and reports walk them by date
            models.Index(
                fields=["project", "forecast_on"],
                include=["baseline_on", "name"],
                name="milestone_open_project",
                condition=Q(actual_on__isnull=True),
            ),
            models.Index(fields=["forecast_on"], name="milestone_open", condition=Q(actual_on__isnull=True)),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="milestone_name_trigram"),
        ]
        triggers = [
            # wherever a gate comes from (a form, a playbook, an import), its decision side is there with it
            pgtrigger.Trigger(
                name="gate_comes_with_it",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("is_gate"),  # type: ignore[no-untyped-call]  # the package has no types here
                condition=pgtrigger.Condition("NEW.is_gate"),
                func="""
                    INSERT INTO projects_gate (version, created_at, updated_at, project_id, milestone_id, outcome)
                    VALUES (1, now(), now(), NEW.project_id, NEW.id, '') ON CONFLICT (milestone_id) DO NOTHING;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="baseline_is_the_agreed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("baseline_on"),
                declare=[("agreed", "RECORD")],
                func="""
                    SELECT (SELECT each->>'on' FROM jsonb_array_elements(milestones) each
                            WHERE (each->>'id')::bigint = NEW.id) AS day INTO agreed
                        FROM projects_baseline WHERE project_id = NEW.project_id ORDER BY number DESC LIMIT 1;
                    IF FOUND AND agreed.day IS DISTINCT FROM to_char(NEW.baseline_on, 'YYYY-MM-DD') THEN
                        RAISE EXCEPTION 'an agreed baseline moves with a new version only'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name
