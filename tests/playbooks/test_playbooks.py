"""Playbooks: drafts are written, published versions stay, and dates follow from days."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import transaction
from django.db.utils import DatabaseError, IntegrityError, InternalError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.enums import RoleName
from accounts.models import User
from common.errors import Conflict, NotAllowed, PortalError
from playbooks import services
from playbooks.calendar import dated, length
from playbooks.models import (
    Playbook,
    PlaybookDeliverable,
    PlaybookMilestone,
    PlaybookPhase,
    PlaybookVersion,
)
from playbooks.selectors import (
    DeliverableOutline,
    MilestoneOutline,
    PhaseOutline,
    draft_of,
    outline_of,
    published_version_of,
)
from playbooks.services.versions import BrokenOutline, EmptyPlaybook, VersionPublished
from tests.factories import make_person, make_user

OUTLINE = (
    PhaseOutline("Think", 10, (MilestoneOutline("Idea clear", 4), MilestoneOutline("Go", 9, is_gate=True))),
    PhaseOutline("Do", 20, (MilestoneOutline("Done", 19, is_gate=True),)),
)


@pytest.fixture
def pmo(db) -> User:
    return make_person(RoleName.PMO_MANAGER)


@pytest.fixture
def standard(pmo: User) -> Playbook:
    return services.load_start_set(actor=pmo)[1]


@pytest.fixture
def visitor(pmo: User, client: Client) -> Client:
    client.force_login(pmo)
    return client


def test_the_start_set_is_there_once_however_often_it_is_loaded(pmo: User) -> None:
    first = services.load_start_set(actor=pmo)
    assert [each.pk for each in services.load_start_set(actor=pmo)] == [each.pk for each in first]
    assert [each.name for each in first] == ["Light", "Standard", "PM² style"]
    assert all(published_version_of(each) for each in first)
    assert "CC BY 4.0" in first[2].summary


def test_the_pm2_like_playbook_has_its_phases_and_gates(pmo: User) -> None:
    version = published_version_of(services.load_start_set(actor=pmo)[2])
    assert version is not None
    outline = outline_of(version)
    assert [phase.name for phase in outline] == ["Initiating", "Planning", "Executing", "Closing"]
    gates = [item.name[:3] for phase in outline for item in phase.milestones if item.is_gate]
    assert gates[:3] == ["RfP", "RfE", "RfC"]


def test_a_draft_is_saved_and_published_under_its_number(pmo: User) -> None:
    playbook = services.create_playbook(actor=pmo, name="Own way")
    draft = services.open_draft(actor=pmo, pk=playbook.pk)
    services.save_draft(actor=pmo, pk=draft.pk, outline=OUTLINE, note="First")
    services.publish_version(actor=pmo, pk=draft.pk)
    published = published_version_of(playbook)
    assert published is not None
    assert (published.number, published.published_by, outline_of(published)) == (1, pmo, OUTLINE)


def test_a_new_version_starts_as_the_published_one(pmo: User, standard: Playbook) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    published = published_version_of(standard)
    assert published is not None
    assert (draft.number, outline_of(draft)) == (2, outline_of(published))
    assert services.open_draft(actor=pmo, pk=standard.pk) == draft


def test_a_published_version_does_not_change(pmo: User, standard: Playbook) -> None:
    version = published_version_of(standard)
    assert version is not None
    for attempt in (
        lambda: services.save_draft(actor=pmo, pk=version.pk, outline=OUTLINE),
        lambda: services.publish_version(actor=pmo, pk=version.pk),
        lambda: services.drop_draft(actor=pmo, pk=version.pk),
    ):
        with pytest.raises(VersionPublished):
            attempt()


def test_the_database_keeps_a_published_version(standard: Playbook) -> None:
    version = published_version_of(standard)
    assert version is not None
    phase = version.phases.first()
    for attempt in (
        lambda: PlaybookVersion.objects.filter(pk=version.pk).update(number=9),
        lambda: PlaybookPhase.objects.filter(pk=phase.pk).update(days=1),
        lambda: PlaybookPhase.objects.create(playbook_version=version, position=99, name="More", days=1),
        lambda: PlaybookMilestone.objects.filter(phase=phase).delete(),
        lambda: PlaybookMilestone.objects.create(phase=phase, name="More", day=0),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            attempt()


def test_a_draft_that_a_colleague_saved_is_a_conflict(pmo: User, standard: Playbook) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    services.save_draft(actor=pmo, pk=draft.pk, outline=OUTLINE, version=draft.version)
    with pytest.raises(Conflict):
        services.save_draft(actor=pmo, pk=draft.pk, outline=OUTLINE[:1], version=draft.version)


def test_saving_the_same_twice_writes_once(pmo: User, standard: Playbook) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    first = services.save_draft(actor=pmo, pk=draft.pk, outline=OUTLINE)
    assert services.save_draft(actor=pmo, pk=draft.pk, outline=OUTLINE).version == first.version


@pytest.mark.parametrize(
    "outline",
    [
        [PhaseOutline("", 5)],
        [PhaseOutline("Think", 0)],
        [PhaseOutline("Think", 5, (MilestoneOutline("Late", 5),))],
        [PhaseOutline("Think", 5, (MilestoneOutline("", 1),))],
    ],
)
def test_an_outline_that_cannot_be_is_refused(pmo: User, standard: Playbook, outline: list[PhaseOutline]) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    with pytest.raises(BrokenOutline):
        services.save_draft(actor=pmo, pk=draft.pk, outline=outline)


def test_an_empty_draft_is_not_published(pmo: User) -> None:
    playbook = services.create_playbook(actor=pmo, name="Empty")
    draft = draft_of(playbook)
    assert draft is not None
    with pytest.raises(EmptyPlaybook):
        services.publish_version(actor=pmo, pk=draft.pk)


def test_only_the_pmo_writes_playbooks(standard: Playbook) -> None:
    with pytest.raises(NotAllowed):
        services.open_draft(actor=make_person(RoleName.EXECUTIVE), pk=standard.pk)


@given(
    days=st.lists(st.integers(1, 400), min_size=1, max_size=8), start=st.dates(dt.date(2020, 1, 1), dt.date(2035, 1, 1))
)
def test_phases_lie_end_to_end_without_gap_or_overlap(days: list[int], start: dt.date) -> None:
    outline = [PhaseOutline(str(each), each, (MilestoneOutline("last", each - 1),)) for each in days]
    phases = dated(outline, start)
    assert phases[0].start_on == start
    assert phases[-1].finish_on == start + dt.timedelta(days=length(outline) - 1)
    for phase, follower in itertools.pairwise(phases):
        assert follower.start_on - phase.finish_on == dt.timedelta(days=1)
    assert all(phase.milestones[0].on == phase.finish_on for phase in phases)


def _fields(page: str, client: Client) -> dict[str, str]:
    """All fields of the draft page as a browser would send them."""
    response = client.get(page)
    form, rows = response.context["form"], response.context["rows"]
    data: dict[str, str] = {}
    parts = [form, rows.management_form]
    for row in rows:
        for below in (row.milestones, row.deliverables):
            parts += [below.management_form, *below.forms]
        parts.append(row)
    for part in parts:
        for bound in part:
            value = bound.value()
            if value is not None and value is not False and value != "":
                data[bound.html_name] = "on" if value is True else str(value)
    return data


def test_a_draft_is_written_without_javascript(visitor: Client, pmo: User, standard: Playbook) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    page = reverse("playbook-draft", args=[standard.slug])
    before = outline_of(draft)
    data = _fields(page, visitor)
    data |= {
        "phases-0-ORDER": "2", "phases-1-ORDER": "1",  # the second phase first
        "phases-2-DELETE": "on",
        "phases-0-milestones-0-DELETE": "on",
        "phases-0-milestones-2-name": "Extra", "phases-0-milestones-2-day": "3",
        "phases-4-name": "Aftercare", "phases-4-days": "30", "phases-4-ORDER": "9",
        "phases-4-milestones-0-name": "Looked back", "phases-4-milestones-0-day": "30",
        "phases-4-milestones-0-is_gate": "on",
        "note": "Shorter",
    }  # fmt: skip
    assert visitor.post(page, data).status_code == 302
    after = outline_of(PlaybookVersion.objects.get(pk=draft.pk))
    assert [phase.name for phase in after] == ["Plan", "Explore", "Land", "Aftercare"]
    assert [item.name for item in after[1].milestones] == ["Extra", "Go to plan"]
    assert after[3].milestones == (MilestoneOutline("Looked back", 29, is_gate=True),)
    assert after[2] == before[3]


def test_saving_an_unchanged_draft_page_changes_nothing(visitor: Client, pmo: User, standard: Playbook) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    page = reverse("playbook-draft", args=[standard.slug])
    before = outline_of(draft)
    assert visitor.post(page, _fields(page, visitor)).status_code == 302
    assert outline_of(PlaybookVersion.objects.get(pk=draft.pk)) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"phases-0-days": "5"},  # its milestones fall later
        {"phases-0-name": ""},
        {"phases-0-milestones-2-name": "No day"},
        {"phases-4-milestones-0-name": "No phase", "phases-4-milestones-0-day": "1"},
        {"phases-0-days": "99999999"},
    ],
)
def test_a_wrong_draft_is_said_and_kept(visitor: Client, pmo: User, standard: Playbook, wrong: dict[str, str]) -> None:
    services.open_draft(actor=pmo, pk=standard.pk)
    page = reverse("playbook-draft", args=[standard.slug])
    answer = visitor.post(page, _fields(page, visitor) | wrong)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    for value in filter(None, wrong.values()):
        assert f'value="{value}"' in answer.text


def test_playbook_pages_are_open_to_read_and_closed_to_write(standard: Playbook, client: Client) -> None:
    client.force_login(make_user())
    assert client.get(reverse("playbook-list")).status_code == 200
    page = client.get(reverse("playbook", args=[standard.slug]))
    assert "Explore" in page.text
    assert reverse("playbook-draft-open", args=[standard.slug]) not in page.text
    assert client.get(reverse("playbook-create")).status_code == 403
    for name in ("playbook-draft-open", "playbook-retire", "playbook-publish", "playbook-draft-drop"):
        assert client.post(reverse(name, args=[standard.slug])).status_code == 403
        assert client.get(reverse(name, args=[standard.slug])).status_code in {403, 405}


def test_a_playbook_lives_from_creation_to_retirement_on_its_pages(visitor: Client) -> None:
    answer = visitor.post(reverse("playbook-create"), {"name": "Own way", "summary": "For us"})
    draft_page = reverse("playbook-draft", args=["own-way"])
    assert answer.url == draft_page
    data = _fields(draft_page, visitor) | {"phases-0-name": "Do", "phases-0-days": "30"}
    visitor.post(draft_page, data)
    assert visitor.post(reverse("playbook-publish", args=["own-way"])).url == reverse("playbook", args=["own-way"])
    visitor.post(reverse("playbook-retire", args=["own-way"]), {"retire": "yes"})
    assert "Retired" in visitor.get(reverse("playbook-list")).text
    assert visitor.get(draft_page).status_code == 404
    assert visitor.post(reverse("playbook-create"), {"name": "Own way"}).status_code == 422


def test_a_deliverable_with_its_parts_is_written_without_javascript(
    visitor: Client, pmo: User, standard: Playbook
) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    page = reverse("playbook-draft", args=[standard.slug])
    at = len(outline_of(draft)[0].deliverables)
    row = {"name": "Sketch", "day": "5", "acceptance": "Two users like it.", "lead": "R", "sponsor": "A"}
    data = _fields(page, visitor) | {f"phases-0-deliverables-{at}-{name}": value for name, value in row.items()}
    assert visitor.post(page, data).status_code == 302
    made = outline_of(PlaybookVersion.objects.get(pk=draft.pk))[0].deliverables
    letters = (("lead", "R"), ("sponsor", "A"))
    assert made[0] == DeliverableOutline("Sketch", 4, "Two users like it.", letters)
    assert "Sketch" in visitor.get(reverse("playbook", args=[standard.slug]), {"version": draft.number}).text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"lead": "A", "sponsor": "AR"}, "more than one who is accountable"),
        ({"day": "999"}, "The phase has only"),
        ({"name": ""}, "Give the deliverable a name."),
    ],
)
def test_a_wrong_deliverable_is_said(
    visitor: Client, pmo: User, standard: Playbook, wrong: dict[str, str], words: str
) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    page = reverse("playbook-draft", args=[standard.slug])
    at = len(outline_of(draft)[0].deliverables)
    row = {"name": "Sketch", "day": "5", "lead": "R", **wrong}
    data = _fields(page, visitor) | {f"phases-0-deliverables-{at}-{name}": value for name, value in row.items()}
    answer = visitor.post(page, data)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_service_refuses_a_deliverable_that_cannot_be(pmo: User, standard: Playbook) -> None:
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    for wrong in (DeliverableOutline("Late", 99), DeliverableOutline("Two", 1, "", (("lead", "A"), ("pmo", "AR")))):
        with pytest.raises(PortalError):
            services.save_draft(actor=pmo, pk=draft.pk, outline=[PhaseOutline("Do", 10, (), (wrong,))])


def test_the_database_keeps_deliverables_of_a_published_version_and_one_accountable(
    pmo: User, standard: Playbook
) -> None:
    published = PlaybookDeliverable.objects.filter(phase__playbook_version__published_at__isnull=False)
    one = published.first()
    assert one is not None
    for change in (lambda: published.update(name="Other"), one.delete):
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            change()
    draft = services.open_draft(actor=pmo, pk=standard.pk)
    copied = PlaybookDeliverable.objects.filter(phase__playbook_version=draft)
    assert copied.exists()
    with pytest.raises(IntegrityError, match="one_accountable"), transaction.atomic():
        copied.update(lead="A", pmo="AR")


def test_every_deliverable_of_the_start_set_has_one_who_answers_and_one_who_works(standard: Playbook) -> None:
    rows = list(PlaybookDeliverable.objects.all())
    assert len(rows) > 10
    for row in rows:
        letters = row.lead + row.sponsor + row.budget_owner + row.pmo
        assert letters.count("A") == 1, row
        assert "R" in letters, row
