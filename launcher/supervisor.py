"""Keeps the processes of the portal alive, shows their logs with a prefix, and stops them in order."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from launcher import children
from launcher.errors import LauncherError
from launcher.layout import Layout, say, write_private

TICK = 0.1
FIRST_DELAY, LONGEST_DELAY = 0.2, 30.0
STABLE_AFTER = 20.0  # seconds of life after which a death counts as the first one again
HOPELESS = 6  # quick deaths in a row after which data that can be made again is set aside
LARGEST_LOG = 20 * 1024 * 1024
COLOURS = {"postgres": 34, "redis": 31, "web": 32, "worker": 33, "beat": 35, "setup": 36}


class StopRequestedError(Exception):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


@dataclass
class Member:
    """One process to keep alive."""

    name: str
    start: Callable[[IO[bytes]], subprocess.Popen[bytes]]
    stop_signals: Sequence[tuple[signal.Signals, float]]
    set_aside: Callable[[], None] = lambda: None
    port: int | None = None
    child: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    began: float = 0.0
    due: float = 0.0

    def is_alive(self) -> bool:
        return self.child is not None and self.child.poll() is None


@dataclass
class LogTail:
    """Shows what has been added to a log file, line by line."""

    path: Path
    name: str
    offset: int = 0
    rest: bytes = b""

    def show(self) -> None:
        try:
            size = self.path.stat().st_size
            if size == self.offset:
                return
            with self.path.open("rb") as file:
                file.seek(self.offset if size > self.offset else 0)
                new = file.read(1024 * 1024)
                self.offset = file.tell()
        except OSError:
            return
        *lines, self.rest = (self.rest + new).split(b"\n")
        for line in lines:
            print_line(self.name, line.decode("utf-8", "replace"))
        if self.offset > LARGEST_LOG:
            self._cut()

    def _cut(self) -> None:
        """Keep one old file. The writers append, so they go on at the new start."""
        self.path.with_suffix(".log.1").write_bytes(self.path.read_bytes())
        with self.path.open("r+b") as file:
            file.truncate(0)
        self.offset = 0


def print_line(name: str, line: str) -> None:
    """One line of the common log; a closed terminal is no reason to stop."""
    prefix = f"{name:<8} |"
    try:
        if sys.stdout.isatty():
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        sys.stdout.write(f"{prefix} {line}\n")
        sys.stdout.flush()
    except (OSError, ValueError):
        pass


@dataclass
class Supervisor:
    """The processes of one running portal. Everything happens in the main thread, see `children.die_with_parent`."""

    layout: Layout
    members: list[Member] = field(default_factory=list)
    tails: dict[str, LogTail] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    stopping: bool = False

    def listen_for_signals(self) -> None:
        """From here on Ctrl-C, SIGTERM and a closed terminal mean: stop in order."""
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, self._asked_to_stop)

    def _asked_to_stop(self, *_signal: object) -> None:
        self.stopping = True

    def log_of(self, name: str) -> Path:
        return self.layout.logs / f"{name}.log"

    def _open_log(self, name: str) -> IO[bytes]:
        path = self.log_of(name)
        if name not in self.tails:
            if path.exists():
                path.replace(path.with_suffix(".log.1"))
            self.tails[name] = LogTail(path, name)
        return path.open("ab")

    def add(self, member: Member) -> None:
        """Start a process and keep it alive from now on."""
        self.members.append(member)
        self._start(member)
        self.write_run_file()

    def _start(self, member: Member) -> None:
        with self._open_log(member.name) as log:
            member.child = member.start(log)
        member.began = time.monotonic()

    def tick(self) -> None:
        """Show new log lines, restart the dead, and notice a wish to stop."""
        for tail in self.tails.values():
            tail.show()
        for member in self.members:
            self._care_for(member)
        if self.stopping:
            raise StopRequestedError
        time.sleep(TICK)

    def _care_for(self, member: Member) -> None:
        if member.is_alive():
            return
        now = time.monotonic()
        if member.child is not None:
            self._bury(member, now)
        elif now >= member.due:
            self._start(member)
            self.write_run_file()

    def _bury(self, member: Member, now: float) -> None:
        assert member.child is not None  # noqa: S101  the caller has looked
        children.clear_session(member.child)
        member.deaths = 1 if now - member.began > STABLE_AFTER else member.deaths + 1
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (member.deaths - 1))
        member.due = now + delay
        say(f"{member.name} ended with status {member.child.returncode}; starting it again in {delay:.1f} s")
        member.child = None
        if member.deaths == HOPELESS:
            member.set_aside()

    def wait_for(self, what: str, ready: Callable[[], bool], seconds: float) -> None:
        """Tick until `ready`; the problem names the log."""
        until = time.monotonic() + seconds
        while not ready():
            self.tick()
            if time.monotonic() > until:
                message = f"{what} was not ready after {seconds:.0f} s; see {self.log_of(what)}"
                raise LauncherError(message)

    def run_steps(self, name: str, steps: Sequence[Callable[[IO[bytes]], subprocess.Popen[bytes]]]) -> bool:
        """Run short-lived processes side by side to their end. Whether all of them succeeded."""
        with self._open_log(name) as log:
            running = [step(log) for step in steps]
        try:
            while any(child.poll() is None for child in running):
                self.tick()
        finally:
            for child in running:
                children.stop(child, [(signal.SIGTERM, 5.0)])
        self.tails[name].show()
        return all(child.returncode == 0 for child in running)

    def write_run_file(self) -> None:
        """Tell other programs which processes run, see docs/operations.md."""
        processes = [
            {
                "name": member.name,
                "pid": member.child.pid,
                "port": member.port,
                "log": str(self.log_of(member.name)),
            }
            for member in self.members
            if member.child is not None
        ]
        text = json.dumps({**self.facts, "processes": processes}, indent=1)
        write_private(self.layout.run_file, text + "\n", mode=0o644)

    def stop(self) -> None:
        """Stop the newest first: nobody loses a server that it still needs."""
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, signal.SIG_IGN)
        say("stopping")
        living = [member for member in reversed(self.members) if member.child is not None]
        for member in living:  # ask the upper ones together; they do not need each other
            if member.name not in {"postgres", "redis"} and member.is_alive():
                member.child.send_signal(member.stop_signals[0][0])  # type: ignore[union-attr]  # it runs
        for member in living:
            if member.child is not None:
                children.stop(member.child, member.stop_signals)
        for tail in self.tails.values():
            tail.show()
        self.layout.run_file.unlink(missing_ok=True)
