# ruff: noqa: S608  (the statements are made of names of ours)
"""The chain over the history: it covers exactly what was written, and every way to tamper with it is found."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from accounts import services as accounts
from common import audit, duties, history
from common.enums import AuditKind
from common.models import AuditEvent, Seal, SealMark
from common.seals import sealing, verifying
from common.seals.chain import SHORT
from tests import factories as make

pytestmark = pytest.mark.django_db

UNITS = "accounts_orgunitevent"


def result(known: str = "") -> verifying.Verdict:
    """What a whole walk says."""
    return list(verifying.verify(known_head=known))[-1]


def tamper(*statements: str) -> None:
    """As the owner of the tables would: with every trigger of ours switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in (UNITS, "common_seal", "common_auditevent", "pghistory_context"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0, statement
        for table in (UNITS, "common_seal", "common_auditevent", "pghistory_context"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
def chain() -> list[Seal]:
    """Three seals over org units and audit events."""
    for number in range(3):
        for name in ("North", "South"):
            accounts.add_org_unit(actor=None, name=f"{name} {number}")
        audit.record(AuditKind.ASKED, what="tea", detail={"cups": number})
        assert sealing.seal_new() == 1
    return list(Seal.objects.order_by("number"))


def test_what_was_sealed_is_found_whole(chain: list[Seal]) -> None:
    found = result()
    assert found.is_whole
    assert (found.seals, found.head) == (3, chain[-1].hash)
    assert found.rows == sum(seal.rows for seal in chain) >= 9
    assert sealing.unsealed() == 0


def test_nothing_new_makes_no_seal(chain: list[Seal]) -> None:
    assert sealing.seal_new() == 0
    assert Seal.objects.count() == len(chain)


def test_the_database_itself_refuses_to_change_history(chain: list[Seal]) -> None:
    assert chain
    for statement in (
        f"UPDATE {UNITS} SET name = 'x'",
        f"DELETE FROM {UNITS}",
        "UPDATE common_auditevent SET what = 'x'",
        "DELETE FROM common_auditevent",
        "UPDATE common_seal SET rows = 0",
        "DELETE FROM common_seal",
    ):
        with connection.cursor() as cursor, pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute(statement)
    assert result().is_whole


def test_every_event_table_is_protected() -> None:
    tables = {model._meta.db_table for model in history.event_models()}
    assert len(tables) > 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'history_stays'")
        assert tables | {"pghistory_context"} == {name for (name,) in cursor.fetchall()}


def newest(table: str = UNITS) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max({'pgh_id' if table == UNITS else 'id'}) FROM {table}")
        return int(cursor.fetchone()[0])


def test_an_edited_row_is_found(chain: list[Seal]) -> None:
    tamper(f"UPDATE {UNITS} SET name = 'West' WHERE pgh_id = {newest() - 2}")
    broken = result().broken
    assert broken is not None
    assert (broken.number, broken.table, broken.what) == (2, UNITS, "a row was changed")


def test_an_edited_audit_event_is_found(chain: list[Seal]) -> None:
    assert chain
    tamper("UPDATE common_auditevent SET person_name = 'Somebody else' WHERE detail = '{\"cups\": 0}'")
    broken = result().broken
    assert broken is not None
    assert (broken.number, broken.table) == (1, "common_auditevent")


def test_another_person_put_into_the_context_is_found() -> None:
    import pghistory

    with pghistory.context(user=1):
        accounts.add_org_unit(actor=None, name="North")
    sealing.seal_new()
    assert result().is_whole
    tamper("""UPDATE pghistory_context SET metadata = '{"user": 2}' WHERE metadata = '{"user": 1}'""")
    broken = result().broken
    assert broken is not None
    assert broken.table == UNITS


def test_a_deleted_row_is_found(chain: list[Seal]) -> None:
    tamper(f"DELETE FROM {UNITS} WHERE pgh_id = {newest()}")
    broken = result().broken
    assert broken is not None
    assert (broken.number, broken.table) == (len(chain), UNITS)
    assert (
        broken.what
        == f"{chain[-1].covered[UNITS]['rows']} rows were sealed, {chain[-1].covered[UNITS]['rows'] - 1} are there"
    )


@pytest.mark.parametrize("place", [-5, 0])
def test_an_added_row_inside_a_sealed_range_is_found(chain: list[Seal], place: int) -> None:
    """In the gap that a rolled back transaction left, and below the first row."""
    assert chain
    if place == 0:
        with transaction.atomic():
            accounts.add_org_unit(actor=None, name="Never")
            transaction.set_rollback(True)
        place = newest() + 1
        accounts.add_org_unit(actor=None, name="After the gap")
        assert newest() > place
        sealing.seal_new()
    names = "pgh_created_at, pgh_label, id, path, depth, name, code, is_demo, pgh_context_id, pgh_obj_id"
    tamper(f"INSERT INTO {UNITS} (pgh_id, {names}) SELECT {place}, {names} FROM {UNITS} WHERE pgh_id = {newest()}")
    broken = result().broken
    assert broken is not None
    assert broken.table == UNITS
    assert "are there" in broken.what


def cut_tail(last: Seal) -> None:
    """Take the newest seal out with all that it covers, as if it had never been."""
    rows = [
        f"DELETE FROM {table} WHERE {entry['columns'][0]} > {entry['after']}" for table, entry in last.covered.items()
    ]
    tamper(*rows, f"DELETE FROM common_seal WHERE number = {last.number}")
    SealMark.objects.all().delete()


def test_a_cut_tail_is_found_with_a_head_that_was_kept_outside(chain: list[Seal]) -> None:
    kept = chain[-1].hash[:SHORT]
    assert result(kept).is_whole
    cut_tail(chain[-1])
    assert result().is_whole  # the control: without the head nothing shows
    found = result(kept)
    assert not found.is_whole
    assert found.knows_head is False
    assert result(chain[0].hash).is_whole


def test_a_log_chained_anew_is_found_with_a_head_that_was_kept_outside(chain: list[Seal]) -> None:
    kept = chain[-1].hash
    tamper(f"UPDATE {UNITS} SET name = 'West' WHERE pgh_id = {newest() - 2}", "DELETE FROM common_seal")
    SealMark.objects.all().delete()
    assert sealing.seal_new() >= 1
    assert result().is_whole  # the control: the new chain is a good chain
    assert result(kept).knows_head is False
    assert not result(kept).is_whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE common_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 2",
        "UPDATE common_seal SET covered = jsonb_set(covered, '{common_auditevent,rows}', '7') WHERE number = 2",
        "UPDATE common_seal SET rows = rows + 1 WHERE number = 2",
        "DELETE FROM common_seal WHERE number = 2",
    ],
)
def test_a_changed_seal_is_found(chain: list[Seal], statement: str) -> None:
    assert chain
    tamper(statement)
    broken = result().broken
    assert broken is not None
    assert (broken.number, broken.table) == (2, "")


