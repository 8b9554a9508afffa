"""An adviser assesses and recommends; the organisation answers and follows up; nothing filed ever changes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import RoleGrant, User
from common.errors import Conflict, NotAllowed, PortalError
from common.models import OutgoingMail
from playbooks import services as playbook_services
from playbooks.models import Playbook
from projects.models import Portfolio
from strategy.enums import RECOMMENDATION_TRANSITIONS, OfficeKind, RecommendationState
from strategy.models import Assessment, Office, Rating, Recommendation
from strategy.selectors.assessments import matrix_of
from strategy.services import advisers, assessments, recommendations
from strategy.services import edit_office as change_office
from tests import factories as make
from tests.strategy.world import TEXTS, assess, join, later, make_adviser, open_portfolio, plan, recommend

S = RecommendationState


@pytest.fixture
def pmo(db: None) -> User:
    return make.make_person(name="Pam Pmo")


@pytest.fixture
def home(db: None) -> Portfolio:
    return make.make_portfolio("Home")


@pytest.fixture
def office(db: None) -> Office:
    return make.make_office("Outside", slug="outside", kind=OfficeKind.EXTERNAL)


@pytest.fixture
def adviser(office: Office, home: Portfolio) -> User:
    user = make_adviser(office, name="Ed External")
    open_portfolio(user, home)
    return user


@pytest.fixture
def playbook(pmo: User) -> Playbook:
    return playbook_services.load_start_set(actor=pmo)[0]


@pytest.fixture
def visit(client: Client) -> Callable[[User], Client]:
    def as_person(user: User) -> Client:
        client.force_login(user)
        return client

    return as_person


# --- who advises, and what is open to them ---


def test_the_pmo_lets_somebody_advise_and_opens_a_portfolio(
    visit: Callable[[User], Client], pmo: User, office: Office, home: Portfolio
) -> None:
    person, page = make.make_user("New Adviser"), visit(pmo)
    page.post(reverse("adviser-add", args=["outside"]), {"user": person.pk, "ends_on": later(50)})
    member = office.members.get()
    opened = {"holds_for": f"portfolio:{home.pk}", "ends_on": later(40)}
    answer = page.post(reverse("opening-add", args=["outside", member.pk]), opened, follow=True)
    for words in ("New Adviser", "Home", "Close now"):
        assert words in answer.text
    person = User.objects.get(pk=person.pk)
    assert person.external_until == later(50)
    assert set(Portfolio.objects.visible_to(person)) == {home}


def test_an_opening_is_extended_and_closed_on_the_page(
    visit: Callable[[User], Client], pmo: User, adviser: User
) -> None:
    grant, page = adviser.grants.get(), visit(pmo)
    code = f"grant-{grant.pk}"
    assert page.post(reverse("opening-edit", args=["outside", code]), {"ends_on": later(45)}).status_code == 302
    grant.refresh_from_db()
    assert grant.ends_on == later(45)
    assert page.post(reverse("opening-edit", args=["outside", code]), {"ends_on": later(99)}).status_code == 422
    page.post(reverse("opening-end", args=["outside", code]))
    assert not RoleGrant.objects.filter(pk=grant.pk).exists()
    assert page.post(reverse("opening-end", args=["outside", code]), follow=True).status_code == 200


def test_a_project_is_opened_by_its_team_and_closed_on_the_page_of_the_office(
    visit: Callable[[User], Client], pmo: User, adviser: User
) -> None:
    project = make.make_project("Tunnel")
    place = make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
    page = visit(pmo)
    assert "Tunnel" in page.get(reverse("office", args=["outside"])).text
    code = f"place-{place.pk}"
    page.post(reverse("opening-edit", args=["outside", code]), {"ends_on": later(9)})
    place.refresh_from_db()
    assert place.ends_on == later(9)
    page.post(reverse("opening-end", args=["outside", code]))
    assert not project.team.exists()


def test_a_confidential_project_shows_to_none_but_who_may_know_it(
    visit: Callable[[User], Client], adviser: User
) -> None:
    project = make.make_project("Zanzibar", is_confidential=True)
    make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
    page = visit(make.make_person(RoleName.ADMINISTRATOR)).get(reverse("office", args=["outside"]))
    assert "Ed External" in page.text
    assert "Zanzibar" not in page.text


def test_a_shorter_membership_shortens_what_is_open(pmo: User, office: Office, adviser: User) -> None:
    member = office.members.get()
    advisers.move_adviser(actor=pmo, office=office, member_id=member.pk, ends_on=later(10), version=member.version)
    assert adviser.grants.get().ends_on == later(10)
    with pytest.raises(Conflict):
        advisers.move_adviser(actor=pmo, office=office, member_id=member.pk, ends_on=later(11), version=member.version)
    advisers.end_adviser(actor=pmo, office=office, member_id=member.pk)
    advisers.end_adviser(actor=pmo, office=office, member_id=member.pk)
    assert not adviser.grants.exists()
    assert User.objects.get(pk=adviser.pk).has_left


def test_who_cannot_advise(pmo: User, office: Office, adviser: User) -> None:
    other = make.make_office(kind=OfficeKind.EXTERNAL)
    wrong = [
        (make.make_office(), make.make_user(), later()),
        (office, make.make_user(), timezone.localdate() - dt.timedelta(days=1)),
        (office, make.make_person(RoleName.EXECUTIVE), later()),
        (office, make.make_user(is_active=False), later()),
        (office, pmo, later()),
        (other, adviser, later()),
    ]
    for where, who, until in wrong:
        with pytest.raises(advisers.AdviserError):
            advisers.add_adviser(actor=pmo, office=where, user=who, ends_on=until)
    with pytest.raises(NotAllowed):
        advisers.add_adviser(actor=make.make_user(), office=office, user=make.make_user(), ends_on=later())
    with pytest.raises(PortalError, match="stays external"):
        change_office(actor=pmo, pk=office.pk, values={"kind": OfficeKind.INTERNAL})
    assert office.members.count() == 1


# --- assessments ---


def test_an_assessment_from_draft_to_result(
    visit: Callable[[User], Client], pmo: User, adviser: User, playbook: Playbook
) -> None:
    goals, page = [make.make_goal("Fast"), make.make_goal("Fair")], visit(adviser)
    frame = {
        "token": uuid.uuid4(), "title": "Our intake", "subject": f"playbook:{playbook.pk}",
        "workflows": "Intake\nStatus\n\nIntake", "goals": [goal.pk for goal in goals],
    }  # fmt: skip
    assert page.post(reverse("assessment-create"), frame).status_code == 302
    assert page.post(reverse("assessment-create"), frame).status_code == 302
    one = Assessment.objects.get()
    cells = list(one.ratings.order_by("position", "goal__name"))
    assert [(cell.workflow, cell.goal.name) for cell in cells] == [
        ("Intake", "Fair"), ("Intake", "Fast"), ("Status", "Fair"), ("Status", "Fast"),
    ]  # fmt: skip
    half = {
        "version": one.version,
        "conclusion": "",
        f"score_{cells[0].pk}": 1,
        f"evidence_{cells[0].pk}": "Four lists",
    }
    page.post(reverse("assessment-rate", args=[one.pk]), half)
    answer = page.post(reverse("assessment-submit", args=[one.pk]), follow=True)
    assert "3 cells still lack" in answer.text
    one.refresh_from_db()
    full = {"version": one.version, "conclusion": "Uneven."}
    for cell, score in zip(cells, (1, 4, 2, 5), strict=True):
        full |= {f"score_{cell.pk}": score, f"evidence_{cell.pk}": f"Saw {score}"}
    assert page.post(reverse("assessment-rate", args=[one.pk]), half).status_code == 409
    page.post(reverse("assessment-rate", args=[one.pk]), full)
    assert visit(pmo).get(reverse("assessment", args=[one.pk])).status_code == 404  # a draft is one's own
    visit(adviser).post(reverse("assessment-submit", args=[one.pk]))
    result = visit(pmo).get(reverse("assessment", args=[one.pk])).text
    for words in ("Uneven.", "Saw 5", "Intake for “Fair”: 1", "Goals that no workflow serves well", "tone-off"):
        assert words in result, words
    matrix = matrix_of(one)
    assert [goal.name for goal in matrix.unserved] == ["Fair"]
    assert [(cell.workflow, cell.score) for cell in matrix.gaps] == [("Intake", 1), ("Status", 2)]
    assert [row.average for row in matrix.rows] == [2.5, 3.5]


def test_a_submitted_assessment_never_changes(adviser: User, playbook: Playbook) -> None:
    one = assess(adviser, playbook, make.make_goal(), submit=True)
    assert assessments.submit_assessment(actor=adviser, pk=one.pk).version == one.version
    with pytest.raises(assessments.AssessmentStays):
        assessments.rate(actor=adviser, pk=one.pk, version=None, conclusion="Other", judgements={})
    cell = one.ratings.order_by("pk")[0]
    for change in (
        lambda: Assessment.objects.filter(pk=one.pk).update(conclusion="Other"),
        lambda: Rating.objects.filter(pk=cell.pk).update(score=5),
        lambda: Rating.objects.filter(pk=cell.pk).delete(),
        lambda: Rating.objects.create(assessment=one, position=9, workflow="New", goal=cell.goal),
        lambda: Assessment.objects.filter(pk=one.pk).delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_only_what_is_open_is_assessed_and_recommended(adviser: User, home: Portfolio) -> None:
    far, goal = make.make_portfolio("Far"), make.make_goal()
    frame = assessments.Frame("Far", ("portfolio", far.pk), ["Intake"], [goal.pk])
    with pytest.raises(assessments.AssessmentError):
        assessments.start_assessment(actor=adviser, token=uuid.uuid4(), frame=frame)
    for wrong in ({"about": ("portfolio", far.pk)}, {"links": [("portfolio", far.pk)]}, {"about": ("goal", goal.pk)}):
        with pytest.raises(recommendations.RecommendationError):
            recommend(adviser, **wrong)
    assert recommend(adviser, about=("portfolio", home.pk)).about_id == home.pk
    for somebody in (make.make_person(), make.make_user()):
        with pytest.raises(NotAllowed):
            recommend(somebody)


def test_reframing_keeps_the_judgement_of_cells_that_stay(adviser: User, playbook: Playbook) -> None:
    goal = make.make_goal()
    one = assess(adviser, playbook, goal, submit=False)
    kept = one.ratings.get(workflow="Status")
    judged = {kept.pk: assessments.Judgement(4, "Seen")}
    assessments.rate(actor=adviser, pk=one.pk, version=None, conclusion="", judgements=judged)
    frame = assessments.Frame("New", ("playbook", playbook.pk), ["Status", "Gates"], [goal.pk])
    assessments.reframe_assessment(actor=adviser, pk=one.pk, version=None, frame=frame)
    assert list(one.ratings.order_by("position").values_list("workflow", "score")) == [("Status", 4), ("Gates", None)]


# --- recommendations ---


def test_from_filed_to_effect_seen(visit: Callable[[User], Client], pmo: User, adviser: User) -> None:
    page = visit(adviser)
    data = {"token": uuid.uuid4(), **TEXTS, "priority": 1}
    for _again in range(2):
        page.post(reverse("recommendation-create"), data)
    one = Recommendation.objects.get()
    assert OutgoingMail.objects.filter(to_user=pmo, subject__contains=TEXTS["title"]).count() == 1
    owner, page = make.make_user("Olga Owner"), visit(pmo)
    assert TEXTS["title"] in page.get(reverse("home")).text
    answer = {"version": one.version, "state": "planned", "owner": owner.pk, "due_on": later(9), "text": "Agreed"}
    assert page.post(reverse("recommendation-answer", args=[one.pk]), answer).status_code == 302
    assert page.post(reverse("recommendation-answer", args=[one.pk]), answer).status_code == 409
    assert OutgoingMail.objects.filter(to_user=adviser, text__contains="Agreed").count() == 1
    assert OutgoingMail.objects.filter(to_user=owner).count() == 1
    page = visit(owner)
    page.post(reverse("recommendation-note", args=[one.pk]), {"text": "Half way"})
    page.post(reverse("recommendation-note", args=[one.pk]), {"text": "Half way"})
    assert one.notes.count() == 1
    for name, data in (("done", {}), ("done", {}), ("effect", {"text": "A day, not a week"})):
        assert page.post(reverse(f"recommendation-{name}", args=[one.pk]), data).status_code == 302
    seen = visit(adviser).get(reverse("recommendation", args=[one.pk])).text
    for words in ("Agreed", "Olga Owner", "Half way", "A day, not a week", "Effect seen"):
        assert words in seen, words


STEPS: dict[str, Callable[[User, Recommendation, User], object]] = {
    S.ACCEPTED: lambda pmo, one, _o: _answer(pmo, one, state=S.ACCEPTED),
    S.REJECTED: lambda pmo, one, _o: _answer(pmo, one, state=S.REJECTED, text="No money"),
    S.PLANNED: lambda pmo, one, owner: plan(pmo, one, owner, later(20 + one.version)),
    S.DONE: lambda pmo, one, _o: recommendations.finish(actor=pmo, pk=one.pk),
    S.EVALUATED: lambda pmo, one, _o: recommendations.tell_effect(actor=pmo, pk=one.pk, text="Better"),
}
WAYS: dict[str, tuple[str, ...]] = {
    S.FILED: (), S.ACCEPTED: (S.ACCEPTED,), S.REJECTED: (S.REJECTED,), S.PLANNED: (S.PLANNED,),
    S.DONE: (S.PLANNED, S.DONE), S.EVALUATED: (S.PLANNED, S.DONE, S.EVALUATED),
}  # fmt: skip


def _answer(actor: User, one: Recommendation, **fields: object) -> Recommendation:
    answer = recommendations.Answer(**fields)  # type: ignore[arg-type]  # keywords of a test
    return recommendations.answer_recommendation(actor=actor, pk=one.pk, version=None, answer=answer)


@pytest.mark.parametrize("before", S.values)
@pytest.mark.parametrize("after", list(STEPS))
def test_every_step_follows_the_table(pmo: User, adviser: User, before: str, after: str) -> None:
    one = recommend(adviser)
    for step in WAYS[before]:
        STEPS[step](pmo, one, pmo)
    one.refresh_from_db()
    assert one.state == before
    idle = before in {S.DONE, S.EVALUATED} and after == S.DONE
    if after in RECOMMENDATION_TRANSITIONS[before] or idle:
        STEPS[after](pmo, one, pmo)
        one.refresh_from_db()
        assert one.state == (before if idle else after)
    else:
        with pytest.raises(recommendations.WrongState):
            STEPS[after](pmo, one, pmo)
        one.refresh_from_db()
        assert one.state == before


def test_answers_that_cannot_be(pmo: User, adviser: User) -> None:
    one = recommend(adviser)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    wrong: list[dict[str, object]] = [
        {"state": S.REJECTED, "text": " "},
        {"state": S.PLANNED},
        {"state": S.PLANNED, "owner": pmo, "due_on": yesterday},
        {"state": S.PLANNED, "owner": adviser, "due_on": later()},
    ]
    for fields in wrong:
        with pytest.raises(recommendations.RecommendationError):
            _answer(pmo, one, **fields)
    one.refresh_from_db()
    assert (one.state, one.answered_at) == (S.FILED, None)


@pytest.mark.parametrize("role", RoleName.values)
def test_who_answers(adviser: User, office: Office, role: str) -> None:
    one = recommend(adviser)
    insider = make.make_person(role)
    outsider = join(office, make.make_user()).user
    RoleGrant.objects.create(user=outsider, role=role, scope="organisation", ends_on=later())
    with pytest.raises(NotAllowed):
        _answer(outsider, one, state=S.ACCEPTED)
    if role == RoleName.PMO_MANAGER:
        assert _answer(insider, one, state=S.ACCEPTED).answered_by == insider
    else:
        with pytest.raises(NotAllowed):
            _answer(insider, one, state=S.ACCEPTED)


def test_a_pmo_manager_answers_within_their_reach_only(adviser: User, home: Portfolio) -> None:
    here, far = make.make_person(scope=home), make.make_person(scope=make.make_portfolio())
    one, whole = recommend(adviser, about=("portfolio", home.pk)), recommend(adviser)
    assert set(Recommendation.objects.visible_to(here)) == {one}
    assert not Recommendation.objects.visible_to(far).exists()
    for person, found in ((far, one), (here, whole), (far, whole)):
        with pytest.raises(NotAllowed):
            _answer(person, found, state=S.ACCEPTED)
    assert _answer(here, one, state=S.ACCEPTED).state == S.ACCEPTED
    assert OutgoingMail.objects.filter(to_user=here).count() == 1
    assert not OutgoingMail.objects.filter(to_user=far).exists()


def test_the_database_repeats_the_rules(pmo: User, adviser: User, office: Office) -> None:
    one, other = recommend(adviser), join(office, make.make_user()).user
    rows, now = Recommendation.objects.filter(pk=one.pk), timezone.now()
    for fields in (
        {"title": "Other"},
        {"finding": "Other"},
        {"priority": 3},
        {"state": S.ACCEPTED},
        {"state": S.ACCEPTED, "answered_at": now},
        {"state": S.ACCEPTED, "answered_at": now, "answered_by": adviser},
        {"state": S.ACCEPTED, "answered_at": now, "answered_by": other},
        {"state": S.REJECTED, "answered_at": now, "answered_by": pmo},
        {"state": S.PLANNED, "answered_at": now, "answered_by": pmo},
        {"effect": "Fine"},
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            rows.update(**fields)
    with pytest.raises(InternalError), transaction.atomic():
        rows.delete()
    assert rows.update(state=S.ACCEPTED, answered_at=now, answered_by=pmo) == 1
    with pytest.raises(InternalError), transaction.atomic():
        rows.update(answered_by=make.make_user())


def test_an_overdue_plan_reminds_its_owner_and_the_pmo(
    visit: Callable[[User], Client], pmo: User, adviser: User
) -> None:
    owner, one = make.make_user(), recommend(adviser, title="Late thing")
    plan(pmo, one, owner)
    assert "Late thing" not in visit(pmo).get(reverse("home")).text
    Recommendation.objects.filter(pk=one.pk).update(due_on=timezone.localdate() - dt.timedelta(days=3))
    for person in (pmo, owner):
        page = visit(person).get(reverse("home")).text
        assert "Late thing" in page
    assert "Late thing" not in visit(make.make_user()).get(reverse("home")).text


def test_links_and_names_show_to_who_may_know_them(visit: Callable[[User], Client], pmo: User, adviser: User) -> None:
    project = make.make_project("Zanzibar", is_confidential=True)
    make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
    open_one = recommend(adviser, links=[("project", project.pk)])
    closed_one = recommend(adviser, about=("project", project.pk), title="Of Zanzibar")
    assert "Zanzibar" in visit(pmo).get(reverse("recommendation", args=[open_one.pk])).text
    executive = make.make_person(RoleName.EXECUTIVE)
    page = visit(executive)
    assert "Zanzibar" not in page.get(reverse("recommendation", args=[open_one.pk])).text
    assert page.get(reverse("recommendation", args=[closed_one.pk])).status_code == 404
    assert "Zanzibar" not in page.get(reverse("recommendation-list")).text
    colleague = make_adviser(adviser.office_membership.office)
    assert visit(colleague).get(reverse("recommendation", args=[closed_one.pk])).status_code == 404


@pytest.mark.parametrize(
    "person", [RoleName.STAKEHOLDER, RoleName.PROJECT_LEAD, RoleName.SPONSOR, RoleName.ADMINISTRATOR]
)
def test_others_know_of_no_advice(visit: Callable[[User], Client], adviser: User, person: str) -> None:
    one = recommend(adviser)
    page = visit(make.make_person(person))
    assert page.get(reverse("recommendation-list")).status_code == 403
    assert page.get(reverse("recommendation", args=[one.pk])).status_code == 404
    assert page.get(reverse("assessment-list")).status_code == 403


def test_the_list_is_filtered_and_counted(visit: Callable[[User], Client], pmo: User, adviser: User) -> None:
    recommend(adviser, title="Small one", priority=3)
    plan(pmo, recommend(adviser, title="Big one", priority=1), pmo)
    page = visit(pmo)
    for query, shown, hidden in (
        ("?view=planned", "Big one", "Small one"),
        ("?priority=3", "Small one", "Big one"),
        ("?q=big", "Big one", "Small one"),
        ("?view=nonsense&priority=x", "Small one", "Zanzibar"),
    ):
        text = page.get(reverse("recommendation-list") + query).text
        assert shown in text
        assert hidden not in text
    assert "Nothing fits" in page.get(reverse("recommendation-list") + "?view=overdue").text


@pytest.mark.parametrize("name", ["recommendation-list", "assessment-list", "office", "home"])
def test_pages_take_the_same_statements_for_2_as_for_12(
    visit: Callable[[User], Client], pmo: User, adviser: User, office: Office, playbook: Playbook, name: str
) -> None:
    path = reverse(name, args=["outside"] if name == "office" else [])
    page, goal = visit(pmo), make.make_goal()

    def fill(count: int) -> None:
        for _ in range(count):
            project = make.make_project()
            person = make_adviser(office)
            open_portfolio(person, project.portfolio)
            make.join_team(project, person, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
            recommend(person, links=[("project", project.pk)], about=("project", project.pk))
            assess(person, playbook, goal, submit=True)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert page.get(path).status_code == 200
        return len(queries)

    fill(2)
    count()
    few = count()
    fill(10)
    assert count() == few <= 12


def test_posts_take_few_statements(
    visit: Callable[[User], Client], pmo: User, adviser: User, playbook: Playbook
) -> None:
    one = assess(adviser, playbook, make.make_goal(), submit=False)
    filed = recommend(adviser)
    posts = [
        (adviser, "recommendation-create", [], {"token": uuid.uuid4(), **TEXTS, "priority": 1}),
        (adviser, "assessment-rate", [one.pk], {"version": one.version, "conclusion": "So"}),
        (pmo, "recommendation-answer", [filed.pk],
         {"version": 1, "state": "planned", "owner": pmo.pk, "due_on": later(9)}),
    ]  # fmt: skip
    for who, name, args, data in posts:
        page = visit(who)
        with CaptureQueriesContext(connection) as queries:
            assert page.post(reverse(name, args=args), data).status_code == 302
        assert len(queries) <= 20, f"{name}: {len(queries)}"
