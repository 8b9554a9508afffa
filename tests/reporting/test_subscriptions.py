"""Who gets the report by mail, and how they stop getting it."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import RoleName
from projects.models import Portfolio
from reporting.models import Subscription
from reporting.services import subscriptions
from tests import factories as make
from tests.reporting.weeks import make_week

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    found = make.make_portfolio("Bridges and roads")
    make.make_healthy_project("Alpha", portfolio=found)
    return found


def test_subscribing_twice_is_once(client: Any, portfolio: Portfolio) -> None:
    reader = make.make_person(RoleName.EXECUTIVE, portfolio)
    client.force_login(reader)
    for _turn in range(2):
        assert client.post(reverse("report-subscribe", args=[portfolio.slug])).status_code == 302
    assert list(Subscription.objects.values_list("user", "portfolio")) == [(reader.pk, portfolio.pk)]
    client.post(reverse("report-unsubscribe", args=[portfolio.slug]))
    client.post(reverse("report-unsubscribe", args=[portfolio.slug]))
    assert Subscription.objects.count() == 0


def test_button_leads_back_to_its_report_and_nowhere_outside(client: Any, portfolio: Portfolio) -> None:
    report = make_week(portfolio)
    client.force_login(make.make_person())
    href = reverse("report-subscribe", args=[portfolio.slug])
    assert client.post(href, {"report": report.pk})["Location"] == reverse("report", args=[report.pk])
    for odd in ("//evil.test", "", "1/../x", "٣"):
        assert client.post(href, {"report": odd})["Location"] == reverse("report-list")


def test_nobody_subscribes_to_what_they_may_not_read(client: Any, portfolio: Portfolio) -> None:
    stranger = make.make_person(RoleName.EXECUTIVE, make.make_portfolio())
    client.force_login(stranger)
    assert client.post(reverse("report-subscribe", args=[portfolio.slug])).status_code == 404
    with pytest.raises(subscriptions.MayNotSubscribe):
        subscriptions.subscribe(portfolio=portfolio, actor=stranger)


def test_looking_at_the_link_of_a_mail_changes_nothing(client: Any, portfolio: Portfolio) -> None:
    reader = make.make_person()
    subscriptions.subscribe(portfolio=portfolio, actor=reader)
    href = reverse("report-unsubscribe-link", args=[subscriptions.unsubscribe_token(reader.pk, portfolio.pk)])
    page = client.get(href)
    assert (page.status_code, Subscription.objects.count()) == (200, 1)
    assert "Bridges and roads" in page.content.decode()


def test_one_click_of_a_mail_program_ends_it_without_cookies_or_token(portfolio: Portfolio) -> None:
    from django.test import Client

    reader, other = make.make_person(), make.make_person()
    for person in (reader, other):
        subscriptions.subscribe(portfolio=portfolio, actor=person)
    href = reverse("report-unsubscribe-link", args=[subscriptions.unsubscribe_token(reader.pk, portfolio.pk)])
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(href, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert strict.post(href).status_code == 200
    assert [found.user for found in Subscription.objects.all()] == [other]


@pytest.mark.parametrize("token", ["x", "W251bGwsbnVsbF0:1a:abc", "%00", "a" * 500])
def test_forged_link_is_refused(client: Any, portfolio: Portfolio, token: str) -> None:
    reader = make.make_person()
    subscriptions.subscribe(portfolio=portfolio, actor=reader)
    good = subscriptions.unsubscribe_token(reader.pk, portfolio.pk)
    for odd in (token, good[:-1], good + "x"):
        href = f"/reports/unsubscribe/{odd}/"
        assert client.get(href).status_code in {400, 404}
        assert client.post(href).status_code in {400, 404}
    assert Subscription.objects.count() == 1
