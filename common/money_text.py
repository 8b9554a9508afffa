"""Reading an amount of money as people type it, in both languages."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

_SUFFIXES: Final = {
    "k": 3,
    "m": 6,
    "mn": 6,
    "mln": 6,
    "mio": 6,
    "million": 6,
    "miljoen": 6,
    "bn": 9,
    "mld": 9,
    "mrd": 9,
    "billion": 9,
    "miljard": 9,
}
_SHAPE: Final = re.compile(r"(?P<minus>[-\u2212])?(?P<digits>\d[\d.,']*)(?:,[-\u2013\u2014])?(?P<suffix>[a-z]+)?\.?")
_CURRENCY: Final = re.compile(r"[€£$]|(?<![a-z])(?:eur|euro|gbp|usd|chf)(?![a-z])")


class UnreadableError(ValueError):
    """The text is not an amount."""


class AmbiguousError(ValueError):
    """The text can be read as two very different amounts."""


def parse_money(text: str, *, decimal_comma: bool) -> Decimal:
    """Return the amount in a text such as ``€ 1.234``, ``480k``, ``1,2 mln`` or ``1,234.50``.

    ``decimal_comma`` is the habit of the language (Dutch: yes); it decides what a lone
    separator means.

    Raises:
        UnreadableError: there is no single amount in the text.
        AmbiguousError: a lone separator with three digits behind it, against the habit of the language.
    """
    bare = _CURRENCY.sub("", text.lower()).strip()
    bare = re.sub(r"[\s\u00a0\u202f]+", "", bare)
    match = _SHAPE.fullmatch(bare)
    if match is None or (suffix := match["suffix"] or "") not in {"", *_SUFFIXES}:
        raise UnreadableError(text)
    number = _number(match["digits"].rstrip(",."), decimal_comma=decimal_comma, scaled=bool(suffix))
    value = number.scaleb(_SUFFIXES.get(suffix, 0))
    return -value if match["minus"] else value


def _number(digits: str, *, decimal_comma: bool, scaled: bool) -> Decimal:
    digits = digits.replace("'", "")
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = "," if comma > point else "."
    else:
        decimal = _lone(digits, "," if comma >= 0 else ".", decimal_comma=decimal_comma, scaled=scaled)
    thousands = "." if decimal == "," else ","
    whole, _sep, rest = digits.partition(decimal)
    groups = whole.split(thousands)
    grouped = len(groups) == 1 or (0 < len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))  # noqa: PLR2004  thousands
    if not grouped or decimal in rest or thousands in rest:
        raise UnreadableError(digits)
    try:
        return Decimal("".join(groups) + ("." + rest if rest else ""))
    except InvalidOperation as error:
        raise UnreadableError(digits) from error


def _lone(digits: str, separator: str, *, decimal_comma: bool, scaled: bool) -> str:
    """Return the decimal sign when only one kind of separator is used."""
    other = "." if separator == "," else ","
    count = digits.count(separator)
    if count == 0:
        return "," if decimal_comma else "."
    if count > 1:
        return other
    native = (separator == ",") == decimal_comma
    three = len(digits.rpartition(separator)[2]) == 3  # noqa: PLR2004  thousands
    if not three or (native and scaled):
        return separator
    if native:
        raise AmbiguousError(digits)
    return other
