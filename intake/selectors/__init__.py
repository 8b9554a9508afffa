"""Every read of the request pages."""

from intake.selectors.doors import get_request_for
from intake.selectors.history import history_of
from intake.selectors.lists import my_requests, queue, queue_counts, waiting_for
from intake.selectors.lookalikes import lookalikes_of
from intake.selectors.standing import standing_of

__all__ = [
    "get_request_for",
    "history_of",
    "lookalikes_of",
    "my_requests",
    "queue",
    "queue_counts",
    "standing_of",
    "waiting_for",
]
