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
from governance.models.rules import Finding, Rule, RuleCase, RuleVersion
from governance.models.waivers import Waiver, WaiverQuerySet

__all__ = [
    "Ballot",
    "BallotSeat",
    "BallotStep",
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
