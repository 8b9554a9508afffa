"""The demo organisation looks after its rules, and leaves them behind when it goes."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import User
from common.models import JobRun
from governance.enums import VersionState
from governance.models import Rule, RuleVersion
from governance.selectors import rehearsals
from governance.services import activation
from projects.services import rules
from reporting.demo.remove import remove_demo
from reporting.demo.rulebook import TRIED, set_up_rulebook
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_stricter_rule_is_tried_out_and_goes_with_the_demo() -> None:
    rules.install_start_set()
    mila = make.make_person(name="Mila", is_demo=True)
    set_up_rulebook(mila, [mila], timezone.localdate())
    draft = RuleVersion.objects.get(state=VersionState.DRAFT)
    assert (draft.rule.code, draft.author) == (TRIED, mila)
    assert rehearsals.rehearsal_of(draft) is not None
    assert all(need.is_met for need in activation.needs(draft))
    assert not Rule.objects.filter(owner=None).exists()
    activation.activate_rule(actor=mila, pk=draft.pk, version=None)
    remove_demo()
    assert not User.objects.filter(pk=mila.pk).exists()
    assert not JobRun.objects.exists()
    held = RuleVersion.objects.active().get(rule__code=TRIED)
    assert (held.number, held.author, held.activated_by, held.rule.owner) == (2, None, None, None)
