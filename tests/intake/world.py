"""One small organisation with everybody who plays a part in a request."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from accounts.enums import RoleName
from accounts.models import OrgUnit, User
from intake import services
from intake.models import Request
from intake.services import Triage
from playbooks.models import Playbook
from playbooks.services import load_start_set
from projects.models import Portfolio
from tests.factories import make_goal, make_org_unit, make_person, make_portfolio, make_user

START = dt.date(2027, 1, 4)


@dataclass
class World:
    """`outsider` has no role; `far_pmo` and `far_executive` hold theirs in another part of the organisation."""

    requester: User
    pmo: User
    executive: User
    sponsor: User
    lead: User
    outsider: User
    auditor: User
    far_pmo: User
    far_executive: User
    unit: OrgUnit
    portfolio: Portfolio
    playbook: Playbook

    @property
    def people(self) -> dict[str, User]:
        return {name: each for name, each in vars(self).items() if isinstance(each, User)}

    def answers(self, **more: Any) -> dict[str, Any]:
        return {
            "title": "Solar power for the depots",
            "problem": "Energy bills rise.",
            "wanted_result": "Half of the power is our own.",
            "org_unit": self.unit,
            "budget": 250_000,
            "benefit_is_unknown": True,
            **more,
        }

    def draft(self, **more: Any) -> Request:
        return services.start_request(actor=self.requester, token=uuid.uuid4(), answers=self.answers(**more))

    def submitted(self, **more: Any) -> Request:
        return services.submit_request(actor=self.requester, pk=self.draft(**more).pk)

    def triage(self, **more: Any) -> Triage:
        values = {
            "portfolio": self.portfolio,
            "playbook": self.playbook,
            "proposed_lead": self.lead,
            "proposed_sponsor": self.sponsor,
            "start_on": START,
            "note": "Clear and complete.",
        }
        return Triage(**{**values, **more})

    def triaged(self, **more: Any) -> Request:
        return services.triage_request(actor=self.pmo, pk=self.submitted(**more).pk, data=self.triage())

    def returned(self, **more: Any) -> Request:
        return services.return_request(actor=self.pmo, pk=self.submitted(**more).pk, note="Which depots?")

    def approved(self, **more: Any) -> Request:
        return services.approve_request(actor=self.sponsor, pk=self.triaged(**more).pk, reason="Pays back fast.")

    def rejected(self, **more: Any) -> Request:
        return services.reject_request(actor=self.sponsor, pk=self.triaged(**more).pk, reason="Not this year.")

    def withdrawn(self, **more: Any) -> Request:
        return services.withdraw_request(actor=self.requester, pk=self.submitted(**more).pk)

    def in_state(self, state: str) -> Request:
        return getattr(self, state)()  # type: ignore[no-any-return]  # one maker for each state


def make_world() -> World:
    unit, far = make_org_unit("Operations"), make_org_unit("Far away")
    pmo = make_person(RoleName.PMO_MANAGER, name="Paula Pmo")
    make_goal("Less energy")
    return World(
        requester=make_user("Rachel Requester"),
        pmo=pmo,
        executive=make_person(RoleName.EXECUTIVE, name="Eve Executive"),
        sponsor=make_user("Sam Sponsor"),
        lead=make_user("Lee Lead"),
        outsider=make_user("Otto Outsider"),
        auditor=make_person(RoleName.AUDITOR, name="Ada Auditor"),
        far_pmo=make_person(RoleName.PMO_MANAGER, far, name="Fay Farpmo"),
        far_executive=make_person(RoleName.EXECUTIVE, far, name="Finn Farexec"),
        unit=unit,
        portfolio=make_portfolio("Real estate"),
        playbook=load_start_set(actor=pmo)[1],
    )
