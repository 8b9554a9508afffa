"""Rules for some projects only: by the playbook that they were made from, now and in the replay."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from governance import subjects
from governance.contents import concerns
from governance.models import RuleVersion
from playbooks.models import PlaybookVersion
from playbooks.services import load_start_set
from projects.enums import SnapshotSource
from projects.services import state
from projects.services.compliance import take_compliance
from tests import factories
from tests.governance.test_checks import put_in_force

pytestmark = pytest.mark.django_db


@pytest.fixture
def versions() -> list[PlaybookVersion]:
    """Of two playbooks of the start set, the first of them "light"."""
    manager = factories.make_user()
    factories.grant(manager, RoleName.PMO_MANAGER)
    return [playbook.versions.get() for playbook in load_start_set(actor=manager)[:2]]


def rule_for(playbook: str) -> RuleVersion:
    return put_in_force(playbook, scope={"playbook": [playbook]})


def test_a_rule_for_a_playbook_concerns_what_was_made_from_it(versions: list[PlaybookVersion]) -> None:
    portfolio = factories.make_portfolio()
    for version in (*versions, None):
        factories.make_project(portfolio=portfolio, playbook_version=version)
    rule_for("light")
    take_compliance()
    row = portfolio.compliance_weeks.get(is_confidential=False)
    assert (row.projects, row.broken + row.kept + row.unknown) == (3, 1)


def test_the_replay_knows_which_playbook_a_project_followed_then(versions: list[PlaybookVersion]) -> None:
    light = versions[0]
    portfolio, today = factories.make_portfolio(), timezone.localdate()
    project = factories.make_project(portfolio=portfolio, playbook_version=light)
    state.take_snapshots(portfolio, as_of=today, source=SnapshotSource.WEEKLY)
    reading = subjects.registered()["project"].reading
    assert reading is not None
    (past,) = reading.past(today - dt.timedelta(days=1), today, [])
    assert past.facts[project.pk]["playbook_id"] == light.playbook_id
    assert "playbook_id" in reading.kept
    assert concerns(rule_for("light"), "project") is not None
