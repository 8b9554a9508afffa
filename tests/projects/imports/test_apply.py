"""What importing does to a portfolio over time."""

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from projects.enums import ProjectStatus, SnapshotSource, UpdateState
from projects.imports import presets, reconcile
from projects.imports.errors import ImportRefused
from projects.models import ImportRun, Portfolio, Project, Snapshot, SnapshotSet, Update
from projects.models.portfolio import PortfolioQuerySet
from projects.services import imports
from tests.factories import make_person, make_portfolio
from tests.projects.imports.conftest import gmpp_csv, planned

pytestmark = pytest.mark.django_db

BRIDGE = ["A1", "Bridge", "MoJ", "Amber", "£10", "2025-03-31"]
TUNNEL = ["A2", "Tunnel", "MOJ", "Green", "Exempt under Section 43 (Commercial)", "TBD"]
NEW_YEAR = dt.date(2022, 3, 31)


@pytest.fixture
def portfolio():
    return make_portfolio(currency="GBP")


@pytest.fixture
def actor():
    return make_person()


def bring(portfolio, content, as_of=NEW_YEAR, actor=None, is_complete=True):
    return imports.import_file(
        actor=actor,
        portfolio=portfolio,
        file_name="file.csv",
        content=content,
        columns=presets.preset("gmpp"),
        as_of=as_of,
        is_complete=is_complete,
    )


def test_a_first_import_makes_projects_updates_and_a_snapshot(portfolio, actor):
    result = bring(portfolio, gmpp_csv(BRIDGE, TUNNEL), actor=actor)
    assert (result["made"], result["refused"], result["warnings"]) == (2, 0, 1)
    bridge, tunnel = Project.objects.order_by("external_id")
    assert (bridge.whole_life_cost, bridge.currency, bridge.imported_as_of) == (Decimal(10_000_000), "GBP", NEW_YEAR)
    assert bridge.org_unit == tunnel.org_unit
    assert (tunnel.whole_life_cost, tunnel.whole_life_cost_withheld) == (None, "Exempt under Section 43 (Commercial)")
    assert tunnel.source_texts == {"forecast_finish_on": "TBD"}
    update = bridge.updates.get()
    assert (update.declared, update.as_of, update.is_imported, update.state) == ("amber", NEW_YEAR, True, "published")
    rows = {row.project_id: row for row in Snapshot.objects.all()}
    assert rows[tunnel.pk].withheld == ["whole_life_cost"]
    assert rows[bridge.pk].declared == "amber"
    assert bridge.state.declared == "amber"


def test_history_names_the_person_who_imported(portfolio, actor):
    bring(portfolio, gmpp_csv(BRIDGE), actor=actor)
    event = apps.get_model("projects", "ProjectEvent").objects.filter(pgh_label="insert").get()
    assert event.pgh_context.metadata["user"] == actor.pk


def test_the_same_file_again_changes_nothing(portfolio):
    bring(portfolio, gmpp_csv(BRIDGE, TUNNEL))
    before = _everything()
    result = bring(portfolio, gmpp_csv(BRIDGE, TUNNEL))
    assert (result["made"], result["changed"], result["unchanged"]) == (0, 0, 2)
    assert (result["sets"], result["updates"]) == (0, 0)
    assert _everything() == before


def _everything():
    return [
        list(model.objects.order_by("pk").values_list("pk", *extra))
        for model, extra in (
            (Project, ["version", "updated_at"]),
            (Update, ["state"]),
            (SnapshotSet, []),
            (Snapshot, []),
        )
    ]


def test_a_corrected_file_of_the_same_date_supersedes(portfolio):
    bring(portfolio, gmpp_csv(BRIDGE))
    result = bring(portfolio, gmpp_csv(["A1", "Bridge", "MoJ", "Red", "£12", "2025-03-31"]))
    assert result["changed"] == 1
    old, new = Update.objects.order_by("pk")
    assert (old.state, old.declared, new.state, new.declared) == (UpdateState.SUPERSEDED, "amber", "published", "red")
    assert new.supersedes == old
    assert Snapshot.objects.get().declared == "red"
    assert Project.objects.get().whole_life_cost == 12_000_000


