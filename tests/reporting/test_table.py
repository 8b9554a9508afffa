"""The portfolio table: its address is its state, it shows only what one may see, and it costs the same at any size."""

from __future__ import annotations

import datetime as dt

import pytest
from django.http import QueryDict
from django.test import Client

from accounts.enums import RoleName
from accounts.models import User
from projects.enums import ProjectStatus
from projects.services import state
from reporting.columns import COLUMNS, NOW
from reporting.filters import FILTERS
from reporting.query import TableQuery
from reporting.selectors import table
from tests import factories
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db


def _names(client_response_rows: table.TablePage) -> list[str]:
    return [row[1] for row in client_response_rows.rows]


def _page(user: User, text: str = "") -> table.TablePage:
    return table.table_page(user, TableQuery.parse(QueryDict(text)))


@pytest.mark.parametrize("role", [RoleName.EXECUTIVE, RoleName.PMO_MANAGER])
def test_pages_take_the_same_few_statements_and_weigh_the_same_at_any_size(role: RoleName) -> None:
    client = portfolios.signed_in(factories.make_person(role))
    portfolio = portfolios.many(10)
    few = {path: portfolios.statements(client, path)[0] for path in portfolios.PAGES}
    portfolios.many(190, portfolio)
    small = {path: len(portfolios.statements(client, path)[1]) for path in portfolios.PAGES}
    portfolios.many(800, portfolio)
    for path in portfolios.PAGES:
        much, content = portfolios.statements(client, path)
        assert few[path] == much <= 12, path
        assert len(content) <= 150 * 1024, path
        assert abs(len(content) - small[path]) <= 0.05 * small[path], path


def test_address_without_meaning_is_dropped_and_not_an_error() -> None:
    query = TableQuery.parse(
        QueryDict("computed=purple&page=x&sort=nonsense&cols=what,lead&as_of=2026-13-45&lead=+&view=a")
    )
    assert query.query_string() == "cols=lead"


def test_same_state_always_gives_the_same_address() -> None:
    one = TableQuery.parse(QueryDict("sort=name&stale=yes&computed=red&computed=amber"))
    two = TableQuery.parse(QueryDict(one.query_string()))
    assert one.query_string() == two.query_string() == "computed=red&computed=amber&stale=yes"


def test_every_column_and_every_filter_works_for_now_and_for_the_past() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    project = factories.make_project("Only one", refresh=True)
    state.take_snapshots(project.portfolio, as_of=portfolios.TODAY - dt.timedelta(days=3), source="weekly")
    values = {"date": "2026-01-01", "flag": "yes", "portfolio": project.portfolio.slug}
    for past in ("", f"&as_of={portfolios.TODAY.isoformat()}"):
        page = _page(user, f"cols={','.join(COLUMNS)}{past}")
        assert _names(page) == ["Only one"]
        for name in COLUMNS:
            _page(user, f"sort=-{name}{past}")
        for item in FILTERS.values():
            value = item.choices[0][0] if item.choices else values.get(item.kind, "only")
            _page(user, f"{item.name}={value}{past}")


def test_exceptions_come_first_and_closed_projects_only_when_asked_for() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    good = factories.make_healthy_project("Good", refresh=True)
    factories.make_project("Late", portfolio=good.portfolio, forecast_finish_on=dt.date(2020, 1, 1), refresh=True)
    factories.make_project("Done", portfolio=good.portfolio, status=ProjectStatus.COMPLETED, refresh=True)
    assert _names(_page(user)) == ["Late", "Good"]
    assert "Done" in _names(_page(user, "status=all"))
    assert _names(_page(user, "status=completed")) == ["Done"]


def test_portfolio_filter_takes_the_programmes_below_with_it() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    root = factories.make_portfolio("Root", slug="root")
    factories.make_project("Below", portfolio=factories.make_portfolio("Child", root, slug="child"), refresh=True)
    factories.make_project("Beside", refresh=True)
    assert _names(_page(user, "portfolio=root")) == ["Below"]
    assert _names(_page(user, "portfolio=nowhere")) == []


@pytest.mark.parametrize("path", [*portfolios.PAGES[:3], "/search/?q=canary", "/projects/?q=canary",
                                  "/projects/filters/",
                                  "/projects/export.csv?columns=all", "/projects/?confidential=yes"])  # fmt: skip
def test_executive_sees_no_trace_of_a_confidential_project(path: str) -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.EXECUTIVE))
    portfolio = factories.make_portfolio("Open", slug="open")
    factories.make_project("Ordinary", portfolio=portfolio, refresh=True)
    state.refresh_rollups()
    before = _content(client, path)
    secret = factories.make_project(
        "Canarybird", portfolio=portfolio, is_confidential=True, category="Canarykind", external_id="CANARY-1",
        goal=factories.make_goal("Canarygoal"), lead=factories.make_user(name="Canary Lead"), refresh=True,
    )  # fmt: skip
    factories.make_milestone(secret, "Canary gate", forecast_on=portfolios.TODAY + dt.timedelta(days=3))
    factories.make_risk(secret, "Canary risk")
    factories.make_decision(secret, "Canary decision?")
    state.refresh([secret.pk])
    state.refresh_rollups()
    after = _content(client, path)
    assert "Canary" not in after.replace("Canary Lead", "") if path.startswith("/search") else "Canary" not in after
    assert _without_tokens(before) == _without_tokens(after) or path.startswith("/search")


def _content(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode())


def _without_tokens(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line)


def test_sponsor_of_a_confidential_project_does_see_it() -> None:
    user = factories.make_person(RoleName.EXECUTIVE)
    factories.make_project("Mine in secret", sponsor=user, is_confidential=True, refresh=True)
    assert _names(_page(user)) == ["Mine in secret"]


def test_names_from_people_are_escaped() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    factories.make_project("<script>alert(1)</script>", category="<b>x</b>", refresh=True)
    for path in ("/projects/?cols=category", "/roadmap/", "/dashboard/", "/search/?q=script"):
        content = client.get(path).content.decode()
        assert "<script>alert" not in content
        assert "<b>x</b>" not in content
    assert "&lt;script&gt;" in client.get("/projects/").content.decode()


def test_column_chooser_leads_back_to_the_list_in_the_chosen_order() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    answer = client.get("/projects/columns/?column=lead&place_lead=3&column=goal&place_goal=2&computed=red")
    assert answer.status_code == 302
    assert answer["Location"] == "/projects/?computed=red&cols=project,goal,lead"
    assert client.get(answer["Location"]).status_code == 200


def test_unknown_and_withheld_money_are_different_words() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    factories.make_project("Withheld", whole_life_cost_withheld="Section 43", refresh=True)
    html = portfolios.signed_in(user).get("/projects/?cols=whole_life_cost,benefits").content.decode()
    assert ">Withheld</span>" in html
    assert ">Unknown</span>" in html
    assert NOW.path("fact.rank") == "state__rank"
