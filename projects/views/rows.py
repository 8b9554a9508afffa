"""What rows of tables are made with: buttons, links and anchors, drawn in Python: no template engine per row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.middleware.csrf import get_token
from django.utils.html import format_html, format_html_join

from common.ui import cells

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString


def button(request: HttpRequest, href: str, label: str, name: str, **hidden: str) -> SafeString:
    """A small button that posts; `name` says of which row, for screen readers."""
    fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', hidden.items())
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}'
        '<button type="submit" class="btn btn-quiet btn-sm">{}<span class="visually-hidden">: {}</span></button>'
        "</form>",
        href,
        get_token(request),
        fields,
        label,
        name,
    )


def link(href: str, label: str, name: str) -> SafeString:
    return format_html(
        '<a class="btn btn-quiet btn-sm" href="{}">{}<span class="visually-hidden">: {}</span></a>', href, label, name
    )


def actions(parts: Iterable[str]) -> SafeString:
    return format_html('<span class="actions">{}</span>', cells.join(parts))


def anchor(kind: str, pk: int, cell: str) -> SafeString:
    """A cell that signals and mails can point at."""
    return format_html('<span id="{}-{}">{}</span>', kind, pk, cell)
