"""Putting a gate to its deciders, with the evidence frozen."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from common import versions
from common.errors import PortalError
from common.languages import in_each_language
from governance.enums import Checkpoint
from governance.models import Ballot, RuleVersion
from governance.services import ballots
from projects.models import EvidencePack, Gate, Project
from projects.selectors import evidence
from projects.selectors.gates import KIND, answers_of, gates_before
from projects.services.gates.order import GateClosed, demand_conditions
from projects.services.projects import hold_against_rules, lock_project

if TYPE_CHECKING:
    from accounts.models import User
    from projects.selectors.gates import Answer


class GateError(PortalError):
    """A gate that cannot be reviewed now."""


class NotReady(GateError):
    """Criteria are not met, and nobody said why the review is asked for anyway."""


@transaction.atomic
def open_review(*, actor: User, project: Project, gate_id: int, version: int | None = None, anyway: str = "") -> Ballot:
    """Ask those who decide whether a gate is passed. Asked again while it is open: the same ballot.

    Everything before it must be in order: earlier gates passed, their conditions met in time, the rules of this
    checkpoint kept. Criteria that are not met need a reason to ask `anyway`, which the deciders read. What they are
    shown is frozen in a pack.
    Raises: GateError, NotReady, GateClosed, RulesNotKept, BodyTooSmall, Conflict, Gate.DoesNotExist.
    """
    lock_project(project, "status")
    gate = versions.claim(project.gates.in_force().select_related("milestone__phase"), pk=gate_id, version=None)
    there = Ballot.objects.open().about(KIND, gate.pk).first()
    if there is not None:
        return there
    versions.demand(gate, version)
    _demand_openable(project, gate)
    criteria = list(gate.criteria.select_related("judged_by").order_by("position", "pk"))
    answers = answers_of(project, criteria).get(gate.pk, [])
    missing = [answer for answer in answers if not answer.is_met]
    if missing and not anyway.strip():
        raise NotReady(
            _("%(met)d of %(all)d criteria are met. Say why you ask anyway.")
            % {"met": len(answers) - len(missing), "all": len(answers)}
        )
    hold_against_rules(actor, project.pk, Checkpoint.PASS_GATE)
    question = in_each_language(
        lambda: _("Does “%(project)s” pass the gate “%(gate)s”?") % {"project": project.name, "gate": gate}
    )
    ballot = ballots.open_on_locked(
        ballots.Question(actor, KIND, gate.pk, gate.version, question, gate.stage_money, project.currency)
    )
    _freeze(actor, project, gate, ballot, answers, anyway=anyway.strip() if missing else "")
    return ballot


def _demand_openable(project: Project, gate: Gate) -> None:
    if not project.is_live:
        raise GateError(_("This project is closed, so nothing is decided about its gates."))
    if gate.is_passed:
        raise GateError(_("This gate is passed already."))
    earlier = next((one for one in gates_before(project, gate) if not one.is_passed), None)
    if earlier is not None:
        raise GateClosed(_("The gate “%(gate)s” comes first, and it is not passed yet.") % {"gate": earlier})
    demand_conditions(project)


@transaction.atomic
def renew_pack(*, actor: User, project: Project, gate_id: int) -> EvidencePack:
    """Freeze the evidence of an open review anew, because its sources changed: the votes cast so far are void.

    Nothing changed: the pack stays. Raises: GateError when no review is open, Gate.DoesNotExist.
    """
    lock_project(project)
    gate = versions.claim(project.gates.in_force().select_related("milestone__phase"), pk=gate_id, version=None)
    ballot = Ballot.objects.open().about(KIND, gate.pk).first()
    last = EvidencePack.objects.filter(gate=gate, ballot=ballot).order_by("-number").first() if ballot else None
    if ballot is None or last is None:
        raise GateError(_("No review of this gate is open."))
    criteria = list(gate.criteria.select_related("judged_by").order_by("position", "pk"))
    answers = answers_of(project, criteria).get(gate.pk, [])
    if not evidence.moved_since(last, evidence.records_of(project), answers):
        return last
    versions.touch(gate)
    pack = _freeze(actor, project, gate, ballot, answers, anyway=last.anyway)
    ballots.void_votes(kind=KIND, subject_id=gate.pk)
    return pack


def _freeze(
    actor: User, project: Project, gate: Gate, ballot: Ballot, answers: list[Answer], *, anyway: str
) -> EvidencePack:
    rules = RuleVersion.objects.filter(pk__in=ballot.rule_versions).order_by("rule__code")
    content = evidence.content_of(
        gate, answers, evidence.records_of(project), list(rules.values_list("rule__code", "number", "pk"))
    )
    text = evidence.canonical({**content, "anyway": anyway, "question": ballot.words})
    last = EvidencePack.objects.filter(ballot=ballot).aggregate(last=Max("number"))["last"] or 0
    return EvidencePack.objects.create(
        gate=gate, ballot=ballot, number=last + 1, content=text, sha256=fingerprint(text), anyway=anyway,
        frozen_by=actor,
    )  # fmt: skip


def fingerprint(text: str) -> str:
    """The SHA-256 of a pack's content, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_whole(pack: EvidencePack) -> bool:
    """Whether a pack still has its fingerprint, and its content is written in the one canonical way."""
    same = evidence.canonical(json.loads(pack.content)) == pack.content
    return same and fingerprint(pack.content) == pack.sha256
