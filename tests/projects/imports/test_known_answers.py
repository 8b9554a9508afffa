"""The published figures come out of the published files, through the commands that people use."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command

from projects.imports import presets, tables
from projects.models import Project, SnapshotSet

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(published, capsys):
    def run_import(file, preset, as_of=None, portfolio="Real", **options):
        dated = {"as_of": as_of} if as_of else {}
        call_command(
            "import_portfolio",
            str(published(file)),
            preset=preset,
            portfolio=portfolio,
            json=True,
            **_dates(dated),
            **options,
        )
        return json.loads(capsys.readouterr().out)

    return run_import


def _dates(options):
    return {name: dt.date.fromisoformat(value) for name, value in options.items()}


@pytest.fixture
def summary(capsys):
    def read(portfolio="Real", **options):
        call_command("portfolio_summary", portfolio=portfolio, json=True, **_dates(options))
        return json.loads(capsys.readouterr().out)

    return read


def test_gmpp_2022_and_what_changed_since_2021(run, summary):
    run("gmpp/gmpp_2021.csv", "gmpp", "2021-03-31")
    result = run("gmpp/gmpp_2022.csv", "gmpp", "2022-03-31")
    assert (result["made"], result["changed"], result["left"], result["refused"]) == (76, 159, 25, 0)
    data = summary()
    assert list(data) == [
        "portfolio",
        "as_of",
        "projects",
        "colours",
        "categories",
        "org_units",
        "sums",
        "since_previous",
        "warnings",
    ]
    assert (data["as_of"], data["projects"]) == ("2022-03-31", 235)
    assert data["colours"] == {"green": 24, "amber": 170, "red": 27, "exempt": 11, "not_assessed": 3}
    assert data["sums"]["whole_life_cost"] == {
        "currency": "GBP",
        "amount": "494181000000",
        "known": 191,
        "withheld": 37,
        "unknown": 7,
        "of": 235,
    }
    since = data["since_previous"]
    assert (since["previous"], since["stay"], since["joined"], since["left"]) == ("2021-03-31", 159, 76, 25)
    assert data["org_units"]["MOD"] == 52
    assert data["categories"]["Infrastructure and Construction"] == 70
    assert data["warnings"] > 0


def test_gmpp_2021_on_five_points(run, summary):
    run("gmpp/gmpp_2021.csv", "gmpp", "2021-03-31")
    data = summary()
    assert data["projects"] == 184
    assert data["colours"] == {
        "green": 12,
        "amber_green": 29,
        "amber": 84,
        "amber_red": 44,
        "red": 7,
        "exempt": 5,
        "not_assessed": 3,
    }
    assert (data["sums"]["whole_life_cost"]["amount"], data["sums"]["whole_life_cost"]["known"]) == (
        "541951370000",
        164,
    )
    assert data["since_previous"] is None
    assert SnapshotSet.objects.get().scale == 5


def test_the_order_of_importing_does_not_matter(run, summary):
    for portfolio, years in (("Forth", (2021, 2022)), ("Back", (2022, 2021))):
        for year in years:
            run(f"gmpp/gmpp_{year}.csv", "gmpp", f"{year}-03-31", portfolio=portfolio)
    for as_of in ("2021-03-31", "2022-03-31"):
        forth, back = summary("Forth", as_of=as_of), summary("Back", as_of=as_of)
        assert forth | {"portfolio": "", "warnings": 0} == back | {"portfolio": "", "warnings": 0}
    states = [
        sorted(
            Project.objects.filter(portfolio__name=name).values_list(
                "external_id", "status", "left_on", "imported_as_of"
            )
        )
        for name in ("Forth", "Back")
    ]
    assert states[0] == states[1]
    assert sum(status == "left" for _id, status, _on, _as_of in states[0]) == 25


@pytest.mark.parametrize(
    ("year", "as_of", "projects", "amount", "known"),
    [(2016, "2016-06-09", 398, "11918961480", 392), (2019, "2019-05-01", 463, "7030871651", 456)],
)
def test_canada(run, summary, year, as_of, projects, amount, known):  # noqa: PLR0917  fixtures beside what is known
    run(f"canada_it/gc-it-projects-{year}.csv", "canada-it")
    data = summary()
    assert (data["as_of"], data["projects"]) == (as_of, projects)
    cost = data["sums"]["whole_life_cost"]
    assert (cost["currency"], cost["amount"], cost["known"]) == ("CAD", amount, known)
    texts = Project.objects.exclude(source_texts={}).values_list("source_texts", flat=True)
    assert any("TBD" in text["forecast_finish_on"] for text in texts)


def test_us_it_dashboard(run, summary):
    run("us_itdashboard/projects_1547.csv", "us-itdashboard", "2013-06-30")
    data = summary()
    assert (data["projects"], len(data["org_units"])) == (1547, 26)
    assert data["sums"]["baseline_cost"] == {
        "currency": "USD",
        "amount": "19650668072",
        "known": 1547,
        "withheld": 0,
        "unknown": 0,
        "of": 1547,
    }
    assert data["org_units"]["Department of Health and Human Services"] == 108
    defense = Project.objects.filter(org_unit__name="Department of Defense")
    assert defense.count() == 89
    assert sum(project.baseline_cost or 0 for project in defense) == 6_781_564_000
    assert SnapshotSet.objects.get().snapshots.filter(slip_days__gt=0).count() == 652


def test_new_york_is_read_as_dated_rows_and_its_control_totals_hold(run, summary):
    result = run("nyc_capital/first_150_projects.csv", "nyc-capital", "2019-09-01")
    assert (result["rows_read"], result["rows_used"], result["projects"]) == (1509, 1509, 150)
    checks = {check["label"]: check for check in result["checks"]}
    assert (checks["schedule"]["of"], checks["schedule"]["equal"]) == (146, 146)
    assert (checks["budget"]["of"], checks["budget"]["within"]) == (147, 147)
    assert SnapshotSet.objects.count() == 15
    assert summary()["projects"] == 150
    early = summary(as_of="2019-01-01")
    assert (early["as_of"], early["projects"]) == ("2019-01-01", 143)
    again = run("nyc_capital/first_150_projects.csv", "nyc-capital", "2019-12-01")
    assert (again["made"], again["changed"], again["unchanged"]) == (0, 0, 150)


def test_a_date_cuts_off_later_rows(run, summary):
    result = run("nyc_capital/first_150_projects.csv", "nyc-capital", "2019-01-31")
    assert result["dates"][-1] == "2019-01-01"
    assert result["rows_not_read"] == 290
    assert result["rows_read"] == result["rows_used"] + result["rows_refused"] + result["rows_not_read"]


def test_the_raw_windows_file_gives_the_same_as_the_tidy_one(run, summary):
    run("gmpp/raw_uk_2022.csv", "gmpp", "2022-03-31", portfolio="Raw")
    run("gmpp/gmpp_2022.csv", "gmpp", "2022-03-31", portfolio="Tidy")
    assert summary("Raw") | {"portfolio": ""} == summary("Tidy") | {"portfolio": ""}


def test_the_wrongly_decoded_file_without_ids_is_refused_by_name_of_the_problem(run):
    with pytest.raises(CommandError) as refusal:
        run("gmpp/raw_df_2021.csv", "gmpp", "2021-03-31")
    assert "decoded wrongly" in str(refusal.value)
    assert "Id in the source" in str(refusal.value)
    assert not Project.objects.exists()


def test_a_wrong_preset_is_refused_and_names_what_is_missing(run):
    with pytest.raises(CommandError, match="Id in the source"):
        run("nyc_capital/first_150_projects.csv", "canada-it", "2019-09-01")


def test_presets_are_told_from_the_header(published):
    for file, name in (
        ("gmpp/gmpp_2021.csv", "gmpp"),
        ("gmpp/raw_uk_2022.csv", "gmpp"),
        ("canada_it/gc-it-projects-2016.csv", "canada-it"),
        ("us_itdashboard/projects_1547.csv", "us-itdashboard"),
        ("nyc_capital/first_150_projects.csv", "nyc-capital"),
    ):
        assert presets.guess(tables.read_table(published(file).read_bytes()).columns) == name


def test_a_rehearsal_writes_nothing(run):
    result = run("gmpp/gmpp_2022.csv", "gmpp", "2022-03-31", dry_run=True)
    assert (result["status"], result["made"]) == ("dry-run", 235)
    assert not Project.objects.exists()
