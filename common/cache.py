"""The cache: Redis, but a dead or slow Redis is a miss and never an error on a page."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

T = TypeVar("T")


class JsonSerializer:
    """Values as JSON: whoever can write to Redis must not be able to run code here, as with pickle."""

    def __init__(self, protocol: int | None = None) -> None:
        self.protocol = protocol

    def dumps(self, value: object) -> str:
        return json.dumps(value, separators=(",", ":"))

    def loads(self, data: bytes | str) -> Any:
        return json.loads(data)


class ResilientRedisCache(RedisCache):
    """Django's Redis cache whose every call survives a Redis that is gone: reads miss, writes are lost."""

    def _survive(self, call: Callable[[], T], otherwise: T) -> T:
        try:
            return call()
        except (RedisError, OSError) as error:
            logger.warning("The cache is not available: %s", type(error).__name__)
            return otherwise

    def ping(self) -> None:
        """Ask Redis for a sign of life; unlike every other call this one raises when there is none."""
        self._cache.get_client(None, write=True).ping()

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return self._survive(lambda: super(ResilientRedisCache, self).add(key, value, timeout, version), otherwise=True)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        return self._survive(lambda: super(ResilientRedisCache, self).get(key, default, version), default)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> None:
        self._survive(lambda: super(ResilientRedisCache, self).set(key, value, timeout, version), None)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return self._survive(lambda: super(ResilientRedisCache, self).touch(key, timeout, version), otherwise=False)

    def delete(self, key: Any, version: Any = None) -> bool:
        return self._survive(lambda: super(ResilientRedisCache, self).delete(key, version), otherwise=False)

    def get_many(self, keys: Iterable[Any], version: Any = None) -> dict[Any, Any]:
        wanted = list(keys)
        return self._survive(lambda: super(ResilientRedisCache, self).get_many(wanted, version), {})

    def has_key(self, key: Any, version: Any = None) -> bool:
        return self._survive(lambda: super(ResilientRedisCache, self).has_key(key, version), otherwise=False)

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Add to a counter. As a missing key is a ValueError in Django, so is a missing Redis."""
        try:
            return super().incr(key, delta, version)
        except (RedisError, OSError) as error:
            message = f"Key {key!r} not found"
            raise ValueError(message) from error

    def set_many(self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> list[Any]:
        values = dict(data)
        lost = list(values)
        return self._survive(lambda: super(ResilientRedisCache, self).set_many(values, timeout, version), lost)

    def delete_many(self, keys: Iterable[Any], version: Any = None) -> None:
        wanted = list(keys)
        self._survive(lambda: super(ResilientRedisCache, self).delete_many(wanted, version), None)

    def clear(self) -> None:
        """Forget this cache's own keys only: the same Redis may hold somebody else's."""
        self._survive(self._clear, None)

    def _clear(self) -> None:
        client = self._cache.get_client(None, write=True)
        batch: list[bytes] = []
        for key in client.scan_iter(match=f"{self.key_prefix}:*", count=1000):
            batch.append(key)
            if len(batch) == 500:  # noqa: PLR2004  enough for one round trip
                client.delete(*batch)
                batch.clear()
        if batch:
            client.delete(*batch)
