"""Letters and roles of a RACI matrix in templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from strategy.enums import Post
from strategy.raci import tables

register = template.Library()


@register.filter
def raci_letter(code: str) -> SafeString:
    """The letter with its word."""
    return tables.letter(code)


@register.filter
def raci_post(code: str) -> str:
    """The name of a post."""
    return str(Post(code).label)
