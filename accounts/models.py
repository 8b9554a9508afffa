from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left, Length, Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node, MP_NodeManager, MP_NodeQuerySet

from accounts.access import ENDED, NO_ACCESS, Access, access_from_grants
from accounts.enums import RoleName, ScopeKind
from common import history
from common.models import Record
from common.prepared import Prepared


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


@history.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person. Signs in by e-mail; what they may do comes from grants and from project teams."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    org_unit = models.ForeignKey(
        "accounts.OrgUnit",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("org unit"),
    )
    language = models.CharField(_("language"), max_length=8, blank=True, help_text=_("Empty: as the browser asks."))
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text=_("Empty: as the organisation."))
    is_active = models.BooleanField(_("may sign in"), default=True)
    external_until = models.DateField(
        _("of an external office until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Empty: not of an external office. Follows the membership of the office, by a trigger."),
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @cached_property
    def access(self) -> Access:
        """What the grants allow; one query, kept for as long as this instance lives (one request)."""
        if not self.is_active:
            return NO_ACCESS
        if self.has_left:
            return ENDED
        grants = _GRANTS.rows([self.pk], timezone.localdate())
        return access_from_grants(grants, is_external=self.is_external)

    @property
    def is_external(self) -> bool:
        """Whether the person belongs, or belonged, to an external office."""
        return self.external_until is not None

    @property
    def has_left(self) -> bool:
        """Whether the last day at the external office is over (that day itself still counts)."""
        return self.external_until is not None and self.external_until < timezone.localdate()

    def can(self, permission: str) -> bool:
        """Whether some grant allows it somewhere (menus, lists). For one object ask that object's policy."""
        return self.is_active and self.access.allows_somewhere(permission)


class OrgUnitQuerySet(MP_NodeQuerySet):
    def under(self, ids: frozenset[int]) -> OrgUnitQuerySet:
        """The units of these ids and all below them, as one subquery."""
        roots = self.model._base_manager.filter(pk__in=ids, path=Left(OuterRef("path"), Length("path")))
        return self.filter(Exists(roots))

    def at_or_above(self, unit: OrgUnit) -> OrgUnitQuerySet:
        """A unit and those that hold it."""
        return self.filter(path__in=[unit.path[: end * self.model.steplen] for end in range(1, unit.depth + 1)])


class OrgUnitManager(MP_NodeManager):
    def get_queryset(self) -> OrgUnitQuerySet:
        return OrgUnitQuerySet(self.model, using=self._db).order_by("path")

    def under(self, ids: frozenset[int]) -> OrgUnitQuerySet:
        return self.get_queryset().under(ids)

    def at_or_above(self, unit: OrgUnit) -> OrgUnitQuerySet:
        return self.get_queryset().at_or_above(unit)


@history.track(exclude=["numchild"])
class OrgUnit(MP_Node):
    """A node in the organisation's tree: a ministry, department, team."""

    name = models.CharField(_("name"), max_length=200)
    code = models.CharField(_("code"), max_length=40, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = OrgUnitManager()
    node_order_by: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("org unit")
        verbose_name_plural = _("org units")

    def __str__(self) -> str:
        return self.name


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self) -> RoleGrantQuerySet:
        return self.filter(_in_force(timezone.localdate()))


def _in_force(day: date) -> Q:
    """Not yet ended (the last day counts)."""
    return Q(ends_on__isnull=True) | Q(ends_on__gte=day)


@history.track()
class RoleGrant(Record):
    """A role of a person within a scope. `scope_id` is the org unit's or portfolio's id, null for the organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants", verbose_name=_("person"))
    role = models.CharField(_("role"), max_length=30, choices=RoleName)
    scope = models.CharField(_("holds for"), max_length=20, choices=ScopeKind)
    scope_id = models.BigIntegerField(null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("granted by")
    )

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role grant")
        verbose_name_plural = _("role grants")
        constraints = [
            models.CheckConstraint(
                condition=Q(scope=ScopeKind.ORGANISATION, scope_id__isnull=True)
                | (~Q(scope=ScopeKind.ORGANISATION) & Q(scope_id__isnull=False)),
                name="rolegrant_scope_names_its_object",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "scope", "scope_id"], name="rolegrant_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=~Q(role=RoleName.EXTERNAL_ADVISER) | Q(ends_on__isnull=False),
                name="rolegrant_of_adviser_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


_GRANTS: Final = Prepared(
    RoleGrant, lambda grants, day: grants.filter(_in_force(day)).values_list("role", "scope", "scope_id"), key="user"
)
"""What every request asks for its person."""
