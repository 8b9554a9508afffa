"""`./portal`: set up, start everything, keep it alive, stop it."""

import argparse
import hashlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from launcher import children, locks, messages, virtualenv
from launcher.errors import LauncherError
from launcher.layout import PYTHON, TREE, Account, Layout, give, installation, is_given, read_json, say
from launcher.servers import Servers, django_environment, embedded
from launcher.supervisor import Member, StopRequestedError, Supervisor

PORTS_TO_TRY = 50
WORKER_STATEMENT_SECONDS = "240"  # shorter than a task may take, far longer than a page may
Starter = Callable[[IO[bytes]], "subprocess.Popen[bytes]"]


def web_command(bind: str) -> list[str]:
    """Serve by gunicorn with threads: most of a page's time is spent waiting for the database."""
    workers, threads = os.environ.get("PMO_WEB_WORKERS", "2"), os.environ.get("PMO_WEB_THREADS", "4")
    shape = ["--worker-class", "gthread", "--workers", workers, "--threads", threads]
    times = ["--timeout", "60", "--graceful-timeout", "10", "--keep-alive", "5"]
    memory = ["--worker-tmp-dir", "/dev/shm"] if os.access("/dev/shm", os.W_OK) else []  # noqa: S108  memory that all may use
    renew = ["--max-requests", "20000", "--max-requests-jitter", "2000"]
    place = ["--bind", bind, "--no-control-socket"]
    return [str(PYTHON), "-m", "gunicorn", *place, *shape, *times, *memory, *renew, "pmo_portal.wsgi:application"]


def worker_command() -> list[str]:
    """One Celery worker. Gossip fails on a lost broker and mingle costs a second at every start."""
    quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    size = ["--concurrency", os.environ.get("PMO_WORKER_CONCURRENCY", "2")]
    return [str(PYTHON), "-m", "celery", "--quiet", "--app", "pmo_portal", "worker", *quiet, *size]


def beat_command(state: Path) -> list[str]:
    """The one beat. Its file may be lost: the database says what is due."""
    files = ["--schedule", str(state / "beat-schedule"), "--pidfile", ""]
    return [str(PYTHON), "-m", "celery", "--quiet", "--app", "pmo_portal", "beat", "--loglevel", "INFO", *files]


@dataclass(frozen=True)
class Stamp:
    """A note that something has been done for exactly this state of the tree."""

    path: Path
    fingerprint: str

    def holds(self) -> bool:
        """Whether it has been done."""
        return self.path.exists() and self.path.read_text(encoding="ascii") == self.fingerprint

    def put(self) -> None:
        """It has been done now."""
        self.path.write_text(self.fingerprint, encoding="ascii")


