"""What belongs to a project and can be counted by a rule: one JSON array per table, read with the facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Case, CharField, F, Func, JSONField, OuterRef, Q, Value, When
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common.expressions import Days, Joined, yes_when
from governance import approvals
from governance.facts import Catalogue, Children, Fact, FactKind, Source
from projects.enums import CHANGE_MATTER, GATE_MATTER, DecisionState, RiskResponse, Severity
from projects.facts import project_facts
from projects.facts.sources import promised
from projects.models import ChangeRequest, Decision, DocumentLink, Gate, Issue, Milestone, Promise, Risk, TeamMember
from projects.models.project import POSTS

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable

    from governance.facts import Text

    Field = tuple[str, Text, FactKind, Combinable | Callable[[date], Combinable]]

_K = FactKind


def _owned(name: str = "owner") -> Case:
    return yes_when(Q(**{f"{name}__isnull": False}))


def _rows(items: QuerySet[Any], values: dict[str, Any]) -> Func:
    rows = items.filter(project=OuterRef("pk")).order_by("pk").values_list(JSONObject(**values))
    return Func(ArraySubquery(rows), function="TO_JSONB", output_field=JSONField())


def _declare(word: str, label: Text, sentence: Text, one: str, items: QuerySet[Any], fields: tuple[Field, ...]) -> None:
    """Declare a table; `one` is the name of a row, before the names of its fields."""
    source = Source(
        f"{word}_rows",
        lambda as_of: _rows(items, {name: how(as_of) if callable(how) else how for name, _l, _k, how in fields}),
    )
    known = Catalogue(one)
    known.declare(*(Fact(f"{one}.{name}", label, kind, source, "", key=name) for name, label, kind, _how in fields))
    project_facts.declare_children(Children(f"project.{word}", label, source, sentence, known))


class _StartsWithAny(Func):
    """Whether an address begins with one of the lines of a text."""

    template = "((%(expressions)s, E'\\n')))"
    arg_joiner = ") ^@ ANY (STRING_TO_ARRAY("
    output_field = BooleanField()


def _in_place() -> Case:
    """Whether a document lies where the office wants it; unknown where the office says nothing."""
    places = "project__portfolio__office__document_places"
    return Case(
        When(**{places: ""}, then=None), default=_StartsWithAny(F("url"), F(places)), output_field=BooleanField()
    )


def _open_until(field: str) -> Callable[[date], Case]:
    return lambda as_of: yes_when(Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": as_of}))


_NAME: Final[Field] = ("name", _("name"), _K.TEXT, F("name"))
_TITLE: Final[Field] = ("title", _("title"), _K.TEXT, F("title"))

_declare(
    "milestones", _("milestones"), _("The milestones of the plan."), "milestone", Milestone.objects.all(),
    (
        _NAME,
        ("is_open", _("open"), _K.YES_NO, _open_until("actual_on")),
        ("is_gate", _("gate"), _K.YES_NO, F("is_gate")),
        ("has_phase", _("phase chosen"), _K.YES_NO, _owned("phase")),
        ("baseline_on", _("baseline"), _K.DATE, F("baseline_on")),
        ("forecast_on", _("forecast"), _K.DATE, F("forecast_on")),
        ("actual_on", _("reached on"), _K.DATE, F("actual_on")),
        ("slip_days", _("slip"), _K.DAYS, Days(F("forecast_on"), F("baseline_on"))),
    ),
)  # fmt: skip
_declare(
    "risks", _("risks"), _("The risks of the register, closed ones too."), "risk", Risk.objects.all(),
    (
        _TITLE,
        ("is_open", _("open"), _K.YES_NO, _open_until("closed_on")),
        ("score", _("score"), _K.NUMBER, F("score")),
        ("probability", _("probability"), _K.NUMBER, F("probability")),
        ("impact", _("impact"), _K.NUMBER, F("impact")),
        ("has_owner", _("owner named"), _K.YES_NO, _owned()),
        ("response", _("response"), _K.CHOICE, F("response")),
        ("has_plan", _("response planned"), _K.YES_NO, yes_when(~Q(response_plan=""))),
        ("review_on", _("next review"), _K.DATE, F("review_on")),
    ),
)  # fmt: skip
_declare(
    "issues", _("issues"), _("The issues, solved ones too."), "issue", Issue.objects.all(),
    (
        _TITLE,
        ("is_open", _("open"), _K.YES_NO, _open_until("resolved_on")),
        ("is_blocker", _("blocker"), _K.YES_NO, F("is_blocker")),
        ("severity", _("severity"), _K.NUMBER, F("severity")),
        ("has_owner", _("owner named"), _K.YES_NO, _owned()),
        ("opened_on", _("opened on"), _K.DATE, F("opened_on")),
        ("due_on", _("to be solved by"), _K.DATE, F("due_on")),
    ),
)  # fmt: skip
_declare(
    "decisions", _("decisions"), _("The decisions, taken ones too."), "decision", Decision.objects.all(),
    (
        ("question", _("question"), _K.TEXT, F("question")),
        ("is_wanted", _("wanted"), _K.YES_NO, yes_when(Q(state=DecisionState.WANTED))),
        ("has_holder", _("somebody decides"), _K.YES_NO, _owned("holder")),
        ("raised_on", _("raised on"), _K.DATE, F("raised_on")),
        ("needed_by", _("needed by"), _K.DATE, F("needed_by")),
    ),
)  # fmt: skip
_declare(
    "documents", _("documents"), _("The documents that the project links to."), "document", DocumentLink.objects.all(),
    (
        _TITLE,
        ("kind", _("kind"), _K.TEXT, F("kind")),
        (
            "place",
            _("place"),
            _K.TEXT,
            Func(
                F("url"), Value("^[a-z]+://([^/:?#]+)"), function="SUBSTRING", arg_joiner=" FROM ",
                output_field=CharField(),
            ),
        ),
        ("has_owner", _("owner named"), _K.YES_NO, _owned()),
        ("is_accepted", _("accepted"), _K.YES_NO, yes_when(Q(accepted_at__isnull=False))),
        ("is_in_place", _("in an agreed place"), _K.YES_NO, _in_place()),
    ),
)  # fmt: skip
_declare(
    "promises", _("needs from other projects"),
    _("What the project asked of other projects, and what they promised."), "promise", Promise.objects.all(),
    (
        ("name", _("what"), _K.TEXT, F("name")),
        ("is_open", _("open"), _K.YES_NO, _open_until("closed_on")),
        ("is_promised", _("promised"), _K.YES_NO, yes_when(promised())),
        ("needed_on", _("needed by"), _K.DATE, F("needed_on")),
        ("promised_on", _("promised for"), _K.DATE, F("promised_on")),
        ("delivered_on", _("delivered on"), _K.DATE, F("delivered_on")),
    ),
)  # fmt: skip


class _Posts(Func):
    template = "(TO_JSONB(ARRAY_REMOVE(ARRAY[%(expressions)s]::jsonb[], NULL)))"
    output_field = JSONField()


def _roles(as_of: date) -> Func:
    posts = [
        Case(
            When(
                **{f"{field}__isnull": False},
                then=JSONObject(role=Value(role.value), is_post=Value(True), is_active=Value(True), ends_on=None),
            ),
            default=None,
        )
        for field, role in POSTS
    ]
    in_force = yes_when(Q(ends_on__isnull=True) | Q(ends_on__gte=as_of))
    team = {"role": F("role"), "is_post": Value(False), "is_active": in_force, "ends_on": F("ends_on")}
    return Joined(_Posts(*posts), _rows(TeamMember.objects.all(), team))


_ROLES: Final = Source("roles_rows", _roles)
_role = Catalogue("role")
_role.declare(
    Fact("role.role", _("role"), _K.CHOICE, _ROLES, "", key="role"),
    Fact("role.is_post", _("post of the project"), _K.YES_NO, _ROLES, "", key="is_post"),
    Fact("role.is_active", _("in force"), _K.YES_NO, _ROLES, "", key="is_active"),
    Fact("role.ends_on", _("last day"), _K.DATE, _ROLES, "", key="ends_on"),
)
project_facts.declare_children(
    Children("project.roles", _("roles"), _ROLES, _("The posts that are filled and the places in the team."), _role)
)

approvals.declare(project_facts)
approvals.count("project", GATE_MATTER, lambda: Gate.objects.filter(project=OuterRef(OuterRef("pk"))).values("pk"))
approvals.count(
    "project", CHANGE_MATTER, lambda: ChangeRequest.objects.filter(project=OuterRef(OuterRef("pk"))).values("pk")
)

LABELS: Final[dict[str, dict[str, Any]]] = {
    "risk.response": dict(RiskResponse.choices),
    "issue.severity": {str(value): label for value, label in Severity.choices},
    "role.role": dict(RoleName.choices),
    **approvals.LABELS,
}
"""What the values of choices are called, by the full name of the field."""
