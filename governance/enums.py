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

    @property
    def place(self) -> int:
        """Where it stands in a list: the weightiest first."""
        return list(reversed(Weight)).index(self)


class VersionState(models.TextChoices):
    """A version of a rule is written, holds, and is replaced; one that held never changes."""

    DRAFT = "draft", pgettext_lazy("rule", "Draft")
    SCHEDULED = "scheduled", pgettext_lazy("rule", "Comes into force")
    ACTIVE = "active", pgettext_lazy("rule", "In force")
    RETIRED = "retired", pgettext_lazy("rule", "Retired")

    @property
    def tone(self) -> str:
        return {"draft": "risk", "scheduled": "accent", "active": "ok", "retired": "hold"}[self.value]


VERSION_TRANSITIONS: dict[str, set[str]] = {
    VersionState.DRAFT: {VersionState.SCHEDULED, VersionState.ACTIVE},
    VersionState.SCHEDULED: {VersionState.ACTIVE, VersionState.RETIRED},
    VersionState.ACTIVE: {VersionState.RETIRED},
    VersionState.RETIRED: set(),
}


class Expected(models.TextChoices):
    """What a rule says of a test case."""

    PASS = "pass", pgettext_lazy("rule case", "Kept")
    FAIL = "fail", pgettext_lazy("rule case", "Broken")
    UNKNOWN = "unknown", pgettext_lazy("rule case", "Cannot be told")


class SubjectKind(models.TextChoices):
    """What a rule looks at. The app that owns the subject registers how it is read (`governance.subjects`)."""

    PROJECT = "project", _("project")
    REQUEST = "request", _("request")


class Checkpoint(models.TextChoices):
    """The moments at which a subject is held against the rules."""

    SUBMIT_REQUEST = "submit_request", _("a request is submitted")
    APPROVE_REQUEST = "approve_request", _("a request is approved")
    START_PROJECT = "start_project", _("a project starts")
    ENTER_PHASE = "enter_phase", _("a project enters a phase")
    PASS_GATE = "pass_gate", _("a project passes a gate")
    PUBLISH_UPDATE = "publish_update", _("an update is published")
    CHANGE_BASELINE = "change_baseline", _("a baseline changes")
    CLOSE_PROJECT = "close_project", _("a project is closed")
    WEEKLY_SCAN = "weekly_scan", _("the weekly scan")


class Enforcement(models.TextChoices):
    """What a broken rule does, from the mildest to the strictest."""

    ADVISE = "advise", _("advises")
    REQUIRE_WAIVER = "require_waiver", _("stops until a waiver lifts it")
    BLOCK = "block", _("stops")

    @property
    def stops(self) -> bool:
        return self is not Enforcement.ADVISE

    @property
    def strictness(self) -> int:
        return list(Enforcement).index(self)


class OfferKind(models.TextChoices):
    """What helps to keep a rule; it lies where the organisation keeps such things, and the rule links to it."""

    TEMPLATE = "template", pgettext_lazy("offer", "Template")
    GUIDELINE = "guideline", pgettext_lazy("offer", "Guideline")
    TRAINING = "training", pgettext_lazy("offer", "Training")


class WaiverState(models.TextChoices):
    """A waiver is asked for, decided by somebody else, and ends: by its last day, by hand or by the next one."""

    ASKED = "asked", pgettext_lazy("waiver", "Asked")
    GRANTED = "granted", pgettext_lazy("waiver", "Granted")
    REFUSED = "refused", pgettext_lazy("waiver", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("waiver", "Withdrawn")
    ENDED = "ended", pgettext_lazy("waiver", "Ended")


WAIVER_TRANSITIONS: dict[str, set[str]] = {
    WaiverState.ASKED: {WaiverState.GRANTED, WaiverState.REFUSED, WaiverState.WITHDRAWN},
    WaiverState.GRANTED: {WaiverState.ENDED},
    WaiverState.REFUSED: set(),
    WaiverState.WITHDRAWN: set(),
    WaiverState.ENDED: set(),
}


class BallotState(models.TextChoices):
    """A ballot is open until its steps have decided, or until the question is taken back."""

    OPEN = "open", pgettext_lazy("ballot", "Open")
    DECIDED = "decided", pgettext_lazy("ballot", "Decided")
    WITHDRAWN = "withdrawn", pgettext_lazy("ballot", "Withdrawn")


class StepState(models.TextChoices):
    """Steps of a ballot come one after the other; those of the same position are open side by side."""

    WAITING = "waiting", pgettext_lazy("ballot step", "Waiting")
    OPEN = "open", pgettext_lazy("ballot step", "Open")
    SAID_YES = "yes", pgettext_lazy("ballot step", "Yes")
    SAID_NO = "no", pgettext_lazy("ballot step", "No")


class Choice(models.TextChoices):
    """What one can vote. Each matter has its own words for these (`governance.matters`)."""

    APPROVE = "approve", pgettext_lazy("vote", "Approve")
    CONDITIONAL = "conditional", pgettext_lazy("vote", "Approve with conditions")
    HOLD = "hold", pgettext_lazy("vote", "Hold")
    REJECT = "reject", pgettext_lazy("vote", "Reject")

    @property
    def is_yes(self) -> bool:
        return self in {Choice.APPROVE, Choice.CONDITIONAL}
