"""One owner for each state directory, and guests who may use what the owner runs."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from launcher.errors import LauncherError
from launcher.layout import Layout, read_json, say

RUN, HOST = "run", "command"


class AlreadyRunningError(LauncherError):
    """Another ./portal runs on this state directory."""


@contextmanager
def owning(layout: Layout, role: str) -> Iterator[bool]:
    """Yields whether we own the servers of this state directory (else somebody else runs them)."""
    with layout.lock_file.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "role": role}))
        file.flush()
        try:
            yield True
        finally:
            file.truncate(0)


def owner(layout: Layout) -> dict[str, object]:
    """Who owns the servers: pid and role; empty when that is not (yet) known."""
    found = read_json(layout.lock_file)
    return found if Path(f"/proc/{found.get('pid')}").exists() else {}


@contextmanager
def guest(layout: Layout) -> Iterator[None]:
    """Keeps the owner from stopping its servers while the block runs."""
    with layout.users_file.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def wait_for_guests(layout: Layout) -> IO[str]:
    """Waits until nobody else uses our servers, and keeps newcomers out; close the result after stopping them."""
    file = layout.users_file.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("other commands still use this database; it stops when they have ended")
        fcntl.flock(file, fcntl.LOCK_EX)
    return file


def wait_for_commands(layout: Layout) -> None:
    """Before a start: let running ./portal commands finish; refuse when a portal runs already."""
    said = False
    while True:
        with owning(layout, RUN) as ours:
            if ours:
                return
            if owner(layout).get("role") == RUN:
                url = read_json(layout.run_file).get("url", "")
                where = f" at {url}" if url else ""
                message = f"The portal is already running{where} (process {owner(layout).get('pid')})."
                raise AlreadyRunningError(message)
        if not said:
            say("waiting for a ./portal command that uses the database")
            said = True
        time.sleep(0.2)
