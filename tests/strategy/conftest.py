"""An external office with an adviser to whom one portfolio is open, and who works with them."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from playbooks import services as playbook_services
from playbooks.models import Playbook
from projects.models import Portfolio
from strategy.enums import OfficeKind
from strategy.models import Office
from tests import factories as make
from tests.strategy.world import Visit, make_adviser, open_portfolio


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
def visit(client: Client) -> Visit:
    def as_person(user: User) -> Client:
        client.force_login(user)
        return client

    return as_person
