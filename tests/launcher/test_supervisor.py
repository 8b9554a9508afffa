"""The supervisor restarts what dies, tells the world, and stops in order."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from launcher import children
from launcher.layout import Layout, service_account
from launcher.supervisor import HOPELESS, LogTail, Member, StopRequestedError, Supervisor

SLEEPER = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)"]
FALLING = [sys.executable, "-c", "raise SystemExit(3)"]


def starter(command: list[str]) -> Callable[[IO[bytes]], "subprocess.Popen[bytes]"]:
    return lambda log: children.start(command, environment=dict(os.environ), log=log)


@pytest.fixture
def supervisor(tmp_path: Path):
    (tmp_path / "logs").mkdir()
    made = Supervisor(Layout(tmp_path, tmp_path, tmp_path / "run", service_account()), facts={"url": "http://x"})
    yield made
    for member in made.members:
        if member.child is not None:
            children.stop(member.child, [(signal.SIGKILL, 5.0)])


def pids(supervisor: Supervisor) -> dict[str, int]:
    found = json.loads(supervisor.layout.run_file.read_text(encoding="utf-8"))
    return {process["name"]: process["pid"] for process in found["processes"]}


def test_dead_process_is_started_again_and_written_down(supervisor: Supervisor) -> None:
    supervisor.add(Member("web", starter(SLEEPER), [(signal.SIGTERM, 5.0)], port=8000))
    before = pids(supervisor)["web"]
    os.kill(before, signal.SIGKILL)
    supervisor.wait_for("web", lambda: pids(supervisor).get("web", before) != before, 10)
    assert Path(f"/proc/{pids(supervisor)['web']}").exists()
    assert not Path(f"/proc/{before}").exists()


def test_process_that_keeps_dying_is_tried_less_and_less_often(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launcher.supervisor.FIRST_DELAY", 0.001)
    given_up: list[int] = []
    member = Member(
        "redis", starter(FALLING), [(signal.SIGTERM, 5.0)], set_aside=lambda: given_up.append(member.deaths)
    )
    supervisor.add(member)
    supervisor.wait_for("redis", lambda: member.deaths > HOPELESS, 60)
    assert given_up == [HOPELESS]
    assert supervisor.members[0].due > 0


def test_wish_to_stop_ends_the_ticking_and_every_process(supervisor: Supervisor) -> None:
    supervisor.add(Member("worker", starter(SLEEPER), [(signal.SIGTERM, 5.0)]))
    pid = pids(supervisor)["worker"]
    supervisor.stopping = True
    with pytest.raises(StopRequestedError):
        supervisor.tick()
    before = [signal.getsignal(sig) for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    supervisor.stop()
    for sig, handler in zip((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), before, strict=True):
        signal.signal(sig, handler)
    assert not Path(f"/proc/{pid}").exists()
    assert not supervisor.layout.run_file.exists()


def test_log_is_shown_line_by_line_with_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"one\ntw")
    tail = LogTail(log, "web")
    tail.show()
    with log.open("ab") as file:
        file.write("o ü\n".encode())
    tail.show()
    assert capsys.readouterr().out == "web      | one\nweb      | two ü\n"


def test_long_log_is_cut_and_followed_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("launcher.supervisor.LARGEST_LOG", 10)
    log = tmp_path / "web.log"
    tail = LogTail(log, "web")
    with log.open("ab") as writer:
        writer.write(b"a long first line\n")
        writer.flush()
        tail.show()
        assert log.stat().st_size == 0
        writer.write(b"next\n")
        writer.flush()
        tail.show()
    assert capsys.readouterr().out.endswith("web      | next\n")
    assert log.with_suffix(".log.1").read_bytes() == b"a long first line\n"
