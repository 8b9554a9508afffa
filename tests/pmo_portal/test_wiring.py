"""Settings that keep the portal safe and alive."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from kombu.connection import Connection
from kombu.entity import Exchange
from kombu.exceptions import OperationalError
from kombu.messaging import Producer

from launcher.layout import TREE
from pmo_portal.celery import app


def ask(expression: str, **variables: str) -> str:
    """What the settings are in a process of its own with other variables."""
    environment = {**os.environ, **variables}
    code = f"from django.conf import settings; print({expression})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TREE, env=environment, check=False, capture_output=True, text=True
    )
    return (done.stdout or done.stderr).strip()


def test_https_address_switches_every_protection_on() -> None:
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
    found = ask(f"([getattr(settings, n) for n in {names}], settings.ALLOWED_HOSTS)", PMO_URL="https://pmo.example.org")
    assert found == "([True, True, True], ['pmo.example.org'])"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        ({"PMO_DEBUG": "maybe"}, "PMO_DEBUG is 'maybe'"),
        ({"PMO_URL": "ftp://x"}, "PMO_URL must begin with"),
        ({"PMO_STATEMENT_TIMEOUT": "soon"}, "PMO_STATEMENT_TIMEOUT is 'soon'"),
    ],
)
def test_nonsense_stops_the_start_with_a_sentence(variables: dict[str, str], words: str) -> None:
    assert words in ask("settings.DEBUG", **variables)


def test_debug_is_off_unless_asked_for() -> None:
    assert (settings.DEBUG, ask("settings.DEBUG", PMO_DEBUG="1")) == (False, "True")


def test_messages_are_json_acknowledged_late_and_taken_one_at_a_time() -> None:
    conf = app.conf
    assert (conf.accept_content, conf.task_serializer) == (["json"], "json")
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert conf.task_soft_time_limit < conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]


@pytest.fixture
def mute_server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def publish(address: str) -> float:
    """Seconds until waking a worker has failed."""
    began = time.monotonic()
    options: dict[str, Any] = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    connection = Connection(address, transport_options=options, connect_timeout=2)
    policy = settings.CELERY_TASK_PUBLISH_RETRY_POLICY
    with pytest.raises(OperationalError):
        Producer(connection).publish({}, exchange=Exchange(""), routing_key="celery", retry=True, retry_policy=policy)
    return time.monotonic() - began


def test_dead_broker_costs_a_page_two_seconds_at_most() -> None:
    assert publish("redis+socket:///nonexistent.sock") < 2


def test_mute_broker_does_not_hang_a_page(mute_server: int) -> None:
    assert publish(f"redis://127.0.0.1:{mute_server}/0") < 15
