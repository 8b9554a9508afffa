"""Putting questions to those who decide, and what they say."""

from governance.services.ballots.conditions import NotConfirmable, meet_condition
from governance.services.ballots.delegations import DelegationError, NewDelegation, delegate, end_delegation
from governance.services.ballots.escalation import escalate_overdue
from governance.services.ballots.opening import (
    BodyTooSmall,
    Question,
    open_ballot,
    open_on_locked,
    withdraw_ballot,
    withdraw_question,
)
from governance.services.ballots.procedures import (
    NewProcedure,
    NewStep,
    ProcedureError,
    retire_procedure,
    save_procedure,
)
from governance.services.ballots.voiding import void_votes
from governance.services.ballots.voting import (
    CannotVote,
    ConditionWanted,
    NewCondition,
    SubjectChanged,
    VoteError,
    cast_vote,
    declare_conflict,
)

__all__ = [
    "BodyTooSmall",
    "CannotVote",
    "ConditionWanted",
    "DelegationError",
    "NewCondition",
    "NewDelegation",
    "NewProcedure",
    "NewStep",
    "NotConfirmable",
    "ProcedureError",
    "Question",
    "SubjectChanged",
    "VoteError",
    "cast_vote",
    "declare_conflict",
    "delegate",
    "end_delegation",
    "escalate_overdue",
    "meet_condition",
    "open_ballot",
    "open_on_locked",
    "retire_procedure",
    "save_procedure",
    "void_votes",
    "withdraw_ballot",
    "withdraw_question",
]
