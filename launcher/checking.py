"""`./portal check` judges and changes nothing; `./portal fix` repairs."""

import subprocess
import sys
from collections.abc import Callable

from launcher import messages, virtualenv
from launcher.errors import LauncherError
from launcher.layout import PYTHON, TREE, say
from launcher.servers import hermetic, serving, throw_away

NOWHERE = {
    # The judging tools import the settings but never connect.
    "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PMO_STATE_DIR": "/nonexistent",
}


def check(names: list[str]) -> int:
    """Run the named judgements, all of them by default. Every one runs, so one go shows all problems."""
    judgements: dict[str, Callable[[], bool]] = {
        "lint": lambda: _tool("ruff", "check", "."),
        "format": lambda: _tool("ruff", "format", "--check", "."),
        "types": lambda: _tool("mypy"),
        "imports": lambda: _tool("lint-imports"),
        "templates": lambda: _tool("djlint", "--lint", "--quiet", "templates"),
        "migrations": _migrations,
        "translations": _translations,
    }
    unknown = set(names) - set(judgements)
    if unknown:
        message = f"./portal check knows: {', '.join(judgements)}. Not: {', '.join(sorted(unknown))}."
        raise LauncherError(message)
    virtualenv.ensure("dev")
    failed = [name for name, judge in judgements.items() if (not names or name in names) and not _said(name, judge)]
    say(f"not right: {', '.join(failed)}" if failed else "everything is right")
    return 1 if failed else 0


def _said(name: str, judge: Callable[[], bool]) -> bool:
    say(f"check {name}")
    return judge()


def _tool(program: str, *arguments: str, extra: dict[str, str] | None = None) -> bool:
    """Run a tool of the virtual environment by module: its scripts carry the path that they were made at."""
    start = ["-c", "from importlinter.cli import lint_imports_command as run; run()"]
    module = start if program == "lint-imports" else ["-m", program]
    environment = {**hermetic(), **NOWHERE, **(extra or {})}
    sys.stdout.flush()
    return subprocess.run([str(PYTHON), *module, *arguments], cwd=TREE, check=False, env=environment).returncode == 0  # noqa: S603  our own words


def _migrations() -> bool:
    with throw_away() as (folder, servers, _account), serving(servers, folder) as addresses:
        return _tool("launcher.migration_check", extra=addresses)


def _translations() -> bool:
    """Every text of every catalogue is translated and none is a guess."""
    return _tool("launcher.messages", "--judge", *map(str, messages.catalogues()))


def fix() -> int:
    """Sort imports, format, repair lint that can be repaired, and lock the requirements anew."""
    virtualenv.ensure("dev")
    right = [_tool("ruff", "check", "--fix", "."), _tool("ruff", "format", "."), _lock()]
    return 0 if all(right) else 1


def _lock() -> bool:
    options = ["--quiet", "--generate-hashes", "--python-version", "3.11"]
    return all(
        _tool("uv", "pip", "compile", *options, f"{name}.in", "--output-file", f"{name}.txt")
        for name in ("requirements", "requirements-dev")
    )
