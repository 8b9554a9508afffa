"""Writing a change request: draft, edit, submit, withdraw."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from common import formats, versions
from common.errors import NotAllowed, PortalError
from common.languages import in_each_language
from governance.enums import Checkpoint
from governance.models import Ballot
from governance.services import ballots
from projects import policies
from projects.enums import CHANGE_MATTER, CHANGE_TRANSITIONS, ChangeKind, ChangeSize, ChangeState
from projects.models import Baseline, ChangeRequest, Project, TeamMember
from projects.selectors.projects import rights_for
from projects.services import baselines, state
from projects.services.projects import allowed_changes, hold_against_rules, lock_project

if TYPE_CHECKING:
    from accounts.models import User

CHANGE_FIELDS: Final = frozenset(
    {
        "title", "reason", "kinds", "scope_to", "finish_to", "milestones", "cost_delta", "benefits_delta", "risks",
        "options", "cost_of_not",
    }
)  # fmt: skip
_STARTS_FROM: Final = {
    "scope_from": "scope",
    "finish_from": "finish_on",
    "cost_from": "cost",
    "benefits_from": "benefits",
}
NO_COST: Final = Decimal(0)


class ChangeError(PortalError):
    """A step that a change request cannot take, or one that says too little."""


class NoBaseline(ChangeError):
    """Nothing was agreed yet, so there is nothing to change."""


@transaction.atomic
def draft_change(*, actor: User, project: Project, values: Mapping[str, Any]) -> ChangeRequest:
    """Write down a wish to change the baseline with any of CHANGE_FIELDS; nobody decides on a draft.

    `milestones` is a list of {"id", "to"}: the new day, or None to take it out of the baseline.
    Raises: NotAllowed (`policies.may_request_change`), NoBaseline, ChangeError.
    """
    lock_project(project)
    require_requester(actor, project)
    agreed = _agreed(project)
    change = ChangeRequest(
        project=project, number=next_number(project), requested_by=actor,
        author_ids=[actor.pk], **_whole(project, agreed, {}, allowed_changes(values, CHANGE_FIELDS)),
    )  # fmt: skip
    change.save(force_insert=True)
    return change


@transaction.atomic
def edit_change(
    *, actor: User, project: Project, change_id: int, version: int | None, changes: Mapping[str, Any]
) -> ChangeRequest:
    """Change what is asked for. It then starts from the baseline in force, and votes cast so far are void.

    Without changes it is submitted again on the baseline in force. A ballot begins anew, with those who decide on
    its new size, when amount or size changed or when somebody who may not decide on it any more wrote on it.
    Raises: Conflict, NotAllowed, ChangeError.
    """
    lock_project(project)
    change = versions.claim(project.change_requests.all(), pk=change_id, version=version)
    require_editor(actor, project, change)
    before = (_amount(change), _size(project, change), frozenset(change.author_ids))
    kept = {name: getattr(change, name) for name in CHANGE_FIELDS}
    values = _whole(project, _agreed(project), kept, allowed_changes(changes, CHANGE_FIELDS))
    if change.is_open:
        _check_complete(values)
    if any(getattr(change, name) != value for name, value in values.items()):
        values["author_ids"] = sorted({*change.author_ids, actor.pk})
    written = versions.apply(change, values)
    if written and change.state == ChangeState.IN_BALLOT:
        after = (_amount(change), _size(project, change), frozenset(change.author_ids))
        _vote_anew(actor, project, change, is_another=before != after)
    if written and change.is_open:
        state.refresh([project.pk])
    return change


@transaction.atomic
def submit_change(*, actor: User, project: Project, change_id: int, version: int | None) -> ChangeRequest:
    """Put the request to those who decide on a change of its size. In ballot already: nothing happens.

    When nobody may decide, it stays submitted, and submitting it again tries once more; so it does when its ballot was
    taken back. The rules of the
    checkpoint “a baseline changes” are asked first. Raises: Conflict, NotAllowed, ChangeError, RulesNotKept.
    """
    lock_project(project)
    change = versions.claim(project.change_requests.all(), pk=change_id, version=version)
    if change.state == ChangeState.IN_BALLOT and Ballot.objects.open().about(CHANGE_MATTER, change.pk).exists():
        return change
    require_editor(actor, project, change)
    _check_complete({name: getattr(change, name) for name in CHANGE_FIELDS})
    rebased = _whole(project, _agreed(project), {name: getattr(change, name) for name in CHANGE_FIELDS}, {})
    if change.state == ChangeState.DRAFT:
        step(change, ChangeState.SUBMITTED, submitted_on=timezone.localdate(), **rebased)
    else:
        versions.apply(change, rebased)
    hold_against_rules(actor, project.pk, Checkpoint.CHANGE_BASELINE)
    _put_to_vote(actor, project, change)
    state.refresh([project.pk])
    return change


@transaction.atomic
def withdraw_change(*, actor: User, project: Project, change_id: int) -> ChangeRequest:
    """Take a request back; its ballot ends. Withdrawn already: nothing happens.

    Raises: NotAllowed, ChangeError when it was decided.
    """
    lock_project(project)
    change = versions.claim(project.change_requests.all(), pk=change_id, version=None)
    if change.state == ChangeState.WITHDRAWN:
        return change
    if not change.is_closed and change.requested_by_id != actor.pk and not rights_for(actor, project).edit:
        raise NotAllowed(_("Only who asked for it and the project lead take a change request back."))
    was_open = change.is_open
    step(change, ChangeState.WITHDRAWN, closed_on=timezone.localdate())
    _end_ballot(change)
    if was_open:
        state.refresh([project.pk])
    return change


# --- what the other orders share -----------------------------------------------------------------------------------


def step(change: ChangeRequest, to: ChangeState, **more: Any) -> None:
    """Move a locked request along CHANGE_TRANSITIONS. Raises: ChangeError."""
    if to not in CHANGE_TRANSITIONS[change.state]:
        raise ChangeError(
            _("%(key)s is “%(state)s”, so this cannot be done any more.")
            % {"key": change.key, "state": change.get_state_display()}
        )
    versions.apply(change, {"state": to.value, **more})


def next_number(project: Project) -> int:
    """The number of the next request of a locked project."""
    last: int | None = project.change_requests.aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def require_requester(actor: User, project: Project) -> None:
    """Raises: NotAllowed."""
    verdict = policies.may_request_change(rights_for(actor, project), in_team=works_on(actor, project))
    if not verdict:
        raise NotAllowed(verdict.reason)


def works_on(user: User, project: Project) -> bool:
    """Whether the person has a place in the team and is of no external office: those read and recommend. One query."""
    if user.is_external:
        return False
    places = TeamMember.objects.in_force().filter(project=project, user=user)
    return places.exclude(role=RoleName.EXTERNAL_ADVISER).exists()


def require_editor(actor: User, project: Project, change: ChangeRequest) -> None:
    """Raises: NotAllowed; ChangeError when it is closed."""
    if actor.is_external:
        raise NotAllowed(_("Only who asked for it and the project lead edit a change request."))
    verdict = policies.can_edit_change(rights_for(actor, project), change)
    if not verdict:
        raise ChangeError(verdict.reason) if verdict.is_state else NotAllowed(verdict.reason)


def _agreed(project: Project) -> Baseline:
    agreed = baselines.newest(project.pk)
    if agreed is None:
        raise NoBaseline(_("No baseline was agreed yet, so there is nothing to change. Ask your PMO to agree it."))
    return agreed


def _whole(project: Project, agreed: Baseline, kept: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a request with its changes, starting from the baseline in force. Raises: ChangeError."""
    values = {**kept, **changes}
    values["title"] = (values.get("title") or "").strip()
    if not values["title"]:
        raise ChangeError(_("Say in a few words what should change."))
    values["reason"] = (values.get("reason") or "").strip()
    values |= {mine: getattr(agreed, theirs) for mine, theirs in _STARTS_FROM.items()}
    values["milestones"] = _moves(project, agreed, values.get("milestones") or [])
    if values.get("finish_to") == agreed.finish_on:
        values["finish_to"] = None
    if (values.get("scope_to") or "").strip() == agreed.scope.strip():
        values["scope_to"] = ""
    finish = values.get("finish_to")
    if finish and agreed.start_on and finish < agreed.start_on:
        raise ChangeError(
            _("The new finish lies before the start of the baseline, %(date)s.")
            % {"date": formats.date_short(agreed.start_on)}
        )
    values["kinds"] = _kinds(values)
    return values


