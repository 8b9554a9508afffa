"""Waivers: who asks, who grants, what they lift and until when, what the register says of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction
from django.http import Http404
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common.clock import pretending
from common.errors import NotAllowed
from common.models import OutgoingMail
from governance.enums import BallotState, Enforcement, VersionState, WaiverState
from governance.models import Ballot, Finding, RuleVersion, Waiver
from governance.selectors import waivers as selectors
from governance.selectors.waivers import WaiverFilter
from governance.services import ballots, waivers
from governance.services.ballots import BodyTooSmall, CannotVote
from governance.services.waivers import NewWaiver, WaiverError
from projects.models import Project
from projects.services import rules
from strategy.enums import ControlLevel
from tests import factories
from tests.governance.test_checks import check, put_in_force, under, waive

pytestmark = pytest.mark.django_db


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


class Case:
    """A project that does not keep a rule under a controlling office, its lead, its sponsor and a PMO manager."""

    def __init__(self, level: str = ControlLevel.CONTROLLING) -> None:
        self.version = put_in_force()
        self.lead, self.sponsor = factories.make_user("Lena Lead"), factories.make_user("Sam Sponsor")
        self.project: Project = under(level, lead=self.lead, sponsor=self.sponsor)
        self.pmo = factories.make_person(RoleName.PMO_MANAGER, self.project.portfolio, name="Petra PMO")

    def data(self, **fields: object) -> NewWaiver:
        data = NewWaiver(
            "project", self.project.pk, "goal", "The goals are set in spring.", "We report to the board each month.",
            self.lead, in_days(60),
        )  # fmt: skip
        return replace(data, **fields)  # type: ignore[arg-type]  # keywords of a test

    def ask(self, **fields: object) -> Waiver:
        return waivers.ask_waiver(actor=self.lead, data=self.data(**fields))

    def vote(self, waiver: Waiver, who: User, choice: str = "approve") -> Waiver:
        ballot = Ballot.objects.open().about("waiver", waiver.pk).get()
        ballots.cast_vote(actor=who, ballot_id=ballot.pk, choice=choice, reason="Because.")
        waiver.refresh_from_db()
        return waiver


@pytest.fixture
def case() -> Case:
    return Case()


def test_a_waiver_is_asked_by_the_lead_granted_by_the_pmo_and_lifts_the_rule(case: Case) -> None:
    waiver = case.ask()
    assert (waiver.state, waiver.lifts, waiver.rule_version) == ("asked", Enforcement.REQUIRE_WAIVER, case.version)
    assert check(case.project).stopping, "a question lifts nothing"
    assert case.vote(waiver, case.pmo).state == WaiverState.GRANTED
    assert (waiver.granted_by, waiver.granted_at is not None) == (case.pmo, True)
    assert not check(case.project).stopping


def test_a_refused_waiver_lifts_nothing_and_can_be_asked_again(case: Case) -> None:
    waiver = case.vote(case.ask(), case.pmo, "reject")
    assert (waiver.state, waiver.closed_by) == (WaiverState.REFUSED, case.pmo)
    assert check(case.project).stopping
    assert case.ask().pk != waiver.pk


def test_asking_twice_is_asking_once(case: Case) -> None:
    assert case.ask().pk == case.ask().pk
    assert Ballot.objects.count() == 1


def test_the_question_ends_with_its_waiver_and_not_alone(case: Case) -> None:
    """A waiver without its ballot would wait for ever, and asking again would be asking once."""
    waiver = case.ask()
    ballot = Ballot.objects.open().about("waiver", waiver.pk).get()
    with pytest.raises(NotAllowed, match="goes with it"):
        ballots.withdraw_ballot(actor=case.lead, ballot_id=ballot.pk)
    assert case.vote(waiver, case.pmo).state == WaiverState.GRANTED
    other = case.ask()
    waivers.withdraw_waiver(actor=case.lead, waiver_id=other.pk)
    assert not Ballot.objects.open().exists()
    assert case.ask().pk != other.pk


def test_nobody_grants_what_they_asked_nor_what_they_would_answer_for(case: Case) -> None:
    factories.grant(case.lead, RoleName.PMO_MANAGER)
    other = factories.make_person(RoleName.PMO_MANAGER)
    waiver = case.ask(owner=other)
    for person in (case.lead, other):
        with pytest.raises(CannotVote):
            case.vote(waiver, person)
    assert case.vote(waiver, case.pmo).state == WaiverState.GRANTED


def test_where_a_rule_stops_outright_the_sponsor_agrees_too() -> None:
    case = Case(ControlLevel.DIRECTIVE)
    waiver = case.ask()
    assert waiver.lifts == Enforcement.BLOCK
    assert case.vote(waiver, case.pmo).state == WaiverState.ASKED
    assert check(case.project).stopping
    assert case.vote(waiver, case.sponsor).state == WaiverState.GRANTED
    assert not check(case.project).stopping


def test_without_anybody_who_may_grant_nothing_is_asked(case: Case) -> None:
    case.pmo.grants.all().delete()
    with pytest.raises(BodyTooSmall), transaction.atomic():
        case.ask()
    assert not Waiver.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"compensating_control": ""}, "compensating_control"),
        ({"expires_on": in_days(0)}, "expires_on"),
        ({"expires_on": in_days(367)}, "expires_on"),
    ],
)
def test_what_is_missing_or_lasts_too_long_is_refused_at_its_field(
    case: Case, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(WaiverError) as raised:
        case.ask(**fields)
    assert raised.value.field == field


def test_the_owner_must_be_able_to_see_what_it_is_about(case: Case) -> None:
    with pytest.raises(WaiverError, match="cannot see this"):
        case.ask(owner=factories.make_user())


def test_only_who_works_on_a_project_asks_and_only_about_a_rule_that_stops(case: Case) -> None:
    for person in (case.sponsor, factories.make_user()):
        with pytest.raises(NotAllowed):
            waivers.ask_waiver(actor=person, data=case.data())
    mild = under(ControlLevel.SUPPORTIVE, lead=case.lead)
    with pytest.raises(WaiverError, match="only advises"):
        case.ask(subject_id=mild.pk)
    RuleVersion.objects.update(state=VersionState.RETIRED)
    with pytest.raises(WaiverError, match="not in force"):
        case.ask()


def test_the_asker_takes_it_back_and_the_ballot_closes(case: Case) -> None:
    waiver = case.ask()
    with pytest.raises(NotAllowed):
        waivers.withdraw_waiver(actor=case.pmo, waiver_id=waiver.pk)
    for _again in range(2):
        assert waivers.withdraw_waiver(actor=case.lead, waiver_id=waiver.pk).state == WaiverState.WITHDRAWN
    assert Ballot.objects.get().state == BallotState.WITHDRAWN


def test_a_granted_waiver_is_ended_by_hand_and_the_rule_bites_at_once(case: Case) -> None:
    waiver = case.vote(case.ask(), case.pmo)
    with pytest.raises(NotAllowed):
        waivers.end_waiver(actor=case.sponsor, waiver_id=waiver.pk)
    for _again in range(2):
        assert waivers.end_waiver(actor=case.pmo, waiver_id=waiver.pk).state == WaiverState.ENDED
    assert check(case.project).stopping
    with pytest.raises(WaiverError, match="cannot be done any more"):
        waivers.withdraw_waiver(actor=case.lead, waiver_id=waiver.pk)


def test_a_new_waiver_takes_the_place_of_the_one_in_force(case: Case) -> None:
    first = case.vote(case.ask(), case.pmo)
    second = case.ask(expires_on=in_days(200))
    assert not check(case.project).stopping, "the first holds until the second is granted"
    case.vote(second, case.pmo)
    first.refresh_from_db()
    assert (first.state, second.state) == (WaiverState.ENDED, WaiverState.GRANTED)


def test_what_was_granted_never_changes_in_the_database_either(case: Case) -> None:
    waiver = case.vote(case.ask(), case.pmo)
    for change in (
        {"expires_on": in_days(300)}, {"reason": "Other"}, {"granted_by": case.sponsor}, {"state": WaiverState.ASKED},
        {"asked_by": case.sponsor}, {"lifts": Enforcement.BLOCK},
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            Waiver.objects.filter(pk=waiver.pk).update(**change)


def test_reminders_go_to_owner_and_asker_once_at_each_of_three_moments(case: Case) -> None:
    factories.join_team(case.project, owner := factories.make_user("Olga Owner"))
    case.vote(case.ask(owner=owner, expires_on=in_days(30)), case.pmo)
    OutgoingMail.objects.all().delete()
    now = timezone.now()
    sent = {}
    for day in (0, 15, 16, 17, 20, 27, 28, 30):
        with pretending(now + dt.timedelta(days=day)):
            sent[day] = waivers.remind()
            assert waivers.remind() == 0, "again the same day writes nothing"
    assert sent == {0: 0, 15: 0, 16: 2, 17: 0, 20: 0, 27: 2, 28: 0, 30: 2}
    assert set(OutgoingMail.objects.values_list("to_user", flat=True)) == {owner.pk, case.lead.pk}
    assert "Rule goal" in OutgoingMail.objects.order_by("pk")[0].text


def test_a_missed_turn_reminds_later_and_never_of_what_was_granted_after_the_moment(case: Case) -> None:
    case.vote(case.ask(expires_on=in_days(10)), case.pmo)
    OutgoingMail.objects.all().delete()
    assert waivers.remind() == 0
    with pretending(timezone.now() + dt.timedelta(days=9)):
        assert waivers.remind() == 1, "the reminder of three days before, six days late"


def test_the_end_is_noted_the_day_after_and_seen_before_anybody_notes_it(case: Case) -> None:
    waiver = case.vote(case.ask(expires_on=in_days(5)), case.pmo)
    now = timezone.now()
    with pretending(now + dt.timedelta(days=5)):
        assert waivers.end_expired() == 0
        assert not check(case.project).stopping
    with pretending(now + dt.timedelta(days=6)):
        assert check(case.project).stopping
        assert selectors.state_on(waiver, selectors.organisation_today()) == WaiverState.ENDED
        assert case.ask().pk != waiver.pk, "a new one can be asked at once"
        assert waivers.tend_waivers()[0] == 1
        assert waivers.end_expired() == 0
    waiver.refresh_from_db()
    assert (waiver.state, waiver.closed_by) == (WaiverState.ENDED, None)


def debt_of(user: User) -> selectors.Debt:
    in_force = list(selectors.in_force_for(user))
    return selectors.debt_of(in_force, selectors.described(in_force))


def test_waiver_debt_is_points_times_days_per_project_sponsor_and_rule(case: Case) -> None:
    waive(case.version, case.project, granted_at=timezone.now() - dt.timedelta(days=9))
    other = factories.make_project(portfolio=case.project.portfolio, sponsor=case.sponsor)
    waive(case.version, other)
    waive(case.version, factories.make_project(portfolio=other.portfolio), state=WaiverState.ENDED,
          closed_at=timezone.now())  # fmt: skip
    debt = debt_of(case.pmo)
    assert (debt.total, debt.waivers) == (33, 2)
    assert [points for _name, _href, points in debt.subjects] == [30, 3]
    assert [(name, points) for name, _href, points in debt.sponsors] == [("Sam Sponsor", 33)]
    assert [(name, points) for name, _code, points in debt.rules] == [("Rule goal", 33)]
    assert debt_of(factories.make_user()).total == 0


def test_a_rule_that_is_waived_too_often_is_listed(case: Case) -> None:
    others = [factories.make_project(portfolio=case.project.portfolio) for _ in range(6)]
    rules.scan_all()
    waive(case.version, case.project)
    waive(case.version, others[0])
    assert selectors.doubtful_rules(case.pmo, selectors.in_force_for(case.pmo)) == [], "two of seven"
    waive(case.version, others[1])
    (found,) = selectors.doubtful_rules(case.pmo, selectors.in_force_for(case.pmo))
    assert (found.code, found.waived, found.cases, found.percent) == ("goal", 3, 7, 43)


def test_the_register_shows_what_one_may_see_and_asks_for(case: Case) -> None:
    mine = case.vote(case.ask(), case.pmo)
    hidden = factories.make_project("Hidden", portfolio=case.project.portfolio, is_confidential=True)
    waive(case.version, hidden)
    everything = WaiverFilter()
    assert list(selectors.register_of(case.lead, everything)) == [mine]
    assert len(selectors.register_of(case.pmo, everything)) == 2
    assert not selectors.register_of(factories.make_user(), everything)
    for wanted, found in (
        (WaiverFilter(state="granted"), 1), (WaiverFilter(state="asked"), 0), (WaiverFilter(rule="goal"), 1),
        (WaiverFilter(rule="other"), 0), (WaiverFilter(text=case.project.key), 1), (WaiverFilter(text="no such"), 0),
        (WaiverFilter(office=case.project.portfolio.office_id), 1), (WaiverFilter(mine=True), 1),
        (WaiverFilter(runs_out=True), 0),
    ):  # fmt: skip
        assert len(selectors.register_of(case.lead, wanted)) == found, wanted
    with pytest.raises(Http404):
        selectors.get_waiver_for(case.lead, Waiver.objects.get(subject_id=hidden.pk).pk)
    assert not Finding.objects.exists()
