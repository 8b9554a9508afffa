"""Typed readers of environment variables that refuse nonsense, name the variable and say the remedy."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

PREFIX = "PMO_"

# Read by ./portal before Django starts, so they are known here although settings never ask for them.
LAUNCHER_VARIABLES = frozenset({
    "PMO_DEMO",
    "PMO_HOST",
    "PMO_PORT",
    "PMO_WEB_THREADS",
    "PMO_WEB_WORKERS",
    "PMO_WORKER_CONCURRENCY",
})  # fmt: skip

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


class BadEnvironmentError(Exception):
    """A variable is missing or has a value that cannot be meant; the text names it and says what to do."""


@dataclass
class Environment:
    """The process environment as typed values.

    Each variable `X` may be given as `X_FILE` instead, the path of a file that holds the value (a mounted secret).
    """

    variables: Mapping[str, str]
    asked: set[str] = field(default_factory=lambda: set(LAUNCHER_VARIABLES))

    def raw(self, name: str) -> str | None:
        """The value of a variable or of the file that `NAME_FILE` points to; `None` when neither is set."""
        self.asked.add(name)
        value, path = self.variables.get(name), self.variables.get(f"{name}_FILE")
        if value is not None and path:
            message = f"{name} and {name}_FILE are both set. Keep one of them."
            raise BadEnvironmentError(message)
        if path:
            return self._content(name, path)
        return value.strip() if value is not None and value.strip() else None

    def _content(self, name: str, path: str) -> str | None:
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            message = f"{name}_FILE points to {path}, which cannot be read ({error}). Correct the path or its rights."
            raise BadEnvironmentError(message) from error

    def required(self, name: str, remedy: str) -> str:
        """A value that must be there; `remedy` is the sentence shown when it is not."""
        value = self.raw(name)
        if value is None:
            message = f"{name} is not set. {remedy}"
            raise BadEnvironmentError(message)
        return value

    def text(self, name: str, default: str = "") -> str:
        """A value as it stands."""
        value = self.raw(name)
        return default if value is None else value

    def flag(self, name: str, *, default: bool) -> bool:
        """Yes or no: 1/0, true/false, yes/no, on/off."""
        value = self.raw(name)
        if value is None:
            return default
        if value.lower() not in YES | NO:
            message = f"{name} is {value!r}. Set it to 1 (yes) or 0 (no)."
            raise BadEnvironmentError(message)
        return value.lower() in YES

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number between two bounds, both allowed."""
        value = self.raw(name)
        if value is None:
            return default
        if not re.fullmatch(r"-?\d{1,12}", value, re.ASCII) or not low <= int(value) <= high:
            message = f"{name} is {value!r}. Set it to a whole number from {low} to {high}."
            raise BadEnvironmentError(message)
        return int(value)

    def names(self, name: str, default: list[str]) -> list[str]:
        """A list separated by commas."""
        value = self.raw(name)
        if value is None:
            return default
        return [part.strip() for part in value.split(",") if part.strip()]

    def choice(self, name: str, default: str, allowed: frozenset[str]) -> str:
        """One of the allowed words."""
        value = self.text(name, default)
        if value not in allowed:
            message = f"{name} is {value!r}. Set it to one of: {', '.join(sorted(allowed))}."
            raise BadEnvironmentError(message)
        return value

    def url(self, name: str, value: str, schemes: frozenset[str]) -> SplitResult:
        """The parts of an address whose scheme must be one of `schemes`."""
        try:
            parts = urlsplit(value)
            _ = parts.port
        except ValueError as error:
            message = f"{name} is not an address ({error}). Write it as {example(schemes)}."
            raise BadEnvironmentError(message) from error
        if parts.scheme not in schemes:
            message = f"{name} must begin with one of: {', '.join(f'{s}:' for s in sorted(schemes))}."
            raise BadEnvironmentError(message)
        return parts

    def unknown(self) -> list[str]:
        """Sentences about PMO_* variables that nothing reads: most likely misspelt."""
        known = self.asked | {f"{name}_FILE" for name in self.asked}
        stray = sorted(name for name in self.variables if name.startswith(PREFIX) and name not in known)
        return [self._about(name, known) for name in stray]

    def _about(self, name: str, known: set[str]) -> str:
        near = difflib.get_close_matches(name, sorted(known), n=1)
        hint = f" Did you mean {near[0]}?" if near else " See .env.example for the known ones."
        return f"The variable {name} is set, but nothing reads it.{hint}"


def example(schemes: frozenset[str]) -> str:
    """A sample address for an error message."""
    return f"{min(schemes)}://user:password@host/name"


def database_settings(env: Environment) -> dict[str, object]:
    """`DATABASE_URL` as Django's NAME, USER, PASSWORD, HOST, PORT and connection OPTIONS.

    `?host=/path` names the folder of a unix socket; every other query parameter is handed to the client library.
    """
    address = env.required(
        "DATABASE_URL",
        "Start through ./portal (it brings its own database), or set it to postgres://user:password@host:5432/name.",
    )
    parts = env.url("DATABASE_URL", address, frozenset({"postgres", "postgresql"}))
    query = dict(parse_qsl(parts.query))
    name = unquote(parts.path.lstrip("/"))
    if not name:
        message = "DATABASE_URL names no database. Add its name: postgres://user:password@host:5432/name."
        raise BadEnvironmentError(message)
    return {
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": query,
    }


def redis_addresses(env: Environment) -> tuple[str, str]:
    """The addresses of cache and broker: `REDIS_URL` with its database number, and the next number for the broker."""
    address = env.required(
        "REDIS_URL",
        "Start through ./portal (it brings its own server), or set it to redis://:password@host:6379/0.",
    )
    parts = env.url("REDIS_URL", address, frozenset({"redis", "rediss", "unix"}))
    broker = env.raw("PMO_BROKER_URL")
    if parts.scheme == "unix":
        number = _number(dict(parse_qsl(parts.query)).get("db", "0"))
        return f"unix://{parts.path}?db={number}", broker or f"redis+socket://{parts.path}?virtual_host={number + 1}"
    number = _number(parts.path.strip("/") or "0")
    cache = parts._replace(path=f"/{number}").geturl()
    return cache, broker or parts._replace(path=f"/{number + 1}").geturl()


def _number(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII):
        message = f"REDIS_URL ends with {text!r}. End it with the number of a database, such as /0."
        raise BadEnvironmentError(message)
    return int(text)


def email_settings(env: Environment) -> dict[str, object]:
    """`EMAIL_URL` as Django's EMAIL_* settings; empty when it is not set.

    `smtp://` speaks plainly, `smtp+tls://` upgrades by STARTTLS, `smtps://` is encrypted from the start.
    """
    address = env.raw("EMAIL_URL")
    if address is None:
        return {}
    parts = env.url("EMAIL_URL", address, frozenset({"smtp", "smtps", "smtp+tls"}))
    if not parts.hostname:
        message = "EMAIL_URL names no server. Write it as smtp+tls://user:password@mail.example.org:587."
        raise BadEnvironmentError(message)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }
