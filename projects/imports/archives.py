"""A look into an XLSX file before anything is unpacked: a small file can hold gigabytes."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final

from django.utils.translation import gettext as _

from projects.imports.errors import ImportRefused

MAX_ENTRIES: Final = 2_000
MAX_UNPACKED: Final = 64 * 1024 * 1024
MAX_RATIO: Final = 120
SMALL: Final = 1024 * 1024
"""Below this size an entry may be packed as tightly as it likes."""
HEAD: Final = 4096
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
NEEDED: Final = frozenset({"[Content_Types].xml"})
_DOCTYPE: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)


def is_archive(content: bytes) -> bool:
    """Whether this is a zip file, or what Excel before 2007 and password protection make."""
    return content[:4] in {b"PK\x03\x04", b"PK\x05\x06", OLD_EXCEL}


def check_workbook(content: bytes) -> None:
    """Judge the directory of the archive, unpacking no more than the first bytes of each part.

    Raises: ImportRefused when it is not a workbook or would grow beyond what is reasonable.
    """
    if content[:4] == OLD_EXCEL:
        raise ImportRefused(
            _("This is a workbook of an old Excel, or one with a password. Save it as .xlsx without a password.")
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_sizes(entries, len(content))
            _check_names(entries)
            _check_heads(archive, entries)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise ImportRefused(_("The workbook is damaged and cannot be opened.")) from error


def _check_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    swollen = any(
        entry.file_size > SMALL and entry.file_size > MAX_RATIO * max(entry.compress_size, 1) for entry in entries
    )
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or swollen or packed > size:
        raise ImportRefused(
            _(
                "The workbook was not opened: it holds %(parts)s parts and would unpack to %(size)s MB. "
                "Save only the sheet with the projects, or save it as CSV."
            )
            % {"parts": len(entries), "size": unpacked // (1024 * 1024)}
        )


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    outside = any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names)
    locked = any(entry.flag_bits & 1 for entry in entries)
    if outside or locked or len(set(names)) != len(names):
        raise ImportRefused(_("The workbook was not opened: its parts are locked or have names that no Excel makes."))
    if not set(names) >= NEEDED or not any(name.startswith("xl/workbook") for name in names):
        raise ImportRefused(_("This is a zip file but not an Excel workbook. Upload a CSV or XLSX file."))


def _check_heads(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    for entry in entries:
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        with archive.open(entry) as part:
            if _DOCTYPE.search(part.read(HEAD)):
                raise ImportRefused(_("The workbook was not opened: its XML declares entities, which no Excel does."))
