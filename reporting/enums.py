from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReportKind(models.TextChoices):
    WEEKLY_HEALTH = "weekly_health", _("Weekly health report")


class SlotState(models.TextChoices):
    DUE = "due", pgettext_lazy("report", "Due")
    DONE = "done", pgettext_lazy("report", "Made")
    FAILED = "failed", pgettext_lazy("report", "Failed")


class ReportState(models.TextChoices):
    PUBLISHED = "published", pgettext_lazy("report", "Published")
    SUPERSEDED = "superseded", pgettext_lazy("report", "Superseded")


EFFORT_FORMS = ("vote", "waiver", "update", "request")
"""The forms whose minutes an office estimates."""
