"""A dead, mute or shared Redis never breaks a page."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import caches
from redis import Redis
from redis.exceptions import RedisError

from common.cache import ResilientRedisCache

OPTIONS = {"serializer": "common.cache.JsonSerializer", "socket_timeout": 2, "socket_connect_timeout": 1}


def cache_at(address: str) -> ResilientRedisCache:
    return ResilientRedisCache(address, {"OPTIONS": OPTIONS, "KEY_PREFIX": "probe"})


@pytest.fixture
def mute_server() -> Iterator[str]:
    """Takes connections and never answers, like a black hole behind a firewall."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def use_everything(cache: ResilientRedisCache) -> dict[str, Any]:
    cache.set("a", 1)
    cache.delete_many(["a", "b"])
    cache.clear()
    return {
        "get": cache.get("a", "missed"),
        "add": cache.add("a", 1),
        "touch": cache.touch("a"),
        "delete": cache.delete("a"),
        "get_many": cache.get_many(["a", "b"]),
        "set_many": cache.set_many({"a": 1, "b": 2}),
        "has_key": cache.has_key("a"),
    }


DEAD: dict[str, Any] = {
    "get": "missed",
    "add": True,
    "touch": False,
    "delete": False,
    "get_many": {},
    "set_many": ["a", "b"],
    "has_key": False,
}


def test_dead_redis_is_a_miss_for_every_call() -> None:
    cache = cache_at("unix:///nonexistent.sock?db=0")
    assert use_everything(cache) == DEAD
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


def test_mute_redis_delays_a_page_two_seconds_at_most(mute_server: str) -> None:
    cache = cache_at(mute_server)
    began = time.monotonic()
    assert cache.get("a", "missed") == "missed"
    assert time.monotonic() - began < 3


def test_ping_tells_the_truth_about_a_dead_redis() -> None:
    with pytest.raises((RedisError, OSError)):
        cache_at("unix:///nonexistent.sock?db=0").ping()


def test_values_come_back_as_they_went_in() -> None:
    cache = caches["default"]
    for value in (1, True, None, "ü", [1.5, {"a": []}]):
        cache.set("value", value)
        assert cache.get("value", "missed") == value
    cache.set("count", 5)
    assert cache.incr("count", 2) == 7


def test_clearing_leaves_the_keys_of_others(settings: Any) -> None:
    cache = caches["default"]
    other = Redis.from_url(settings.CACHES["default"]["LOCATION"])
    other.set("somebody-else", "1")
    cache.set_many({f"key-{number}": number for number in range(1200)})
    cache.clear()
    assert cache.get("key-7") is None
    assert other.get("somebody-else") == b"1"
    other.delete("somebody-else")
    other.close()
