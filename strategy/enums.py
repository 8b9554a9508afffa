from django.db import models
from django.utils.translation import gettext_lazy as _


class OfficeKind(models.TextChoices):
    INTERNAL = "internal", _("Internal")
    EXTERNAL = "external", _("External")


class ControlLevel(models.TextChoices):
    """How far an office's rules bind: they advise, they stop until waived, or the PMO itself directs."""

    SUPPORTIVE = "supportive", _("Supportive")
    CONTROLLING = "controlling", _("Controlling")
    DIRECTIVE = "directive", _("Directive")
