"""Embedded servers: usable, private, and gone afterwards, whatever happens."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
from redis import Redis

from launcher.errors import LauncherError
from launcher.layout import TREE, Layout, make_private, service_account
from launcher.locks import HOST, guest, owner, owning, wait_for_guests
from launcher.servers import load_env_file, serving, throw_away


def test_throw_away_servers_answer_and_leave_nothing() -> None:
    with throw_away() as (folder, servers, _account):
        with serving(servers, folder) as addresses:
            with psycopg2.connect(addresses["DATABASE_URL"]) as connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT current_user, current_setting('fsync'), rolsuper FROM pg_roles WHERE rolname = current_user"
                )
                assert cursor.fetchone() == ("portal", "off", False)
            connection.close()
            assert Redis.from_url(addresses["REDIS_URL"]).ping()
            assert servers.postgres is not None
            status = (servers.postgres.data / "postmaster.pid").read_text(encoding="utf-8")
        pid = int(status.splitlines()[0])
        assert not Path(f"/proc/{pid}").exists()
    assert not folder.exists()


def test_database_owner_may_make_the_extensions_that_migrations_use() -> None:
    with throw_away() as (folder, servers, _account), serving(servers, folder) as addresses:
        connection = psycopg2.connect(addresses["DATABASE_URL"])
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in ("pg_trgm", "btree_gist", "unaccent"):
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
            cursor.execute("SELECT similarity('portfolio', 'portfolios') > 0.5")
            assert cursor.fetchone() == (True,)
        connection.close()


HOLDER = """
import sys, time
from launcher.servers import serving, throw_away
with throw_away() as (folder, servers, account), serving(servers, folder):
    print((servers.postgres.data / "postmaster.pid").read_text().splitlines()[0], flush=True)
    time.sleep(60)
"""


def test_kill_9_of_the_launcher_takes_its_servers_along() -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], cwd=TREE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    pid = int(holder.stdout.readline())
    assert Path(f"/proc/{pid}").exists()
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    holder.stdout.close()
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder of somebody else's")
    place = tmp_path / "run"
    place.mkdir()
    os.chown(place, 12345, 12345)
    with pytest.raises(LauncherError, match="belongs to somebody else"):
        make_private(place, service_account())


def test_link_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "real")
    with pytest.raises(LauncherError, match="belongs to somebody else"):
        make_private(tmp_path / "run", service_account())


def layout_in(folder: Path) -> Layout:
    return Layout(folder, folder, folder / "run", service_account())


def test_second_owner_is_turned_away_and_told_who_is_there(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    with owning(layout, HOST) as first:
        assert first
        assert owner(layout) == {"pid": os.getpid(), "role": HOST}
        with owning(layout, HOST) as second:
            assert not second
    assert owner(layout) == {}


def test_note_of_a_dead_owner_counts_for_nothing(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    layout.lock_file.write_text('{"pid": 4194305, "role": "run"}', encoding="utf-8")
    assert owner(layout) == {}


def test_owner_waits_until_its_guests_have_left(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    code = (
        "import pathlib, sys, time; from launcher.layout import *; from launcher.locks import guest\n"
        "f = pathlib.Path(sys.argv[1])\n"
        "with guest(Layout(f, f, f, service_account())):\n    print('in', flush=True); time.sleep(0.7)\n"
    )
    visitor = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=TREE, stdout=subprocess.PIPE)
    assert visitor.stdout is not None
    visitor.stdout.readline()
    began = time.monotonic()
    wait_for_guests(layout).close()
    assert 0.3 < time.monotonic() - began < 10
    visitor.stdout.close()
    visitor.wait(10)
    with guest(layout):
        assert layout.users_file.exists()


def test_env_file_fills_what_is_not_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMO_A", "from outside")
    monkeypatch.delenv("PMO_B", raising=False)
    monkeypatch.setenv("PMO_C", "x")
    monkeypatch.delenv("PMO_C")
    file = tmp_path / ".env"
    file.write_text("# words\nPMO_A=from file\nexport PMO_B='two words'\n\nPMO_C=a=b\n", encoding="utf-8")
    load_env_file(file)
    found = [os.environ.get(name) for name in ("PMO_A", "PMO_B", "PMO_C")]
    for name in ("PMO_B", "PMO_C"):
        os.environ.pop(name)
    assert found == ["from outside", "two words", "a=b"]


def test_env_file_with_nonsense_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nnonsense\n", encoding="utf-8")
    with pytest.raises(LauncherError, match="Line 2"):
        load_env_file(file)


def test_every_variable_that_is_read_is_explained() -> None:
    from django.conf import settings

    explained = (TREE / ".env.example").read_text(encoding="utf-8")
    asked = settings.PORTAL_KNOWN_VARIABLES
    assert len(asked) > 20
    assert [name for name in sorted(asked) if f"# {name}=" not in explained] == []
