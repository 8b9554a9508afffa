"""The pages on which people vote, and the register of what they decided."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from common import formats
from common.errors import Conflict, NotAllowed, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import CONFLICT, INVALID, SIGNED_IN, PortalView
from governance import matters, policies
from governance.enums import BallotState, Choice, StepState
from governance.forms.ballots import ConditionForm, ConflictForm, EvidenceForm, VoteForm, condition_rows
from governance.models import Ballot, DecisionCondition
from governance.selectors import ballots as selectors
from governance.selectors.ballots import Place, StepView
from governance.selectors.waivers import works_on
from governance.services import CheckResult, RulesNotKept
from governance.services import ballots as services
from governance.services.ballots.conditions import may_confirm

PAGE_SIZE = 50
TONES = {Choice.APPROVE: "ok", Choice.CONDITIONAL: "risk", Choice.HOLD: "hold", Choice.REJECT: "off"}


def outcome_tag(ballot: Ballot) -> SafeString:
    """How a ballot stands, in the words of its matter."""
    if ballot.outcome:
        return cells.tag(matters.matter(ballot.subject_kind).word(ballot.outcome), TONES[Choice(ballot.outcome)])
    return cells.tag(ballot.get_state_display(), "accent" if ballot.is_open else "plain")


class BallotList(PortalView):
    """What waits for one's vote, and every ballot that one may see."""

    permission = SIGNED_IN
    template_name = "governance/ballot_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        state, kind = request.GET.get("state", ""), request.GET.get("matter", "")
        state = state if state in BallotState.values else ""
        kind = kind if kind in matters.registered() else ""
        waiting = list(selectors.ballots_waiting_for(self.user)[:PAGE_SIZE])
        page = Paginator(selectors.ballots_of(self.user, state=state, kind=kind), PAGE_SIZE).get_page(
            request.GET.get("page")
        )
        rows = list(page.object_list)
        subjects = selectors.subjects_of([*waiting, *rows])
        return self.render({
            "waiting": [_todo(ballot, subjects) for ballot in waiting],
            "page": page,
            "table": _table(rows, subjects),
            "states": BallotState.choices,
            "state": state,
            "kinds": [(name, matter.label) for name, matter in matters.registered().items()],
            "kind": kind,
        })  # fmt: skip


def _todo(ballot: Ballot, subjects: dict[tuple[str, int], Any]) -> dict[str, Any]:
    about = subjects.get((ballot.subject_kind, ballot.subject_id))
    due_at = getattr(ballot, "due_at", None)
    return {
        "icon": "gavel",
        "tone": "off",
        "title": ballot.sentence,
        "href": reverse("ballot", args=[ballot.pk]),
        "text": about.title if about else str(matters.matter(ballot.subject_kind).label),
        "due": formats.date_short(due_at) if due_at else "",
        "verb": _("Vote"),
        "verb_href": reverse("ballot", args=[ballot.pk]),
    }


def _table(ballots: list[Ballot], subjects: dict[tuple[str, int], Any]) -> SafeString:
    head = [
        Column(_("Question")),
        Column(_("Decides on"), hide_on_phone=True),
        Column(_("Outcome")),
        Column(_("Asked by"), hide_on_phone=True),
        Column(_("Asked"), hide_on_phone=True),
        Column(_("Decided")),
    ]
    return data_table(head, [_row(ballot, subjects) for ballot in ballots], caption=_("Ballots"))


def _row(ballot: Ballot, subjects: dict[tuple[str, int], Any]) -> Row:
    about = subjects.get((ballot.subject_kind, ballot.subject_id))
    return Row([
        cells.title_cell(ballot.sentence, reverse("ballot", args=[ballot.pk]), about.title if about else ""),
        str(matters.matter(ballot.subject_kind).label),
        outcome_tag(ballot),
        cells.person(str(ballot.asked_by)),
        cells.date_ago(ballot.created_at),
        cells.date_ago(ballot.decided_at) if ballot.decided_at else "–",
    ])  # fmt: skip


