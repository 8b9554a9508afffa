"""`./portal test` and `./portal bench`: on servers of their own that are gone afterwards."""

import fcntl
import hashlib
import os
import shutil
import signal
import sys
from pathlib import Path

from launcher import messages, virtualenv
from launcher.errors import LauncherError
from launcher.layout import PYTHON, TREE, Account, give, installation, say
from launcher.postgres import DATABASE
from launcher.servers import Servers, foreground, hermetic, serving, throw_away

KEPT_TEMPLATES = 3


def test(arguments: list[str]) -> int:
    """Run pytest. What is missing is said before anything runs; nothing is skipped in silence."""
    virtualenv.ensure("dev")
    browser = virtualenv.ensure_browser()
    messages.ensure_compiled()
    stop_on_sigterm()
    with throw_away() as (folder, servers, account):
        _lay_template(servers, account)
        with serving(servers, folder):
            environment = {**_environment(folder, servers), "CHROMIUM": str(browser), "PMO_TEST_TEMPLATE": DATABASE}
            return foreground([str(PYTHON), "-m", "pytest", *_side_by_side(arguments), *arguments], environment)


def bench(arguments: list[str]) -> int:
    """Run the measurements of `bench/` on a scratch database with the durability of a real one."""
    virtualenv.ensure("dev")
    messages.ensure_compiled()
    stop_on_sigterm()
    with throw_away(durable=True) as (folder, servers, _account), serving(servers, folder):
        environment = _environment(folder, servers)
        _manage(environment, "migrate", "--no-input", "--verbosity", "0")
        environment |= {"PMO_STATEMENT_TIMEOUT": "0"}
        return foreground([str(PYTHON), "-m", "bench", *arguments], environment)


def stop_on_sigterm() -> None:
    """SIGTERM unwinds like Ctrl-C does, so that servers and folders are cleared away."""

    def leave(*_signal: object) -> None:
        sys.exit(143)

    signal.signal(signal.SIGTERM, leave)


def _environment(folder: Path, servers: Servers) -> dict[str, str]:
    state = folder / "state"
    for name in ("static", "media", "mail"):
        (state / name).mkdir(parents=True)
    return {
        **hermetic(),
        **servers.environment(),
        "PMO_STATE_DIR": str(state),
        # Files come from where they lie: no collectstatic. A test of its own proves that collecting works.
        "PMO_STATIC_COLLECTED": "0",
        # Playwright keeps an event loop in the thread of the test, which Django takes for asynchronous code.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "PYTHONDEVMODE": "",
    }


def _side_by_side(arguments: list[str]) -> list[str]:
    """Two workers when the whole suite is asked for; for a part of it starting them costs more than they save."""
    asked = any(argument.startswith(("-n", "--numprocesses")) or not argument.startswith("-") for argument in arguments)
    return [] if asked else ["-n", "2"]


def _manage(environment: dict[str, str], *arguments: str) -> None:
    quiet = {**environment, "PMO_STATEMENT_TIMEOUT": "0", "PMO_LOG_LEVEL": "WARNING"}
    if foreground([str(PYTHON), "manage.py", *arguments], quiet) != 0:
        message = f"The database could not be prepared (manage.py {arguments[0]} failed, see above)."
        raise LauncherError(message)


def _lay_template(servers: Servers, account: Account) -> None:
    """Begin with a copy of a cluster in which this tree's migrations have already been applied, else make it."""
    assert servers.postgres is not None  # noqa: S101  a throw-away set is complete
    place = _template_place(servers.postgres.bin)
    place.parent.mkdir(parents=True, exist_ok=True)
    home = servers.postgres.data.parent
    with place.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (place / "done").exists():
            _make_template(place)
        os.utime(place)
        shutil.copytree(place / "postgres", servers.postgres.data, symlinks=True)
        shutil.copy2(place / "postgres-password", home / "postgres-password")
    servers.postgres.data.chmod(0o700)
    give(home, account)


def _make_template(place: Path) -> None:
    say("preparing the test database (once for each set of migrations)")
    shutil.rmtree(place, ignore_errors=True)
    _forget_old(place.parent)
    with throw_away() as (folder, servers, _account):
        assert servers.postgres is not None  # noqa: S101  a throw-away set is complete
        with serving(servers, folder):
            environment = _environment(folder, servers)
            _manage(environment, "migrate", "--no-input", "--verbosity", "0")
        place.mkdir()
        shutil.copytree(servers.postgres.data, place / "postgres", symlinks=True)
        shutil.copy2(servers.postgres.password_file, place / "postgres-password")
        (place / "done").touch()


def _forget_old(folder: Path) -> None:
    found = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in found[KEPT_TEMPLATES - 1 :]:
        try:
            with old.with_suffix(".lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(old, ignore_errors=True)
        except BlockingIOError:  # somebody copies it right now
            continue


def _template_place(binaries: Path) -> Path:
    """Changes with every migration, the pinned packages and the server that made it."""
    digest = hashlib.sha256(f"{binaries} {(binaries / 'postgres').stat().st_size}".encode())
    for path in [TREE / "requirements.txt", *sorted(TREE.glob("*/migrations/*.py"))]:
        digest.update(str(path.relative_to(TREE)).encode() + path.read_bytes())
    return installation().front / "test-databases" / digest.hexdigest()[:16]
