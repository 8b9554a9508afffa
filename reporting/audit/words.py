"""The events of the audit trail as sentences."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from common import formats
from common.enums import AuditKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrPromise

    from common.models import AuditEvent

LISTS: Final[dict[str, StrPromise]] = {
    "projects": gettext_lazy("the list of projects"),
    "decisions": gettext_lazy("the decision register"),
    "report": gettext_lazy("a report"),
    "import_refused": gettext_lazy("the refused rows of an import"),
    "audit": gettext_lazy("the audit trail"),
}
CREDENTIALS: Final[dict[str, StrPromise]] = {
    "password_set": gettext_lazy("set a password"),
    "password_changed": gettext_lazy("changed the password"),
    "password_reset": gettext_lazy("reset the password by mail"),
    "factor_added": gettext_lazy("added a second factor"),
    "factor_removed": gettext_lazy("removed a second factor"),
    "factor_reset": gettext_lazy("renewed the recovery codes"),
    "factor_used": gettext_lazy("used the second factor"),
}
FAULTS: Final[dict[str, StrPromise]] = {
    "the seal is missing": gettext_lazy("the seal is missing"),
    "it does not follow from the seal before": gettext_lazy("it does not follow from the seal before"),
    "the seal itself was changed": gettext_lazy("the seal itself was changed"),
    "it does not begin where the seal before ended": gettext_lazy("it does not begin where the seal before ended"),
    "a row was changed": gettext_lazy("a row was changed"),
}
_COUNTS: Final = re.compile(r"^(\d+) rows were sealed, (\d+) are there$", re.ASCII)
REASONS: Final[dict[str, StrPromise]] = {
    "forbidden": gettext_lazy("their roles do not allow it"),
    "unknown": gettext_lazy("nothing that they may see is at that address"),
    "password": gettext_lazy("the password did not fit"),
    "second_factor": gettext_lazy("the second factor did not fit"),
    "too_many": gettext_lazy("there had been too many tries"),
}


def fault(what: str) -> str:
    """What a walk over the chain has found, as `common.seals` says it, in the active language."""
    counted = _COUNTS.match(what)
    if counted:
        return _("%(sealed)s rows were sealed, %(found)s are there") % {"sealed": counted[1], "found": counted[2]}
    return str(FAULTS.get(what, what))


def sentence(event: AuditEvent) -> str:
    """What happened, without who and when."""
    if event.what == "many":
        return ngettext(
            "was refused %(n)s more time within an hour", "was refused %(n)s more times within an hour", event.repeats
        ) % {"n": formats.number(event.repeats)}
    return _SENTENCES[event.kind](event)


def _refused(event: AuditEvent) -> str:
    why = event.reason or str(REASONS.get(event.what, event.what))
    return _("was refused: %(why)s") % {"why": why}


def _failed(event: AuditEvent) -> str:
    why = str(REASONS.get(event.what, event.what))
    account = event.detail.get("name")
    if account:
        return _("could not sign in as %(name)s: %(why)s") % {"name": account, "why": why}
    return _("could not sign in with an address that is not known here: %(why)s") % {"why": why}


def _exported(event: AuditEvent) -> str:
    what = str(LISTS.get(event.what, event.what))
    rows, form = event.detail.get("rows", 0), str(event.detail.get("form", "")).upper()
    return ngettext(
        "took out %(what)s: %(n)s row as %(form)s", "took out %(what)s: %(n)s rows as %(form)s", rows
    ) % {"what": what, "n": formats.number(rows), "form": form}  # fmt: skip


_SENTENCES: Final[dict[str, Callable[[AuditEvent], str]]] = {
    AuditKind.REFUSED: _refused,
    AuditKind.SIGNED_IN: lambda _event: _("signed in"),
    AuditKind.SIGNED_OUT: lambda _event: _("signed out"),
    AuditKind.SIGN_IN_FAILED: _failed,
    AuditKind.CREDENTIAL: lambda event: str(CREDENTIALS.get(event.what, event.what)),
    AuditKind.EXPORTED: _exported,
    AuditKind.ASKED: lambda event: _("asked for work: %(work)s") % {"work": event.reason or event.what},
    AuditKind.REMOVED: lambda _event: _("removed the demo organisation"),
}


def facts(event: AuditEvent) -> list[tuple[str, str]]:
    """What is known besides the sentence, as label and value; nothing that is empty."""
    asked = f"{event.method} {event.url_name}".strip()
    found = [
        (_("Asked"), asked if event.url_name else ""),
        (_("Page address"), event.path),
        (pgettext("noun", "Answer"), str(event.status or "")),
        (_("Filters"), str(event.detail.get("filters", ""))),
        (_("Network address"), event.address),
    ]
    return [(label, value) for label, value in found if value]