def _kinds(values: Mapping[str, Any]) -> list[str]:
    """What was ticked, and whatever has an effect filled in, in the order of the enum."""
    has = {
        ChangeKind.SCOPE: bool(values.get("scope_to")),
        ChangeKind.SCHEDULE: bool(values.get("finish_to") or values.get("milestones")),
        ChangeKind.COST: values.get("cost_delta") is not None,
        ChangeKind.BENEFITS: values.get("benefits_delta") is not None,
    }
    ticked = values.get("kinds") or []
    return [kind.value for kind in ChangeKind if kind in ticked or has[kind]]


def _moves(project: Project, agreed: Baseline, wanted: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The milestones that end up on another day than in the baseline. One query, none without any."""
    to = {int(one["id"]): _iso(one["to"]) for one in wanted}
    if not to:
        return []
    names = dict(project.milestones.filter(pk__in=to).order_by("pk").values_list("pk", "name"))
    if len(names) != len(to):
        raise ChangeError(_("A milestone of this request is not in the plan any more. Open it again."))
    was = {one["id"]: one["on"] for one in agreed.milestones}
    return [
        {"id": pk, "name": name, "from": was.get(pk), "to": to[pk]}
        for pk, name in names.items() if was.get(pk) != to[pk]
    ]  # fmt: skip


def _iso(day: dt.date | str | None) -> str | None:
    return day.isoformat() if isinstance(day, dt.date) else (day or None)


def _check_complete(values: Mapping[str, Any]) -> None:
    if not values["reason"]:
        raise ChangeError(_("Say why this should change, before you submit it."))
    if not values["kinds"]:
        raise ChangeError(_("Say what it touches: scope, schedule, cost or benefits."))
    if ChangeKind.SCOPE in values["kinds"] and not values["scope_to"]:
        raise ChangeError(_("Write the new scope statement, or do not tick scope."))


# --- the vote ------------------------------------------------------------------------------------------------------


def _put_to_vote(actor: User, project: Project, change: ChangeRequest) -> None:
    try:
        with transaction.atomic():
            if change.state != ChangeState.IN_BALLOT:
                step(change, ChangeState.IN_BALLOT)
            _open_ballot(actor, project, change)
    except ballots.BodyTooSmall:
        change.refresh_from_db()


def _vote_anew(actor: User, project: Project, change: ChangeRequest, *, is_another: bool) -> None:
    if not is_another:
        ballots.void_votes(kind=CHANGE_MATTER, subject_id=change.pk)
        return
    _end_ballot(change)
    _open_ballot(actor, project, change)


def _open_ballot(actor: User, project: Project, change: ChangeRequest) -> None:
    question = in_each_language(lambda: _("Accept %(key)s “%(title)s”?") % {"key": change.key, "title": change.title})
    ballots.open_on_locked(
        ballots.Question(actor, CHANGE_MATTER, change.pk, change.version, question, _amount(change), project.currency)
    )


def _end_ballot(change: ChangeRequest) -> None:
    ballots.withdraw_question(kind=CHANGE_MATTER, subject_id=change.pk)


def _amount(change: ChangeRequest) -> Decimal | None:
    """The cost effect without its sign; None when it is not known, which fits no limit of any procedure.

    A change of dates beyond tolerance has none either: a procedure for small sums is not made for it.
    """
    if ChangeKind.COST not in change.kinds:
        return NO_COST if _size(change.project, change) != ChangeSize.BEYOND else None
    return None if change.cost_delta is None else abs(change.cost_delta)


def _size(project: Project, change: ChangeRequest) -> ChangeSize:
    portfolio = project.portfolio
    return policies.size_of(change, portfolio.schedule_tolerance_days, portfolio.cost_tolerance_percent)
