"""No byte of a confidential project reaches somebody who may not know it, by whatever way it is asked."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse
from pypdf import PdfReader

from projects.models import Promise
from tests.security.knocking import Answer, Knocker
from tests.security.world import CANARY, KNOW_THE_SECRET, World

pytestmark = pytest.mark.django_db

PART = CANARY[:-2]
"""What one asks for; the page may repeat it, the whole word it cannot know."""

READERS = ("executive", "lead", "sponsor", "adviser", "far_pmo", "administrator", "requester")


def ways(world: World) -> list[str]:
    """Addresses with questions that lead to the confidential project if anything does."""
    secret = world.secret.project
    home, table = reverse("home"), reverse("project-list")
    day = secret.created_at.date().isoformat()
    return [
        home,
        *(f"{reverse('search')}?q={word}" for word in (PART, secret.key, "Secret", "Milestone", "Risk", "P-")),
        *(
            f"{table}?{query}"
            for query in (f"q={PART}", f"as_of={day}", f"portfolio={world.home.slug}", "cols=project,lead,category")
        ),
        f"{reverse('project-filters')}?q={PART}",
        f"{reverse('project-filters')}?lead={secret.lead_id}&category=Kind",
        f"{reverse('dashboard')}?portfolio={world.home.slug}",
        f"{reverse('dashboard')}?as_of={day}",
        *(
            f"{reverse('roadmap')}?zoom={zoom}&group={group}"
            for zoom in ("month", "year")
            for group in ("portfolio", "lead")
        ),
        f"{reverse('decision-list')}?q={PART}",
        f"{reverse('decision-list')}?state=wanted",
        f"{reverse('decision-list')}?as_of={day}",
        *(f"{reverse(name)}?q={PART}" for name in ("waiver-list", "finding-list", "proposal-list", "ballot-list")),
        *(
            reverse(name)
            for name in ("waiver-list", "finding-list", "decision-waiting", "governance-cost", "compliance")
        ),
        f"{reverse('request-list')}?view=all&q={PART}",
        f"{reverse('request-create')}?title=Secret+{PART}",
        f"{reverse('report-list')}?portfolio={world.home.slug}",
        reverse("report", args=[world.report.pk]),
        reverse("portfolio", args=[world.home.slug]),
        reverse("project-history", args=[world.own.project.key]),
        reverse("project-promises", args=[world.own.project.key]),
        *(reverse("promise", args=[one.pk]) for one in Promise.objects.exclude(name__contains=CANARY)),
        f"{reverse('project-raid', args=[world.own.project.key])}?q={PART}",
        reverse("profile"),
    ]


@pytest.mark.parametrize("name", READERS)
def test_no_page_or_part_of_a_page_tells_of_it(world: World, name: str) -> None:
    knocker = Knocker(world.person(name))
    for path in ways(world):
        for headers in ({}, {"HTTP_HX_REQUEST": "true"}, {"HTTP_ACCEPT_LANGUAGE": "nl"}):
            answer = knocker.knock("GET", path, **headers)
            assert answer.status in {200, 302, 403, 404}, path
            assert CANARY.encode() not in answer.body, f"{path} {headers}"


@pytest.mark.parametrize("name", READERS)
def test_no_file_holds_it(world: World, name: str) -> None:
    knocker = Knocker(world.person(name))
    for kind in ("csv", "xlsx"):
        for query in ("", "?columns=all", f"?columns=all&q={PART}"):
            answer = knocker.knock("GET", reverse("project-export", args=[kind]) + query)
            assert answer.status == 200
            assert CANARY not in text_of(answer, kind)
        for query in ("", f"?q={PART}"):
            answer = knocker.knock("GET", reverse("decision-export", args=[kind]) + query)
            assert answer.status == 200
            assert CANARY not in text_of(answer, kind)
    answer = knocker.knock("GET", reverse("report-pdf", args=[world.report.pk]))
    assert answer.status != 200 or CANARY not in text_of(answer, "pdf")


def text_of(answer: Answer, kind: str) -> str:
    body = answer.body
    if kind == "pdf":
        return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if kind == "xlsx":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return " ".join(book.read(name).decode() for name in book.namelist())
    return body.decode()


def test_the_canary_would_be_seen(world: World) -> None:
    """Those who may know of the project find the word wherever the others were shown none."""
    knocker = Knocker(world.person("pmo"))
    found = [path for path in ways(world) if CANARY.encode() in knocker.knock("GET", path).body]
    assert len(found) >= 8
    for kind in ("csv", "xlsx"):
        answer = knocker.knock("GET", reverse("project-export", args=[kind]) + "?columns=all")
        assert CANARY in text_of(answer, kind)
        assert CANARY in text_of(knocker.knock("GET", reverse("decision-export", args=[kind])), kind)
    assert {"pmo", "auditor"} == KNOW_THE_SECRET


def test_bulk_changes_do_not_name_what_is_hidden(world: World) -> None:
    knocker = Knocker(world.person("lead"))
    ids = [world.own.project.pk, world.secret.project.pk]
    for more, status in (({}, 200), ({"apply": "1"}, 302)):
        data = {"action": "category", "category": "Moved", "selected": ids, **more}
        answer = knocker.knock("POST", reverse("project-bulk"), data)
        assert answer.status == status
        assert CANARY.encode() not in answer.body
        knocker.cookies.update(answer.response.cookies)
    said = knocker.knock("GET", reverse("project-list")).body
    assert b"1 project changed." in said
    assert CANARY.encode() not in said


def test_a_report_keeps_nothing_of_it(world: World) -> None:
    assert CANARY not in str(world.report.content)
    assert CANARY not in str(world.slot.frozen)