def test_the_command_tells_and_fails(chain: list[Seal], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_history", json=True, known_head=chain[1].hash[:16])
    told = json.loads(capsys.readouterr().out)
    assert told["whole"] is True
    assert told["head"] == chain[-1].hash
    assert told["known_head_found"] is True
    tamper(f"UPDATE {UNITS} SET name = 'West' WHERE pgh_id = {newest()}")
    with pytest.raises(SystemExit) as stopped:
        call_command("verify_history")
    assert stopped.value.code == 1
    assert f"BROKEN at seal 3, table {UNITS}: a row was changed." in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("verify_history", known_head="xyz")


def test_a_new_column_leaves_old_seals_whole_and_a_lost_one_is_named(chain: list[Seal]) -> None:
    assert chain
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {UNITS} ADD COLUMN colour text DEFAULT 'red'")
    assert result().is_whole
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {UNITS} DROP COLUMN code")
    broken = result().broken
    assert broken is not None
    assert broken.what == "the table or its columns code are gone"


def test_a_long_range_becomes_several_seals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_IDS", 3)
    SealMark.objects.create(table=UNITS, sealed_to=None)
    make.make_org_unit("One")
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'pgh_id'), 1, false)", [UNITS])
        cursor.execute(f"ALTER TABLE {UNITS} DISABLE TRIGGER USER")
        cursor.execute(f"DELETE FROM {UNITS}")
        cursor.execute(f"ALTER TABLE {UNITS} ENABLE TRIGGER USER")
    for number in range(8):
        make.make_org_unit(f"Unit {number}")
    sealing.seal_new()
    covered = [seal.covered[UNITS] for seal in Seal.objects.order_by("number") if UNITS in seal.covered]
    assert [(one["after"], one["to"]) for one in covered] == [(None, 3), (3, 6), (6, 8)]
    assert result().is_whole


