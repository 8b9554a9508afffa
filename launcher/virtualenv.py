"""The virtual environment with hash-pinned packages, and the Debian packages that the machine lacks."""

import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.errors import LauncherError
from launcher.layout import PYTHON, TREE, VENV, read_json, say

STAMP = VENV / ".portal-stamp"
LOCKS = {"runtime": TREE / "requirements.txt", "dev": TREE / "requirements-dev.txt"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ensure(kind: str) -> None:
    """Make the virtual environment hold exactly the pinned packages of `kind` (runtime or dev)."""
    if _is_right(kind):
        return
    with _alone():
        if _is_right(kind):
            return
        _make()
        _install(LOCKS[kind])
        kinds = ["runtime", "dev"] if kind == "dev" else ["runtime"]
        STAMP.write_text(json.dumps({name: _fingerprint(name) for name in kinds}), encoding="utf-8")


def _fingerprint(kind: str) -> str:
    return hashlib.sha256(LOCKS[kind].read_bytes()).hexdigest()


def _is_right(kind: str) -> bool:
    return PYTHON.exists() and read_json(STAMP).get(kind) == _fingerprint(kind)


@contextmanager
def _alone() -> Iterator[None]:
    """Two launchers must not install into one environment at the same time."""
    (TREE / ".portal").mkdir(exist_ok=True)
    with (TREE / ".portal" / "packages.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another ./portal that is installing packages")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _make() -> None:
    if PYTHON.exists() and _works():
        return
    if not _has_ensurepip():
        _add_debian(["python3-venv"], "Python's venv module is missing")
    say("making the virtual environment")
    shutil.rmtree(VENV, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made")


def _works() -> bool:
    command = [str(PYTHON), "-c", "import pip"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603  a fixed command


def _has_ensurepip() -> bool:
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None


def _install(lock: Path) -> None:
    say("installing the pinned packages (once; about ten seconds)")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        _run([*pip, str(TREE / "launcher" / "uv.txt")], "The installer could not be fetched")
    fast = [str(uv), "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", str(lock)]
    done = subprocess.run(fast, check=False, capture_output=True, text=True, env=_uv_environment())  # noqa: S603  our own words
    if done.returncode != 0:
        # pip knows mirrors and proxies from its own configuration, which uv does not read.
        say("the fast installer failed; trying pip, which takes a minute")
        _run([*pip, str(lock)], "The packages could not be installed")


def _uv_environment() -> dict[str, str]:
    """Our environment, with pip's index and certificates for uv where uv has been given none."""
    environment = {**os.environ, "UV_NO_PROGRESS": "1"}
    index, certificates = _pip_setting("index-url"), _pip_setting("cert")
    if index and "UV_DEFAULT_INDEX" not in os.environ and "UV_INDEX_URL" not in os.environ:
        environment["UV_DEFAULT_INDEX"] = index
    if certificates and "SSL_CERT_FILE" not in os.environ:
        environment["SSL_CERT_FILE"] = certificates
    return environment


def _pip_setting(name: str) -> str:
    """What pip is told by environment or configuration file."""
    given = os.environ.get(f"PIP_{name.upper().replace('-', '_')}")
    command = [str(PYTHON), "-m", "pip", "config", "get", f"global.{name}"]
    return given or subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()  # noqa: S603  our own words


def _run(command: list[str], problem: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  our own commands
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().splitlines()[-5:]
        message = f"{problem}:\n" + "\n".join(last)
        raise LauncherError(message)


def ensure_browser() -> Path:
    """Chromium and the library that Playwright needs, for the journeys; root installs them, others are told."""
    missing = _missing_for_browser()
    if missing:
        _add_debian(missing, "The browser journeys need Chromium")
    found = _chromium()
    if found is None:
        message = "Chromium is installed but cannot be found; put `chromium` on the PATH."
        raise LauncherError(message)
    return Path(found)


def _missing_for_browser() -> list[str]:
    missing = [] if _chromium() else ["chromium"]
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        missing.append("libatomic1")
    return missing


def _chromium() -> str | None:
    given = os.environ.get("CHROMIUM")
    return given or next((found for name in CHROMIUM if (found := shutil.which(name))), None)


def _add_debian(packages: list[str], problem: str) -> None:
    line = f"apt-get update && apt-get install --yes --no-install-recommends {' '.join(packages)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        message = f"{problem}. An administrator must run this once: {line}"
        raise LauncherError(message)
    say(f"installing {', '.join(packages)} (once)")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for part in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        command = ["apt-get", "--quiet", "--quiet", *part]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)  # noqa: S603  our own words
        if done.returncode != 0:
            message = f"{problem}, and apt-get failed: {done.stderr.strip()[-400:]}\nRun by hand: {line}"
            raise LauncherError(message)
