"""The import in the browser, through the client."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from common import jobs
from common.models import JobRun
from projects.enums import ImportState
from projects.models import ImportPreset, ImportRun, Project
from tests.factories import make_person, make_portfolio
from tests.projects.imports.conftest import csv_bytes, gmpp_csv

pytestmark = pytest.mark.django_db

ROWS = [
    ["A1", "Bridge", "MOJ", "Amber", "£10", "2025-03-31"],
    ["A2", "=Tunnel", "MOJ", "Purple", "£x", "TBD"],
    ["", "=No id", "MOJ", "", "", ""],
]


@pytest.fixture
def portfolio():
    return make_portfolio(currency="GBP")


@pytest.fixture
def pmo(client):
    person = make_person()
    client.force_login(person)
    return person


def upload(client, portfolio, content=None, name="projects.csv", **data):
    file = SimpleUploadedFile(name, content if content is not None else gmpp_csv(*ROWS))
    return client.post(
        reverse("import-create"),
        {"portfolio": portfolio.pk, "file": file, "as_of": "2022-03-31", "is_complete": "on", **data},
    )


def match(client, run, **changes):
    """Send the matching page's own form back, as a browser would."""
    page = client.get(reverse("import-match", args=[run.pk]))
    form = page.context["form"]
    data = {field.html_name: value for field in form if (value := field.value()) not in (None, False, "")}
    return client.post(reverse("import-match", args=[run.pk]), {**data, **changes})


def test_a_date_that_is_missing_or_ahead_is_asked_for_at_its_own_field(client, pmo, portfolio):
    plain = b"Id,Name\nA1,Bridge\n"
    ahead = (timezone.localdate() + dt.timedelta(days=2)).isoformat()
    for day, told in (("", "does not say of which date it is"), (ahead, "lies ahead")):
        form = upload(client, portfolio, plain, as_of=day).context["form"]
        assert list(form.errors) == ["as_of"]
        assert told in form.errors["as_of"][0]
    assert list(upload(client, portfolio, b"\0").context["form"].errors) == ["file"]


def test_a_file_goes_from_upload_to_result(client, pmo, portfolio):
    assert client.get(reverse("import-list")).status_code == 200
    run_page = upload(client, portfolio)
    run = ImportRun.objects.get()
    assert run_page.url == reverse("import-match", args=[run.pk])
    assert run.mapping["preset"] == "gmpp"

    answer = match(client, run)
    assert answer.status_code == 302, answer.context["form"].errors
    assert answer.url == reverse("import-run", args=[run.pk])
    preview = client.get(reverse("import-run", args=[run.pk])).content.decode()
    assert not Project.objects.exists()
    for words in ("Purple", "not a colour", "no id", "Import now", "TBD"):
        assert words in preview

    for _press in range(2):
        assert client.post(reverse("import-start", args=[run.pk])).url == reverse("import-run", args=[run.pk])
    assert JobRun.objects.count() == 1
    waiting = client.get(reverse("import-run", args=[run.pk]))
    assert "hx-trigger" in waiting.content.decode()
    partial = client.get(reverse("import-run", args=[run.pk]), headers={"HX-Request": "true"})
    assert "<html" not in partial.content.decode()

    jobs.run_now(JobRun.objects.get())
    run.refresh_from_db()
    assert run.state == ImportState.DONE
    result = client.get(reverse("import-run", args=[run.pk]))
    assert "Reconciliation" in result.content.decode()
    assert Project.objects.count() == 2
    assert client.get(reverse("import-run", args=[run.pk]), headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_refused_rows_come_back_as_a_file_without_formulas(client, pmo, portfolio):
    upload(client, portfolio)
    run = ImportRun.objects.get()
    match(client, run)
    response = client.get(reverse("import-refused-rows", args=[run.pk]))
    lines = response.content.decode("utf-8-sig").splitlines()
    assert response["Content-Disposition"].startswith("attachment")
    assert len(lines) == 2
    assert lines[1].startswith("4,no id,,'=No id")


def test_a_changed_column_is_used_and_the_matching_can_be_kept(client, pmo, portfolio):
    content = csv_bytes([["Code", "Title", "Other title", "Kosten"], ["1", "Bridge", "Brug", "5"]])
    upload(client, portfolio, content)
    run = ImportRun.objects.get()
    match(client, run, column_name="2", column_actual_cost="3", amounts="1000000")
    client.post(reverse("import-preset-save", args=[run.pk]), {"name": "Ours", "is_shared": "on"})
    preset = ImportPreset.objects.get()
    assert preset.mapping["columns"]["name"]["columns"] == ["=Other title"]
    client.post(reverse("import-start", args=[run.pk]))
    jobs.run_now(JobRun.objects.get())
    project = Project.objects.get()
    assert (project.name, project.actual_cost) == ("Brug", Decimal(5_000_000))
    upload(client, portfolio, content)
    page = client.get(reverse("import-match", args=[ImportRun.objects.latest("pk").pk]), {"preset": f"own:{preset.pk}"})
    assert page.context["form"]["column_name"].value() == "2"


def test_a_matching_without_an_id_is_told_on_its_field(client, pmo, portfolio):
    upload(client, portfolio)
    run = ImportRun.objects.get()
    response = match(client, run, column_external_id="")
    assert response.status_code == 422
    assert "column_external_id" in response.context["form"].errors


@pytest.mark.parametrize("column", ["9" * 5000, "-1", "Name", "٣"])
def test_a_column_that_is_not_there_is_told_on_its_field(client, pmo, portfolio, column):
    upload(client, portfolio)
    run = ImportRun.objects.get()
    response = match(client, run, column_name=column)
    assert response.status_code == 422
    assert "column_name" in response.context["form"].errors
    assert client.get(reverse("import-match", args=[run.pk]), {"preset": f"own:{column}"}).status_code == 200


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"PK\x03\x04rubbish", b"one\ntwo\n", b"a,b\n1,\xff\x00"])
def test_a_file_that_is_no_table_is_told_on_the_form(client, pmo, portfolio, content):
    response = upload(client, portfolio, content)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert not ImportRun.objects.exists()


