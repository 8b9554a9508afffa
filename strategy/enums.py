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


class RecordKind(models.TextChoices):
    """Kinds of records that an assessment or a recommendation can speak of; each app registers its own."""

    ORG_UNIT = "org_unit", _("Org unit")
    PORTFOLIO = "portfolio", _("Portfolio")
    PROJECT = "project", _("Project")
    PLAYBOOK = "playbook", _("Playbook")
    OFFICE = "office", _("Office")
    GOAL = "goal", _("Goal")


SUBJECT_KINDS = (RecordKind.PORTFOLIO, RecordKind.PLAYBOOK, RecordKind.OFFICE, RecordKind.GOAL)
"""Whose way of working can be assessed."""

ABOUT_KINDS = (RecordKind.PORTFOLIO, RecordKind.ORG_UNIT, RecordKind.PROJECT)
"""Whom a recommendation can be for; without one it is for the whole organisation."""


class AssessmentState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("assessment", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("assessment", "Submitted")


class Score(models.IntegerChoices):
    """How well a workflow serves a goal: what must be seen to give it."""

    ABSENT = 1, _("1 · Absent: nobody works like this, or it works against the goal")
    BY_CHANCE = 2, _("2 · By chance: it depends on who does it, nothing is written down")
    AGREED = 3, _("3 · Agreed: written down and mostly followed")
    STEERED = 4, _("4 · Steered: followed, measured, and corrected when the goal needs it")
    LEADING = 5, _("5 · Leading: results reach the goal, and the way of working improves from what is learned")

    @property
    def tone(self) -> str:
        return {1: "off", 2: "off", 3: "risk"}.get(self.value, "ok")


GAP_BELOW = 3
"""A score below this is a gap: the workflow does not serve the goal dependably."""

SERVED_FROM = 4
"""A goal that no workflow reaches this for is served by none."""


class Priority(models.IntegerChoices):
    HIGH = 1, pgettext_lazy("priority", "High")
    MEDIUM = 2, pgettext_lazy("priority", "Medium")
    LOW = 3, pgettext_lazy("priority", "Low")

    @property
    def tone(self) -> str:
        return {1: "off", 2: "risk"}.get(self.value, "plain")


class RecommendationState(models.TextChoices):
    FILED = "filed", pgettext_lazy("recommendation", "Waits for an answer")
    ACCEPTED = "accepted", pgettext_lazy("recommendation", "Accepted")
    REJECTED = "rejected", pgettext_lazy("recommendation", "Rejected")
    PLANNED = "planned", pgettext_lazy("recommendation", "Planned")
    DONE = "done", pgettext_lazy("recommendation", "Done")
    EVALUATED = "evaluated", pgettext_lazy("recommendation", "Effect seen")

    @property
    def tone(self) -> str:
        tones = {"filed": "risk", "accepted": "accent", "planned": "accent", "done": "ok", "evaluated": "ok"}
        return tones.get(self.value, "hold")


_S = RecommendationState
RECOMMENDATION_TRANSITIONS: dict[str, frozenset[str]] = {
    _S.FILED: frozenset({_S.ACCEPTED, _S.REJECTED, _S.PLANNED}),
    _S.ACCEPTED: frozenset({_S.PLANNED}),
    _S.PLANNED: frozenset({_S.PLANNED, _S.DONE}),
    _S.DONE: frozenset({_S.EVALUATED}),
    _S.EVALUATED: frozenset(),
    _S.REJECTED: frozenset(),
}
"""What can follow what. Planning again gives another owner or day."""

ANSWERS = (_S.ACCEPTED, _S.REJECTED, _S.PLANNED)
"""The states that are an answer of the organisation."""
