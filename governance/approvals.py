"""What was decided by ballot about a subject, as rows that rules can count: its approvals, and what was refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Count,
    DateField,
    F,
    Func,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import JSONObject, TruncDate
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common.expressions import Days, Joined, yes_when
from governance import matters
from governance.enums import BallotState, Choice
from governance.facts import Catalogue, Children, Fact, FactKind, Source
from governance.models import Ballot, Vote, Waiver

if TYPE_CHECKING:
    from governance.facts import Text

    Ids = Callable[[], QuerySet[Any, Any]]

WAIVER: Final = "waiver"
_K = FactKind
_ids: dict[str, dict[str, Ids]] = defaultdict(dict)


def count(subject: str, matter: str, ids: Ids) -> None:
    """Count what is decided in a matter among the approvals of a kind of subject; called from AppConfig.ready().

    `ids` gives the ids of the matter's things that belong to the subject at `OuterRef(OuterRef("pk"))`.
    """
    _ids[subject][matter] = ids


def declare(known: Catalogue) -> None:
    """Let rules about a kind of subject count its approvals; its waivers are among them."""
    subject = known.subject
    source = Source("approvals_rows", lambda _day: _approvals(subject))
    fields = Catalogue("approval")
    fields.declare(*(Fact(f"approval.{name}", label, kind, source, "", key=name) for name, label, kind in _FIELDS))
    sentence = _("What was decided by ballot about it: approved, approved with conditions, on hold or rejected.")
    known.declare_children(Children(f"{subject}.approvals", _("approvals"), source, sentence, fields))
    count(
        subject, WAIVER,
        lambda: Waiver.objects.filter(subject_kind=subject, subject_id=OuterRef(OuterRef("pk"))).values("pk"),
    )  # fmt: skip


_FIELDS: Final[tuple[tuple[str, Text, FactKind], ...]] = (
    ("kind", _("kind"), _K.CHOICE),
    ("outcome", _("outcome"), _K.CHOICE),
    ("is_yes", _("approved"), _K.YES_NO),
    ("decided_on", _("decided on"), _K.DATE),
    ("decider_role", _("role of who decided"), _K.CHOICE),
    ("votes", _("number of votes"), _K.NUMBER),
    ("days_taken", _("days to the decision"), _K.DAYS),
)


def _kinds() -> dict[str, Text]:
    return {kind: matter.label for kind, matter in matters.registered().items()}


LABELS: Final[dict[str, Any]] = {
    "approval.kind": lazy(_kinds, dict)(),
    "approval.outcome": dict(Choice.choices),
    "approval.decider_role": dict(RoleName.choices),
}
"""What the values of choices are called, by the full name of the field."""


def _approvals(subject: str) -> Func:
    parts = [_decided(matter, ids()) for matter, ids in sorted(_ids[subject].items())]
    return reduce(Joined, parts)


def _decided(matter: str, ids: QuerySet[Any, Any]) -> Func:
    """The decided ballots of one matter, oldest first, as a JSON array."""
    votes = Vote.objects.counting().filter(ballot=OuterRef("pk"))
    last = votes.filter(cast_by=OuterRef("decided_by")).order_by("-pk").values("seat__role")[:1]
    counted = votes.order_by().values("ballot").annotate(number=Count("pk")).values("number")
    row = JSONObject(
        kind=F("subject_kind"), outcome=F("outcome"),
        is_yes=yes_when(Q(outcome__in=[Choice.APPROVE, Choice.CONDITIONAL])), decided_on=_day("decided_at"),
        decider_role=Subquery(last), votes=Subquery(counted), days_taken=Days(_day("decided_at"), _day("created_at")),
    )  # fmt: skip
    rows = Ballot.objects.filter(subject_kind=matter, subject_id__in=ids, state=BallotState.DECIDED)
    return Func(
        ArraySubquery(rows.order_by("decided_at", "pk").values_list(row)), function="TO_JSONB", output_field=JSONField()
    )


def _day(moment: str) -> TruncDate:
    return TruncDate(moment, tzinfo=timezone.get_default_timezone(), output_field=DateField())
