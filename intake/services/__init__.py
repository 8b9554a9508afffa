"""Every change to a request: writing it, triage, decision, and the project that an approval makes."""

from intake.services.decisions import Decision, approve_request, decide_request, reject_request
from intake.services.requests import save_answers, start_request, submit_request, withdraw_request
from intake.services.transitions import IncompleteRequest, WrongState
from intake.services.triage import Triage, return_request, triage_request

__all__ = [
    "Decision",
    "IncompleteRequest",
    "Triage",
    "WrongState",
    "approve_request",
    "decide_request",
    "reject_request",
    "return_request",
    "save_answers",
    "start_request",
    "submit_request",
    "triage_request",
    "withdraw_request",
]
