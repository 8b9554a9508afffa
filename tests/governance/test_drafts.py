"""Rules as drafts: who writes them, how they change, and that what held stays as it was."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts.enums import RoleName
from accounts.models import User
from common.errors import Conflict, NotAllowed
from governance import documents
from governance.models import Rule, RuleCase, RuleVersion
from governance.services import activation, drafts
from governance.services import rehearsals as rehearsing
from projects.services import rules
from tests import factories as make
from tests.governance.rulebook import add_cases, content, write_rule

pytestmark = pytest.mark.django_db


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