def test_a_date_ahead_is_refused(client, pmo, portfolio):
    response = upload(client, portfolio, as_of=(timezone.localdate() + dt.timedelta(days=40)).isoformat())
    assert response.status_code == 422


def test_an_upload_can_be_forgotten(client, pmo, portfolio):
    upload(client, portfolio)
    client.post(reverse("import-discard", args=[ImportRun.objects.get().pk]))
    assert not ImportRun.objects.exists()


def test_only_who_may_import_gets_in_and_only_into_own_portfolios(client, portfolio):
    other = make_portfolio()
    person = make_person(RoleName.PMO_MANAGER, other)
    client.force_login(person)
    assert upload(client, portfolio).status_code == 422
    boss = make_person()
    client.force_login(boss)
    upload(client, portfolio)
    run = ImportRun.objects.get()
    client.force_login(person)
    for name in ("import-run", "import-match", "import-refused-rows"):
        assert client.get(reverse(name, args=[run.pk])).status_code == 404
    for name in ("import-start", "import-discard", "import-preset-save"):
        assert client.post(reverse(name, args=[run.pk])).status_code == 404
    assert run.file_name not in client.get(reverse("import-list")).content.decode()
    client.force_login(make_person(RoleName.EXECUTIVE))
    assert client.get(reverse("import-list")).status_code == 403


def test_the_job_looks_at_the_rights_that_the_person_has_when_it_runs(client, pmo, portfolio):
    upload(client, portfolio)
    run = ImportRun.objects.get()
    match(client, run)
    client.post(reverse("import-start", args=[run.pk]))
    pmo.grants.all().delete()
    job = jobs.run_now(JobRun.objects.get())
    assert "may not import" in job.last_error
    assert not Project.objects.exists()


def test_a_run_that_fails_says_why_and_can_be_matched_again(client, pmo, portfolio):
    upload(client, portfolio)
    run = ImportRun.objects.get()
    match(client, run)
    client.post(reverse("import-start", args=[run.pk]))
    ImportRun.objects.filter(pk=run.pk).update(content=b"broken")
    jobs.run_now(JobRun.objects.get())
    page = client.get(reverse("import-run", args=[run.pk])).content.decode()
    assert "Nothing was written" in page
    ImportRun.objects.filter(pk=run.pk).update(content=gmpp_csv(*ROWS))
    assert match(client, run).status_code == 302
    client.post(reverse("import-start", args=[run.pk]))
    jobs.run_now(JobRun.objects.latest("pk"))
    assert Project.objects.count() == 2


def test_running_a_done_import_again_writes_nothing(client, pmo, portfolio):
    upload(client, portfolio)
    run = ImportRun.objects.get()
    match(client, run)
    client.post(reverse("import-start", args=[run.pk]))
    job = JobRun.objects.get()
    jobs.run_now(job)
    JobRun.objects.filter(pk=job.pk).update(state="queued", leased_until=None)
    before = list(Project.objects.values_list("pk", "version"))
    jobs.run_now(job)
    assert list(Project.objects.values_list("pk", "version")) == before


@pytest.mark.parametrize("path", ["import-list", "import-create"])
def test_pages_cost_the_same_with_many_imports(client, pmo, portfolio, path, django_assert_max_num_queries):
    for _number in range(12):
        ImportRun.objects.create(
            portfolio=portfolio, as_of=dt.date(2022, 1, 1), file_name="a.csv", content=b"x", sha256="x"
        )
    with django_assert_max_num_queries(12):
        client.get(reverse(path))
