"""What each address of the portal names in the world: its arguments."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from reporting.services import subscriptions
from tests.security.items import STRICT_RULE, Items
from tests.security.world import World

OBJECTS = ("own", "confidential")

_ITEM_OF = {
    "criterion-create": "gate", "document-accept": "paper", "gate-minutes": "review", "gate": "gate",
    "evidence-pack": "pack", "criterion": "criterion",
    "deliverable-accept": "delivered", "deliverable-return": "delivered", "deliverable": "deliverable",
    "milestone": "milestone", "phase": "phase", "risk-reopen": "closed_risk", "risk": "risk",
    "issue-reopen": "solved_issue", "issue": "issue", "decision": "decision", "team-member": "member",
    "document": "document", "update-correct": "update", "ask-answer": "ask",
    "proposal": "proposal", "finding": "finding", "waiver-end": "granted", "waiver": "waiver",
    "change-submit": "draft_change", "change": "open_change", "promise": "promise",
}  # fmt: skip
"""Prefix of a URL name → what its pk is within a project. The first that fits counts."""

_PK_OF = {
    "rule-case": "rule_case",
    "playbook-gate": "draft_gate", "ballot": "ballot", "condition": "condition", "delegation": "delegation",
    "procedure": "procedure", "process": "process", "accountability-of": "other", "person": "other",
    "grant": "other", "org-unit": "unit", "goal": "goal", "import": "upload", "saved-view": "view",
    "adviser": "outside.other", "opening-add": "outside.other",
    "assessment-edit": "outside.draft", "assessment-rate": "outside.draft", "assessment-submit": "outside.draft",
    "assessment": "outside.submitted", "recommendation-note": "outside.planned",
    "recommendation-done": "outside.planned", "recommendation-effect": "outside.finished",
    "recommendation": "outside.filed",
    "report-slot": "slot", "report": "report", "job-run": "job", "mail": "mail",
}  # fmt: skip

_PITCH_OF = {
    "request-submit": "draft", "request-edit": "draft", "request-check": "draft", "request-triage": "submitted",
    "request-return": "submitted", "request-withdraw": "submitted", "request": "triaged",
}  # fmt: skip

_SLUG_OF = {
    "playbook-draft-open": "idle_playbook",
    "playbook": "playbook",
    "office": "office",
    "process": "office",
    "adviser": "outside.office",
    "opening": "outside.office",
    "portfolio": "home",
    "report": "home",
}

_FIXED = {
    "step": ("idea",), "way": ("up",), "kind": ("csv", "xlsx"), "form": ("csv", "jsonl", "xlsx"), "uidb36": ("1",),
    "code": ("benefits",), "move": ("ask",),
}  # fmt: skip


class Unknown(Exception):
    """An address names something that the world does not hold. Add it to the world and to these tables."""


def _first(table: dict[str, str], name: str) -> str:
    for prefix, found in table.items():
        if name == prefix or name.startswith(f"{prefix}-"):
            return found
    raise Unknown(name)


def is_of_project(name: str, kwargs: frozenset[str]) -> bool:
    """Whether the address leads to something within one project."""
    about = name == "ask-answer" or name.startswith(("waiver-", "proposal-", "promise-")) or name in {
        "finding", "waiver", "promise",
    }  # fmt: skip
    return ("key" in kwargs and not name.startswith(("request", "account_"))) or (about and not name.endswith("-list"))


def arguments(world: World, name: str, wanted: frozenset[str], of: str = "own") -> dict[str, Any]:
    """The URL arguments of an address in this world. Raises: Unknown."""
    items = world.secret if of == "confidential" else world.own
    found: dict[str, Any] = _of_waiver(items) if name == "waiver-ask" else {}
    for one in wanted - found.keys():
        if one == "key":
            found[one] = _key(world, name, items)
        elif one == "pk":
            found[one] = _pk(world, name, items, in_project=is_of_project(name, wanted))
        elif one == "grant_pk":
            found[one] = world.grant.pk
        elif one == "slug":
            found[one] = attrgetter(_first(_SLUG_OF, name))(world).slug
        elif one == "token":
            found[one] = subscriptions.unsubscribe_token(world.person("pmo").pk, world.home.pk)
        else:
            found[one] = _by_itself(world, name, one)
    return found


def _of_waiver(items: Items) -> dict[str, Any]:
    return {"kind": "project", "subject_id": items.project.pk, "code": STRICT_RULE}


def _by_itself(world: World, name: str, one: str) -> str:
    if one == "opening":
        return f"grant-{world.outside.grant.pk}"
    if one not in _FIXED:
        raise Unknown(f"{name}: {one}")
    return _FIXED[one][0]


def _key(world: World, name: str, items: Items) -> str:
    if name.startswith("account_"):
        return "no-such-key"
    return str(getattr(world, _first(_PITCH_OF, name)).key) if name.startswith("request") else items.project.key


def _pk(world: World, name: str, items: Items, *, in_project: bool) -> int:
    found = getattr(items, _first(_ITEM_OF, name)) if in_project else attrgetter(_first(_PK_OF, name))(world)
    return int(found.pk)
