from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Colour(models.TextChoices):
    """A status colour, declared by people or computed from facts. Three- and five-point scales share the
    values but are never converted into each other; the last three say why there is no colour.
    """

    GREEN = "green", _("On track")
    AMBER_GREEN = "amber_green", _("Mostly on track")
    AMBER = "amber", _("At risk")
    AMBER_RED = "amber_red", _("Serious risk")
    RED = "red", _("Off track")
    GREY = "grey", pgettext_lazy("status", "Unknown")
    EXEMPT = "exempt", _("Exempt")
    NOT_ASSESSED = "not_assessed", _("Not assessed")


THREE_POINTS: tuple[Colour, ...] = (Colour.GREEN, Colour.AMBER, Colour.RED)
FIVE_POINTS: tuple[Colour, ...] = (Colour.GREEN, Colour.AMBER_GREEN, Colour.AMBER, Colour.AMBER_RED, Colour.RED)


class ColourScale(models.IntegerChoices):
    THREE = 3, _("Three points: green, amber, red")
    FIVE = 5, _("Five points: green, amber-green, amber, amber-red, red")

    @property
    def colours(self) -> tuple[Colour, ...]:
        return THREE_POINTS if self == ColourScale.THREE else FIVE_POINTS


class Dimension(models.TextChoices):
    """What health is looked at from; the overall colour follows from these by the stated roll-up rule."""

    SCHEDULE = "schedule", _("Schedule")
    COST = "cost", _("Cost")
    SCOPE = "scope", _("Scope")
    RISK = "risk", _("Risk")
    FRESHNESS = "freshness", _("Freshness")


class DataClass(models.TextChoices):
    """How closely the data that a project works with must be kept, from the freest to the closest."""

    PUBLIC = "public", pgettext_lazy("data", "Public")
    INTERNAL = "internal", pgettext_lazy("data", "Internal")
    CONFIDENTIAL = "confidential", pgettext_lazy("data", "Confidential")
    SECRET = "secret", pgettext_lazy("data", "Secret")


