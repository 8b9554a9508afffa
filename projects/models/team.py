from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission, RoleName
from accounts.roles import PROJECT_ROLES, ROLES
from common import history
from common.models import Record
from projects.models.project import Project

if TYPE_CHECKING:
    from accounts.models import User


class TeamMemberQuerySet(models.QuerySet["TeamMember"]):
    def in_force(self) -> TeamMemberQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate()))

    def giving(self, permission: str, user: User) -> TeamMemberQuerySet:
        """The person's places in teams whose role allows this."""
        roles = [n for n in PROJECT_ROLES if TeamMember.role_gives(n, permission) and user.access.counts(n)]
        return self.in_force().filter(user=user, role__in=roles)


@history.track()
class TeamMember(Record):
    """A role of a person on one project, with what they do there. Gives that role's permissions on it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="team", verbose_name=_("project"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="team_places", verbose_name=_("person")
    )
    role = models.CharField(
        _("role"),
        max_length=30,
        choices=[(name, RoleName(name).label) for name in PROJECT_ROLES],
        default=RoleName.STAKEHOLDER,
    )
    task = models.CharField(_("does what"), max_length=120, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    objects = TeamMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("team member")
        verbose_name_plural = _("team members")
        constraints = [
            models.UniqueConstraint(fields=["project", "user", "role"], name="teammember_once"),
            models.CheckConstraint(
                condition=~Q(role=RoleName.EXTERNAL_ADVISER) | Q(ends_on__isnull=False),
                name="teammember_adviser_ends",
            ),
        ]
        indexes = [models.Index(fields=["user", "project"], name="teammember_of_user")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @staticmethod
    def role_gives(role: str, permission: str) -> bool:
        return Permission(permission) in ROLES[role].permissions


@history.track()
class DocumentLink(Record):
    """A document of the project, kept where it lives. Who accepted it is somebody else than its owner."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="documents", verbose_name=_("project"))
    title = models.CharField(_("title"), max_length=200)
    url = models.URLField(_("address"), max_length=800)
    kind = models.CharField(_("kind"), max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("owner"),
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("accepted by"),
    )

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, owner__isnull=False),
                name="documentlink_accepted_at_by",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | ~Q(accepted_by=models.F("owner")),
                name="documentlink_accepted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.title
