from django.db import models
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class AuditKind(models.TextChoices):
    """What happened that is not a change of a record."""

    REFUSED = "refused", _("Refused")
    SIGNED_IN = "signed_in", _("Signed in")
    SIGNED_OUT = "signed_out", _("Signed out")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    CREDENTIAL = "credential", _("Password or second factor")
    EXPORTED = "exported", _("Export")
    ASKED = "asked", _("Work asked for")
    REMOVED = "removed", _("Demo removed")