def test_the_sealing_is_a_duty() -> None:
    make.make_org_unit("One")
    assert "seals" in duties.run_due()
    assert Seal.objects.count() == 1


# --- at once -------------------------------------------------------------------------------------------------------


def in_thread(work: Callable[[], Any]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def late_commit() -> tuple[threading.Thread, threading.Event]:
    """A transaction that has taken the lower id and commits only when it is told to."""
    written, let_go = threading.Event(), threading.Event()

    def work() -> None:
        with transaction.atomic():
            audit.record(AuditKind.ASKED, what="early id, late commit")
            written.set()
            assert let_go.wait(20)

    thread = in_thread(work)
    assert written.wait(20)
    audit.record(AuditKind.ASKED, what="later id, early commit")
    return thread, let_go


@pytest.mark.django_db(transaction=True)
def test_a_late_commit_with_a_lower_id_is_covered() -> None:
    thread, let_go = late_commit()
    assert sealing.seal_new() == 0  # nobody is made to wait, and nothing is sealed too early
    assert SealMark.objects.get(table="common_auditevent").waiting_for
    make.make_org_unit("Elsewhere")
    assert sealing.seal_new() == 1  # other tables go on
    let_go.set()
    thread.join()
    assert sealing.seal_new() == 1
    assert Seal.objects.get(number=2).covered["common_auditevent"]["rows"] == 2
    assert result().is_whole


@pytest.mark.django_db(transaction=True)
def test_the_control_without_asking_who_writes_the_late_one_breaks_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_writers", lambda _tables: {})
    thread, let_go = late_commit()
    assert sealing.seal_new() == 1
    let_go.set()
    thread.join()
    assert not result().is_whole


def sealed_again(seals_wanted: int) -> Callable[[], None]:
    """Wait until there are so many seals: however busy the machine is, the writers cannot outrun the sealers."""

    def wait() -> None:
        until = time.monotonic() + 50
        while Seal.objects.count() < seals_wanted and time.monotonic() < until:
            time.sleep(0.01)

    return wait


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_sealers_at_once_leave_one_whole_chain() -> None:
    stop = threading.Event()
    halts = {8: threading.Barrier(4, action=sealed_again(1)), 16: threading.Barrier(4, action=sealed_again(2))}

    def write(number: int) -> None:
        for turn in range(25):
            if turn in halts:
                halts[turn].wait(60)
            with transaction.atomic():
                audit.record(AuditKind.ASKED, what=f"{number}.{turn}")
                time.sleep(0.002 * (number % 3))
                transaction.set_rollback(turn % 5 == 4)

    def seal() -> None:
        while not stop.is_set():
            sealing.seal_new()
            time.sleep(0.01)

    sealers = [in_thread(seal) for _ in range(2)]
    writers = [in_thread(lambda number=number: write(number)) for number in range(4)]
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    sealing.seal_new()
    assert AuditEvent.objects.count() == 4 * 20
    assert sealing.unsealed() == 0
    assert Seal.objects.count() > 2
    assert sum(seal.rows for seal in Seal.objects.all()) == 80
    assert result().is_whole
