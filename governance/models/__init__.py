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
from governance.models.rules import Finding, Rule, RuleVersion

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
    "RuleVersion",
    "Vote",
]
