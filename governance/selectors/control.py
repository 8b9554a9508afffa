"""What another control level of an office would do to the checks of today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from governance import subjects
from governance.enums import Enforcement
from governance.models import Finding
from governance.selectors.findings import does_here, is_lifted, with_waived
from governance.subjects import FREE, Described

if TYPE_CHECKING:
    from accounts.models import User
    from strategy.models import Office


@dataclass(frozen=True, slots=True)
class Effect:
    """A rule that is not kept somewhere, and what breaking it does there before and after."""

    finding: Finding
    told: Described
    before: Enforcement
    after: Enforcement

    @property
    def lifted_before(self) -> bool:
        return is_lifted(self.finding, self.before)

    @property
    def lifted_after(self) -> bool:
        """A waiver lifts no stricter consequence than it was granted for."""
        return is_lifted(self.finding, self.after)

    @property
    def stopped_before(self) -> bool:
        return self.before is not Enforcement.ADVISE and not self.lifted_before

    @property
    def stops_after(self) -> bool:
        return self.after is not Enforcement.ADVISE and not self.lifted_after


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The checks that a new control level would change; those that a waiver lifts are told apart."""

    effects: tuple[Effect, ...]

    @property
    def starts(self) -> list[Effect]:
        """Checks that stop nothing today and would stop."""
        return [one for one in self.effects if one.stops_after and not one.stopped_before]

    @property
    def ceases(self) -> list[Effect]:
        """Checks that stop today and would stop nothing."""
        return [one for one in self.effects if one.stopped_before and not one.stops_after]

    @property
    def others(self) -> list[Effect]:
        """Checks that stop in another way, or that a waiver lifts."""
        changed = {id(one) for one in [*self.starts, *self.ceases]}
        return [one for one in self.effects if id(one) not in changed]


def rehearse(user: User, office: Office, level: str) -> Rehearsal:
    """What would change for the open findings about what the office looks after and the person may see, if the office
    had this control level. Five queries per kind of subject.
    """
    effects: list[Effect] = []
    for kind, subject in subjects.registered().items():
        ids = subject.of_office(office.pk)
        if ids is None:
            continue
        found: Any = Finding.objects.visible_to(user).open().filter(Q(subject_kind=kind, subject_id__in=ids))
        findings = list(with_waived(found).select_related("rule", "rule_version").order_by("rule__code", "opened_at"))
        about = sorted({one.subject_id for one in findings})
        before, after = subject.controls(about), subject.controls(about, {office.pk: level})
        described = subject.describe(about)
        for one in findings:
            then = does_here(one, before.get(one.subject_id, FREE)), does_here(one, after.get(one.subject_id, FREE))
            if then[0] is not then[1] and one.subject_id in described:
                effects.append(Effect(one, described[one.subject_id], *then))
    return Rehearsal(tuple(effects))