class BallotPage(PortalView):
    """One question: who decides on it, what each of them said, and the form for whoever votes now."""

    permission = SIGNED_IN
    template_name = "governance/ballot.html"

    @cached_property
    def ballot(self) -> Ballot:
        return selectors.get_ballot_for(self.user, self.kwargs["pk"])

    def get(self, _request: HttpRequest, **_kwargs: object) -> HttpResponse:
        return self.page()

    def page(
        self,
        form: VoteForm | None = None,
        rows: BaseFormSet[ConditionForm] | None = None,
        interest: ConflictForm | None = None,
        status: int = 200,
        stopped_by: CheckResult | None = None,
    ) -> HttpResponse:
        ballot = self.ballot
        matter = matters.matter(ballot.subject_kind)
        about = matter.describe([ballot.subject_id]).get(ballot.subject_id)
        steps = selectors.steps_of(ballot)
        conditions = list(selectors.conditions_of(ballot))
        verdict = policies.can_vote(self.user, ballot, has_seat=_has_seat(self.user.pk, steps))
        check = stopped_by or (matter.rules_say(ballot) if verdict else None)
        works = check is not None and works_on(self.user, check)
        return self.render(
            {
                "ballot": ballot,
                "about": about,
                "badge": outcome_tag(ballot),
                "facts": _facts(ballot, matter, about),
                "steps": [(view, _places(view, matter)) for view in steps],
                "conditions": _conditions(conditions, self.user) if conditions else "",
                "verdict": verdict,
                "check": check,
                "may_ask_waiver": works,
                "only_reads": not works,
                "form": form or VoteForm(matter=matter, initial={"version": ballot.subject_version}),
                "rows": rows if rows is not None else condition_rows(matter),
                "interest": interest or ConflictForm(),
                "barred": ballot.why_barred(self.user.pk),
                "may_withdraw": policies.can_withdraw(self.user, ballot),
                "trail": [(_("Ballots"), reverse("ballot-list")), (ballot.sentence, "")],
            },
            status=status,
        )


def _has_seat(user_id: int, steps: list[StepView]) -> bool:
    """Whether the page offers a vote; the service asks again, with the role that the seat rests on."""
    open_places = [(view, place) for view in steps if view.step.state == StepState.OPEN for place in view.places]
    spoke = {view.step.pk for view, place in open_places if place.vote is not None and place.vote.cast_by_id == user_id}
    return any(
        place.vote is None and view.step.pk not in spoke
        and (place.seat.person_id == user_id or (place.stand_in is not None and place.stand_in.pk == user_id))
        for view, place in open_places
    )  # fmt: skip


def _facts(ballot: Ballot, matter: matters.Matter, about: Any) -> list[tuple[str, Any]]:
    subject = cells.title_cell(about.title, about.href) if about else _("This is gone.")
    facts: list[tuple[str, Any]] = [
        (str(matter.label), subject),
        (_("Asked by"), cells.person(str(ballot.asked_by))),
        (_("Asked"), cells.date_ago(ballot.created_at)),
    ]
    if ballot.amount is not None:
        facts.append((_("Amount"), cells.money(ballot.amount, ballot.currency)))
    if ballot.decided_at:
        facts.append((_("Decided"), cells.date_ago(ballot.decided_at)))
    return facts


def _places(view: StepView, matter: matters.Matter) -> SafeString:
    head = [Column(_("Who")), Column(_("Vote")), Column(_("Why")), Column(_("When"), hide_on_phone=True)]
    rows = [_place(place, matter, is_open=view.step.state == StepState.OPEN) for place in view.places]
    return data_table(head, rows, caption=view.step.name, css="even-columns")


def _place(place: Place, matter: matters.Matter, *, is_open: bool) -> Row:
    vote = place.vote
    role = str(RoleName(place.seat.role).label)
    if vote is None:
        stand_in = _("%(name)s stands in") % {"name": place.stand_in} if place.stand_in else ""
        void = _("An earlier vote is void: it was about an older version.") if place.votes else ""
        open_now = _("Not voted yet") if is_open else "–"
        return Row([
            cells.person(str(place.seat.person), stand_in or role),
            cells.tag(_("Does not vote")) if place.barred else "–",
            place.barred or void or open_now,
            "",
        ])  # fmt: skip
    by = "" if vote.cast_by_id == place.seat.person_id else _("voted by %(name)s") % {"name": vote.cast_by}
    tone = TONES[Choice(vote.choice)]
    return Row([
        cells.person(str(place.seat.person), by or role),
        cells.tag(matter.word(vote.choice), tone),
        vote.reason,
        cells.date_ago(vote.cast_at),
    ])  # fmt: skip


def _conditions(conditions: list[DecisionCondition], user: Any) -> SafeString:
    head = [Column(_("Condition")), Column(_("Who meets it")), Column(_("By")), Column(_("State"))]
    return data_table(head, [_condition(one, user) for one in conditions], caption=_("Conditions"))


def _condition(one: DecisionCondition, user: Any) -> Row:
    if one.met_at:
        state = cells.lines(_("Met, says %(name)s") % {"name": one.met_by}, one.evidence)
    elif one.owner_id == user.pk:
        state = cells.tag(_("You are to meet it"), "risk")
    else:
        state = cells.title_cell(_("Confirm that it is met"), reverse("condition-meet", args=[one.pk]))
    return Row([one.text, cells.person(str(one.owner)), cells.due(one.due_on, done=one.met_at is not None), state])


