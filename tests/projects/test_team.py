"""The team, the documents, and who can see a project."""

import pytest

from accounts.enums import RoleName
from common.errors import NotAllowed
from projects.services import team
from projects.services.team import TeamError
from tests import factories
from tests.projects.record import cast, get, post, words

pytestmark = pytest.mark.django_db


def test_person_added_to_the_team_sees_a_confidential_project_until_removed() -> None:
    people = cast(is_confidential=True)
    assert get(people.stranger, "project", people.project.key).status_code == 404
    data = {"user": people.stranger.pk, "role": "stakeholder", "task": "tester"}
    assert post(people.lead, "team-member-add", people.project.key, **data).status_code == 302
    assert get(people.stranger, "project", people.project.key).status_code == 200
    place = people.project.team.get(user=people.stranger)
    assert post(people.lead, "team-member-remove", people.project.key, place.pk).status_code == 302
    assert get(people.stranger, "project", people.project.key).status_code == 404


def test_lead_cannot_give_or_take_a_role_that_decides() -> None:
    people = cast()
    friend = factories.make_user()
    with pytest.raises(NotAllowed):
        team.add_member(actor=people.lead, project=people.project, user=friend, role=RoleName.SPONSOR)
    place = team.add_member(actor=people.pmo, project=people.project, user=friend, role=RoleName.SPONSOR)
    with pytest.raises(NotAllowed):
        team.remove_member(actor=people.lead, project=people.project, member_id=place.pk)
    form = post(people.lead, "team-member-add", people.project.key, user=friend.pk, role="sponsor")
    assert form.status_code == 422


def test_same_place_twice_is_one_place() -> None:
    people = cast()
    friend = factories.make_user()
    for task in ("tester", "architect"):
        team.add_member(actor=people.lead, project=people.project, user=friend, role=RoleName.STAKEHOLDER, task=task)
    assert people.project.team.get(user=friend).task == "architect"


def test_place_of_another_project_is_not_touched() -> None:
    people = cast()
    foreign = factories.join_team(factories.make_project(), factories.make_user())
    assert get(people.lead, "team-member-remove", people.project.key, foreign.pk).status_code == 404
    post(people.lead, "team-member-remove", people.project.key, foreign.pk)
    foreign.refresh_from_db()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/x", "https://"])
def test_document_address_is_http_only(url: str) -> None:
    people = cast()
    assert post(people.lead, "document-add", people.project.key, title="X", url=url).status_code == 422
    with pytest.raises(TeamError):
        team.add_document(actor=people.lead, project=people.project, values={"title": "X", "url": url})


def test_page_names_who_sees_a_confidential_project() -> None:
    people = cast(is_confidential=True)
    auditor = factories.make_person(RoleName.AUDITOR, name="Otto Auditor")
    page = words(get(people.lead, "project-audience", people.project.key))
    assert auditor.name in page
    assert people.executive.name not in page
    assert auditor.name not in words(get(people.sponsor, "project-team", people.project.key))
