from django.db import models
from django.utils.translation import gettext_lazy as _


class CriterionKind(models.TextChoices):
    """How it is found out whether a criterion of a gate is met."""

    AUTOMATIC = "automatic", _("Automatic: from the facts of the project")
    DOCUMENT = "document", _("Document: there and accepted")
    JUDGEMENT = "judgement", _("Judgement: somebody says so")
