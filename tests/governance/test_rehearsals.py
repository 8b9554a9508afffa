"""A rehearsal tells whom a draft would hit, now and in the past, and writes nothing else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from common import jobs
from common.models import JobRun
from governance import subjects
from governance.models import Ballot, Finding, Rule, RuleCase, RuleVersion
from governance.selectors import rehearsals
from governance.services import activation, drafts
from governance.services import rehearsals as rehearsing
from projects.enums import SnapshotSource
from projects.models import Project, Snapshot
from projects.services import rules, state
from tests import factories as make
from tests.governance.rulebook import SLIP, content, ready, rehearse, slipping, write_rule

pytestmark = pytest.mark.django_db


def test_a_rehearsal_tells_who_is_hit_and_writes_nothing_else(pmo: User, second: User) -> None:
    home, far = make.make_portfolio("Home"), make.make_portfolio("Far")
    late, early = slipping(9, portfolio=home), slipping(0, portfolio=home)
    secret = slipping(30, portfolio=far, is_confidential=True)
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
    late, mild = slipping(50), slipping(9)
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
    doomed, well = slipping(9, portfolio=portfolio), slipping(0, portfolio=portfolio)
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
    project = slipping(0, portfolio=portfolio)
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
            slipping(9)
        draft = write_rule(pmo, f"rule-{number}")
        run = rehearsing.ask_for_rehearsal(actor=pmo, pk=draft.pk)
        with CaptureQueriesContext(connection) as queries:
            jobs.run_now(run)
        counts.append(len(queries))
    assert counts[0] == counts[1]