def test_a_later_file_is_a_second_snapshot_and_who_is_missing_has_left(portfolio):
    bring(portfolio, gmpp_csv(BRIDGE, TUNNEL), dt.date(2021, 3, 31))
    result = bring(portfolio, gmpp_csv(BRIDGE))
    assert (result["unchanged"], result["left"]) == (1, 1)
    tunnel = Project.objects.get(external_id="A2")
    assert (tunnel.status, tunnel.left_on) == (ProjectStatus.LEFT, NEW_YEAR)
    assert SnapshotSet.objects.filter(source=SnapshotSource.IMPORT).count() == 2
    assert Project.objects.get(external_id="A1").imported_as_of == NEW_YEAR


def test_who_comes_back_runs_again(portfolio):
    bring(portfolio, gmpp_csv(BRIDGE, TUNNEL), dt.date(2020, 3, 31))
    bring(portfolio, gmpp_csv(BRIDGE), dt.date(2021, 3, 31))
    result = bring(portfolio, gmpp_csv(BRIDGE, TUNNEL))
    assert result["returned"] == 1
    assert Project.objects.get(external_id="A2").status == ProjectStatus.ACTIVE
    assert Project.objects.get(external_id="A2").left_on is None


def test_a_partial_file_makes_nobody_leave(portfolio):
    bring(portfolio, gmpp_csv(BRIDGE, TUNNEL), dt.date(2021, 3, 31))
    imports.import_file(
        actor=None,
        portfolio=portfolio,
        file_name="part.csv",
        content=gmpp_csv(BRIDGE),
        columns=presets.preset("gmpp"),
        as_of=NEW_YEAR,
        is_complete=False,
    )
    assert Project.objects.live().count() == 2
    assert not SnapshotSet.objects.get(as_of=NEW_YEAR).is_complete


def test_an_older_file_adds_history_and_leaves_the_record_alone(portfolio):
    bring(portfolio, gmpp_csv(["A1", "Bridge renamed", "MoJ", "Red", "£12", "2026-03-31"]))
    result = bring(portfolio, gmpp_csv(BRIDGE, TUNNEL), dt.date(2021, 3, 31))
    assert (result["made"], result["changed"], result["earlier"]) == (1, 0, 1)
    bridge, tunnel = Project.objects.order_by("external_id")
    assert (bridge.name, bridge.whole_life_cost, bridge.imported_as_of) == (
        "Bridge renamed",
        Decimal(12_000_000),
        NEW_YEAR,
    )
    assert (tunnel.status, tunnel.left_on) == (ProjectStatus.LEFT, NEW_YEAR)
    old = Snapshot.objects.get(project=bridge, snapshot_set__as_of=dt.date(2021, 3, 31))
    assert (old.name, old.declared, old.whole_life_cost) == ("Bridge", "amber", Decimal(10_000_000))
    assert bridge.state.declared == "red"


def test_projects_are_matched_on_the_id_and_never_on_the_name(portfolio):
    bring(portfolio, gmpp_csv(BRIDGE))
    bring(portfolio, gmpp_csv(["B9", *BRIDGE[1:]]))
    assert Project.objects.filter(name="Bridge").count() == 2


def test_another_colour_scale_is_kept_as_it_is_and_said(portfolio):
    bring(portfolio, gmpp_csv(["A1", "Bridge", "MoJ", "Amber/red", "£10", ""]), dt.date(2021, 3, 31))
    portfolio.refresh_from_db()
    assert portfolio.colour_scale == 5
    result = bring(portfolio, gmpp_csv(BRIDGE))
    portfolio.refresh_from_db()
    assert portfolio.colour_scale == 3
    assert any("never converted" in note for note in result["notes"])
    assert dict(Update.objects.values_list("scale", "declared")) == {5: "amber_red", 3: "amber"}
    assert dict(SnapshotSet.objects.values_list("as_of", "scale")) == {dt.date(2021, 3, 31): 5, NEW_YEAR: 3}


def test_bad_rows_are_refused_one_by_one_with_a_reason(portfolio):
    result = bring(
        portfolio,
        gmpp_csv(BRIDGE, ["", "No id", "", "", "", ""], ["A3", "", "", "", "", ""], BRIDGE, [*TUNNEL, "stray"]),
    )
    assert (result["made"], result["refused"]) == (1, 4)
    assert [(row[0], row[2]) for row in result["problems"]] == [
        (3, "no_id"),
        (4, "no_name"),
        (5, "duplicate"),
        (6, "misfit"),
    ]
    assert result["rows_read"] == result["rows_used"] + result["rows_refused"]


