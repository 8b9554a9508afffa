"""A backup comes back whole, or not at all."""

import hashlib
from pathlib import Path

import psycopg2
import pytest

from launcher import archive
from launcher.database_tools import Database
from launcher.errors import LauncherError
from launcher.layout import Layout, service_account
from launcher.servers import serving, throw_away


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    state = tmp_path / "state"
    (state / "media" / "uploads").mkdir(parents=True)
    (state / "media" / "uploads" / "plan.txt").write_text("a plan", encoding="utf-8")
    dump = tmp_path / "database.dump"
    dump.write_bytes(b"rows" * 500)
    layout = Layout(state, state, state / "run", service_account())
    meta = {"format": 1, "version": "0.1.0", "made_at": "now", "server": 18, "migrations": [], "has_key": True}
    archive._write(tmp_path / "backup", meta, dump, layout, {"SECRET_KEY": "secret"})
    return tmp_path / "backup"


def test_whole_backup_is_accepted_and_private(sealed: Path) -> None:
    archive.verify(sealed)
    assert sealed.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("part", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_one_flipped_bit_is_refused(sealed: Path, part: float) -> None:
    content = bytearray(sealed.read_bytes())
    content[int(len(content) * part)] ^= 1
    sealed.write_bytes(content)
    with pytest.raises(LauncherError, match=r"damaged|not a complete backup"):
        archive.verify(sealed)


@pytest.mark.parametrize("length", [0, 10, 5000])
def test_cut_backup_is_refused(sealed: Path, length: int) -> None:
    sealed.write_bytes(sealed.read_bytes()[:length])
    with pytest.raises(LauncherError, match="not a complete backup"):
        archive.verify(sealed)


def test_backup_of_a_newer_release_is_refused() -> None:
    meta = {"format": 1, "version": "9.0", "migrations": [["accounts", "0999_from_the_future"]]}
    with pytest.raises(LauncherError, match=r"accounts\.0999_from_the_future"):
        archive._refuse_newer(meta)


def test_restore_without_yes_changes_nothing_and_says_so(sealed: Path) -> None:
    layout = Layout(sealed.parent, sealed.parent, sealed.parent, service_account())
    with pytest.raises(LauncherError, match="add --yes"):
        archive.restore(layout, sealed, confirmed=False)


def rows(address: str) -> list[str]:
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT word FROM words ORDER BY word")
        found = [word for (word,) in cursor.fetchall()]
    connection.close()
    return found


def run_sql(address: str, sql: str) -> None:
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def test_database_comes_back_under_open_sessions_and_survives_a_bad_dump(tmp_path: Path) -> None:
    with throw_away() as (folder, servers, _account), serving(servers, folder) as addresses:
        address = addresses["DATABASE_URL"]
        run_sql(address, "CREATE TABLE words (word text); INSERT INTO words VALUES ('before'), ('ünïcode')")
        database = Database.of(address)
        database.dump(tmp_path / "dump")
        run_sql(address, "DELETE FROM words; INSERT INTO words VALUES ('after')")

        (tmp_path / "bad").write_bytes((tmp_path / "dump").read_bytes()[:700])
        with pytest.raises(LauncherError, match="the old one is unchanged"):
            database.replace_by(tmp_path / "bad")
        assert rows(address) == ["after"]

        lingering = psycopg2.connect(address)
        database.replace_by(tmp_path / "dump")
        assert rows(address) == ["before", "ünïcode"]
        with pytest.raises(psycopg2.OperationalError), lingering.cursor() as cursor:
            cursor.execute("SELECT 1")
        lingering.close()


def test_seal_covers_every_byte_before_it(sealed: Path) -> None:
    content = sealed.read_bytes()
    body, seal = content[: -archive.SEAL_LENGTH], content[-archive.SEAL_LENGTH :]
    assert seal == archive.SEAL + hashlib.sha256(body).hexdigest().encode() + b"\n"