class ProjectStatus(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("project", "Running")
    ON_HOLD = "on_hold", pgettext_lazy("project", "Paused")
    COMPLETED = "completed", pgettext_lazy("project", "Completed")
    STOPPED = "stopped", pgettext_lazy("project", "Stopped")
    LEFT = "left", pgettext_lazy("project", "Left the portfolio")


PROJECT_TRANSITIONS: dict[str, set[str]] = {
    ProjectStatus.ACTIVE: {
        ProjectStatus.ON_HOLD,
        ProjectStatus.COMPLETED,
        ProjectStatus.STOPPED,
        ProjectStatus.LEFT,
    },
    ProjectStatus.ON_HOLD: {ProjectStatus.ACTIVE, ProjectStatus.STOPPED, ProjectStatus.LEFT},
    ProjectStatus.COMPLETED: {ProjectStatus.ACTIVE},
    ProjectStatus.STOPPED: {ProjectStatus.ACTIVE},
    ProjectStatus.LEFT: {ProjectStatus.ACTIVE},
}

LIVE_STATUSES: tuple[ProjectStatus, ...] = (ProjectStatus.ACTIVE, ProjectStatus.ON_HOLD)
"""Projects that count in a portfolio today; the others are kept and found, but not summed."""


class MoneyMeasure(models.TextChoices):
    """The amounts a project carries. Each is known, unknown (empty) or withheld (with a reason)."""

    BASELINE_COST = "baseline_cost", _("Baseline cost")
    FORECAST_COST = "forecast_cost", _("Forecast cost")
    ACTUAL_COST = "actual_cost", _("Actual cost")
    WHOLE_LIFE_COST = "whole_life_cost", _("Whole-life cost")
    BENEFITS = "benefits", _("Benefits")


class RiskStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("risk", "Open")
    CLOSED = "closed", pgettext_lazy("risk", "Closed")
    OCCURRED = "occurred", pgettext_lazy("risk", "Occurred")


class RiskResponse(models.TextChoices):
    """Responses to a threat (PMBOK)."""

    AVOID = "avoid", _("Avoid")
    MITIGATE = "mitigate", _("Mitigate")
    TRANSFER = "transfer", _("Transfer")
    ACCEPT = "accept", _("Accept")
    ESCALATE = "escalate", _("Escalate")


class IssueStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("issue", "Open")
    RESOLVED = "resolved", pgettext_lazy("issue", "Resolved")


class Severity(models.IntegerChoices):
    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    CRITICAL = 4, _("Critical")


class DecisionState(models.TextChoices):
    WANTED = "wanted", pgettext_lazy("decision", "Wanted")
    TAKEN = "taken", pgettext_lazy("decision", "Taken")
    WITHDRAWN = "withdrawn", pgettext_lazy("decision", "Withdrawn")


class ProposalTarget(models.TextChoices):
    """What a lead proposes to change where the PMO itself directs."""

    PROJECT = "project", _("dates of the project")
    MILESTONE = "milestone", _("milestone")
    PHASE = "phase", _("phase")
    RISK = "risk", _("risk")


class ProposalState(models.TextChoices):
    OPEN = "open", pgettext_lazy("proposal", "Waits for the PMO")
    ACCEPTED = "accepted", pgettext_lazy("proposal", "Accepted")
    REFUSED = "refused", pgettext_lazy("proposal", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "Taken back")


class UpdateState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("update", "Draft")
    PUBLISHED = "published", pgettext_lazy("update", "Published")
    SUPERSEDED = "superseded", pgettext_lazy("update", "Superseded")


class SnapshotSource(models.TextChoices):
    WEEKLY = "weekly", _("Weekly snapshot")
    IMPORT = "import", _("Import")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", pgettext_lazy("import", "Uploaded")
    READY = "ready", pgettext_lazy("import", "Ready to run")
    RUNNING = "running", pgettext_lazy("import", "Running")
    DONE = "done", pgettext_lazy("import", "Done")
    FAILED = "failed", pgettext_lazy("import", "Failed")


IMPORT_TRANSITIONS: dict[str, set[str]] = {
    ImportState.UPLOADED: {ImportState.READY},
    ImportState.READY: {ImportState.READY, ImportState.RUNNING},
    ImportState.RUNNING: {ImportState.DONE, ImportState.FAILED},
    ImportState.FAILED: {ImportState.READY},
    ImportState.DONE: set(),
}


class Judgement(models.TextChoices):
    """What somebody says about a criterion of a gate."""

    MET = "met", pgettext_lazy("criterion", "Met")
    NOT_MET = "not_met", pgettext_lazy("criterion", "Not met")


class BaselineSource(models.TextChoices):
    """Where a version of a baseline comes from."""

    FIRST = "first", _("First baseline")
    CHANGE = "change", _("Change request")
    IMPORT = "import", _("Import")
    FILLED = "filled", _("Filled in by the PMO")


class ChangeKind(models.TextChoices):
    SCOPE = "scope", _("Scope")
    SCHEDULE = "schedule", _("Schedule")
    COST = "cost", _("Cost")
    BENEFITS = "benefits", _("Benefits")


class ChangeState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("change request", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("change request", "Submitted")
    IN_BALLOT = "in_ballot", pgettext_lazy("change request", "In ballot")
    ACCEPTED = "accepted", pgettext_lazy("change request", "Accepted")
    REJECTED = "rejected", pgettext_lazy("change request", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("change request", "Withdrawn")


CHANGE_TRANSITIONS: dict[str, set[str]] = {
    ChangeState.DRAFT: {ChangeState.SUBMITTED, ChangeState.WITHDRAWN},
    ChangeState.SUBMITTED: {
        ChangeState.IN_BALLOT,
        ChangeState.ACCEPTED,
        ChangeState.REJECTED,
        ChangeState.WITHDRAWN,
    },
    ChangeState.IN_BALLOT: {ChangeState.ACCEPTED, ChangeState.REJECTED, ChangeState.WITHDRAWN},
    ChangeState.ACCEPTED: set(),
    ChangeState.REJECTED: set(),
    ChangeState.WITHDRAWN: set(),
}

GATE_MATTER = "gate_review"
"""What gates are called as a matter of ballots."""
CHANGE_MATTER = "change_request"
"""What change requests are called as a matter of ballots."""

OPEN_CHANGES: tuple[ChangeState, ...] = (ChangeState.SUBMITTED, ChangeState.IN_BALLOT)
"""Change requests that somebody still has to decide on; a draft is its author's own."""


class ChangeSize(models.TextChoices):
    """How far a change reaches against the tolerances of its portfolio; an unknown effect counts as the farthest."""

    NONE = "none", _("no effect on cost or dates")
    WITHIN = "within", _("within the tolerances of the portfolio")
    BEYOND = "beyond", _("beyond the tolerances of the portfolio")


class DeliverableState(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("deliverable", "Planned")
    DELIVERED = "delivered", pgettext_lazy("deliverable", "Delivered")
    ACCEPTED = "accepted", pgettext_lazy("deliverable", "Accepted")


DELIVERABLE_TRANSITIONS: dict[str, set[str]] = {
    DeliverableState.PLANNED: {DeliverableState.DELIVERED},
    DeliverableState.DELIVERED: {DeliverableState.PLANNED, DeliverableState.ACCEPTED},
    DeliverableState.ACCEPTED: set(),
}


class PromiseState(models.TextChoices):
    """Where a dependency across projects stands between who needs it and who gives it."""

    ASKED = "asked", pgettext_lazy("promise", "Asked")
    OFFERED = "offered", pgettext_lazy("promise", "Later day offered")
    AGREED = "agreed", pgettext_lazy("promise", "Promised")
    REFUSED = "refused", pgettext_lazy("promise", "Refused")
    DELIVERED = "delivered", pgettext_lazy("promise", "Delivered")
    KEPT = "kept", pgettext_lazy("promise", "Kept")
    WITHDRAWN = "withdrawn", pgettext_lazy("promise", "No longer needed")


class PromiseMove(models.TextChoices):
    """What either side of a promise says next."""

    OFFER = "offer", pgettext_lazy("promise", "Promise a day")
    REFUSE = "refuse", pgettext_lazy("promise", "Refuse")
    DELIVER = "deliver", pgettext_lazy("promise", "It is delivered")
    AGREE = "agree", pgettext_lazy("promise", "Agree with this day")
    ASK = "ask", pgettext_lazy("promise", "Ask for another day")
    RECEIVE = "receive", pgettext_lazy("promise", "It is received")
    RETURN = "return", pgettext_lazy("promise", "Send back")
    WITHDRAW = "withdraw", pgettext_lazy("promise", "Not needed any more")


GIVER_MOVES = frozenset({PromiseMove.OFFER, PromiseMove.REFUSE, PromiseMove.DELIVER})
"""What the project says that gives; the rest says the one that needs it."""

MOVES_WITH_DAY = frozenset({PromiseMove.OFFER, PromiseMove.ASK})
MOVES_WITH_REASON = frozenset({PromiseMove.REFUSE, PromiseMove.RETURN, PromiseMove.ASK})

PROMISE_MOVES: dict[str, tuple[PromiseMove, ...]] = {
    PromiseState.ASKED: (PromiseMove.OFFER, PromiseMove.REFUSE, PromiseMove.ASK, PromiseMove.WITHDRAW),
    PromiseState.OFFERED: (
        PromiseMove.AGREE, PromiseMove.OFFER, PromiseMove.REFUSE, PromiseMove.ASK, PromiseMove.WITHDRAW,
    ),
    PromiseState.AGREED: (PromiseMove.DELIVER, PromiseMove.OFFER, PromiseMove.ASK, PromiseMove.WITHDRAW),
    PromiseState.REFUSED: (PromiseMove.OFFER, PromiseMove.ASK, PromiseMove.WITHDRAW),
    PromiseState.DELIVERED: (PromiseMove.RECEIVE, PromiseMove.RETURN),
    PromiseState.KEPT: (),
    PromiseState.WITHDRAWN: (),
}  # fmt: skip
"""What can be said next, by where the promise stands."""

PROMISES_OVER: tuple[PromiseState, ...] = (PromiseState.KEPT, PromiseState.WITHDRAWN)
