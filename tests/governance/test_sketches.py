"""What the buttons of the rule builder do to what was chosen so far."""

from __future__ import annotations

import pytest

from governance.builder.sketches import act, blank, group


@pytest.mark.parametrize("verb", ["add", "group", "filter", "remove"])
@pytest.mark.parametrize("path", ["c.1", "c.-1", "c.x", "c.²", f"c.{'9' * 5000}", "c.0.0", "c.0.where", "other", "c."])
def test_a_button_of_an_old_or_made_up_page_changes_nothing(verb: str, path: str) -> None:
    assert act(group(blank()), "c", f"{verb}:{path}") == group(blank())


def test_parts_are_added_at_the_end_and_taken_away_where_they_stand() -> None:
    sketch = act(act(group(blank()), "c", "add:c"), "c", "group:c")
    assert sketch == group(blank(), blank(), group(blank(), join="any"))
    assert act(sketch, "c", "remove:c.0") == group(blank(), group(blank(), join="any"))
    assert act(sketch, "c", "remove:c.1.0") == group(blank(), group(join="any"))
