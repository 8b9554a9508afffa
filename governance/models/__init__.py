from governance.models.ballots import Ballot, BallotSeat, BallotStep
from governance.models.control import ControlChange
from governance.models.decision_conditions import DecisionCondition
from governance.models.delegations import Delegation
from governance.models.procedures import Procedure, ProcedureStep
from governance.models.rules import Finding, Rule, RuleCase, RuleVersion
from governance.models.votes import Vote
from governance.models.waivers import Waiver, WaiverQuerySet

__all__ = [
    "Ballot",
    "BallotSeat",
    "BallotStep",
    "ControlChange",
    "DecisionCondition",
    "Delegation",
    "Finding",
    "Procedure",
    "ProcedureStep",
    "Rule",
    "RuleCase",
    "RuleVersion",
    "Vote",
    "Waiver",
    "WaiverQuerySet",
]
