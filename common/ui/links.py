"""Rows of links to other parts of a page, pagers and tabs: plain values in, one string out."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.ui.cells import icon

CURRENT = SafeString(' aria-current="page"')


def pager(page: "Page[Any]", query: Mapping[str, Sequence[str]]) -> SafeString:
    """Return the pager of a list, nothing when it has one page; its links keep the rest of the query."""
    if page.paginator.num_pages <= 1:
        return SafeString()
    rest = urlencode({key: list(values) for key, values in query.items() if key != "page"}, doseq=True)
    start = f"?{rest}&page=" if rest else "?page="
    words = format_html('<span class="visually-hidden">{} </span>', _("Page"))
    parts = [_step(f"{start}{page.number - 1}", "prev", "chevron-left", _("Previous page"))] if page.number > 1 else []
    for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1):
        if isinstance(number, int):
            mark = CURRENT if number == page.number else ""
            parts.append(format_html('<li><a href="{}{}"{}>{}{}</a></li>', start, number, mark, words, number))
        else:
            parts.append(format_html('<li><span class="pager-gap">{}</span></li>', str(number)))
    if page.has_next():
        parts.append(_step(f"{start}{page.number + 1}", "next", "chevron-right", _("Next page")))
    count = _("%(first)s–%(last)s of %(total)s") % {
        "first": page.start_index(), "last": page.end_index(), "total": page.paginator.count,
    }  # fmt: skip
    return format_html(
        '<nav class="pager" aria-label="{}"><span class="pager-count">{}</span><ul>{}</ul></nav>',
        _("Pages"),
        count,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def _step(href: str, rel: str, symbol: str, label: str) -> SafeString:
    return format_html(
        '<li><a href="{}" rel="{}">{}<span class="visually-hidden">{}</span></a></li>', href, rel, icon(symbol), label
    )


def tabs(items: Sequence[Any], label: str = "") -> SafeString:
    """Return tabs that are links: mappings or objects with ``label``, ``href``, ``active`` and ``count``."""
    return format_html(
        '<nav class="tabs" aria-label="{}"><ul>{}</ul></nav>',
        label or _("Views"),
        format_html_join("", "{}", ((_tab(item),) for item in items)),
    )


def _tab(item: Any) -> SafeString:
    def read(name: str) -> Any:
        return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)

    count = read("count")
    number = "" if count is None or count == "" else format_html(' <span class="tab-count">{}</span>', count)
    mark = CURRENT if read("active") else ""
    return format_html('<li><a href="{}"{}>{}{}</a></li>', read("href"), mark, read("label"), number)
