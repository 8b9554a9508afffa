"""What the tests of the project record share: a cast of people around one project, and how they knock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import RoleName
from tests import factories

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import User
    from projects.models import Project


@dataclass(frozen=True, slots=True)
class Cast:
    """One project; who runs it, who looks after it, who decides, who reads it and who has no part in it."""

    project: Project
    lead: User
    sponsor: User
    pmo: User
    executive: User
    stranger: User


def cast(**fields: Any) -> Cast:
    lead, sponsor, stranger = (
        factories.make_user("Lena Lead"),
        factories.make_user("Sam Sponsor"),
        factories.make_user(),
    )
    other = factories.make_project(lead=factories.make_user())
    factories.join_team(other, stranger)
    project = factories.make_healthy_project("Alpha", lead=lead, sponsor=sponsor, refresh=True, **fields)
    return Cast(
        project,
        lead,
        sponsor,
        factories.make_person(RoleName.PMO_MANAGER),
        factories.make_person(RoleName.EXECUTIVE),
        stranger,
    )


def at(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: User, name: str, /, *args: Any, **query: Any) -> Any:
    return at(user).get(reverse(name, args=args), query)


def post(user: User, name: str, /, *args: Any, **data: Any) -> Any:
    return at(user).post(reverse(name, args=args), data)


def queries(user: User, name: str, *args: Any) -> int:
    """The statements of a page for somebody whose menu is warm."""
    client, address = at(user), reverse(name, args=args)
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def words(response: HttpResponse) -> str:
    return response.content.decode()