class BallotVote(BallotPage):
    """A vote; only ever by POST."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        matter = matters.matter(self.ballot.subject_kind)
        form, rows = VoteForm(request.POST, matter=matter), condition_rows(matter, request.POST)
        if not form.is_valid() or (rows is not None and not rows.is_valid()):
            return self.page(form, rows, status=INVALID)
        wanted = [row.condition() for row in rows] if rows is not None else []
        values = form.cleaned_data
        try:
            ballot = services.cast_vote(
                actor=self.user, ballot_id=pk, choice=values["choice"], reason=values["reason"],
                version=values["version"], conditions=[one for one in wanted if one],
            )  # fmt: skip
        except Conflict as error:
            return self._again(form, rows, str(error), CONFLICT)
        except RulesNotKept as error:
            told = _("This vote would decide, and rules stop that. It was not cast, and those before it stay.")
            return self._again(form, rows, told, INVALID, error.result)
        except NotAllowed as error:
            messages.error(request, str(error))
            return redirect("ballot", pk=pk)
        except PortalError as error:
            return self._again(form, rows, str(error), INVALID)
        messages.success(request, _told(ballot))
        return redirect("ballot", pk=pk)

    def _again(
        self,
        form: VoteForm,
        rows: BaseFormSet[ConditionForm] | None,
        message: str,
        status: int,
        stopped_by: CheckResult | None = None,
    ) -> HttpResponse:
        """The page with what was typed; the version is the present one, as the person now reads what changed."""
        del self.ballot
        form.data = {**{name: form.data[name] for name in form.data}, "version": str(self.ballot.subject_version)}
        form.add_error(None, message)
        return self.page(form, rows, status=status, stopped_by=stopped_by)


def _told(ballot: Ballot) -> str:
    if not ballot.outcome:
        return _("Your vote is counted.")
    word = matters.matter(ballot.subject_kind).word(ballot.outcome)
    return _("Your vote is counted, and with it this is decided: %(outcome)s.") % {"outcome": word}


class BallotConflict(BallotPage):
    """Somebody with a seat says that they have an interest of their own."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.ballot  # noqa: B018  the door
        interest = ConflictForm(request.POST)
        if not interest.is_valid():
            return self.page(interest=interest, status=INVALID)
        try:
            services.declare_conflict(actor=self.user, ballot_id=pk, reason=interest.cleaned_data["reason"])
        except PortalError as error:
            interest.add_error(None, str(error))
            return self.page(interest=interest, status=INVALID)
        messages.success(request, _("You do not vote on this; the minutes say why."))
        return redirect("ballot", pk=pk)


class BallotWithdraw(BallotPage):
    """Whoever asked takes the question back."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.ballot  # noqa: B018  the door
        try:
            services.withdraw_ballot(actor=self.user, ballot_id=pk)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The question is taken back."))
        return redirect("ballot", pk=pk)


class ConditionMeet(PortalView):
    """Confirming that a condition is met."""

    permission = SIGNED_IN
    template_name = "governance/condition_meet.html"

    @cached_property
    def condition(self) -> DecisionCondition:
        return selectors.get_condition_for(self.user, self.kwargs["pk"])

    def get(self, _request: HttpRequest, **_kwargs: object) -> HttpResponse:
        return self._page(EvidenceForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        condition, form = self.condition, EvidenceForm(request.POST)
        if not form.is_valid():
            return self._page(form, INVALID)
        try:
            services.meet_condition(actor=self.user, condition_id=pk, evidence=form.cleaned_data["evidence"])
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(form, INVALID)
        messages.success(request, _("The condition is met."))
        return redirect("ballot", pk=condition.ballot_id)

    def _page(self, form: EvidenceForm, status: int = 200) -> HttpResponse:
        condition = self.condition
        ballot = condition.ballot
        facts = [
            (_("Condition"), condition.text),
            (_("Who meets it"), cells.person(str(condition.owner))),
            (_("By"), cells.due(condition.due_on, done=condition.met_at is not None)),
        ]
        trail = [
            (_("Ballots"), reverse("ballot-list")), (ballot.sentence, reverse("ballot", args=[ballot.pk])),
            (_("Condition"), ""),
        ]  # fmt: skip
        context = {
            "condition": condition, "facts": facts, "form": form, "trail": trail,
            "may_confirm": condition.met_at is None and may_confirm(self.user, condition),
        }  # fmt: skip
        return self.render(context, status=status)
