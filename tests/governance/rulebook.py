"""Rules for tests: written, given cases, rehearsed, and what holds by now."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.models import User
from common import jobs
from common.models import JobRun
from governance.cases import Case
from governance.contents import Content, read_content
from governance.models import RuleVersion
from governance.services import drafts
from governance.services import rehearsals as rehearsing
from projects.models import Project
from tests import factories as make

SLIP = {"fact": "project.slip_days", "op": "le", "value": 5}

STOPS = {"controlling": "require_waiver", "directive": "block"}


def content(**changes: Any) -> Content:
    texts = {code: {"title": "No slip", "message": "It slips.", "remedy": "Plan anew"} for code in ("en", "nl")}
    return read_content({"condition": SLIP, "texts": texts} | changes, "project")


def write_rule(actor: User, code: str = "no-slip", **changes: Any) -> RuleVersion:
    return drafts.create_rule(actor=actor, code=code, kind="project", content=content(**changes))


def add_cases(actor: User, draft: RuleVersion) -> None:
    for name, days, expected in (("On time", 0, "pass"), ("Late", 9, "fail")):
        drafts.save_case(actor=actor, draft_id=draft.pk, case=Case(name, expected, {"slip_days": days}))  # fmt: skip


def rehearse(actor: User, draft: RuleVersion) -> JobRun:
    return jobs.run_now(rehearsing.ask_for_rehearsal(actor=actor, pk=draft.pk))


def ready(actor: User, *, code: str = "no-slip", **changes: Any) -> RuleVersion:
    """A draft that lacks nothing."""
    draft = write_rule(actor, code, **changes)
    add_cases(actor, draft)
    rehearse(actor, draft)
    draft.refresh_from_db()
    return draft


def version_in_force(code: str = "no-slip") -> int | None:
    return RuleVersion.objects.active().filter(rule__code=code).values_list("number", flat=True).first()


def slipping(days: int, **fields: Any) -> Project:
    finish = timezone.localdate() + dt.timedelta(days=50)
    return make.make_project(
        baseline_finish_on=finish, forecast_finish_on=finish + dt.timedelta(days=days), refresh=True, **fields
    )
