"""Translations without gettext's tools: Babel reads and writes the files. Run inside the virtual environment."""

import os
import subprocess
import sys
from pathlib import Path

from launcher.errors import LauncherError
from launcher.layout import PYTHON, TREE, say


def catalogues() -> list[Path]:
    """The catalogues of the tree, sorted."""
    return sorted([*TREE.glob("locale/*/LC_MESSAGES/*.po"), *TREE.glob("*/locale/*/LC_MESSAGES/*.po")])


def ensure_compiled() -> None:
    """Compile what is newer than its compiled twin."""
    stale = [po for po in catalogues() if not _is_fresh(po)]
    if not stale:
        return
    say("compiling the translations")
    command = [str(PYTHON), "-m", "launcher.messages", *map(str, stale)]
    done = subprocess.run(command, cwd=TREE, check=False, capture_output=True, text=True)  # noqa: S603  our own
    if done.returncode != 0:
        message = f"The translations could not be compiled: {done.stderr.strip()[-400:]}"
        raise LauncherError(message)


def _is_fresh(po: Path) -> bool:
    compiled = po.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime_ns >= po.stat().st_mtime_ns


def compile_one(po: Path) -> None:
    """Write the compiled catalogue in one step. Fuzzy texts are left out: a wrong text is worse than English."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with po.open("rb") as file:
        catalogue = read_po(file)
    draft = po.with_suffix(f".mo.{os.getpid()}")
    with draft.open("wb") as file:
        write_mo(file, catalogue, use_fuzzy=False)
    draft.replace(po.with_suffix(".mo"))


def incomplete(po: Path) -> list[str]:
    """The texts of a catalogue that are fuzzy or not translated."""
    from babel.messages.pofile import read_po

    with po.open("rb") as file:
        catalogue = read_po(file)
    return [str(text.id) for text in catalogue if text.id and (text.fuzzy or not _is_translated(text.string))]


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def judge(catalogue_files: list[Path]) -> int:
    """Name every text that lacks a translation. Finding no catalogue at all is not right either."""
    if not catalogue_files:
        sys.stderr.write("There is no catalogue of translations to judge.\n")
        return 1
    problems = [
        f"{po.relative_to(TREE)}: {text!r} is not translated" for po in catalogue_files for text in incomplete(po)
    ]
    sys.stderr.write("".join(f"{problem}\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--judge"]:
        sys.exit(judge([Path(name) for name in sys.argv[2:]]))
    for name in sys.argv[1:]:
        compile_one(Path(name))
