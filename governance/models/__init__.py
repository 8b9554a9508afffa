from governance.models.ballots import (
    Ballot,
    BallotSeat,
    BallotStep,
    DecisionCondition,
    Delegation,
    Procedure,
    ProcedureStep,
    Vote,
)
from governance.models.control import ControlChange
from governance.models.rules import Finding, Rule, RuleCase, RuleVersion
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
