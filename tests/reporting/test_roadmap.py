from __future__ import annotations

import datetime as dt

import pytest

from accounts.enums import RoleName
from reporting import timeline
from tests import factories
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db


def test_each_bar_is_a_link_with_a_whole_sentence_as_its_name() -> None:
    project = factories.make_project(
        "Harbour", forecast_start_on=dt.date(2026, 1, 1), forecast_finish_on=dt.date(2027, 3, 31), refresh=True
    )
    page = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER)).get("/roadmap/").content.decode()
    assert f'href="/projects/P-{project.pk}/plan/" aria-label="Harbour: 1 Jan 2026 – 31 Mar 2027' in page


@pytest.mark.parametrize("zoom", ["quarter", "year", "all", "nonsense"])
@pytest.mark.parametrize("group", ["portfolio", "goal", "org_unit", "phase", "none", "nonsense"])
def test_every_zoom_and_group_draws(zoom: str, group: str) -> None:
    factories.make_project("With dates", goal=factories.make_goal(), forecast_finish_on=portfolios.TODAY, refresh=True)
    factories.make_project("Without dates", refresh=True)
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    page = client.get(f"/roadmap/?zoom={zoom}&group={group}&from=2026-02-30").content.decode()
    assert "Without dates: no dates yet" in page


def test_window_moves_by_quarters_and_by_years() -> None:
    today = dt.date(2026, 11, 22)
    shown = timeline.window("quarter", None, [], today)
    assert (shown.start, shown.end) == (dt.date(2026, 7, 1), dt.date(2027, 7, 1))
    assert shown.moved(1) == dt.date(2026, 10, 1)
    assert timeline.window("year", dt.date(2026, 1, 9), [], today).moved(-1) == dt.date(2025, 1, 1)
