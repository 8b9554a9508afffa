from tests.guards.conftest import world

__all__ = ["world"]
