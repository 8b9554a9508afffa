"""Kill tests: the short ones belong to the suite, the long ones run when they are asked for (`-m long`)."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: minutes of faults; run with `./portal test tests/chaos -m long`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out unless the call names them."""
    if "long" in str(config.getoption("-m")):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
