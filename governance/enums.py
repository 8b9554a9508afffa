from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Weight(models.TextChoices):
    """How much a broken rule matters; findings are listed by it."""

    LOW = "low", pgettext_lazy("weight", "Low")
    MEDIUM = "medium", pgettext_lazy("weight", "Medium")
    HIGH = "high", pgettext_lazy("weight", "High")

    @property
    def tone(self) -> str:
        """The tone of a tag or an icon that tells the weight."""
        return {"high": "off", "medium": "risk", "low": "plain"}[self.value]


class VersionState(models.TextChoices):
    """A version of a rule is written, holds, and is replaced; one that held never changes."""

    DRAFT = "draft", pgettext_lazy("rule", "Draft")
    ACTIVE = "active", pgettext_lazy("rule", "In force")
    RETIRED = "retired", pgettext_lazy("rule", "Retired")


class SubjectKind(models.TextChoices):
    """What a rule looks at. The app that owns the subject registers how it is read (`governance.subjects`)."""

    PROJECT = "project", _("project")