def test_a_file_without_a_good_row_is_refused_and_leaves_nothing(portfolio):
    with pytest.raises(ImportRefused, match="No row"):
        bring(portfolio, gmpp_csv(["", "No id", "", "", "", ""]))
    assert not ImportRun.objects.exists()


def test_a_rehearsal_tells_what_the_import_then_does(portfolio):
    bring(portfolio, gmpp_csv(BRIDGE, TUNNEL), dt.date(2021, 3, 31))
    content = gmpp_csv(["A1", "Bridge", "MoJ", "Red", "£12", "2025-03-31"], ["A3", "Canal", "DfT", "Green", "£1", ""])
    told = reconcile.rehearse(portfolio, planned(content, "gmpp", "2022-03-31"))
    did = bring(portfolio, content)
    for name in ("made", "changed", "unchanged", "earlier", "left", "refused", "sums", "colours", "rows_read"):
        assert told[name] == did[name], name
    assert told["sample"][0]["rows"] == [["Whole-life cost", "10000000.00", "12000000.00"]]


def test_queries_do_not_grow_with_the_rows(portfolio):
    def rows(count, first):
        return gmpp_csv(
            *([f"Q{first + n}", f"Project {n}", "MoJ", "Amber", f"£{n + 1}", "2025-03-31"] for n in range(count))
        )

    bring(portfolio, rows(1, 0), dt.date(2020, 1, 1))
    counts = []
    for count, first, year in ((3, 100, 2021), (300, 1000, 2022)):
        with CaptureQueriesContext(connection) as queries:
            bring(portfolio, rows(count, first), dt.date(year, 1, 1))
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 2


def test_a_file_of_a_day_ahead_is_refused_and_leaves_no_run(portfolio):
    with pytest.raises(ImportRefused, match="lies ahead"):
        bring(portfolio, gmpp_csv(BRIDGE), dt.date(2099, 1, 1))
    assert not ImportRun.objects.exists()
    assert not Project.objects.exists()


def test_a_file_without_most_of_the_portfolio_is_remarked_upon(portfolio):
    many = [[f"Q{n}", f"Project {n}", "MoJ", "Amber", "£1", ""] for n in range(24)]
    bring(portfolio, gmpp_csv(*many), dt.date(2021, 3, 31))
    told = reconcile.rehearse(portfolio, planned(gmpp_csv(*many[:12]), "gmpp", "2022-03-31"))
    assert told["left"] == 12
    assert not any("leave it" in note for note in told["notes"])
    told = reconcile.rehearse(portfolio, planned(gmpp_csv(*many[:11]), "gmpp", "2022-03-31"))
    assert any("13 of the 24 projects" in note for note in told["notes"])


def test_a_sum_of_which_nothing_is_known_is_no_zero(portfolio):
    result = bring(portfolio, gmpp_csv(TUNNEL))
    assert result["sums"]["whole_life_cost"]["amount"] is None
    assert result["sums"]["whole_life_cost"]["withheld"] == 1


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_make_each_project_once():
    portfolio = make_portfolio(currency="GBP")
    content = gmpp_csv(*([f"Q{n}", f"Project {n}", "MoJ", "Amber", "£1", ""] for n in range(60)))
    results, errors = _at_once(lambda: bring(portfolio, content))
    assert errors == []
    assert sorted(result["made"] for result in results) == [0, 60]
    assert (Project.objects.count(), Update.objects.count(), Snapshot.objects.count()) == (60, 60, 60)


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_two_imports_at_once_would_collide(monkeypatch):
    monkeypatch.setattr(PortfolioQuerySet, "select_for_update", lambda self, **_options: self)
    portfolio = make_portfolio(currency="GBP")
    assert Portfolio.objects.get(pk=portfolio.pk) == portfolio
    content = gmpp_csv(*([f"Q{n}", f"Project {n}", "MoJ", "Amber", "£1", ""] for n in range(200)))
    _results, errors = _at_once(lambda: bring(portfolio, content))
    assert len(errors) == 1
    assert "project_external_id_once" in str(errors[0])


def _at_once(act):
    results, errors = [], []
    gate = threading.Barrier(2)

    def run():
        try:
            gate.wait(60)
            results.append(act())
        except Exception as error:  # noqa: BLE001  the test looks at what each thread got
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results, errors
