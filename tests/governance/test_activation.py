"""A rule comes into force with green cases and a rehearsal, on its day, and there is a way back."""

from __future__ import annotations

import datetime as dt
from contextlib import AbstractContextManager

import pytest
from django.utils import timezone

from accounts.models import User
from common.clock import pretending
from governance.cases import Case
from governance.enums import VersionState
from governance.models import Finding
from governance.services import activation, drafts
from projects.services import rules
from tests.governance.rulebook import SLIP, add_cases, content, ready, rehearse, slipping, version_in_force, write_rule

pytestmark = pytest.mark.django_db


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


def test_a_rule_that_advises_holds_at_once_and_the_one_before_retires(pmo: User) -> None:
    draft = ready(pmo)
    late = slipping(9)
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


def in_days(days: int) -> AbstractContextManager[None]:
    return pretending(timezone.now() + dt.timedelta(days=days))


def test_a_version_comes_into_force_on_its_day_and_ends_on_its_last(pmo: User) -> None:
    today = timezone.localdate()
    draft = ready(pmo, effective_from=today + dt.timedelta(days=3), effective_to=today + dt.timedelta(days=9))
    activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    assert version_in_force() is None
    assert activation.keep_dates() == 0
    with in_days(4):
        assert activation.keep_dates() == 1
        assert activation.keep_dates() == 0
    assert version_in_force() == 1
    with in_days(10):
        assert activation.keep_dates() == 1
    assert version_in_force() is None


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
    slipping(9)
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
