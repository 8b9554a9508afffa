# ruff: noqa: PLR0913  (the options of a component are its arguments)
"""``{% load ui %}``: the components of the portal for templates.

The small ones are functions of ``common.ui.cells``; the larger ones have a template each in
``templates/components/``. The Python signature documents each.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm
from django.template import Context
from django.utils.safestring import SafeString

from common import formats
from common.ui import blocks, cells, links, tables

register = template.Library()

for function in (
    cells.icon,
    cells.status_badge,
    cells.status_dot,
    cells.tag,
    cells.trend_bars,
    cells.money,
    cells.unknown,
    cells.delta,
    cells.date,
    cells.date_ago,
    cells.due,
    cells.person,
    cells.progress,
    cells.freshness,
    cells.why,
    cells.glossary,
    cells.title_cell,
    cells.lines,
    tables.data_table,
    tables.plain_table,
    tables.heat_table,
    blocks.chart,
    blocks.legend,
    links.tabs,
):
    register.simple_tag(function)


@register.filter
def iso_week(day: dt.date) -> str:
    """Print the ISO week of a date: "week 47"."""
    return formats.iso_week(day)


@register.filter
def number(value: formats.Number | None, digits: int = 0) -> str:
    """Print a number with the separators of the language."""
    return formats.number(value, digits)


@register.filter
def percent(value: formats.Number | None, digits: int = 0) -> str:
    """Print percent points: ``82%``."""
    return formats.percent(value, digits)


@register.simple_block_tag
def capture(content: str) -> str:
    """Keep what a block renders: ``{% capture as name %}…{% endcapture %}``."""
    return content


@register.simple_block_tag
def card(
    content: str,
    title: str = "",
    *,
    href: str = "",
    link_label: str = "",
    meta: str = "",
    flush: bool = False,
    tone: str = "",
    id: str = "",  # noqa: A002  it is the HTML attribute
    level: int = 2,
) -> SafeString:
    """Draw a quiet card. ``flush`` lets a table or list touch the edges; ``meta`` is muted head text."""
    return blocks.card(
        content, title, href=href, link_label=link_label, meta=meta, flush=flush, tone=tone, id_=id, level=level
    )


@register.simple_block_tag
def callout(content: str, kind: str = "info", title: str = "") -> SafeString:
    """Draw a note with a coloured edge: ``info``, ``ok``, ``risk`` or ``off``."""
    return blocks.callout(content, kind, title)


@register.simple_block_tag
def page_header(
    content: str,
    title: str,
    *,
    crumbs: Sequence[tuple[str, str]] = (),
    stamp: str = "",
    badge: str = "",
    lead: str = "",
) -> SafeString:
    """Draw the head of a page with its one H1; the content holds the actions."""
    return blocks.page_header(content, title, crumbs=crumbs, stamp=stamp, badge=badge, lead=lead)


@register.simple_block_tag
def bulk_bar(content: str, name: str = "selected") -> SafeString:
    """Draw the bar with actions on ticked rows; the content holds its submit buttons."""
    return blocks.bulk_bar(content, name)


@register.inclusion_tag("components/kpi_card.html")
def kpi_card(label: str, value: str, hint: str = "", href: str = "", tone: str = "") -> dict[str, Any]:
    """Draw one number with its name above and its explanation below; the number links to its list."""
    return {"label": label, "value": value, "hint": hint, "href": href, "tone": tone}


@register.inclusion_tag("components/crumbs.html")
def crumbs(items: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Draw the way back: (label, href) pairs; an empty href is the present place."""
    return {"items": items}


@register.inclusion_tag("components/filter_chips.html")
def filter_chips(
    chips: Sequence[Mapping[str, Any]], summary: str = "", clear_href: str = "", label: str = ""
) -> dict[str, Any]:
    """Draw filters as links: mappings with ``label``, ``href`` and ``active`` or ``remove``."""
    return {"chips": chips, "summary": summary, "clear_href": clear_href, "label": label}


@register.simple_tag(takes_context=True)
def pager(context: Context, page: "Page[Any]", query: object = None) -> SafeString:
    """Draw the pager of a list; ``query`` is the request's GET (taken from the request when left out)."""
    if query is None and "request" in context:
        query = context["request"].GET
    return links.pager(page, tables.query_lists(query))


@register.inclusion_tag("components/empty_state.html")
def empty_state(
    title: str, text: str = "", action_href: str = "", action_label: str = "", icon: str = "inbox"
) -> dict[str, Any]:
    """Draw a page or card without content: what is missing and what to do next."""
    return {
        "title": title,
        "text": text,
        "action_href": action_href,
        "action_label": action_label,
        "icon_name": icon,
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | None) -> dict[str, Any]:
    """Draw what is wrong with a form, each problem a link to its field; it takes the focus."""
    return {"errors": blocks.form_errors(form)}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Sequence[Any], css: str = "") -> dict[str, Any]:
    """Draw facts as label and value: (label, value[, change_href[, change_name]]) tuples."""
    return {"rows": [blocks.summary_row(row) for row in rows], "css": css}


@register.inclusion_tag("components/task_list.html")
def task_list(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw the sections of a long form: ``label``, ``href``, ``state`` (done, busy, todo, locked), ``hint``."""
    return {"items": [blocks.task_item(item) for item in items]}


@register.inclusion_tag("components/todo_list.html")
def todo_list(items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Draw what asks something of a person; the first one's button is the primary one.

    Keys: ``icon``, ``tone``, ``title``, ``href``, ``text``, ``due``, ``verb``, ``verb_href``.
    """
    return {"items": items}


@register.inclusion_tag("components/step_track.html")
def step_track(steps: Sequence[str], current: int, label: str = "") -> dict[str, Any]:
    """Draw how far something is: the steps and the number (from 1) of the present one."""
    return {
        "steps": [{"label": step, "state": blocks.step_state(index, current)} for index, step in enumerate(steps, 1)],
        "label": label,
    }


@register.inclusion_tag("components/gate_track.html")
def gate_track(gates: Sequence[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Draw a project's gates in their order.

    Keys: ``label``, ``sub`` (date and result), ``href``, ``state`` (passed, conditional, next, planned, stopped).
    """
    return {"gates": gates, "label": label}


@register.inclusion_tag("components/diff_view.html")
def diff_view(rows: Sequence[Any], before: str = "", after: str = "") -> dict[str, Any]:
    """Draw what changes: (field, before, after) tuples, in words and not by colour alone."""
    return {"rows": rows, "before": before, "after": after}


@register.inclusion_tag("components/confirm_form.html", takes_context=True)
def confirm_form(
    context: Context,
    action: str,
    label: str,
    *,
    tone: str = "primary",
    cancel_href: str = "",
    hidden: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Draw the one button of a confirmation page, as a POST with its CSRF token."""
    return {
        "action": action,
        "label": label,
        "tone": tone,
        "cancel_href": cancel_href,
        "hidden": hidden or {},
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/messages.html", takes_context=True)
def messages(context: Context) -> dict[str, Any]:
    """Draw what happened since the last page, once."""
    return {"messages": context.get("messages") or []}


@register.inclusion_tag("components/messages.html", takes_context=True)
def toast(context: Context) -> dict[str, Any]:
    """Draw messages; another name of ``messages``."""
    return {"messages": context.get("messages") or []}
