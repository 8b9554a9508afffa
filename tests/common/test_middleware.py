"""What every request passes through."""

import logging

import pytest
from django.test import Client

from common.middleware import RequestIdFilter, current_request_id


def test_answer_carries_the_request_id_that_a_proxy_gave(client: Client) -> None:
    response = client.get("/healthz", headers={"X-Request-ID": "proxy-12345678"})
    assert response.headers["X-Request-ID"] == "proxy-12345678"


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "line\tbreak-12345", "semi;colon-12345"])
def test_request_id_that_could_forge_a_log_line_is_replaced(client: Client, given: str) -> None:
    response = client.get("/healthz", headers={"X-Request-ID": given})
    assert len(response.headers["X-Request-ID"]) == 32
    assert response.headers["X-Request-ID"] != given


def test_outside_of_a_request_log_lines_have_a_dash() -> None:
    record = logging.LogRecord("name", logging.INFO, "path", 1, "text", None, None)
    assert RequestIdFilter().filter(record)
    assert (record.__dict__["request_id"], current_request_id()) == ("-", "-")


def test_log_line_leaves_out_the_query(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="portal.request"):
        client.get("/healthz?token=secret")
    lines = [record.getMessage() for record in caplog.records if record.name == "portal.request"]
    assert len(lines) == 1
    assert lines[0].startswith("GET /healthz 200 ")
    assert "secret" not in lines[0]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz?q=a%00b", "/a%00b", "/?%00=1"])
def test_null_in_an_address_is_a_bad_request(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("form", [{"login": "a\x00b"}, {"lo\x00gin": "a"}])
def test_null_in_a_form_is_a_bad_request(client: Client, form: dict[str, str]) -> None:
    assert client.post("/account/login/", form).status_code == 400


@pytest.mark.django_db
def test_policy_allows_own_files_only(client: Client) -> None:
    policy = client.get("/account/login/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "nonce" not in policy
