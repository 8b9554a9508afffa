"""The text of one cell as a value.

Four outcomes that are never mixed up: known, unknown (nothing there), withheld (the source says that it
keeps it back) and unreadable (something there, not a value).
"""

from __future__ import annotations

import datetime as dt
import html
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from projects.enums import Colour


@dataclass(frozen=True, slots=True)
class Known:
    """A value that could be read."""

    value: Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing there, or one of the signs for nothing ("n/a", "-")."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """The source keeps it back and says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something is there that is not such a value; the text is kept."""

    text: str


Value: TypeAlias = Known | Unknown | Withheld | Unreadable
UNKNOWN: Final = Unknown()

NOTHING: Final = frozenset({"", "-", "--", "–", "—", "n/a", "na", "nil", "none", "null", "nan", "#n/a", "?"})
LONGEST_NOTHING: Final = max(map(len, NOTHING))
MAX_AMOUNT: Final = Decimal(10) ** 17
CENT: Final = Decimal("0.01")

_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2007\u2009]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: str, *, unescape: bool = False) -> str:
    """Text that a database and a page can hold: line ends as LF, no control characters, trimmed."""
    if unescape:
        text = html.unescape(text)
    if text.isprintable():  # most cells: nothing to take out
        return text.strip()
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    """Cleaned text with every run of blanks as one space: names, ids, reasons."""
    return " ".join(clean(text).split())


def is_nothing(text: str) -> bool:
    bare = text.strip()
    return len(bare) <= LONGEST_NOTHING and bare.lower() in NOTHING


def withheld_reason(text: str, patterns: Sequence[re.Pattern[str]]) -> str:
    """The reason when the text says that the value is withheld, else an empty text."""
    line = one_line(text)
    return line if any(pattern.search(line) for pattern in patterns) else ""


# --- money -------------------------------------------------------------------------------------------------

SYMBOLS: Final[dict[str, frozenset[str]]] = {
    "£": frozenset({"GBP"}),
    "€": frozenset({"EUR"}),
    "$": frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD"}),
    "us$": frozenset({"USD"}),
    "c$": frozenset({"CAD"}),
    "ca$": frozenset({"CAD"}),
    "a$": frozenset({"AUD"}),
    "¥": frozenset({"JPY", "CNY"}),
    **{
        code.lower(): frozenset({code})
        for code in ("EUR", "GBP", "USD", "CAD", "AUD", "NZD", "CHF", "DKK", "SEK", "NOK", "JPY", "PLN")
    },
}
SUFFIXES: Final[dict[str, int]] = {
    "k": 3,
    "thousand": 3,
    "duizend": 3,
    "m": 6,
    "mn": 6,
    "mln": 6,
    "mio": 6,
    "million": 6,
    "millions": 6,
    "miljoen": 6,
    "b": 9,
    "bn": 9,
    "mld": 9,
    "mrd": 9,
    "billion": 9,
    "billions": 9,
    "miljard": 9,
}
_MONEY: Final = re.compile(
    r"(?P<open>\()?(?P<minus>[-\u2212\u2013])?(?P<before>[a-z]{0,3}[£€$¥]|[a-z]{3})?(?P<sign>[-\u2212\u2013])?"
    r"(?P<digits>\d[\d.,'’]*(?:e[-+]?\d{1,3})?|\.\d+)(?P<suffix>[a-z]+)?(?P<after>[£€$¥])?(?P<trail>[-\u2212])?(?P<close>\))?\.?"
)


def parse_money(text: str, *, scale: Decimal = Decimal(1), currency: str = "", decimal: str = ".") -> Value:
    """An amount in whole units, rounded to cents.

    `scale` is what a bare number is multiplied with; a
    suffix of its own ("£1.90m") counts instead. A sign of another currency makes it unreadable.
    """
    if is_nothing(text):
        return UNKNOWN
    match = _MONEY.fullmatch(_SPACES.sub("", clean(text)).lower())
    if match is None:
        return Unreadable(clean(text))
    suffix, named = _suffix(match["suffix"] or "")
    symbols = [sign for sign in (match["before"], match["after"], named) if sign]
    amount = _number(match["digits"], decimal)
    if amount is None or suffix is None or not all(_fits(sign, currency) for sign in symbols):
        return Unreadable(clean(text))
    amount *= Decimal(10) ** suffix if suffix else scale
    minus = [match["minus"], match["sign"], match["trail"], match["open"]]
    if abs(amount) >= MAX_AMOUNT or bool(match["open"]) != bool(match["close"]) or sum(map(bool, minus)) > 1:
        return Unreadable(clean(text))
    return Known((-amount if any(minus) else amount).quantize(CENT))


def _suffix(word: str) -> tuple[int | None, str]:
    """The power of ten of a suffix and the currency in it ("mgbp" is 6 and gbp); None when it is no suffix."""
    if not word:
        return 0, ""
    if word in SUFFIXES:
        return SUFFIXES[word], ""
    if word in SYMBOLS:
        return 0, word
    head, tail = word[:-3], word[-3:]
    return (SUFFIXES[head], tail) if head in SUFFIXES and tail in SYMBOLS else (None, "")


def _fits(sign: str, currency: str) -> bool:
    return sign in SYMBOLS and (not currency or currency in SYMBOLS[sign])


def _number(digits: str, decimal: str) -> Decimal | None:
    """The number in these digits. `decimal` decides what one lone separator before three digits means."""
    mantissa, _e, power = digits.partition("e")
    plain = mantissa.replace("'", "").replace("’", "")
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        decimal = "," if comma > point else "."
    elif max(comma, point) >= 0:
        decimal = _lone(plain, "," if comma >= 0 else ".", decimal)
    other = "." if decimal == "," else ","
    whole, _sep, rest = plain.partition(decimal)
    groups = whole.split(other)
    if other in rest or decimal in rest or (len(groups) > 1 and not _grouped(groups)):
        return None
    try:
        return Decimal(f"{''.join(groups) or '0'}.{rest or '0'}E{power or '0'}")
    except InvalidOperation:
        return None


def _grouped(groups: list[str]) -> bool:
    """Thousands: three digits in each group but the first (or two, as in India, but three in the last)."""
    return 1 <= len(groups[0]) <= 3 and len(groups[-1]) == 3 and all(len(group) in {2, 3} for group in groups[1:-1])  # noqa: PLR2004  thousands, also in lakhs


def _lone(plain: str, separator: str, decimal: str) -> str:
    """What the decimal sign is when only one kind of separator is used."""
    other = "." if separator == "," else ","
    if plain.count(separator) > 1:
        return other
    three = len(plain.rpartition(separator)[2]) == 3 and plain.partition(separator)[0] not in {"", "0"}  # noqa: PLR2004  thousands
    if separator == decimal or not three:
        return separator
    return other


def parse_number(text: str, *, decimal: str = ".") -> Value:
    """A plain number or a percentage ("-8%" is -8)."""
    if is_nothing(text):
        return UNKNOWN
    value = parse_money(_SPACES.sub("", clean(text)).removesuffix("%"), decimal=decimal)
    return value if isinstance(value, Known) else Unreadable(clean(text))


# --- dates -------------------------------------------------------------------------------------------------

MONTHS: Final[dict[str, int]] = {
    name: number
    for number, names in enumerate(
        (
            "jan january januari",
            "feb february februari",
            "mar march maart mrt",
            "apr april",
            "may mei",
            "jun june juni",
            "jul july juli",
            "aug august augustus",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
PIVOT: Final = 80
"""Two-digit years below this are of this century: 31.12.40 is 2040."""
_TIME: Final = re.compile(
    r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([ap]\.?m\.?)?\s*(z|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)
_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_COMPACT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_NUMERIC: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s.-]*([a-z]{3,9})\.?[\s,.-]*(\d{4}|\d{2})")
_MONTH_FIRST: Final = re.compile(r"([a-z]{3,9})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def parse_date(text: str, *, order: str = "dmy") -> Value:
    """A calendar date. `order` is "dmy" or "mdy" and decides numeric dates; a month or year alone is not a date."""
    if is_nothing(text):
        return UNKNOWN
    line = _TIME.sub("", one_line(text)).strip().rstrip(",").lower()
    parts = _date_parts(line, order)
    if parts is not None:
        year, month, day = parts
        try:
            if FIRST_YEAR <= year <= LAST_YEAR:
                return Known(dt.date(year, month, day))
        except ValueError:
            pass
    return Unreadable(clean(text))


def _date_parts(line: str, order: str) -> tuple[int, int, int] | None:
    if match := _ISO.fullmatch(line) or _COMPACT.fullmatch(line):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _NUMERIC.fullmatch(line):
        first, second = int(match[1]), int(match[2])
        return (_year(match[3]), first, second) if order == "mdy" else (_year(match[3]), second, first)
    if (match := _DAY_FIRST.fullmatch(line)) and match[2] in MONTHS:
        return _year(match[3]), MONTHS[match[2]], int(match[1])
    if (match := _MONTH_FIRST.fullmatch(line)) and match[1] in MONTHS:
        return int(match[3]), MONTHS[match[1]], int(match[2])
    return None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else 2000 + year if year < PIVOT else 1900 + year  # noqa: PLR2004  a whole year


def date_order(texts: Iterable[str]) -> str:
    """The order that a whole column of numeric dates speaks for: "mdy" when only that reads them, else "dmy"."""
    day_first = month_first = 0
    for text in texts:
        if match := _NUMERIC.fullmatch(_TIME.sub("", one_line(text)).strip()):
            day_first += int(match[1]) > 12  # noqa: PLR2004  no month
            month_first += int(match[2]) > 12  # noqa: PLR2004  no month
    return "mdy" if month_first > day_first else "dmy"


# --- colours -----------------------------------------------------------------------------------------------

_WORDS: Final[dict[str, Colour]] = {
    word: colour
    for colour, words in {
        Colour.GREEN: "green;g;groen;on track;op koers",
        Colour.AMBER_GREEN: "amber green;green amber;a g;ag;ga;g a;mostly on track",
        Colour.AMBER: "amber;a;yellow;y;orange;oranje;geel;at risk;aandacht",
        Colour.AMBER_RED: "amber red;red amber;a r;ar;ra;r a;serious risk",
        Colour.RED: "red;r;rood;off track;bijsturen",
        Colour.EXEMPT: "exempt;exempted;withheld",
        Colour.NOT_ASSESSED: "not assessed;not rated;unrated;no rating;not available;not provided;not set;none;"
        "tbc;tbd;reset;grey;gray;grijs;unknown;onbekend;data not provided;n a;not applicable",
    }.items()
    for word in words.split(";")
}
_NO_COLOUR: Final = re.compile(
    r"not in a position|planning stage|early planning|not (yet )?(been )?(assessed|rated|reviewed)|no (ipa|dca|rating)"
    r"|\breset\b|did not provide|not provided|not required|too early|newly joined",
    re.IGNORECASE,
)
_REMARK: Final = re.compile(r"\s*[(:;]|\s[-\u2013\u2014]\s")
"""Where a remark behind a colour begins: "Amber (feasible)"."""
_EXEMPT: Final = re.compile(r"^\W*(exempt|withheld|redacted)", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\s/\\_\-\u2010-\u2015.,:;()\[\]+&|]+")


def parse_colour(text: str, extra: Mapping[str, str] | None = None) -> Value:  # noqa: PLR0911  one answer after the other
    """A status colour however it is spelt ("Amber/red", "A/R", "AMBER-GREEN", "Oranje").

    Text that says why there is none is NOT_ASSESSED or EXEMPT; other text is unreadable. `extra`
    adds the words of a source; those win.
    """
    line = one_line(text)
    if is_nothing(line):
        return UNKNOWN
    word = _spelling(line)
    own = {_spelling(key): value for key, value in (extra or {}).items()}
    if word in own:
        return Known(Colour(own[word]))
    if word in _WORDS:
        return Known(_WORDS[word])
    if (head := _spelling(_REMARK.split(line, maxsplit=1)[0])) in own or head in _WORDS:
        return Known(Colour(own.get(head) or _WORDS[head]))
    if _EXEMPT.match(line):
        return Known(Colour.EXEMPT)
    if _NO_COLOUR.search(line):
        return Known(Colour.NOT_ASSESSED)
    return Unreadable(clean(text))


def _spelling(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = [word for word in _SEPARATORS.split(folded) if word not in {"", "status", "rag", "rating", "to"}]
    return " ".join(words)
