"""A rule that is asked at a gate stops the opening of its review, as the office's control level says."""

from __future__ import annotations

import pytest

from governance.enums import Checkpoint, Enforcement
from governance.models import Ballot, RuleVersion
from governance.services.checks import RulesNotKept
from projects.services import rules
from strategy.enums import ControlLevel
from strategy.models import Office
from tests.projects.gates import Scene, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_gate() -> Scene:
    return scene()


def ask_at_gates(code: str, enforcement: Enforcement) -> None:
    """A version of a rule of the start set that is asked at gates and does this under every control level."""
    rules.install_start_set()
    old = RuleVersion.objects.active().get(rule__code=code)
    RuleVersion.objects.filter(pk=old.pk).update(state="retired")
    RuleVersion.objects.create(
        rule=old.rule, number=old.number + 1, state="active", weight=old.weight, applies=old.applies,
        condition=old.condition, texts=old.texts, checkpoints=[Checkpoint.PASS_GATE],
        enforcement=dict.fromkeys(ControlLevel.values, enforcement.value),
    )  # fmt: skip


@pytest.mark.parametrize(("enforcement", "opens"), [(Enforcement.ADVISE, True), (Enforcement.BLOCK, False)])
def test_a_broken_rule_stops_a_review_or_only_advises(at_gate: Scene, enforcement: Enforcement, opens: bool) -> None:
    Office.objects.update(control=ControlLevel.DIRECTIVE)
    ask_at_gates("goal", enforcement)
    if opens:
        assert at_gate.open().is_open
        return
    with pytest.raises(RulesNotKept, match="serves a goal"):
        at_gate.open()
    assert not Ballot.objects.exists()
