"""The facts about a request. None always means: not answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import BooleanField, Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Left, Length, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance import approvals
from governance.facts import Fact, FactKind, Source, catalogue
from strategy.models import Office

if TYPE_CHECKING:
    from governance.facts import Text, Timed

request_facts = catalogue("request")
_K: Final = FactKind


def _is(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _fact(word: str, label: Text, kind: FactKind, sentence: Text, expression: Timed | None = None) -> None:
    source = Source(word, F(word) if expression is None else expression)
    request_facts.declare(Fact(f"request.{word}", label, kind, source, sentence))


_fact("title", _("title"), _K.TEXT, _("What the requester calls it."))
_fact("state", _("state"), _K.CHOICE, _("How far the request has come."))
_fact("budget", _("budget"), _K.MONEY, _("The amount asked for, in the request's own currency."))
_fact("currency", _("currency"), _K.TEXT, _("The currency of the amounts."))
_fact("budget_is_unknown", _("budget not known yet"), _K.YES_NO, _("Whether the requester says not to know it yet."))
_fact("yearly_benefit", _("benefit a year"), _K.MONEY, _("What it brings each year, in the request's own currency."))
_fact("wanted_by", _("wanted by"), _K.DATE, _("The day by which the result is wanted."))
_fact("is_mandatory", _("required by law or regulator"), _K.YES_NO, _("Whether a law or a regulator asks for it."))
_fact(
    "org_unit_name", _("org unit"), _K.TEXT, _("The org unit that it is for."), Coalesce(F("org_unit__name"), Value(""))
)
_fact("org_unit_id", _("org unit"), _K.NUMBER, _("The org unit that it is for."), F("org_unit_id"))
_fact(
    "playbook_id",
    _("playbook"),
    _K.NUMBER,
    _("How the PMO chose that it would run; 0 before that."),
    Coalesce(F("playbook_id"), Value(0)),
)
_fact("portfolio_id", _("portfolio"), _K.NUMBER, _("The portfolio that the PMO found for it."), F("portfolio_id"))
_fact(
    "office_id", _("office"), _K.NUMBER,
    _("The office of its portfolio; before there is one, the nearest that serves its org unit."),
    Coalesce(
        F("portfolio__office_id"),
        Subquery(
            Office.objects.filter(serves__path=Left(OuterRef("org_unit__path"), Length("serves__path")))
            .order_by("-serves__path", "pk")
            .values("pk")[:1]
        ),
    ),
)  # fmt: skip
_fact(
    "problem_length", _("length of the problem"), _K.NUMBER, _("Letters that describe the problem."), Length("problem")
)
_fact(
    "submitted_on", _("submitted on"), _K.DATE, _("The day it was handed in."),
    TruncDate("submitted_at", tzinfo=timezone.get_default_timezone()),
)  # fmt: skip
for _part, _label, _sentence in (
    ("goal", _("goal chosen"), _("Whether it serves a goal.")),
    ("org_unit", _("org unit chosen"), _("Whether it is for an org unit.")),
    ("portfolio", _("portfolio chosen"), _("Whether the PMO found a portfolio for it.")),
    ("playbook", _("playbook chosen"), _("Whether the PMO chose how it would run.")),
):
    _fact(f"has_{_part}", _label, _K.YES_NO, _sentence, _is(Q(**{f"{_part}__isnull": False})))
for _part, _label, _sentence in (
    ("sponsor", _("sponsor proposed"), _("Whether somebody is proposed who would answer for it.")),
    ("lead", _("project lead proposed"), _("Whether somebody is proposed who would lead it.")),
    ("benefits_owner", _("benefits owner proposed"), _("Whether somebody is proposed who would own the benefits.")),
):
    _fact(f"has_{_part}", _label, _K.YES_NO, _sentence, _is(Q(**{f"proposed_{_part}__isnull": False})))
approvals.declare(request_facts)
