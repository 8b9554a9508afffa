"""Random steps of everybody around everything that is decided, each compared with what the oracle says."""

from __future__ import annotations

from tests.walks.asking import Asking
from tests.walks.checks import Checks
from tests.walks.editing import Editing
from tests.walks.voting import Voting


class Walk(Asking, Voting, Editing, Checks):
    """Fourteen people of all roles around requests, gates, changes, waivers and rules."""
