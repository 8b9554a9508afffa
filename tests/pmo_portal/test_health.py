"""Alive, ready, and figures."""

from typing import Any

import pytest
from django.test import Client

from common.cache import ResilientRedisCache
from pmo_portal.health import Part


def broken() -> Part:
    message = "something inside with a password"
    raise RuntimeError(message)


def old() -> Part:
    return Part("sweep", ok=False, detail="The last sweep was 90 s ago.", value=90.0)


@pytest.fixture
def own_checks(settings: Any) -> Any:
    settings.PORTAL_READINESS_CHECKS = ["pmo_portal.health.database", f"{__name__}.broken", f"{__name__}.old"]
    return settings


def test_process_lives_without_asking_the_database(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_every_part_of_the_portal_is_ready(client: Client, settings: Any) -> None:
    settings.PORTAL_READINESS_CHECKS = settings.PORTAL_READINESS_CHECKS[:3]
    response = client.get("/readyz")
    parts = {part["name"]: part["ok"] for part in response.json()["parts"]}
    assert parts == {"database": True, "redis": True, "migrations": True}
    assert response.status_code == 200


@pytest.mark.django_db
def test_part_that_fails_is_named_and_hides_no_other(client: Client, own_checks: Any) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    assert [(part["name"], part["ok"]) for part in response.json()["parts"]] == [
        ("database", True),
        ("broken", False),
        ("sweep", False),
    ]
    assert "password" not in response.content.decode()


@pytest.mark.django_db
def test_dead_redis_is_named(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PORTAL_READINESS_CHECKS = ["pmo_portal.health.redis"]
    options = settings.CACHES["default"]["OPTIONS"]
    dead = ResilientRedisCache("unix:///nonexistent.sock", {"OPTIONS": options})
    monkeypatch.setattr("pmo_portal.health.caches", {"default": dead})
    response = client.get("/readyz")
    assert (response.status_code, response.json()["parts"][0]["name"]) == (503, "redis")


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer "])
def test_figures_need_the_token(client: Client, settings: Any, given: str) -> None:
    settings.PORTAL_METRICS_TOKEN = "right"
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 403
    settings.PORTAL_METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 403


@pytest.mark.django_db
def test_figures_tell_about_each_part(client: Client, own_checks: Any) -> None:
    own_checks.PORTAL_METRICS_TOKEN = "right"
    text = client.get("/metrics", headers={"Authorization": "Bearer right"}).content.decode()
    assert 'pmo_part_ready{part="database"} 1.0' in text
    assert 'pmo_part_value{part="sweep"} 90.0' in text
