"""Where things lie and who owns them."""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from launcher.errors import LauncherError

TREE = Path(__file__).resolve().parent.parent
VENV = TREE / ".venv"
PYTHON = VENV / "bin" / "python"
SERVICE_USER = "pmo-portal"


def say(text: str) -> None:
    """A progress line for the person at the terminal; a closed terminal is no reason to stop."""
    try:
        sys.stderr.write(f"portal   | {text}\n")
        sys.stderr.flush()
    except OSError:
        pass


def is_given(name: str) -> bool:
    """Whether a variable, or its `_FILE` twin, is set."""
    return bool(os.environ.get(name, "").strip() or os.environ.get(f"{name}_FILE", "").strip())


@dataclass(frozen=True)
class Account:
    """The operating-system account that database and Redis run as."""

    uid: int
    gid: int
    name: str

    @property
    def is_another(self) -> bool:
        """Whether processes must change to this account."""
        return self.uid != os.geteuid()

    def identity(self) -> dict[str, Any]:
        """Arguments for subprocess that make the child run as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_another else {}

    def can(self, *command: str, cwd: str = "/") -> bool:
        """Whether a command succeeds as this account."""
        try:
            done = subprocess.run(  # noqa: S603  our own commands
                command, cwd=cwd, env=plain_environment(), capture_output=True, check=False, timeout=60,
                **self.identity(),
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0


def plain_environment() -> dict[str, str]:
    """An environment that carries nothing of the caller's over to a server."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/"}


def service_account() -> Account:
    """Ourselves; for root, who may not run PostgreSQL, an account of the portal's own (made when it is missing)."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), _name_of(os.geteuid()))
    return _known(SERVICE_USER) or _made() or _known("postgres") or _known("nobody") or _nobody()


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _known(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid, name)


def _made() -> Account | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin")
    if useradd:
        arguments = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        shell = ["--shell", "/usr/sbin/nologin"]
        command = [useradd, *arguments, *shell, SERVICE_USER]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603  a fixed command
    return _known(SERVICE_USER)


def _nobody() -> Account:
    message = "There is no account to run the database as. Add one: useradd --system pmo-portal"
    raise LauncherError(message)


@dataclass(frozen=True)
class Layout:
    """One installation's folders: `front` in the tree for people to look at, `state` for what the servers keep."""

    front: Path
    state: Path
    run: Path
    account: Account

    @cached_property
    def logs(self) -> Path:
        return self.front / "logs"

    @property
    def run_file(self) -> Path:
        return self.front / "run.json"

    @property
    def lock_file(self) -> Path:
        return self.front / "lock"

    @property
    def users_file(self) -> Path:
        return self.front / "users.lock"

    def make(self) -> None:
        """Make every folder with its owner and rights; root's state lies elsewhere and is linked from the tree."""
        self.front.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        make_private(self.run, self.account)
        if self.state == self.front:
            self.state.chmod(0o700)
            return
        self.state.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        make_private(self.state, self.account)
        for name in ("mail", "media", "demo.json"):
            link = self.front / name
            if not link.is_symlink() and not link.exists():
                link.symlink_to(self.state / name)


def installation() -> Layout:
    """The layout of the tree that this launcher lies in."""
    # With real servers nothing has to be run as anybody else.
    embeds = not (is_given("DATABASE_URL") and is_given("REDIS_URL"))
    account = service_account() if embeds else Account(os.geteuid(), os.getegid(), _name_of(os.geteuid()))
    front = Path(os.environ.get("PMO_STATE_DIR") or TREE / ".portal").absolute()
    digest = hashlib.sha256(str(front).encode()).hexdigest()[:12]
    state = Path("/var/lib") / SERVICE_USER / digest if account.is_another else front
    return Layout(front, state, Path("/tmp") / f"pmo-{account.uid}-{digest}", account)  # noqa: S108  made 0700 and checked


def make_private(folder: Path, account: Account) -> None:
    """A folder that only `account` may enter; refuses one that somebody else has put there."""
    try:
        folder.mkdir(mode=0o700)
        if account.is_another:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {account.uid, 0}:
        message = f"{folder} belongs to somebody else. Remove it and start again."
        raise LauncherError(message)
    if found.st_uid != account.uid:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def give(folder: Path, account: Account) -> None:
    """Hand a folder and all in it to an account (root may have written there)."""
    if not account.is_another:
        return
    for place, _folders, files in os.walk(folder):
        for path in (Path(place), *(Path(place) / name for name in files)):
            if path.lstat().st_uid != account.uid:
                os.lchown(path, account.uid, account.gid)


def write_private(path: Path, text: str, account: Account | None = None, mode: int = 0o600) -> None:
    """Write a file in one step: readers see the old text or the new one, never a half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    if account is not None and account.is_another:
        os.chown(draft, account.uid, account.gid)
    draft.replace(path)


def kept_secret(path: Path, account: Account) -> str:
    """The random text in a private file, made at first use."""
    try:
        found = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        found = ""
    if not found:
        found = secrets.token_urlsafe(48)
        write_private(path, found + "\n", account)
    return found


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file's object, empty when it is missing or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
