from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission
from common import history
from common.models import Record
from projects.enums import ImportState
from projects.models.portfolio import Portfolio

if TYPE_CHECKING:
    from accounts.models import User


class ImportPresetQuerySet(models.QuerySet["ImportPreset"]):
    def visible_to(self, user: User) -> ImportPresetQuerySet:
        """One's own and the shared ones."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


@history.track()
class ImportPreset(Record):
    """A saved matching of columns: `mapping` as `projects.imports.presets` describes it, in JSON."""

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="import_presets", verbose_name=_("owner")
    )
    is_shared = models.BooleanField(_("for everybody who imports"), default=False)
    mapping: models.JSONField[Any, Any] = models.JSONField(_("matched columns"), default=dict)

    objects = ImportPresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("import preset")
        verbose_name_plural = _("import presets")
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="importpreset_once")]

    def __str__(self) -> str:
        return self.name


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: User) -> ImportRunQuerySet:
        return self.filter(portfolio__in=Portfolio.objects.reached_by(user, Permission.PORTFOLIO_IMPORT).values("pk"))


@history.track(exclude=["content", "preview"])
class ImportRun(Record):
    """One file on its way into a portfolio: uploaded, columns matched, previewed, confirmed, run.

    The file is kept in the database, so that any worker can run it. `result` is the reconciliation:
    rows read, made, changed, unchanged, refused (with reasons), sums and warnings.
    """

    portfolio = models.ForeignKey(
        Portfolio, on_delete=models.CASCADE, related_name="import_runs", verbose_name=_("portfolio")
    )
    as_of = models.DateField(_("as of"))
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    mapping: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    is_complete = models.BooleanField(
        _("the file is the whole portfolio"),
        default=True,
        help_text=_("Projects that are not in the file are then marked as having left."),
    )
    state = models.CharField(_("state"), max_length=10, choices=ImportState, default=ImportState.UPLOADED)
    preview: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    result: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("started by")
    )
    job = models.OneToOneField("common.JobRun", on_delete=models.SET_NULL, null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        indexes = [models.Index(fields=["portfolio", "-created_at"], name="importrun_newest")]

    def __str__(self) -> str:
        return self.file_name
