"""Fixtures that several tests of projects share."""

import pytest

from tests.projects.gates import Scene, scene


@pytest.fixture
def at_gate() -> Scene:
    return scene()
