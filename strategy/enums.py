from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OfficeKind(models.TextChoices):
    INTERNAL = "internal", _("Internal")
    EXTERNAL = "external", _("External")


class ControlLevel(models.TextChoices):
    """How far an office's rules bind: they advise, they stop until waived, or the PMO itself directs."""

    SUPPORTIVE = "supportive", _("Supportive")
    CONTROLLING = "controlling", _("Controlling")
    DIRECTIVE = "directive", _("Directive")


class Letter(models.TextChoices):
    """A part in a piece of work, as PMBOK's RACI names them. Both at once is one cell: who does it also answers."""

    RESPONSIBLE = "R", pgettext_lazy("raci", "Responsible")
    ACCOUNTABLE = "A", pgettext_lazy("raci", "Accountable")
    BOTH = "AR", pgettext_lazy("raci", "Accountable and responsible")
    CONSULTED = "C", pgettext_lazy("raci", "Consulted")
    INFORMED = "I", pgettext_lazy("raci", "Informed")


ACCOUNTABLE: tuple[Letter, ...] = (Letter.ACCOUNTABLE, Letter.BOTH)
"""Exactly one cell of a piece of work holds one of these."""

RESPONSIBLE: tuple[Letter, ...] = (Letter.RESPONSIBLE, Letter.BOTH)


class Post(models.TextChoices):
    """A role that a part can be given to instead of a person: whoever holds it at present has the part."""

    LEAD = "lead", _("Project lead")
    SPONSOR = "sponsor", _("Sponsor")
    BUDGET_OWNER = "budget_owner", _("Budget owner")
    PMO = "pmo", _("Head of the PMO")


class Vacancy(models.TextChoices):
    """Why nobody can be asked about a part."""

    NO_HOLDER = "no_holder", _("nobody holds this role")
    LEFT = "left", _("no longer has access to the portal")
    PLACE_ENDED = "place_ended", _("is no longer in the team")
