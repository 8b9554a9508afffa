"""People and what they hold, drawn as tables for the pages of all apps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.ui.tables import Column, Row, data_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.audience import Reason, Seer


def audience_table(seers: Iterable[Seer]) -> SafeString:
    """Who can see something, each with every reason."""
    rows = [Row([str(seer.user), _reasons(seer.reasons)]) for seer in seers]
    head = [Column(_("Person")), Column(_("Why"))]
    return data_table(head, rows, caption=_("People who can see this"), empty=_("Nobody."))


def _reasons(reasons: Iterable[Reason]) -> SafeString:
    return format_html_join("", "<div>{}</div>", ((_reason(one),) for one in reasons))


def _reason(reason: Reason) -> str:
    words = _("%(role)s for %(place)s") % {"role": reason.role, "place": reason.place} if reason.place else reason.role
    if reason.ends_on is None:
        return words
    return _("%(reason)s, until %(day)s") % {"reason": words, "day": formats.date_short(reason.ends_on)}
