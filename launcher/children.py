"""Child processes that never outlive us."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from launcher.layout import Account

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(sig: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `sig` when the launcher dies, even by kill -9.

    Runs after the change of account, so the kernel keeps it. It watches the thread that forked: only ever start
    children from the main thread.
    """
    parent = os.getpid()

    def arm() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return arm


def start(  # noqa: PLR0913  a child is described by just these
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: IO[bytes],
    account: Account | None = None,
    cwd: str | Path = "/",
    on_parent_death: signal.Signals = signal.SIGTERM,
    keep_files: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C reaches only the launcher, which stops things in order."""
    return subprocess.Popen(  # noqa: S603  our own commands
        list(command),
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=tuple(keep_files),
        preexec_fn=die_with_parent(on_parent_death),  # noqa: PLW1509  we have no threads
        **(account.identity() if account else {}),
    )


def stop(child: subprocess.Popen[bytes], signals: Sequence[tuple[signal.Signals, float]]) -> None:
    """Send each signal in turn and wait its seconds; in the end kill whatever is left of the child's session."""
    for sig, seconds in signals:
        if child.poll() is not None:
            break
        child.send_signal(sig)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    clear_session(child)


def clear_session(child: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a child's session: pool workers of a killed master must not hold ports or locks."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    child.wait()


def wait_until(ready: Callable[[], bool], alive: Callable[[], bool], seconds: float) -> bool:
    """Whether `ready` came true in time; gives up at once when `alive` turns false."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return True
        if not alive():
            return ready()
        time.sleep(0.02)
    return False
