# ruff: noqa: PLR0913  (the options of a component are its arguments)
"""The larger components: cards, page heads, notes and the data behind their templates."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.forms import BaseForm, Field
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.ui.status import status_of
from common.ui.tables import plain_table

TASK_STATES: Final = {"done": "ok", "busy": "risk", "todo": "hold", "locked": "hold"}


def card(
    content: str,
    title: str = "",
    *,
    href: str = "",
    link_label: str = "",
    meta: str = "",
    flush: bool = False,
    tone: str = "",
    id_: str = "",
    level: int = 2,
) -> SafeString:
    """Return a card; a titled one is a section named by its head."""
    css = "card" + (" card-flush" if flush else "") + (f" card-{tone}" if tone else "")
    body = format_html('<div class="card-body">{}</div>', content)
    anchor = format_html(' id="{}"', id_) if id_ else ""
    if not title:
        return format_html('<div class="{}"{}>{}</div>', css, anchor, body)
    side = format_html('<span class="card-meta">{}</span>', meta) if meta else ""
    more = format_html('<span class="visually-hidden">: {}</span>', title)
    way = (
        format_html('<a class="card-link" href="{}">{}{}</a>', href, link_label or _("Show all"), more) if href else ""
    )
    head = format_html("<h{0}>{1}</h{0}>{2}{3}", level, title, side, way)
    return format_html(
        '<section class="{}"{}><header class="card-head">{}</header>{}</section>', css, anchor, head, body
    )


def callout(content: str, kind: str = "info", title: str = "") -> SafeString:
    """Return a note with a coloured edge; its title says in words what kind it is."""
    head = format_html("<strong>{}</strong> ", title) if title else ""
    return format_html('<div class="callout callout-{}">{}{}</div>', kind, head, content)


def page_header(
    actions: str,
    title: str,
    *,
    crumbs: Sequence[tuple[str, str]] = (),
    stamp: str = "",
    badge: str = "",
    lead: str = "",
) -> SafeString:
    """Return a page's head: the way back, the H1 with its badge, the stamp and the actions."""
    return format_html(
        '{}<div class="page-head"><div class="page-title"><h1>{}</h1>{}</div>{}'
        '<div class="page-actions">{}</div></div>{}',
        crumb_trail(crumbs) if crumbs else "",
        title,
        badge,
        format_html('<div class="page-stamp">{}</div>', stamp) if stamp else "",
        actions,
        format_html('<p class="lead">{}</p>', lead) if lead else "",
    )


def crumb_trail(items: Sequence[tuple[str, str]]) -> SafeString:
    """Return the way back as a list of links."""
    parts = format_html_join(
        "",
        "<li>{}</li>",
        ((format_html('<a href="{}">{}</a>', href, label) if href else label,) for label, href in items),
    )
    return format_html('<nav class="crumbs" aria-label="{}"><ol>{}</ol></nav>', _("You are here"), parts)


def bulk_bar(content: str, name: str) -> SafeString:
    """Return the bar with actions on ticked rows. It sits in the form around the table."""
    return format_html(
        '<div class="bulk-bar" data-bulk-bar="{}">'
        '<span class="bulk-count" data-bulk-count data-words="{}" aria-live="polite">{}</span>{}</div>',
        name,
        _("{n} selected"),
        _("With the ticked rows:"),
        content,
    )


def chart(svg: str, table: object = None, caption: str = "", key: str = "") -> SafeString:
    """Return a chart with its table twin folded below it.

    ``table`` is the (head, rows) pair of a ``*_table`` helper, or finished markup; ``key`` the status
    colours to explain, with spaces between them.
    """
    twin: str = ""
    if isinstance(table, tuple):
        head, rows = table
        twin = plain_table(head, rows, caption or _("The chart as a table"))
    elif table:
        twin = str(table) if isinstance(table, SafeString) else ""
    fold = (
        format_html('<details class="twin"><summary>{}</summary>{}</details>', _("Show as table"), twin) if twin else ""
    )
    words = legend(*key.split()) if key else ""
    name = caption or _("The chart as a picture")
    can_scroll = format_html(' role="group" tabindex="0" aria-label="{}"', name) if "chart-wide" in svg else ""
    return format_html(
        '<figure class="chart-box"><div class="chart-scroll"{}>{}</div>{}{}</figure>', can_scroll, svg, words, fold
    )


def legend(*colours: str) -> SafeString:
    """Return the words of the status colours that a chart uses."""
    items = format_html_join(
        "",
        '<li><i class="swatch f-{}"></i>{}</li>',
        ((status_of(colour).tone, status_of(colour).word) for colour in colours),
    )
    return format_html('<ul class="legend">{}</ul>', items)


def form_errors(form: BaseForm | None) -> list[dict[str, str]]:
    """Return each problem of a form with the id of its field; empty the second time on one page."""
    if form is None or not getattr(form, "is_bound", False) or getattr(form, "summary_is_shown", False):
        return []
    form.summary_is_shown = True  # type: ignore[attr-defined]  # a page and crispy may both ask; one answer is enough
    found = []
    for name, messages in form.errors.items():
        target = form[name].id_for_label or form[name].auto_id if name in form.fields else ""
        if name in form.fields and form.fields[name].widget.__class__.__name__ in {
            "RadioSelect",
            "CheckboxSelectMultiple",
        }:
            target = f"{form[name].auto_id}_0"
        found += [{"text": _named(form, name, str(message)), "target": str(target)} for message in messages]
    return found


def _named(form: BaseForm, name: str, message: str) -> str:
    """Return a message that stands alone: "This field is required" says nothing in a list."""
    if name in form.fields and message == str(Field.default_error_messages["required"]):
        return f"{form[name].label}: {message}"
    return message


def summary_row(row: Sequence[Any]) -> dict[str, Any]:
    """Return a summary row by name: label, value, and where to change it."""
    label, value, *rest = row
    return {
        "label": label,
        "value": value,
        "href": rest[0] if rest else "",
        "change": rest[1] if len(rest) > 1 else label,
    }


def task_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task with the tone and word of its state."""
    words = {"done": _("Done"), "busy": _("Busy"), "todo": _("Not yet"), "locked": _("Cannot start yet")}
    state = str(item.get("state", "todo"))
    return {**item, "tone": TASK_STATES.get(state, "hold"), "word": words.get(state, state)}


def step_state(index: int, current: int) -> str:
    """Return whether a step lies behind, is the present one or is still to come."""
    if index < current:
        return "done"
    return "current" if index == current else "todo"
