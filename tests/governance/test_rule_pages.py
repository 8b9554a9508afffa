"""The pages on which rules are written: every button keeps what was typed, and nobody loses what they wrote."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import RoleGrant, User
from governance import documents
from governance.contents import content_of
from governance.facts import catalogue
from governance.forms.rules import RuleForm
from governance.models import RuleVersion
from governance.services import activation, ballots, drafts
from projects.services import rules
from tests import factories as make
from tests.governance.rulebook import STOPS, content, ready, rehearse, write_rule
from tests.governance.typed import typed
from tests.projects.record import at, get, post, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def pmo() -> User:
    return make.make_person(name="Pia Pmo")


def form_of(draft: RuleVersion, **changes: Any) -> dict[str, Any]:
    said = content_of(draft)
    trees = {root: typed(getattr(said, root), root, catalogue("project"), {}) for root in ("applies", "condition")}
    plain = {name: value for name, value in RuleForm.initial_of(said).items() if value is not None}
    return {**plain, **trees["applies"], **trees["condition"], "version": draft.version, **changes}


def test_buttons_change_the_form_and_save_nothing(pmo: User) -> None:
    draft = write_rule(pmo)
    page = words(post(pmo, "rule-draft", draft.rule.code, **form_of(draft, note="Half typed", do="add:condition")))
    assert 'name="condition.1-what"' in page
    assert "Half typed" in page
    page = words(post(pmo, "rule-draft", draft.rule.code, **form_of(draft, do="group:condition")))
    assert 'name="condition.1.0-what"' in page
    page = words(post(pmo, "rule-draft", draft.rule.code, **form_of(draft, do="remove:condition.0")))
    assert "condition.0-what" not in page
    assert "Add a condition: what must hold?" in page
    counted = form_of(draft) | {"condition.0-what": "count:risks", "condition.0-op": "le", "condition.0-value": "3"}
    page = words(post(pmo, "rule-draft", draft.rule.code, **counted, do="filter:condition.0"))
    assert 'name="condition.0.where.0-what"' in page
    draft.refresh_from_db()
    assert (draft.version, draft.condition) == (1, content().condition)


def test_the_rule_is_said_in_both_languages_while_it_is_written(pmo: User) -> None:
    draft = write_rule(pmo)
    page = words(post(pmo, "rule-draft", draft.rule.code, **form_of(draft, do="redraw:")))
    assert "Slip: at most 5 days" in page
    assert "Uitloop: ten hoogste 5 dagen" in page


def test_a_mistake_is_told_with_its_place_and_kept(pmo: User) -> None:
    draft = write_rule(pmo)
    wrong = form_of(draft) | {"condition.0-value": "many", "note": "Kept"}
    response = post(pmo, "rule-draft", draft.rule.code, **wrong)
    assert response.status_code == 422
    assert "does not fit “slip”: write a number" in words(response)
    assert "Kept" in words(response)
    empty = {name: value for name, value in form_of(draft).items() if not name.startswith("texts-nl-title")}
    assert "Fill in" in words(post(pmo, "rule-draft", draft.rule.code, **empty))


def test_the_loser_of_two_edits_sees_both_and_loses_nothing(pmo: User) -> None:
    draft = write_rule(pmo)
    mine = form_of(draft, note="Mine")
    drafts.save_draft(actor=make.make_person(), pk=draft.pk, version=1, content=content(weight="high"))
    response = post(pmo, "rule-draft", draft.rule.code, **mine)
    page = words(response)
    assert response.status_code == 409
    assert "Save on top of theirs" in page
    assert "<del>High</del>" in page
    assert "Mine" in page
    draft.refresh_from_db()
    assert post(pmo, "rule-draft", draft.rule.code, **{**mine, "version": draft.version}).status_code == 302


def test_a_new_rule_is_a_draft_with_an_owner(pmo: User) -> None:
    draft = write_rule(pmo)
    response = post(pmo, "rule-create", **form_of(draft, code="second-rule"))
    assert response["Location"] == "/rules/second-rule/?version=1"
    made = RuleVersion.objects.get(rule__code="second-rule")
    assert (made.state, made.author, made.rule.owner) == ("draft", pmo, pmo)
    again = post(pmo, "rule-create", **form_of(draft, code="second-rule"))
    assert (again.status_code, "Another rule has this code" in words(again)) == (422, True)


def test_cases_are_written_run_and_shown_with_what_was_found(pmo: User) -> None:
    draft = write_rule(pmo, condition={"count": "risks", "where": {"fact": "risk.score", "op": "ge", "value": 12},
                                       "op": "le", "value": 0})  # fmt: skip
    page = words(get(pmo, "rule-case-create", draft.rule.code))
    assert "score = score" in page
    data = {
        "name": "One high", "on_day": "2026-11-02", "expected": "pass", "state-risks": "known",
        "fact-risks": "- {score: 20}\n- {score: 3}",
    }  # fmt: skip
    post(pmo, "rule-case-create", draft.rule.code, **data)
    page = words(get(pmo, "rule", draft.rule.code))
    assert "The rule says: Broken" in page
    assert "found: 1" in page
    case = draft.cases.get()
    post(pmo, "rule-case-edit", draft.rule.code, case.pk, **{**data, "expected": "fail"})
    assert "The rule says" not in words(get(pmo, "rule", draft.rule.code))
    refused = post(pmo, "rule-case-create", draft.rule.code, **{**data, "name": "Bad", "fact-risks": "- [1"})
    assert refused.status_code == 422
    post(pmo, "rule-case-remove", draft.rule.code, case.pk)
    assert not draft.cases.exists()


def test_drafts_are_hidden_from_those_who_neither_write_nor_approve(pmo: User) -> None:
    rules.install_start_set()
    write_rule(pmo)
    lead = make.make_user()
    assert get(lead, "rule", "no-slip").status_code == 404
    assert "No slip" not in words(get(lead, "rule-list"))
    drafts.open_draft(actor=pmo, rule_id=RuleVersion.objects.get(rule__code="drift").rule_id)
    assert "?version=2" not in words(get(lead, "rule", "drift"))
    assert at(lead).get("/rules/drift/?version=2").status_code == 404
    assert "No slip" in words(get(make.make_person(RoleName.EXECUTIVE), "rule", "no-slip"))


def test_a_file_goes_out_and_comes_back_as_drafts(pmo: User) -> None:
    rules.install_start_set()
    text = words(get(pmo, "rulebook-export"))
    assert len(documents.read(text)) == RuleVersion.objects.active().count()
    one = get(pmo, "rule-export", "drift")
    assert one["Content-Disposition"] == 'attachment; filename="drift-1.yaml"'
    assert post(pmo, "rule-import", text=words(one)).status_code == 302
    assert RuleVersion.objects.get(rule__code="drift", state="draft").number == 2
    broken = post(pmo, "rule-import", text="rules:\n- rule: a b\n")
    assert (broken.status_code, "rule 1 (a b)" in words(broken)) == (422, True)


def test_activation_says_what_is_missing_then_puts_in_force_or_asks(pmo: User) -> None:
    make.make_person(RoleName.EXECUTIVE)
    draft = write_rule(pmo)
    refused = post(pmo, "rule-activate", draft.rule.code, version=1)
    assert (refused.status_code, "it needs" in words(refused)) == (422, True)
    advises, stops = ready(pmo, code="advises"), ready(pmo, code="stops", enforcement=STOPS)
    assert "Put it in force" in words(get(pmo, "rule-activate", "advises"))
    post(pmo, "rule-activate", "advises", version=advises.version)
    assert RuleVersion.objects.active().filter(rule__code="advises").exists()
    assert "Ask a second person" in words(get(pmo, "rule-activate", "stops"))
    answer = post(pmo, "rule-activate", "stops", version=stops.version)
    ballot = activation.waiting_ballot(stops)
    assert ballot is not None
    assert answer["Location"] == reverse("ballot", args=[ballot.pk])
    assert "See the ballot" in words(get(pmo, "rule", "stops"))


def test_a_question_about_a_draft_is_as_hidden_as_the_draft(pmo: User) -> None:
    decider = make.make_person(RoleName.EXECUTIVE)
    draft = ready(pmo, enforcement=STOPS)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    stranger = make.make_person(RoleName.SPONSOR)
    assert get(stranger, "ballot", ballot.pk).status_code == 404
    assert "No slip" not in words(get(stranger, "decision-list"))
    assert "No slip" in words(get(decider, "ballot", ballot.pk))
    ballots.cast_vote(actor=decider, ballot_id=ballot.pk, choice="approve", reason="It is time.")
    assert "No slip" in words(get(stranger, "ballot", ballot.pk)), "what holds is read by everybody"


def test_nobody_approves_rules_by_a_role_that_is_over_or_from_outside(pmo: User) -> None:
    """The person who is left is too few: the body is counted by who may vote now."""
    draft = ready(pmo, enforcement=STOPS)
    past = make.make_person(RoleName.EXECUTIVE)
    RoleGrant.objects.filter(user=past).update(ends_on=timezone.localdate() - dt.timedelta(days=1))
    outside = make.make_person(RoleName.EXECUTIVE)
    User.objects.filter(pk=outside.pk).update(external_until=timezone.localdate() + dt.timedelta(days=9))
    with pytest.raises(ballots.BodyTooSmall):
        activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    there = make.make_person(RoleName.EXECUTIVE)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    assert list(ballot.seats.values_list("person", flat=True)) == [there.pk]


def test_the_rehearsal_page_in_all_its_states(pmo: User) -> None:
    make.make_project(refresh=True)
    draft = write_rule(pmo)
    assert "Not rehearsed yet" in words(get(pmo, "rule-rehearsal", draft.rule.code))
    post(pmo, "rule-rehearse", draft.rule.code)
    assert "rehearsal-progress" in words(get(pmo, "rule-rehearsal", draft.rule.code))
    rehearse(pmo, draft)
    page = words(get(pmo, "rule-rehearsal", draft.rule.code))
    assert "of 1 projects" in page
    assert "No weekly snapshots were kept yet" in page
    drafts.save_draft(actor=pmo, pk=draft.pk, version=1, content=content(condition=content().condition | {"value": 9}))
    assert "Out of date." in words(get(pmo, "rule-rehearsal", draft.rule.code))


def test_versions_are_compared_retired_and_brought_back(pmo: User) -> None:
    first = ready(pmo)
    activation.activate_rule(actor=pmo, pk=first.pk, version=None)
    second = drafts.open_draft(actor=pmo, rule_id=first.rule_id)
    drafts.save_draft(actor=pmo, pk=second.pk, version=1, content=content(weight="low"))
    page = words(get(pmo, "rule-compare", "no-slip", **{"from": "1", "to": "2"}))
    assert "<del>Medium</del>" in page
    assert "<ins>Low</ins>" in page
    unasked = words(get(pmo, "rule-compare", "no-slip"))
    assert ("<h1>Version 1 and version 2</h1>" in unasked, "<ins>Low</ins>" in unasked) == (True, True)
    activation.activate_rule(actor=pmo, pk=second.pk, version=None)
    assert "Take it out of force?" in words(get(pmo, "rule-retire", "no-slip"))
    assert "Retired rules" not in words(get(pmo, "rule-list"))
    post(pmo, "rule-retire", "no-slip")
    assert not RuleVersion.objects.active().exists()
    listed = words(get(make.make_user(), "rule-list"))
    assert (listed.count('href="/rules/no-slip/"'), "Retired rules" in listed) == (1, True)
    assert post(pmo, "rule-draft-open", "no-slip", number=1)["Location"] == "/rules/no-slip/?version=3"
    assert "Retired rules" not in words(get(pmo, "rule-list")), "it is being written again"
    assert "Throw the draft away?" in words(get(pmo, "rule-draft-drop", "no-slip"))
    assert post(pmo, "rule-draft-drop", "no-slip").status_code == 302


def test_a_single_version_has_nothing_to_be_compared_with(pmo: User) -> None:
    page = words(get(pmo, "rule-compare", write_rule(pmo).rule.code))
    assert "Only one version yet" in page
    assert "<select" not in page


def test_pages_ask_no_more_for_many_rules_and_projects(pmo: User) -> None:
    counts = []
    client = at(pmo)
    for number in (1, 9):
        for each in range(number):
            make.make_project(refresh=True)
            draft = ready(pmo, code=f"rule-{number}-{each}")
            for extra in range(number):
                drafts.save_case(actor=pmo, draft_id=draft.pk, case=documents.Case(f"Case {extra}", "pass"))
        found = []
        for address in ("/rules/", f"/rules/{draft.rule.code}/", f"/rules/{draft.rule.code}/rehearsal/"):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12
