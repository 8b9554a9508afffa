"""A whole portal under test: database, Redis, two workers and beat of its own, each brought back when it dies."""

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psycopg2

from launcher import children, run, testing
from launcher.layout import PYTHON, TREE, Account
from launcher.servers import Servers, hermetic, throw_away
from launcher.supervisor import Member
from tests.chaos.sink import Sink

PAUSE = 0.3
PATIENCE = 10.0
AT_WORK = "SELECT count(*) FROM reporting_reportslot WHERE state = 'due' AND leased_until > now()"
WORKERS = ("worker-1", "worker-2")
GRACEFUL = ((signal.SIGTERM, 8.0),)


@dataclass
class Stack:
    """`environment` is that of every process; `faults` counts what was done to them."""

    folder: Path
    servers: Servers
    account: Account
    sink: Sink
    environment: dict[str, str]
    app: str
    members: dict[str, Member] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    died: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, start: Callable[[IO[bytes]], "subprocess.Popen[bytes]"], stop: Any = GRACEFUL) -> None:
        self.members[name] = Member(name, start, stop)
        self._start(name)

    def _start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.members[name].child = self.members[name].start(log)

    def process(self, command: list[str]) -> Callable[[IO[bytes]], "subprocess.Popen[bytes]"]:
        command = [self.app if word == "pmo_portal" else word for word in command]

        def start(log: IO[bytes]) -> "subprocess.Popen[bytes]":
            return children.start(
                command, environment=self.environment, log=log, cwd=TREE, on_parent_death=signal.SIGKILL
            )

        return start

    def tend(self, seconds: float) -> None:
        """Let it run, and bring back what has died."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for name, member in self.members.items():
                if member.is_alive():
                    self.died.pop(name, None)
                elif time.monotonic() - self.died.setdefault(name, time.monotonic()) > PAUSE:
                    assert member.child is not None
                    children.clear_session(member.child)
                    self._start(name)
                    del self.died[name]
            time.sleep(0.05)

    def python(self, *arguments: str) -> Any:
        """Run a module of the tests in the stack's environment; it answers in JSON."""
        done = subprocess.run(
            [str(PYTHON), "-m", *arguments], cwd=TREE, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def sql(self, query: str) -> Any:
        """The first value of a query; None while the database is away."""
        try:
            connection = psycopg2.connect(self.environment["DATABASE_URL"], connect_timeout=2)
        except psycopg2.OperationalError:
            return None
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(query)
                row = cursor.fetchone()
                return row[0] if row else None
        except psycopg2.Error:
            return None
        finally:
            connection.close()

    # ---- faults -----------------------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """Kill -9 of one process, without a word of warning."""
        child = self.members[name].child
        if child is not None and child.poll() is None:
            child.kill()
            self.faults[f"kill {name}"] += 1

    def wait_for_work(self, patience: float = PATIENCE) -> bool:
        """Whether a report was begun within some seconds: a fault that hits nobody at work proves nothing."""
        until = time.monotonic() + patience
        while time.monotonic() < until:
            for _look in range(40):
                if self.sql(AT_WORK):
                    return True
            self.tend(0.01)
        return False

    def kill_at_work(self, *names: str) -> None:
        """Kill workers in the middle of a report."""
        if self.wait_for_work():
            for name in names:
                self.kill(name)

    def kill_pool_child(self, chance: random.Random) -> None:
        """Kill -9 of one of a worker's pool processes: its master lives on."""
        master = self.members[chance.choice(WORKERS)].child
        assert master is not None
        try:
            pids = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text("ascii").split()
            if pids:
                os.kill(int(chance.choice(pids)), signal.SIGKILL)
                self.faults["kill pool process"] += 1
        except (OSError, ValueError):
            return

    def flush_redis(self) -> None:
        """Wipe all that the broker knows."""
        assert self.servers.redis is not None
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(1)
                line.connect(str(self.servers.redis.socket))
                line.sendall(b"FLUSHALL\r\n")
                if line.recv(16).startswith(b"+OK"):
                    self.faults["flush redis"] += 1
        except OSError:
            return

    def kill_backends(self) -> None:
        """End all sessions of the database but ours."""
        self.wait_for_work()
        ours = "pid <> pg_backend_pid() AND usename = current_user"
        if self.sql(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {ours}"):  # noqa: S608  our own words
            self.faults["end database sessions"] += 1

    def strikes(self, chance: random.Random) -> Iterator[Callable[[], None]]:
        """The eight faults for ever, each once in every round, the order drawn by lot."""
        faults: list[Callable[[], None]] = [
            lambda: self.kill_at_work("worker-1"),
            lambda: self.kill_at_work(*WORKERS),
            lambda: self.kill("beat"),
            lambda: self.kill("redis"),
            lambda: self.kill("postgres"),
            lambda: self.kill_pool_child(chance),
            self.flush_redis,
            self.kill_backends,
        ]
        while True:
            chance.shuffle(faults)
            yield from faults


@contextmanager
def stack(*, app: str, sweep: bool = True) -> Iterator[Stack]:
    """Servers only; `start_processes` adds workers and beat. All of it is gone after the block."""
    sink = Sink()
    with throw_away(durable=True) as (folder, servers, account):
        testing._lay_template(servers, account)
        (folder / "state").mkdir()
        environment = {
            **hermetic(),
            **servers.environment(),
            "PMO_STATE_DIR": str(folder / "state"),
            "PMO_SWEEP": "1" if sweep else "0",
            "PMO_DEBUG": "1",
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        }
        made = Stack(folder, servers, account, sink, environment, app)
        try:
            for server in servers.each():
                server.prepare()
                made.add(server.name, server.start, server.stop_signals)
            for server in servers.each():
                assert children.wait_until(server.is_ready, lambda: True, 60), server.name
            yield made
        finally:
            for member in reversed(made.members.values()):
                if member.child is not None:
                    member.child.kill() if member.name != "postgres" else None
                    children.stop(member.child, member.stop_signals)
            sink.close()


def start_processes(made: Stack) -> None:
    """Two workers and one beat, started exactly as the launcher does it."""
    for name in WORKERS:
        command = [*run.worker_command(), "--hostname", f"{name}@chaos"]
        made.add(name, made.process(command))
    made.add("beat", made.process(run.beat_command(made.folder / "state")))