@dataclass
class Portal:
    """One running portal."""

    layout: Layout
    supervisor: Supervisor
    environment: dict[str, str]
    account: Account
    listener: socket.socket
    url: str

    def process(self, command: list[str], on_parent_death: signal.Signals = signal.SIGTERM, **extra: str) -> Starter:
        """A starter for a process of the portal."""

        def start(log: IO[bytes]) -> "subprocess.Popen[bytes]":
            return children.start(
                command,
                environment={**self.environment, **extra},
                log=log,
                account=self.account,
                cwd=TREE,
                on_parent_death=on_parent_death,
                keep_files=[self.listener.fileno()] if "gunicorn" in command else [],
            )

        return start

    def manage(self, *arguments: str) -> Starter:
        """A starter for a management command; nothing in it is cut short."""
        return self.process([str(PYTHON), "manage.py", *arguments], PMO_STATEMENT_TIMEOUT="0", PGAPPNAME="pmo-setup")

    def set_up(self) -> None:
        """Migrations and static files side by side where something has changed, then the demo at first start."""
        migrate = self.manage("migrate", "--no-input")
        collect = self.manage("collectstatic", "--no-input", "--clear", "--verbosity", "0")
        work = [
            (migrate, Stamp(self.layout.state / "migrated", _code_fingerprint()), "applying migrations"),
            (collect, Stamp(self.layout.state / "collected", _static_fingerprint()), "collecting static files"),
        ]
        # A database of somebody else's keeps no stamp of ours: always ask it.
        due = [(step, stamp, text) for step, stamp, text in work if not stamp.holds() or is_given("DATABASE_URL")]
        for _step, _stamp, text in due:
            say(text)
        if due and not self.supervisor.run_steps("setup", [step for step, _stamp, _text in due]):
            message = f"The set-up failed; see {self.supervisor.log_of('setup')}"
            raise LauncherError(message)
        for _step, stamp, _text in due:
            stamp.put()
        self._seed()

    def _seed(self) -> None:
        mark = self.layout.state / "demo-made"
        wanted = os.environ.get("PMO_DEMO", "0" if is_given("DATABASE_URL") else "1")
        if mark.exists() or wanted not in {"1", "true", "yes"}:
            return
        say("making the demo organisation (once; one to two minutes)")
        began = time.monotonic()
        if self.supervisor.run_steps("setup", [self.manage("seed_demo")]):
            mark.touch()
            say(f"the demo organisation is ready after {time.monotonic() - began:.0f} s")
        else:
            say(f"the demo organisation could not be made; see {self.supervisor.log_of('setup')}")

    def start(self) -> None:
        """Web, worker and beat."""
        graceful = ((signal.SIGTERM, 12.0), (signal.SIGQUIT, 3.0))
        port = self.listener.getsockname()[1]
        web = self.process(web_command(f"fd://{self.listener.fileno()}"), PGAPPNAME="pmo-web")
        # When the launcher is killed, so is Redis, and a worker that is asked to stop would wait for Redis for ever.
        worker = self.process(
            worker_command(), signal.SIGKILL, PGAPPNAME="pmo-worker", PMO_STATEMENT_TIMEOUT=WORKER_STATEMENT_SECONDS
        )
        beat = self.process(beat_command(self.layout.state), PGAPPNAME="pmo-beat")
        self.supervisor.add(Member("web", web, graceful, port=port))
        self.supervisor.add(Member("worker", worker, graceful))
        self.supervisor.add(Member("beat", beat, graceful))
        self.supervisor.wait_for("web", lambda: _answers(self.listener.getsockname(), self.url), 300)

    def closing_line(self) -> str:
        """Where the portal is and how to sign in."""
        demo = read_json(self.layout.state / "demo.json")
        people = [f"{who['email']} ({who['role']})" for who in demo.get("people", [])]
        signs = f" - sign in with the password {demo.get('password')} as {', '.join(people)}" if people else ""
        mail = "" if is_given("EMAIL_URL") else f" - mail is written to {self.layout.front / 'mail'}"
        return f"The portal is ready: {self.url}{signs}{mail} - Ctrl-C stops it"


def run(options: argparse.Namespace) -> int:
    """Run the portal until somebody stops it."""
    virtualenv.ensure("runtime")
    layout = installation()
    layout.make()
    messages.ensure_compiled()
    locks.wait_for_commands(layout)
    with locks.owning(layout, locks.RUN) as ours:
        if not ours:
            return run(options)
        with _listener(options) as listener:
            return _run(layout, listener)


def _run(layout: Layout, listener: socket.socket) -> int:
    supervisor = Supervisor(layout)
    supervisor.listen_for_signals()
    host, port = listener.getsockname()[:2]
    url = os.environ.get("PMO_URL") or f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104  compared with, not bound to
    supervisor.facts = {"pid": os.getpid(), "url": url, "started_at": int(time.time())}
    try:
        portal = _servers(layout, supervisor, listener, url)
        portal.set_up()
        portal.start()
        say(portal.closing_line())
        while True:
            supervisor.tick()
    except StopRequestedError:
        return 0
    finally:
        supervisor.stop()


def _servers(layout: Layout, supervisor: Supervisor, listener: socket.socket, url: str) -> Portal:
    servers = embedded(layout)
    for server in servers.each():
        say(f"starting {server.name}")
        server.prepare()
        supervisor.add(Member(server.name, server.start, server.stop_signals, server.set_aside))
    for server in servers.each():
        supervisor.wait_for(server.name, server.is_ready, 60)
    account = _account_of_processes(layout)
    environment = {**django_environment(layout, servers), "PMO_URL": url, "HOME": str(layout.state)}
    return Portal(layout, supervisor, environment, account, listener, url)


