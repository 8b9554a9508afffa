"""A page that cannot be shown says what happened, why it may be, what to do, and a reference."""

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from common import views_errors


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en-gb"):
        yield


def test_missing_page_says_what_to_do(db):
    answer = Client().get("/no/such/page/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "This page is not here" in text
    assert "What you can do" in text
    assert answer.headers["X-Request-ID"] in text


def test_stale_form_says_that_nothing_was_saved(db):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/account/login/", {"login": "a"}, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "This form has gone stale" in answer.content.decode()


def test_fault_page_needs_no_database():
    answer = views_errors.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()


def test_policy_speaks_on_the_forbidden_page(rf):
    answer = views_errors.permission_denied(rf.get("/"), PermissionError("Only the sponsor decides."))
    assert answer.status_code == 403
    assert "Only the sponsor decides." in answer.content.decode()


def test_loser_of_a_race_sees_both_values(rf):
    answer = views_errors.conflict(
        rf.get("/"), changes={"End": ("31 Mar 2027", "<b>21 Apr</b>")}, retry_href="/projects/P-1/"
    )
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "31 Mar 2027" in text
    assert "&lt;b&gt;21 Apr&lt;/b&gt;" in text


def test_sign_in_page_looks_like_ours(db):
    text = Client().get("/account/login/", headers={"accept-language": "en"}).content.decode()
    assert text.count("<h1>") == 1
    assert "pmo.css" in text
    assert 'class="form-control"' in text or "form-control" in text
