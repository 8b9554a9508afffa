"""The seals as a chain: what the hash of each is made of, and its head."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Final

from common.models import Seal

START: Final = "0" * 64
"""What the first seal follows."""

SHORT: Final = 16
"""Digits of a head that people read and compare."""


def body_of(seal: Seal) -> bytes:
    """What the hash of a seal is made of: its JSON without spaces, keys sorted, in ASCII."""
    body = {
        "number": seal.number,
        "previous": seal.previous,
        "sealed_at": seal.sealed_at.astimezone(dt.UTC).isoformat(),
        "covered": seal.covered,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii")


def hash_of(seal: Seal) -> str:
    return hashlib.sha256(body_of(seal)).hexdigest()


def head() -> Seal | None:
    """The newest seal. One query."""
    return Seal.objects.order_by("-number").first()
