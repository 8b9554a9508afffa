"""The life of a rule: drafted, tested, rehearsed, put in force by the right person, and back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common import jobs
from common.errors import Conflict, NotAllowed
from common.models import JobRun
from governance import documents, subjects
from governance.cases import Case
from governance.contents import Content, read_content
from governance.enums import VersionState
from governance.models import Ballot, Finding, Rule, RuleCase, RuleVersion, Vote
from governance.selectors import rehearsals
from governance.services import activation, ballots, drafts
from governance.services import rehearsals as rehearsing
from projects.enums import SnapshotSource
from projects.models import Project, Snapshot
from projects.services import rules, state
from tests import factories as make

pytestmark = pytest.mark.django_db

SLIP = {"fact": "project.slip_days", "op": "le", "value": 5}


def content(**changes: Any) -> Content:
    texts = {code: {"title": "No slip", "message": "It slips.", "remedy": "Plan anew"} for code in ("en", "nl")}
    return read_content({"condition": SLIP, "texts": texts} | changes, "project")


STOPS = {"controlling": "require_waiver", "directive": "block"}


def write_rule(actor: User, code: str = "no-slip", **changes: Any) -> RuleVersion:
    return drafts.create_rule(actor=actor, code=code, kind="project", content=content(**changes))


def add_cases(actor: User, draft: RuleVersion) -> None:
    for name, days, expected in (("On time", 0, "pass"), ("Late", 9, "fail")):
        drafts.save_case(actor=actor, draft_id=draft.pk, case=Case(name, expected, {"slip_days": days}))  # fmt: skip


def rehearse(actor: User, draft: RuleVersion) -> JobRun:
    return jobs.run_now(rehearsing.ask_for_rehearsal(actor=actor, pk=draft.pk))


def ready(actor: User, *, code: str = "no-slip", **changes: Any) -> RuleVersion:
    """A draft that lacks nothing."""
    draft = write_rule(actor, code, **changes)
    add_cases(actor, draft)
    rehearse(actor, draft)
    draft.refresh_from_db()
    return draft


def version_in_force(code: str = "no-slip") -> int | None:
    return RuleVersion.objects.active().filter(rule__code=code).values_list("number", flat=True).first()


@pytest.fixture
def pmo() -> User:
    return make.make_person()


@pytest.fixture
def second() -> User:
    return make.make_person(RoleName.EXECUTIVE)


# --- who -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [name for name in RoleName if name != RoleName.PMO_MANAGER])
def test_only_pmo_managers_write_rules(role: str, pmo: User) -> None:
    other, draft = make.make_person(role), write_rule(pmo)
    orders: list[Any] = [
        lambda: write_rule(other, "another"),
        lambda: drafts.open_draft(actor=other, rule_id=draft.rule_id),
        lambda: drafts.save_draft(actor=other, pk=draft.pk, version=1, content=content()),
        lambda: drafts.drop_draft(actor=other, pk=draft.pk),
        lambda: drafts.describe_rule(actor=other, pk=draft.rule_id, version=1, owner=None, review_on=None),
        lambda: add_cases(other, draft),
        lambda: drafts.remove_case(actor=other, draft_id=draft.pk, pk=1),
        lambda: drafts.import_rules(actor=other, text="rules: []"),
        lambda: rehearsing.ask_for_rehearsal(actor=other, pk=draft.pk),
        lambda: activation.activate_rule(actor=other, pk=draft.pk, version=1),
        lambda: activation.ask_for_activation(actor=other, pk=draft.pk, version=1),
        lambda: activation.retire_rule(actor=other, pk=draft.pk, version=1),
    ]
    for order in orders:
        with pytest.raises(NotAllowed):
            order()
    assert RuleVersion.objects.get() == draft


def test_a_pmo_manager_of_one_portfolio_writes_no_rules() -> None:
    with pytest.raises(NotAllowed):
        write_rule(make.make_person(RoleName.PMO_MANAGER, make.make_portfolio()))


# --- drafts --------------------------------------------------------------------------------------------------------


def test_a_draft_is_written_changed_and_thrown_away(pmo: User) -> None:
    draft = write_rule(pmo)
    assert (draft.number, draft.state, draft.author, draft.rule.owner) == (1, "draft", pmo, pmo)
    colleague = make.make_person()
    saved = drafts.save_draft(actor=colleague, pk=draft.pk, version=1, content=content(weight="high"), note="Heavier")
    saved.refresh_from_db()
    assert (saved.weight, saved.version, saved.author) == ("high", 2, colleague)
    drafts.save_draft(actor=pmo, pk=draft.pk, version=2, content=content(weight="high"), note="Heavier")
    saved.refresh_from_db()
    assert saved.version == 2
    with pytest.raises(Conflict):
        drafts.save_draft(actor=pmo, pk=draft.pk, version=1, content=content())
    drafts.drop_draft(actor=pmo, pk=draft.pk)
    drafts.drop_draft(actor=pmo, pk=draft.pk)
    assert not Rule.objects.exists()


def test_a_code_is_taken_once_and_never_an_address(pmo: User) -> None:
    write_rule(pmo)
    with pytest.raises(drafts.CodeTaken):
        write_rule(pmo)
    with pytest.raises(documents.DocumentError):
        write_rule(pmo, "export")


def test_a_version_that_holds_is_changed_by_a_new_draft_only(pmo: User) -> None:
    rules.install_start_set()
    held = RuleVersion.objects.active().get(rule__code="drift")
    with pytest.raises(drafts.NoDraft):
        drafts.save_draft(actor=pmo, pk=held.pk, version=held.version, content=content())
    with pytest.raises(drafts.NoDraft):
        add_cases(pmo, held)
    draft = drafts.open_draft(actor=pmo, rule_id=held.rule_id)
    assert drafts.open_draft(actor=pmo, rule_id=held.rule_id) == draft
    assert (draft.number, draft.condition, draft.cases.count()) == (2, held.condition, 2)
    with pytest.raises(drafts.RuleError):
        drafts.open_draft(actor=pmo, rule_id=held.rule_id, number=1)


def test_the_database_keeps_what_held(pmo: User) -> None:
    rules.install_start_set()
    held = RuleVersion.objects.active().get(rule__code="drift")
    for column, value in (("author_id", pmo.pk), ("effective_from", "2026-01-01"), ("number", 9)):
        with pytest.raises(InternalError, match="pgtrigger"), transaction.atomic():
            RuleVersion.objects.filter(pk=held.pk).update(**{column: value})
    for back in ("draft", "scheduled"):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            RuleVersion.objects.filter(pk=held.pk).update(state=back)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleCase.objects.create(rule_version=held, name="Late", expected="pass", on_day="2026-11-02")


def test_an_import_makes_drafts_and_nothing_else(pmo: User) -> None:
    rules.install_start_set()
    before = set(RuleVersion.objects.active().values_list("pk", flat=True))
    text = documents.write([
        documents.document_of(RuleVersion.objects.active().select_related("rule__owner").get(rule__code="drift")),
        documents.Document("brand-new", "project", content(), owner=pmo.email, review_on=dt.date(2027, 1, 1)),
    ])  # fmt: skip
    made = drafts.import_rules(actor=pmo, text=text)
    assert [(one.rule.code, one.number, one.state) for one in made] == [
        ("drift", 2, "draft"),
        ("brand-new", 1, "draft"),
    ]
    assert made[0].cases.count() == 2
    assert set(RuleVersion.objects.active().values_list("pk", flat=True)) == before
    assert Rule.objects.get(code="brand-new").review_on == dt.date(2027, 1, 1)
    count = RuleVersion.objects.count()
    with pytest.raises(drafts.RuleError, match="drift"):
        drafts.import_rules(actor=pmo, text=text)
    assert RuleVersion.objects.count() == count


# --- cases ---------------------------------------------------------------------------------------------------------


def test_a_red_case_or_a_missing_one_keeps_a_rule_out_of_force(pmo: User) -> None:
    draft = write_rule(pmo)
    rehearse(pmo, draft)
    with pytest.raises(activation.NotReady, match="keeps it"):
        activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    add_cases(pmo, draft)
    wrong = drafts.save_case(actor=pmo, draft_id=draft.pk, case=Case("Wrong", "pass", {"slip_days": 99}))
    with pytest.raises(activation.NotReady, match="green"):
        activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    drafts.remove_case(actor=pmo, draft_id=draft.pk, pk=wrong.pk)
    drafts.remove_case(actor=pmo, draft_id=draft.pk, pk=wrong.pk)
    assert activation.activate_rule(actor=pmo, pk=draft.pk, version=None).state == VersionState.ACTIVE


# --- rehearsals ----------------------------------------------------------------------------------------------------


def _slipping(days: int, **fields: Any) -> Project:
    finish = timezone.localdate() + dt.timedelta(days=50)
    return make.make_project(
        baseline_finish_on=finish, forecast_finish_on=finish + dt.timedelta(days=days), refresh=True, **fields
    )


def test_a_rehearsal_tells_who_is_hit_and_writes_nothing_else(pmo: User, second: User) -> None:
    home, far = make.make_portfolio("Home"), make.make_portfolio("Far")
    late, early = _slipping(9, portfolio=home), _slipping(0, portfolio=home)
    secret = _slipping(30, portfolio=far, is_confidential=True)
    unknown = make.make_project(portfolio=far, refresh=True)
    draft = write_rule(pmo)
    tables = [Finding, RuleVersion, RuleCase, Project, Ballot]
    before = [model._default_manager.count() for model in tables]
    run = rehearse(pmo, draft)
    assert run.state == "done", run.last_error
    assert [model._default_manager.count() for model in tables] == before
    assert {hit["id"] for hit in run.result["hits"]} == {late.pk, secret.pk}
    assert (run.result["passed"], run.result["unknown"]) == ([early.pk], [unknown.pk])
    everything = rehearsals.rehearsal_for(pmo, "project", run)
    assert (len(everything.hits), everything.new, everything.looked_at) == (2, 2, 4)
    assert everything.groups == [("Far", 1, 2), ("Home", 1, 2)]
    seen = rehearsals.rehearsal_for(second, "project", run)
    assert [hit.title for hit in seen.hits] == [late.name]
    assert (seen.looked_at, seen.groups) == (3, [("Home", 1, 2)])


def test_a_rehearsal_compares_with_the_version_in_force(pmo: User) -> None:
    late, mild = _slipping(50), _slipping(9)
    rules.install_start_set()
    rules.scan_all()
    drift = Rule.objects.get(code="drift")
    draft = drafts.open_draft(actor=pmo, rule_id=drift.pk)
    drafts.save_draft(actor=pmo, pk=draft.pk, version=1, content=content())
    found = rehearse(pmo, draft).result
    assert {hit["id"]: hit["new"] for hit in found["hits"]} == {late.pk: False, mild.pk: True}
    opposite = {"fact": "project.slip_days", "op": "ge", "value": 20}
    draft.refresh_from_db()
    drafts.save_draft(actor=pmo, pk=draft.pk, version=draft.version, content=content(condition=opposite))
    assert rehearse(pmo, draft).result["ended"] == [late.pk]


def test_the_replay_tells_what_would_have_been_stopped_and_what_it_cannot_know(pmo: User) -> None:
    portfolio = make.make_portfolio()
    doomed, well = _slipping(9, portfolio=portfolio), _slipping(0, portfolio=portfolio)
    today = timezone.localdate()
    for weeks in (6, 5):
        state.take_snapshots(portfolio, as_of=today - dt.timedelta(weeks=weeks), source=SnapshotSource.WEEKLY)
    assert Snapshot.objects.count() == 4
    Project.objects.filter(pk=doomed.pk).update(status="stopped")
    past = rehearse(pmo, write_rule(pmo)).result["past"]
    assert past["hits"] == [
        {"id": doomed.pk, "first": (today - dt.timedelta(weeks=6)).isoformat(), "days": 2, "stopped": True}
    ]
    assert (past["days"], past["told"], past["asked"]) == (2, 4, 4)
    assert (past["facts_kept"], past["facts_lost"]) == (["slip_days"], [])
    counted = {"count": "risks", "op": "ge", "value": 1}
    past = rehearse(pmo, write_rule(pmo, "risks", condition=counted)).result["past"]
    assert (past["hits"], past["told"], past["facts_lost"]) == ([], 0, ["risks"])
    assert well.pk


def test_posts_are_replayed_from_history() -> None:
    portfolio = make.make_portfolio()
    project = _slipping(0, portfolio=portfolio)
    today = timezone.localdate()
    for day in (today - dt.timedelta(days=7), today):
        state.take_snapshots(portfolio, as_of=day, source=SnapshotSource.WEEKLY)
    before, now = _past(today)
    assert "has_sponsor" not in before.facts[project.pk]  # there was no event yet: nobody knows
    assert now.facts[project.pk]["has_sponsor"] is False
    project.sponsor = make.make_user()
    project.save()
    assert [one.facts[project.pk].get("has_sponsor") for one in _past(today)] == [None, True]


def _past(today: dt.date) -> list[subjects.Past]:
    reading = subjects.registered()["project"].reading
    assert reading is not None
    return list(reading.past(today - dt.timedelta(days=30), today, []))


def test_an_edit_makes_a_rehearsal_stale_and_asking_twice_gives_one_run(pmo: User) -> None:
    draft = ready(pmo)
    assert rehearsing.ask_for_rehearsal(actor=pmo, pk=draft.pk).state == "done"
    assert JobRun.objects.count() == 1
    drafts.save_draft(actor=pmo, pk=draft.pk, version=draft.version, content=content(condition=SLIP | {"value": 6}))
    draft.refresh_from_db()
    assert rehearsals.rehearsal_of(draft) is None
    with pytest.raises(activation.NotReady, match="rehearsal"):
        activation.activate_rule(actor=pmo, pk=draft.pk, version=None)


def test_a_rehearsal_takes_the_same_statements_for_one_project_as_for_thirty(pmo: User) -> None:
    counts = []
    for number in (1, 29):
        for _each in range(number):
            _slipping(9)
        draft = write_rule(pmo, f"rule-{number}")
        run = rehearsing.ask_for_rehearsal(actor=pmo, pk=draft.pk)
        with CaptureQueriesContext(connection) as queries:
            jobs.run_now(run)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- activation ----------------------------------------------------------------------------------------------------


def test_a_rule_that_advises_holds_at_once_and_the_one_before_retires(pmo: User) -> None:
    draft = ready(pmo)
    late = _slipping(9)
    activation.activate_rule(actor=pmo, pk=draft.pk, version=draft.version)
    with pytest.raises(drafts.NoDraft):
        activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    rules.scan_all()
    assert Finding.objects.open().filter(rule=draft.rule, subject_id=late.pk).exists()
    following = drafts.open_draft(actor=pmo, rule_id=draft.rule_id)
    drafts.save_draft(actor=pmo, pk=following.pk, version=1, content=content(weight="low"))
    activation.activate_rule(actor=pmo, pk=following.pk, version=None)  # it judges the same: rehearsed already
    assert version_in_force() == 2
    draft.refresh_from_db()
    assert draft.state == VersionState.RETIRED


def test_a_rule_that_can_stop_needs_a_second_person(pmo: User, second: User) -> None:
    draft = ready(pmo, enforcement=STOPS)
    with pytest.raises(activation.NeedsASecondPerson):
        activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=draft.version)
    assert activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None) == ballot
    with pytest.raises(NotAllowed):
        ballots.cast_vote(actor=pmo, ballot_id=ballot.pk, choice="approve", reason="Mine")
    ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good")
    draft.refresh_from_db()
    assert (draft.state, draft.activated_by) == (VersionState.ACTIVE, second)


def test_everybody_who_wrote_at_a_draft_is_barred(pmo: User, second: User) -> None:
    colleague, third = make.make_person(), make.make_person()
    draft = ready(pmo, enforcement=STOPS)
    drafts.save_draft(
        actor=colleague, pk=draft.pk, version=draft.version, content=content(enforcement=STOPS, weight="high")
    )
    ballot = activation.ask_for_activation(actor=third, pk=draft.pk, version=None)
    assert set(ballot.barred_ids) == {pmo.pk, colleague.pk, third.pk}
    assert list(ballot.seats.values_list("person", flat=True)) == [second.pk]


def test_an_edit_makes_the_votes_void_and_a_no_leaves_the_draft(pmo: User, second: User) -> None:
    other = make.make_person(RoleName.EXECUTIVE)
    draft = ready(pmo, enforcement=STOPS)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    drafts.save_case(actor=pmo, draft_id=draft.pk, case=Case("Wrong", "pass", {"slip_days": 9}))
    ballot.refresh_from_db()
    draft.refresh_from_db()
    assert ballot.subject_version == draft.version
    with pytest.raises(activation.NotReady):
        ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good")
    assert not Vote.objects.exists()
    with pytest.raises(drafts.RuleError):
        drafts.drop_draft(actor=pmo, pk=draft.pk)
    for person in (second, other):
        ballot.refresh_from_db()
        if ballot.is_open:
            ballots.cast_vote(actor=person, ballot_id=ballot.pk, choice="reject", reason="Too strict")
    ballot.refresh_from_db()
    assert not ballot.is_open
    draft.refresh_from_db()
    assert draft.state == VersionState.DRAFT


def test_who_writes_at_a_draft_while_it_is_voted_on_votes_no_more(pmo: User, second: User) -> None:
    """Also when the author writes again after them, so that the last name on the draft is another."""
    colleague = make.make_person()
    draft = ready(pmo, enforcement=STOPS)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    for who, weight in ((colleague, "high"), (pmo, "low")):
        drafts.save_draft(actor=who, pk=draft.pk, version=None, content=content(enforcement=STOPS, weight=weight))
    rehearse(pmo, draft)
    with pytest.raises(ballots.CannotVote, match="you wrote this rule"):
        ballots.cast_vote(actor=colleague, ballot_id=ballot.pk, choice="approve", reason="Good")
    assert ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good").outcome == "approve"


def test_a_question_ends_when_the_draft_only_advises_by_now_and_is_put_in_force(pmo: User, second: User) -> None:
    draft = ready(pmo, enforcement=STOPS)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    drafts.save_draft(actor=pmo, pk=draft.pk, version=None, content=content())
    rehearse(pmo, draft)
    activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    ballot.refresh_from_db()
    assert ballot.state == "withdrawn"
    with pytest.raises(ballots.CannotVote):
        ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good")


def test_a_draft_is_not_edited_by_the_last_one_who_may_decide_on_it(pmo: User, second: User) -> None:
    second.grants.all().delete()
    colleague = make.make_person()
    draft = ready(pmo, enforcement=STOPS)
    activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    with pytest.raises(ballots.BodyTooSmall, match="wider body"):
        drafts.save_draft(actor=colleague, pk=draft.pk, version=None, content=content(enforcement=STOPS, weight="low"))
    draft.refresh_from_db()
    assert draft.author == pmo


def test_the_database_refuses_an_author_who_puts_a_stopping_rule_in_force(pmo: User) -> None:
    draft = write_rule(pmo, enforcement=STOPS)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(state="active", activated_by=pmo, activated_at=timezone.now())
    with pytest.raises(IntegrityError, match="activated_at_by"), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(state="active", activated_at=timezone.now())


def test_a_version_comes_into_force_on_its_day_and_ends_on_its_last(pmo: User) -> None:
    today = timezone.localdate()
    draft = ready(pmo, effective_from=today + dt.timedelta(days=3), effective_to=today + dt.timedelta(days=9))
    activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    assert version_in_force() is None
    assert activation.keep_dates() == 0
    with _moved(draft, days=4):
        assert activation.keep_dates() == 1
        assert activation.keep_dates() == 0
    assert version_in_force() == 1
    with _moved(draft, days=10):
        assert activation.keep_dates() == 1
    assert version_in_force() is None


def _moved(_draft: RuleVersion, *, days: int) -> Any:
    from common.clock import pretending

    return pretending(timezone.now() + dt.timedelta(days=days))


def test_the_way_back_is_an_earlier_version_activated_anew(pmo: User) -> None:
    draft = ready(pmo)
    activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    stricter = drafts.open_draft(actor=pmo, rule_id=draft.rule_id)
    drafts.save_draft(actor=pmo, pk=stricter.pk, version=1, content=content(condition=SLIP | {"value": 3}))
    rehearse(pmo, stricter)
    activation.activate_rule(actor=pmo, pk=stricter.pk, version=None)
    back = drafts.open_draft(actor=pmo, rule_id=draft.rule_id, number=1)
    assert (back.number, back.condition, back.note) == (3, SLIP, "Back to version 1")
    activation.activate_rule(actor=pmo, pk=back.pk, version=None)  # the rehearsal of version 1 serves
    assert version_in_force() == 3
    activation.retire_rule(actor=pmo, pk=back.pk, version=None)
    activation.retire_rule(actor=pmo, pk=back.pk, version=None)
    assert version_in_force() is None


def test_retiring_closes_the_findings(pmo: User) -> None:
    draft = ready(pmo)
    _slipping(9)
    activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    rules.scan_all()
    assert Finding.objects.open().filter(rule=draft.rule).count() == 1
    activation.retire_rule(actor=pmo, pk=draft.pk, version=None)
    rules.scan_all()
    assert not Finding.objects.open().filter(rule=draft.rule).exists()


def test_a_failed_activation_leaves_nothing(pmo: User) -> None:
    draft = ready(pmo, effective_to=timezone.localdate() - dt.timedelta(days=1))
    with pytest.raises(activation.NotReady):
        activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    draft.refresh_from_db()
    assert (draft.state, draft.activated_at) == (VersionState.DRAFT, None)
