"""The facts about a project. All are as of a day; None always means that the value is not known.

No fact falls back on a second-best value (a missing forecast is not replaced by the baseline): a
fall-back would let somebody improve a colour by leaving something out.
"""

from __future__ import annotations

from governance.facts import catalogue
from projects.facts import dates, milestones, money, promises, raid, record, steering, updates

project_facts = catalogue("project")
for _theme in (record, updates, dates, money, milestones, raid, steering, promises):
    project_facts.declare(*_theme.FACTS)
