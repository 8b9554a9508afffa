"""The organisation that the walks go through: every role of the portal, one project with gates, one rule that stops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import OrgUnit, User
from governance.enums import Checkpoint
from governance.models import RuleVersion
from playbooks.models import Playbook
from playbooks.services import load_start_set
from projects.models import Gate, Portfolio, Project
from projects.services import baselines, state
from tests import factories as make
from tests.governance.test_checks import put_in_force
from tests.strategy.world import make_adviser, open_portfolio
from tests.walks.oracle import Oracle
from tests.walks.questions import Agreed

GRANTED: Final[dict[str, str]] = {
    "adam": RoleName.ADMINISTRATOR, "paul": RoleName.PMO_MANAGER, "pia": RoleName.PMO_MANAGER,
    "eve": RoleName.EXECUTIVE, "ed": RoleName.EXECUTIVE, "boss": RoleName.PMO_MANAGER, "ada": RoleName.AUDITOR,
}  # fmt: skip
"""The boss is an executive as well, and in the team."""
PEOPLE: Final = (*GRANTED, "sam", "bo", "lena", "stan", "rita", "axel")
"""Sam sponsors, Bo pays, Lena leads, Stan is a stakeholder, Rita pitches, Axel advises from outside."""
TEAM: Final = frozenset({"stan", "boss"})
GATES: Final = 5


@dataclass
class Portal:
    people: dict[str, User]
    project: Project
    gates: list[Gate]
    portfolio: Portfolio
    playbook: Playbook
    unit: OrgUnit

    def user(self, name: str) -> User:
        """The person as a request of their own would have them."""
        return User.objects.get(pk=self.people[name].pk)

    def name(self, pk: int) -> str:
        return next(name for name, user in self.people.items() if user.pk == pk)

    def names(self, ids: Collection[int]) -> set[str]:
        return {self.name(pk) for pk in ids}


def make_portal() -> Portal:
    portfolio = make.make_portfolio("Works", office=make.make_office(control="controlling"), currency="GBP")
    people = {name: make.make_user(name.title()) for name in PEOPLE if name != "axel"}
    for name, role in GRANTED.items():
        make.grant(people[name], role)
    make.grant(people["boss"], RoleName.EXECUTIVE)
    people["axel"] = make_adviser(name="Axel")
    open_portfolio(people["axel"], portfolio)
    today = timezone.localdate()
    project = make.make_healthy_project(
        "Bridge", portfolio=portfolio, external_id="A1", lead=people["lena"], sponsor=people["sam"],
        budget_owner=people["bo"],
    )  # fmt: skip
    for name in TEAM:
        make.join_team(project, people[name])
    for number in range(GATES):
        phase, on = make.make_phase(project), today + dt.timedelta(days=10 * number)
        make.make_milestone(project, f"Gate {number}", phase=phase, is_gate=True, baseline_on=on, forecast_on=on)
    state.refresh([project.pk])
    baselines.agree_baseline(actor=people["paul"], project_id=project.pk)
    gates = list(
        Gate.objects.filter(project=project).select_related("milestone").order_by("milestone__phase__position")
    )
    put_in_force("goal", at=(Checkpoint.CLOSE_PROJECT.value,))
    return Portal(
        people, project, gates, portfolio, load_start_set(actor=people["paul"])[1], make.make_org_unit("Works")
    )


def make_oracle(portal: Portal) -> Oracle:
    """The oracle of the same organisation, told what it cannot know: the cost, and which rules are in force."""
    grants: dict[str, set[str]] = {}
    for name, role in GRANTED.items():
        grants.setdefault(str(role), set()).add(name)
    grants["executive"].add("boss")
    posts = {"project_lead": "lena", "sponsor": "sam", "budget_owner": "bo"}
    rules: Any = RuleVersion.objects.active().values_list("pk", flat=True)
    first = Agreed("first", "paul", int(portal.project.baseline_cost or 0), 100)
    return Oracle(grants, posts, frozenset({"axel"}), TEAM, [first], GATES, set(rules))
