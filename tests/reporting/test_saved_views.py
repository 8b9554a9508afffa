from __future__ import annotations

import pytest

from accounts.enums import RoleName
from common.errors import NotAllowed
from reporting.models import SavedView
from reporting.services import saved_views as services
from tests import factories
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db


def test_view_is_saved_and_opens_in_the_state_it_was_saved_in() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    answer = client.post("/projects/views/new/", {"name": "Red ones", "query": "sort=-variance&computed=red&junk=1"})
    view = SavedView.objects.get()
    assert view.query == "computed=red&sort=-variance"
    assert answer["Location"] == f"/projects/?computed=red&sort=-variance&view={view.pk}"
    assert client.get(f"/projects/?view={view.pk}")["Location"] == f"?computed=red&sort=-variance&view={view.pk}"
    assert "changed against" not in client.get(answer["Location"]).content.decode()
    assert "changed against" in client.get(f"/projects/?computed=amber&view={view.pk}").content.decode()


def test_name_is_taken_once() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    client.post("/projects/views/new/", {"name": "Mine", "query": ""})
    answer = client.post("/projects/views/new/", {"name": "Mine", "query": "stale=yes"})
    assert answer.status_code == 422
    assert SavedView.objects.get().query == ""


def test_sharing_needs_the_permission() -> None:
    lead = factories.make_person(RoleName.PROJECT_LEAD)
    with pytest.raises(NotAllowed):
        services.save_view(actor=lead, page="projects", name="For all", query="", is_shared=True)
    assert not SavedView.objects.exists()


def test_shared_view_is_seen_by_others_but_changed_only_by_its_owner() -> None:
    pmo, other = factories.make_person(RoleName.PMO_MANAGER), factories.make_person(RoleName.EXECUTIVE)
    view = services.save_view(actor=pmo, page="projects", name="Board", query="computed=red", is_shared=True)
    reader = portfolios.signed_in(other)
    assert "Board" in reader.get("/projects/").content.decode()
    reader.post(f"/projects/views/{view.pk}/save/", {"query": "stale=yes"})
    reader.post(f"/projects/views/{view.pk}/delete/", {"query": ""})
    view.refresh_from_db()
    assert view.query == "computed=red"


def test_private_view_of_somebody_else_does_not_exist() -> None:
    view = services.save_view(actor=factories.make_person(), page="projects", name="Private", query="")
    client = portfolios.signed_in(factories.make_person(RoleName.EXECUTIVE))
    assert client.post(f"/projects/views/{view.pk}/delete/").status_code == 404
    assert "Private" not in client.get("/projects/").content.decode()
