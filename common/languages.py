"""What is said once and read by many: what a person typed stays as they typed it, what the portal says is kept in every
language it speaks, so that each reader has it in their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from django.conf import settings
from django.utils import translation

if TYPE_CHECKING:
    from django.utils.functional import Promise

LANGUAGES: Final = tuple(code.partition("-")[0] for code, _name in settings.LANGUAGES)

Words: TypeAlias = str | Mapping[str, str]
"""What a person typed, or what the portal says by language; plain JSON."""


def in_each_language(say: Callable[[], str]) -> dict[str, str]:
    """A sentence of the portal by language; `say` is called once for each, with that language switched on."""
    texts = {}
    for language in LANGUAGES:
        with translation.override(language):
            texts[language] = say()
    return texts


def words_of(text: str | Promise) -> Words:
    """A text to keep: a lazy one is the portal's, a plain one somebody typed."""
    return text if isinstance(text, str) else in_each_language(lambda: str(text))


def said(words: Words) -> str:
    """Words that were kept, for the reader."""
    return words if isinstance(words, str) else text_in(words)


def text_in(texts: Mapping[str, str]) -> str:
    """A text in the language of the reader; in English, or any other, when that lacks."""
    return texts.get(language_of_reader()) or texts.get("en") or next(iter(texts.values()), "")


def language_of_reader() -> str:
    """Without its region."""
    return (translation.get_language() or "en").partition("-")[0]
