"""Environment readers refuse nonsense and say the remedy."""

from pathlib import Path

import pytest

from pmo_portal.env import (
    BadEnvironmentError,
    Environment,
    database_settings,
    email_settings,
    redis_addresses,
)


def test_missing_variable_is_named_with_its_remedy() -> None:
    with pytest.raises(BadEnvironmentError, match=r"SECRET_KEY is not set\. Set it\."):
        Environment({}).required("SECRET_KEY", "Set it.")


def test_file_variable_gives_the_content_of_the_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a mount\n", encoding="utf-8")
    assert Environment({"SECRET_KEY_FILE": str(secret)}).text("SECRET_KEY") == "from a mount"


def test_variable_and_its_file_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadEnvironmentError, match="both set"):
        Environment({"X": "1", "X_FILE": str(tmp_path)}).text("X")


def test_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadEnvironmentError, match="X_FILE points to /no/such"):
        Environment({"X_FILE": "/no/such"}).text("X")


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("yes", True), ("Off", False), ("false", False)])
def test_flag_reads_yes_and_no(value: str, expected: bool) -> None:
    assert Environment({"X": value}).flag("X", default=not expected) is expected


@pytest.mark.parametrize("value", ["2", "maybe", "tru"])
def test_flag_refuses_what_is_neither_yes_nor_no(value: str) -> None:
    with pytest.raises(BadEnvironmentError, match="X is"):
        Environment({"X": value}).flag("X", default=True)


@pytest.mark.parametrize("value", ["", "ten", "-1", "101", "1.5", "٣"])
def test_number_refuses_what_is_out_of_bounds(value: str) -> None:
    reader = Environment({"X": value})
    if not value:
        assert reader.number("X", 7, low=0, high=100) == 7
        return
    with pytest.raises(BadEnvironmentError, match="from 0 to 100"):
        reader.number("X", 7, low=0, high=100)


def test_unknown_portal_variable_is_reported_with_the_nearest_known() -> None:
    reader = Environment({"PMO_DEBUGG": "1", "PATH": "/bin"})
    reader.flag("PMO_DEBUG", default=False)
    assert reader.unknown() == ["The variable PMO_DEBUGG is set, but nothing reads it. Did you mean PMO_DEBUG?"]


def test_database_address_becomes_connection_settings() -> None:
    found = database_settings(
        Environment({"DATABASE_URL": "postgres://a%40b:p%2Fw@db.example:6432/pmo?sslmode=require"})
    )
    assert found == {
        "NAME": "pmo",
        "USER": "a@b",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_database_address_may_name_a_socket_folder() -> None:
    found = database_settings(Environment({"DATABASE_URL": "postgres://u:p@/pmo?host=/run/pg"}))
    assert (found["HOST"], found["PORT"]) == ("/run/pg", "")


@pytest.mark.parametrize("address", ["mysql://u@h/x", "postgres://u@h", "postgres://u@h:port/x", "nonsense"])
def test_database_address_that_cannot_work_is_refused(address: str) -> None:
    with pytest.raises(BadEnvironmentError, match="DATABASE_URL"):
        database_settings(Environment({"DATABASE_URL": address}))


@pytest.mark.parametrize(
    ("address", "cache", "broker"),
    [
        ("redis://:pw@r:6379/3", "redis://:pw@r:6379/3", "redis://:pw@r:6379/4"),
        ("rediss://r", "rediss://r/0", "rediss://r/1"),
        ("unix:///run/r.sock?db=0", "unix:///run/r.sock?db=0", "redis+socket:///run/r.sock?virtual_host=1"),
    ],
)
def test_cache_and_broker_use_neighbouring_databases(address: str, cache: str, broker: str) -> None:
    assert redis_addresses(Environment({"REDIS_URL": address})) == (cache, broker)


def test_mail_address_decides_on_encryption() -> None:
    found = email_settings(Environment({"EMAIL_URL": "smtp+tls://me:pw@mail.example"}))
    assert (found["EMAIL_PORT"], found["EMAIL_USE_TLS"], found["EMAIL_USE_SSL"]) == (587, True, False)


def test_no_mail_address_means_no_settings() -> None:
    assert email_settings(Environment({})) == {}
