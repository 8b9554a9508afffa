from django.db import models
from django.utils.translation import pgettext_lazy


class RequestState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("request", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("request", "Submitted")
    TRIAGED = "triaged", pgettext_lazy("request", "Ready for decision")
    RETURNED = "returned", pgettext_lazy("request", "Returned to the requester")
    APPROVED = "approved", pgettext_lazy("request", "Approved")
    REJECTED = "rejected", pgettext_lazy("request", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "Withdrawn")


REQUEST_TRANSITIONS: dict[str, set[str]] = {
    RequestState.DRAFT: {RequestState.SUBMITTED, RequestState.WITHDRAWN},
    RequestState.SUBMITTED: {RequestState.TRIAGED, RequestState.RETURNED, RequestState.WITHDRAWN},
    RequestState.RETURNED: {RequestState.SUBMITTED, RequestState.WITHDRAWN},
    RequestState.TRIAGED: {
        RequestState.APPROVED,
        RequestState.REJECTED,
        RequestState.RETURNED,
        RequestState.WITHDRAWN,
    },
    RequestState.APPROVED: set(),
    RequestState.REJECTED: set(),
    RequestState.WITHDRAWN: set(),
}

EDITABLE_STATES: tuple[RequestState, ...] = (RequestState.DRAFT, RequestState.RETURNED)
