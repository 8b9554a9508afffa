from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from projects.selectors import history as selectors
from projects.views.pages import ProjectPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from common.views import PortalRequest


class ProjectHistory(ProjectPage):
    permission: ClassVar[str] = Permission.HISTORY_VIEW
    tab: ClassVar[str] = "project-history"
    template_name: ClassVar[str] = "projects/project_history.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        kind = request.GET.get("kind", "")
        page, entries = selectors.history_of(self.project, page=request.GET.get("page"), kind=kind)
        base = reverse("project-history", args=[self.project.key])
        labels = [
            ("", _("Everything")),
            *((name, capfirst(model._meta.verbose_name_plural)) for name, model in selectors.KINDS.items()),
        ]
        chips = [
            {"label": label, "href": f"{base}?kind={name}" if name else base, "active": name == kind}
            for name, label in labels
        ]
        return self.page({"page_obj": page, "entries": entry_list(entries), "chips": chips})


def entry_list(entries: list[selectors.Entry]) -> SafeString:
    """Each event as a sentence with its changes below it."""
    if not entries:
        return SafeString()
    return format_html(
        '<ol class="timeline">{}</ol>', format_html_join("", "<li>{}</li>", ((_entry(one),) for one in entries))
    )


def _entry(one: selectors.Entry) -> SafeString:
    subject = f"{capfirst(one.kind_label)} “{one.name}”" if one.name else capfirst(one.kind_label)
    reference = (
        format_html(' · <span title="{}">{}</span>', one.request_id, one.request_id[:8]) if one.request_id else ""
    )
    head = format_html(
        '<b>{}</b> {}<span class="sub"><time datetime="{}">{}</time> · {}{}</span>',
        subject, one.verb, one.at.isoformat(), formats.moment_short(one.at), one.who, reference,
    )  # fmt: skip
    return format_html("{}{}", head, change_list(one.changes, is_new=one.is_new)) if one.changes else head


def change_list(changes: Sequence[selectors.Change], *, is_new: bool) -> SafeString:
    """Fields with what they were and are; those of something new are folded away."""
    rows = format_html_join(
        "", "<div><dt>{}</dt><dd>{}</dd></div>", ((c.label, _change(c, is_new=is_new)) for c in changes)
    )
    body = format_html('<dl class="summary diff">{}</dl>', rows)
    if is_new:  # a first state is long and seldom asked for; a change is what people come to read
        body = format_html('<details class="twin"><summary>{}</summary>{}</details>', _("What was written"), body)
    return body


def _change(change: selectors.Change, *, is_new: bool) -> SafeString:
    if is_new:
        return format_html("{}", change.after)
    empty = format_html('<span class="unknown">{}</span>', _("(empty)"))
    before = format_html("<del>{}</del>", change.before) if change.before else empty
    after = format_html("<ins>{}</ins>", change.after) if change.after else empty
    return format_html('{} <span aria-hidden="true">→</span> {}', before, after)
