"""Setting a typst template with data; the shared look is in style.typ, the fonts lie beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typst

if TYPE_CHECKING:
    import datetime as dt

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent


def typeset(template: Path, data: Mapping[str, Any], moment: dt.datetime) -> bytes:
    """The pages of a template of this portal as PDF; the same for the same data and `moment`. About 0.2 s."""
    made: bytes = typst.compile(
        str(template),
        root=str(ROOT),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        timestamp=moment.replace(microsecond=0),
    )
    return made
