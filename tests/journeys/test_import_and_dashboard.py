"""The PMO brings two published portfolios in and reads what came of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from accounts.enums import RoleName
from common.tasks import sweep
from projects.models import ImportRun, Project
from projects.services.rollups import refresh_rollups
from reporting.models import SavedView
from tests.factories import PASSWORD, make_person, make_portfolio
from tests.journeys.visitor import Visitor

PUBLISHED = Path(settings.BASE_DIR).parent / "shared" / "data" / "gmpp"


def bring_in(pmo: Visitor, name: str, as_of: str) -> None:
    pmo.open("/imports/")
    pmo.follow("Import a file")
    pmo.choose("Portfolio", "Government major projects")
    pmo.page.get_by_role("main").locator("input[type=file]").set_input_files(PUBLISHED / name)
    pmo.fill("As of", as_of)
    pmo.press("Upload and match columns")
    pmo.sees("Match the columns of")
    pmo.press("Show what would happen")
    pmo.sees("Nothing is written yet.")
    pmo.press("Import now")
    pmo.page.wait_for_url("**/imports/*/")
    sweep()  # a worker would
    pmo.page.reload()
    pmo.sees("Reconciliation", "The file was imported as a whole")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"the published files are not there: {PUBLISHED}")
def test_pmo_imports_two_years_reads_the_dashboard_and_saves_a_view(visit: Callable[..., Visitor]) -> None:
    make_portfolio("Government major projects", slug="gmpp", currency="GBP")
    pmo = visit(make_person(RoleName.PMO_MANAGER, name="Paula Pmo", password=PASSWORD))

    bring_in(pmo, "gmpp_2021.csv", "2021-03-31")
    assert "184" in pmo.words
    bring_in(pmo, "gmpp_2022.csv", "2022-03-31")
    for words in ("235 projects = 76 made", "£494,181"):
        assert words in pmo.words
    result = ImportRun.objects.order_by("pk").last()
    assert result is not None
    assert (result.result["made"], result.result["left"], result.result["refused"]) == (76, 25, 0)

    refresh_rollups()  # a worker does so every fifteen seconds
    pmo.open("/dashboard/?portfolio=gmpp")
    assert "Health of 235 projects" in pmo.words
    assert "£494" in pmo.words
    assert "191 of 235" in pmo.words
    for colour, count in (("On track", 24), ("At risk", 170), ("Off track", 27), ("Exempt", 11), ("Not assessed", 3)):
        assert f"{colour} {count}" in " ".join(pmo.words.split()), colour
    assert "Since 31 Mar 2021, 76 joined and 25 left the portfolio." in pmo.words

    pmo.open("/projects/?portfolio=gmpp&declared=red")
    assert "27 projects" in pmo.words
    pmo.page.get_by_text("Save as…").click()
    pmo.fill("Name of the view", "Red ones")
    pmo.press("Save view")
    pmo.sees("View “Red ones” saved.")
    pmo.open("/projects/")
    pmo.page.get_by_role("navigation", name="Views").get_by_role("link", name="Red ones").click()
    pmo.sees("27 projects")
    assert SavedView.objects.get().name == "Red ones"
    assert Project.objects.count() == 260
