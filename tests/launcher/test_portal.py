"""The whole portal, started, wounded, backed up, restored and stopped as a person would."""

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from launcher.layout import TREE
from launcher.servers import hermetic

PORTAL = [sys.executable, str(TREE / "portal")]
SESSION = "from django.contrib.sessions.models import Session as S; from django.utils.timezone import now; "


class Running:
    """A portal of the test's own, in a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**hermetic(), "PMO_STATE_DIR": str(folder), "PMO_DEMO": "0", "PMO_WEB_WORKERS": "1"}
        del self.environment["SECRET_KEY"]
        self.output = folder.parent / "output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, port: int) -> None:
        self.output.write_bytes(b"")
        with self.output.open("ab") as file:
            self.process = subprocess.Popen(
                [*PORTAL, "--port", str(port)], env=self.environment, stdout=file, stderr=file, start_new_session=True
            )
        self.wait(lambda: b"The portal is ready" in self.output.read_bytes(), 300)

    def wait(self, true: Any, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert self.process is None or self.process.poll() is None, self.output.read_text(encoding="utf-8")[-3000:]
            assert time.monotonic() < until, self.output.read_text(encoding="utf-8")[-3000:]
            time.sleep(0.1)

    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
        return found

    def pids(self) -> dict[str, int]:
        return {process["name"]: process["pid"] for process in self.facts()["processes"]}

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PORTAL, *arguments], env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.facts()['url']}/healthz", timeout=5) as answer:  # noqa: S310  http, ours
                return bool(answer.status == 200)
        except OSError:
            return False

    def leftovers(self) -> list[str]:
        """Processes that still belong to this portal: each has its state folder in its environment or arguments."""
        found = []
        marks = [str(self.folder).encode(), *(str(p).encode() for p in self.state_elsewhere())]
        for place in Path("/proc").glob("[0-9]*"):
            try:
                text = (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
            except OSError:
                continue
            if any(mark in text for mark in marks) and int(place.name) != os.getpid():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def state_elsewhere(self) -> list[Path]:
        link = self.folder / "media"
        return [link.readlink().parent] if link.is_symlink() else []

    def stop(self, sig: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(sig)
        self.process.wait(40)
        self.process = None
        self.wait(lambda: not self.leftovers(), 15)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    portal = Running(tmp_path / "state")
    yield portal
    if portal.process is not None:
        portal.process.kill()
        portal.process.wait()
    digest = hashlib.sha256(str(portal.folder).encode()).hexdigest()[:12]
    for place in [*portal.state_elsewhere(), *Path("/tmp").glob(f"pmo-*-{digest}")]:  # noqa: S108  where sockets lie
        shutil.rmtree(place)


def test_portal_lives_through_a_day(running: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running.start(port)
        assert f"port {port} is taken; using" in running.output.read_text(encoding="utf-8")
    assert running.is_ready()
    assert set(running.pids()) == {"web", "worker", "beat", "postgres", "redis"}

    again = running.call()
    assert again.returncode == 1
    assert "already running at http://127.0.0.1:" in again.stderr

    for name in ("postgres", "redis", "worker", "web"):
        before = running.pids()
        os.kill(before[name], signal.SIGKILL)
        running.wait(lambda name=name, pid=before[name]: running.pids().get(name, pid) != pid, 60)
    running.wait(running.is_ready, 120)

    said = running.call(
        "manage", "shell", "--no-imports", "-v0", "-c", SESSION + "S(pk='kept', expire_date=now()).save()"
    )
    assert said.returncode == 0, said.stderr
    backup = running.folder.parent / "backup"
    said = running.call("backup", str(backup))
    assert said.returncode == 0, said.stderr
    running.stop(signal.SIGKILL)

    # Nothing runs: the commands bring their own servers, and the data has survived the kill.
    said = running.call("manage", "shell", "--no-imports", "-v0", "-c", SESSION + "print(S.objects.all().delete()[0])")
    assert said.stdout.split() == ["1"], said.stderr
    said = running.call("restore", str(backup), "--yes")
    assert said.returncode == 0, said.stderr
    running.start(port)
    said = running.call("manage", "shell", "--no-imports", "-v0", "-c", SESSION + "print(S.objects.get().pk)")
    assert said.stdout.split() == ["kept"], said.stderr
    running.stop(signal.SIGTERM)
    assert not (running.folder / "run.json").exists()


def test_help_names_every_command() -> None:
    said = subprocess.run([*PORTAL, "--help"], capture_output=True, text=True, check=True)
    for command in ("test", "manage", "check", "fix", "bench", "backup", "restore", "web", "worker", "beat"):
        assert f" {command} " in said.stdout


def test_unknown_command_is_refused_with_the_way_to_help() -> None:
    said = subprocess.run([*PORTAL, "tset"], capture_output=True, text=True, check=False)
    assert (said.returncode, "./portal --help" in said.stderr) == (1, True)


def test_static_files_can_be_collected_under_their_hashed_names(tmp_path: Path) -> None:
    environment = {**os.environ, "PMO_STATIC_COLLECTED": "1", "PMO_STATIC_DIR": str(tmp_path / "static")}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    said = subprocess.run(command, cwd=TREE, env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert len(json.loads((tmp_path / "static" / "staticfiles.json").read_text(encoding="utf-8"))["paths"]) > 50
    assert [path.name for path in (tmp_path / "static").glob("pmo.*.css.gz")], (
        "what a browser asks for is not compressed"
    )
