"""CSV as it really comes: any delimiter, any encoding, sometimes decoded wrongly by somebody before us."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from projects.imports.errors import ImportRefused

DELIMITERS: Final = (",", ";", "\t", "|")
SAMPLE: Final = 50
MAX_CELL: Final = 100_000

_WRONG: Final = re.compile(r"[\x80-\x9f\ufffd]|Â[£€\u00a0]|â€|Ã[\u0080-\u00bf]|Ł(?=\d|m\b)")
"""Signs of text that was decoded with the wrong encoding: control characters that nobody types,
pairs that only mis-read UTF-8 makes, and the Polish Ł where a pound sign stood."""
_REPAIRS: Final = (
    ("iso8859-2", "cp1252"), ("iso8859-1", "cp1252"), ("cp1252", "utf-8"), ("iso8859-1", "utf-8"),
    ("iso8859-2", "utf-8"),
)  # fmt: skip
_ESCAPED: Final = re.compile(r"'(?=[=+\-@\t\r])")


def read_csv(content: bytes, *, most: int) -> tuple[list[tuple[int, list[str]]], list[str], bool]:
    """The rows with their numbers, remarks, and whether the text was repaired.

    Raises: ImportRefused when it is no text, cannot be repaired, or has a cell or a count beyond the limits.
    """
    text, notes = _decoded(content)
    text, repaired, remark = repair(text)
    notes += [remark] if remark else []
    text = text.removeprefix("\ufeff")
    delimiter, text = _delimiter(text)
    rows = []
    try:
        for number, cells in enumerate(_reader(text, delimiter), 1):
            if number > most + 1:
                raise ImportRefused(_("The file has more than %(most)s rows. Split it.") % {"most": most})
            if any(len(cell) > MAX_CELL for cell in cells):
                raise ImportRefused(_broken_quotes(number))
            rows.append((number, [_ESCAPED.sub("", cell, count=1) if cell[:1] == "'" else cell for cell in cells]))
    except csv.Error as error:
        raise ImportRefused(_broken_quotes(len(rows) + 1)) from error
    return rows, notes, repaired


def _broken_quotes(number: int) -> str:
    return _(
        "Row %(row)s has a cell of more than %(most)s characters: a closing quotation mark is missing there or before."
    ) % {"row": number, "most": MAX_CELL}


def _reader(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _decoded(content: bytes) -> tuple[str, list[str]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _clean(content.decode("utf-16", errors="replace")), []
    try:
        return _clean(content.decode("utf-8-sig")), []
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        text = content.decode("iso8859-1")
    return _clean(text), [_("The file is not in UTF-8; it was read as Windows-1252 (Western European).")]


def _clean(text: str) -> str:
    if "\x00" in text:
        raise ImportRefused(_("The file holds NUL characters: it is not text. Upload a CSV or XLSX file."))
    return text


def repair(text: str) -> tuple[str, bool, str]:
    """Undo one wrong decoding when that leaves no sign of it: the text, whether it was repaired, a remark.

    Text that shows the signs and cannot be repaired is kept as it is, with the remark saying so.
    """
    signs = Counter(match[0] for match in _WRONG.finditer(text))
    if not signs:
        return text, False, ""
    sign, count = signs.most_common(1)[0]
    shown = sign if sign.isprintable() else f"U+{ord(sign[0]):04X}"
    for wrong, right in _REPAIRS:
        try:
            better = text.encode(wrong).decode(right)
        except UnicodeError:
            continue
        if not _WRONG.search(better):
            found = better.encode("utf-8", "replace") and _original(sign, wrong, right)
            return (
                better,
                True,
                _(
                    "The text of this file was decoded wrongly before it came here (%(count)s × “%(shown)s” "
                    "where “%(found)s” belongs); that was undone."
                )
                % {"count": count, "shown": shown, "found": found},
            )
    return (
        text,
        False,
        _(
            "The text of this file looks decoded wrongly (%(count)s × “%(shown)s”) and could not be repaired. "
            "Ask for the original file."
        )
        % {"count": count, "shown": shown},
    )


def _original(sign: str, wrong: str, right: str) -> str:
    try:
        return sign.encode(wrong).decode(right)
    except UnicodeError:
        return "?"


def _delimiter(text: str) -> tuple[str, str]:
    """The delimiter, and the text without Excel's line that names it."""
    named = re.match(r"\s*sep=(.)\r?\n", text)
    if named:
        return named[1], text[named.end() :]
    return max(DELIMITERS, key=lambda delimiter: _score(text, delimiter)), text


def _score(text: str, delimiter: str) -> tuple[float, int]:
    """How table-like the first rows are: many rows of one width, then many columns."""
    widths: Counter[int] = Counter()
    try:
        for number, cells in enumerate(_reader(text, delimiter)):
            if number >= SAMPLE:
                break
            widths[len(cells)] += bool(cells)
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = max(((w, n) for w, n in widths.items()), key=lambda pair: (pair[1], pair[0]))
    if width < 2:  # noqa: PLR2004  one column needs no separator
        return 0.0, width
    return round(count / sum(widths.values()), 1), width
