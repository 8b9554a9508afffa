"""Database and Redis for one installation or for one throw-away purpose, and the environment that points to them."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from launcher import children
from launcher.errors import LauncherError
from launcher.layout import TREE, VENV, Account, Layout, is_given, kept_secret, make_private, service_account
from launcher.postgres import Postgres
from launcher.valkey import Valkey

OURS = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "ALLOWED_HOSTS")
THROW_AWAY = "pmo-test-"


@dataclass
class Servers:
    """The embedded servers; `None` where an address in the environment names a real one."""

    postgres: Postgres | None
    redis: Valkey | None

    def each(self) -> list[Postgres | Valkey]:
        """Those that are embedded."""
        return [server for server in (self.postgres, self.redis) if server is not None]

    def environment(self) -> dict[str, str]:
        """The addresses of the embedded servers as variables."""
        found = {}
        if self.postgres is not None:
            found["DATABASE_URL"] = self.postgres.address()
        if self.redis is not None:
            found["REDIS_URL"] = self.redis.address()
        return found


def embedded(layout: Layout) -> Servers:
    """The servers that this installation brings itself."""
    return Servers(
        None if is_given("DATABASE_URL") else Postgres(layout.state / "postgres", layout.run, layout.account),
        None if is_given("REDIS_URL") else Valkey(layout.state / "redis", layout.run, layout.account),
    )


def load_env_file(path: Path) -> None:
    """Read `NAME=value` lines into the environment; what is set already wins."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, separator, value = text.partition("=")
        if not separator or not name.strip().isidentifier():
            message = f"Line {number} of {path} is not NAME=value."
            raise LauncherError(message)
        os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def django_environment(layout: Layout, servers: Servers) -> dict[str, str]:
    """The environment of every process of this installation."""
    secret = {} if is_given("SECRET_KEY") else {"SECRET_KEY": kept_secret(layout.state / "secret-key", layout.account)}
    return {**os.environ, **basics(), **secret, **servers.environment(), "PMO_STATE_DIR": str(layout.state)}


def basics() -> dict[str, str]:
    """What any Python process of the portal needs."""
    return {
        "DJANGO_SETTINGS_MODULE": "pmo_portal.settings",
        "PYTHONPATH": str(TREE),
        "PYTHONUNBUFFERED": "1",
        "PATH": f"{VENV / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}",
    }


def hermetic() -> dict[str, str]:
    """Our environment without anything that configures a portal: tests must not depend on it, nor touch real data."""
    names = {*OURS, *(f"{name}_FILE" for name in OURS)}
    kept = {name: value for name, value in os.environ.items() if name not in names and not name.startswith("PMO_")}
    return {**kept, **basics(), "SECRET_KEY": "only-for-tests-" + "x" * 40}


@contextmanager
def serving(servers: Servers, logs: Path) -> Iterator[dict[str, str]]:
    """Run the embedded servers for the length of a block."""
    started = []
    try:
        for server in servers.each():
            server.prepare()
            log = logs / f"{server.name}.log"
            with log.open("ab") as file:
                child = server.start(file)
            started.append((server, child))
        for server, child in started:
            if not children.wait_until(server.is_ready, lambda child=child: child.poll() is None, 60):  # type: ignore[misc]  # the default binds this child
                message = f"{server.name} did not start; see {logs / (server.name + '.log')}"
                raise LauncherError(message)
        yield servers.environment()
    finally:
        for server, child in reversed(started):
            children.stop(child, server.stop_signals)


@contextmanager
def throw_away(*, durable: bool = False) -> Iterator[tuple[Path, Servers, Account]]:
    """A folder and servers that are gone after the block. Each caller has its own, so parallel runs never meet."""
    account = service_account()
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=THROW_AWAY, dir=_short_temp()))
    # Others only pass through; what must stay private is private itself.
    folder.chmod(0o711)
    with (folder / "alive").open("w") as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)
        try:
            run, state = folder / "run", folder / "servers"
            make_private(run, account)
            make_private(state, account)
            fast = not durable
            yield (
                folder,
                Servers(
                    Postgres(state / "postgres", run, account, throw_away=fast),
                    Valkey(state / "redis", run, account, throw_away=fast),
                ),
                account,
            )
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _short_temp() -> str:
    """A folder whose name is short: the path of a unix socket ends at 107 bytes."""
    return "/tmp" if os.access("/tmp", os.W_OK) else tempfile.gettempdir()  # noqa: S108  mkdtemp makes it private


def _sweep() -> None:
    """Remove what a killed run has left behind: the lock of a living one is held."""
    for folder in Path(_short_temp()).glob(f"{THROW_AWAY}*"):
        try:
            with (folder / "alive").open("r+") as alive:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue


@contextmanager
def deaf_to_interrupt() -> Iterator[None]:
    """While a child has the terminal, Ctrl-C is for the child; we go on when it has ended."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def foreground(command: list[str], environment: Mapping[str, str], cwd: Path = TREE) -> int:
    """Run a command with the terminal's input and output; it ends with us. Returns its exit status."""
    sys.stdout.flush()
    mortal = children.die_with_parent(signal.SIGTERM)

    def arm() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        mortal()

    with deaf_to_interrupt():
        child = subprocess.Popen(command, cwd=cwd, env=dict(environment), preexec_fn=arm)  # noqa: S603, PLW1509  our own words; the child only arms its end
        try:
            return child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()
