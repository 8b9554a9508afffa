"""Rows of links to other parts of a page, pagers and tabs: plain values in, one string out."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from common.ui.cells import icon

CURRENT = ' aria-current="page"'


def pager(page: "Page[Any]", query: Mapping[str, Sequence[str]]) -> SafeString:
    """Return the pager of a list, nothing when it has one page; its links keep the rest of the query."""
    if page.paginator.num_pages <= 1:
        return mark_safe("")
    rest = urlencode({key: list(values) for key, values in query.items() if key != "page"}, doseq=True)
    start = escape(f"?{rest}&page=" if rest else "?page=")
    words = f'<span class="visually-hidden">{escape(_("Page"))} </span>'
    parts = [_step(f"{start}{page.number - 1}", "prev", "chevron-left", _("Previous page"))] if page.number > 1 else []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1):
        if isinstance(number, int):
            mark = CURRENT if number == page.number else ""
            parts.append(f'<li><a href="{start}{number}"{mark}>{words}{number}</a></li>')
        else:
            parts.append(f'<li><span class="pager-gap">{escape(str(number))}</span></li>')
    if page.has_next():
        parts.append(_step(f"{start}{page.number + 1}", "next", "chevron-right", _("Next page")))
    count = _("%(first)s–%(last)s of %(total)s") % {
        "first": page.start_index(), "last": page.end_index(), "total": page.paginator.count,
    }  # fmt: skip
    return mark_safe(  # noqa: S308  every text was escaped
        f'<nav class="pager" aria-label="{escape(_("Pages"))}"><span class="pager-count">{escape(count)}</span>'
        f"<ul>{''.join(parts)}</ul></nav>"
    )


def _step(href: str, rel: str, symbol: str, label: str) -> str:
    words = f'<span class="visually-hidden">{escape(label)}</span>'
    return f'<li><a href="{href}" rel="{rel}">{icon(symbol)}{words}</a></li>'


def tabs(items: Sequence[Any], label: str = "") -> SafeString:
    """Return tabs that are links: mappings or objects with ``label``, ``href``, ``active`` and ``count``."""
    return mark_safe(  # noqa: S308  every text is escaped
        f'<nav class="tabs" aria-label="{conditional_escape(label or _("Views"))}">'
        f"<ul>{''.join(_tab(item) for item in items)}</ul></nav>"
    )


def _tab(item: Any) -> str:
    def read(name: str) -> Any:
        return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)

    count, href, label = read("count"), conditional_escape(read("href")), conditional_escape(read("label"))
    number = "" if count is None or count == "" else f' <span class="tab-count">{conditional_escape(count)}</span>'
    return f'<li><a href="{href}"{CURRENT if read("active") else ""}>{label}{number}</a></li>'