def _account_of_processes(layout: Layout) -> Account:
    """The service account where it can read the tree; else root, and said."""
    account = layout.account
    for name in ("media", "mail", "static"):
        folder = layout.state / name
        folder.mkdir(exist_ok=True)
        give(folder, account)
    if not account.is_another:
        return account
    # The probe imports what the processes import, from where they do.
    if account.can(str(PYTHON), "-c", "import django, pmo_portal.env", cwd=str(TREE)):
        return account
    say(f"{TREE} cannot be read by {account.name}, so web and worker run as root: fit for a trial, not for a service")
    return Account(os.geteuid(), os.getegid(), "root")


def _listener(options: argparse.Namespace) -> socket.socket:
    """The web's listening socket. It is ours, so that a restart of the web server refuses no connection."""
    host = options.host or os.environ.get("PMO_HOST") or "127.0.0.1"
    wanted = _port(options)
    for port in range(wanted, min(wanted + PORTS_TO_TRY, 65_536)):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(512)
        except PermissionError as error:
            message = f"Port {port} needs root. Choose one from 1024: ./portal --port 8000"
            raise LauncherError(message) from error
        except OSError:
            listener.close()
            continue
        if port != wanted:
            say(f"port {wanted} is taken; using {port}")
        return listener
    message = f"No free port on {host} from {wanted}. Choose another: ./portal --port 9000"
    raise LauncherError(message)


def _port(options: argparse.Namespace) -> int:
    text = str(options.port or os.environ.get("PMO_PORT") or os.environ.get("PORT") or "8000")
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:  # noqa: PLR2004  the ports there are
        message = f"The port {text!r} is not a number from 1 to 65535. Correct --port, PMO_PORT or PORT."
        raise LauncherError(message)
    return int(text)


def _answers(place: tuple[str, int], url: str) -> bool:
    host = "127.0.0.1" if place[0] == "0.0.0.0" else place[0]  # noqa: S104  compared with, not bound to
    line = http.client.HTTPConnection(host, place[1], timeout=2)
    try:
        line.request("GET", "/healthz", headers={"Host": url.split("//", 1)[-1].split("/", 1)[0]})
        return line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _static_fingerprint() -> str:
    """Changes when a static file of ours or any package does."""
    return _fingerprint([TREE / "static", *TREE.glob("*/static")], "*")


def _code_fingerprint() -> str:
    """Changes when any code of ours does: roles and permissions are brought into the database after migrations."""
    return _fingerprint([path.parent for path in TREE.glob("*/apps.py")], "*.py")


def _fingerprint(folders: list[Path], pattern: str) -> str:
    digest = hashlib.sha256((TREE / "requirements.txt").read_bytes() + str(sys.version_info).encode())
    for path in sorted(path for folder in folders for path in folder.rglob(pattern) if path.is_file()):
        found = path.stat()
        digest.update(f"{path.relative_to(TREE)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def single(name: str, _arguments: list[str]) -> int:
    """`./portal web|worker|beat`: become that one process, for a service manager or a container."""
    for needed in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
        if not is_given(needed):
            message = f"{needed} is not set: ./portal {name} runs one process against real servers; see .env.example."
            raise LauncherError(message)
    virtualenv.ensure("runtime")
    messages.ensure_compiled()
    layout = installation()
    layout.make()
    host = os.environ.get("PMO_HOST") or "127.0.0.1"
    port = os.environ.get("PMO_PORT") or os.environ.get("PORT") or "8000"
    commands: dict[str, list[str]] = {
        "web": web_command(f"{host}:{port}"),
        "worker": worker_command(),
        "beat": beat_command(layout.state),
    }
    patience = {"PMO_STATEMENT_TIMEOUT": WORKER_STATEMENT_SECONDS} if name == "worker" else {}
    environment = {"PGAPPNAME": f"pmo-{name}", **patience, **django_environment(layout, Servers(None, None))}
    os.chdir(TREE)
    os.execve(commands[name][0], commands[name], environment)  # noqa: S606  we become that process
