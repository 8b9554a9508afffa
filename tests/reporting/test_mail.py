"""The mail of a report: to whom, in which language, with which headers, and what it says."""

from typing import Any, cast

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives

from accounts.enums import RoleName
from accounts.models import User
from common.mail import send_next
from common.models import OutgoingMail
from projects.models import Portfolio
from reporting.services import reports, subscriptions
from tests import factories as make
from tests.reporting.weeks import THIS, make_week

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    found = make.make_portfolio("Bridges & <roads>")
    project = make.make_healthy_project("Alpha\r\nBcc: x@evil.test <b>", portfolio=found, as_of=THIS.sunday)
    make.make_issue(project, "Steel <is> late", is_blocker=True, opened_on=THIS.monday)
    return found


def subscribe(portfolio: Portfolio, **fields: Any) -> User:
    person = make.make_person(RoleName.EXECUTIVE, portfolio, **fields)
    subscriptions.subscribe(portfolio=portfolio, actor=person)
    return person


def test_each_subscriber_gets_one_mail_with_a_fixed_message_id(portfolio: Portfolio) -> None:
    people = [subscribe(portfolio), subscribe(portfolio)]
    report = make_week(portfolio)
    week = f"{THIS.iso_year}w{THIS.iso_week:02d}"
    expected = [f"weekly_health-{portfolio.pk}-{week}-r1-u{person.pk}@127.0.0.1" for person in people]
    assert list(OutgoingMail.objects.order_by("pk").values_list("message_id", flat=True)) == expected
    assert subscriptions.queue_report_mail(report) == 2
    assert OutgoingMail.objects.count() == 2


def test_correction_is_a_mail_of_its_own(portfolio: Portfolio) -> None:
    subscribe(portfolio)
    reports.correct_report(report_id=make_week(portfolio).pk, note="The cost was wrong", actor=make.make_person())
    newest = OutgoingMail.objects.order_by("-pk")[0]
    assert "-r2-" in newest.message_id
    assert "The cost was wrong" in newest.text


def test_rights_are_checked_again_for_each_report(portfolio: Portfolio) -> None:
    demoted, shut_out, stays = subscribe(portfolio), subscribe(portfolio), subscribe(portfolio)
    demoted.grants.all().delete()
    User.objects.filter(pk=shut_out.pk).update(is_active=False)
    make_week(portfolio)
    assert [found.to_user for found in OutgoingMail.objects.all()] == [stays]


def test_mail_carries_one_click_headers_and_says_why_it_came(portfolio: Portfolio) -> None:
    person = subscribe(portfolio)
    report = make_week(portfolio)
    assert send_next() is not None
    sent = cast("EmailMultiAlternatives", mail.outbox[0])
    link = f"http://127.0.0.1:8000/reports/unsubscribe/{subscriptions.unsubscribe_token(person.pk, portfolio.pk)}/"
    assert sent.extra_headers["List-Unsubscribe"] == f"<{link}>"
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for body in (str(sent.body), str(sent.alternatives[0][0])):
        assert "because you subscribed" in body
        assert link in body
        assert f"/reports/{report.pk}/pdf/" in body
        assert "may reach you twice" in body
    assert "\n" not in sent.subject
    assert sent.to == [person.email]


def test_words_of_people_are_escaped_in_html_and_plain_in_text(portfolio: Portfolio) -> None:
    subscribe(portfolio)
    make_week(portfolio)
    found = OutgoingMail.objects.get()
    assert "Steel <is> late" in found.text
    assert "Bridges & <roads>" in found.text
    assert "<roads>" not in found.html
    assert "Steel &lt;is&gt; late" in found.html
    assert "<script" not in found.html


def test_each_reader_gets_their_own_language(portfolio: Portfolio) -> None:
    dutch = subscribe(portfolio, language="nl")
    english = subscribe(portfolio, language="en-gb")
    make_week(portfolio)
    languages = {found.to_user_id: found.html.split('lang="')[1][:2] for found in OutgoingMail.objects.all()}
    assert languages == {dutch.pk: "nl", english.pk: "en"}
