"""The pages under /requests/."""

from intake.views.audience import RequestAudience
from intake.views.decide import RequestDecide
from intake.views.follow import MyRequests, RequestPage, RequestWithdraw
from intake.views.form import RequestCheck, RequestCreate, RequestEdit, RequestSent, RequestSubmit
from intake.views.queue import RequestList
from intake.views.triage import RequestReturn, RequestTriage

__all__ = [
    "MyRequests",
    "RequestAudience",
    "RequestCheck",
    "RequestCreate",
    "RequestDecide",
    "RequestEdit",
    "RequestList",
    "RequestPage",
    "RequestReturn",
    "RequestSent",
    "RequestSubmit",
    "RequestTriage",
    "RequestWithdraw",
]
