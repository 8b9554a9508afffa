"""`./portal manage COMMAND …`: Django's commands, with the servers that they need."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from launcher import locks, messages, virtualenv
from launcher.errors import LauncherError
from launcher.layout import PYTHON, Layout, give, installation
from launcher.servers import django_environment, embedded, foreground, serving

DEVELOPMENT = frozenset({"makemigrations", "lintmigrations"})
PATIENCE = 120  # seconds that a portal may take to bring its servers up


def manage(arguments: list[str]) -> int:
    """Run one management command. It attaches to running servers, or starts them for its own duration."""
    virtualenv.ensure("dev" if DEVELOPMENT.intersection(arguments[:1]) else "runtime")
    messages.ensure_compiled()
    layout = installation()
    layout.make()
    with available(layout):
        environment = {"PMO_STATEMENT_TIMEOUT": "0", "PGAPPNAME": "pmo-manage", **environment_of(layout)}
        try:
            return foreground([str(PYTHON), "manage.py", *arguments], environment)
        finally:
            for name in ("media", "mail"):
                give(layout.state / name, layout.account)


def environment_of(layout: Layout) -> dict[str, str]:
    """The environment of a process of this installation."""
    return django_environment(layout, embedded(layout))


@contextmanager
def available(layout: Layout) -> Iterator[None]:
    """This installation's servers run for the length of the block: already, or started here."""
    while True:
        with locks.owning(layout, locks.HOST) as ours:
            if ours:
                with _hosting(layout):
                    yield
                return
        with locks.guest(layout):
            if _come_up(layout):
                yield
                return


@contextmanager
def _hosting(layout: Layout) -> Iterator[None]:
    """Our own servers, which go on until other commands that use them have ended."""
    guests = None
    try:
        with serving(embedded(layout), layout.logs):
            try:
                yield
            finally:
                guests = locks.wait_for_guests(layout)
    finally:
        if guests is not None:
            guests.close()


def _come_up(layout: Layout) -> bool:
    """Whether the owner's servers answer; `False` when it has gone, so that we may become the owner."""
    servers = embedded(layout).each()
    until = time.monotonic() + PATIENCE
    while not all(server.data.exists() and server.is_ready() for server in servers):
        if time.monotonic() > until:
            message = f"Another ./portal holds {layout.front}, but its servers do not answer. See {layout.logs}."
            raise LauncherError(message)
        with locks.owning(layout, locks.HOST) as free:
            if free:
                return False
        time.sleep(0.1)
    return True
