"""Three playbooks to start with, from light to strict.

The third follows the phases and decision points of PM² (Project Management Methodology of the European
Commission, © European Union, CC BY 4.0, https://pm2.europa.eu), in our own words and with our own lengths.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import slugify

from playbooks.selectors import MilestoneOutline as M
from playbooks.selectors import PhaseOutline as Phase


@dataclass(frozen=True, slots=True)
class Template:
    """A playbook of the start set and its first version."""

    name: str
    summary: str
    note: str
    phases: tuple[Phase, ...]

    @property
    def slug(self) -> str:
        return slugify(self.name)


START_SET: tuple[Template, ...] = (
    Template(
        "Light",
        "For small work of one team, up to about three months: agree, do, hand over.",
        "First version: two phases, one decision.",
        (
            Phase("Prepare", 14, (M("Goal and owner agreed", 5), M("Go", 13, is_gate=True))),
            Phase(
                "Do and hand over",
                70,
                (M("First result shown", 30), M("Handed over", 63), M("Closed", 69, is_gate=True)),
            ),
        ),
    ),
    Template(
        "Standard",
        "For most projects: several teams, half a year to a year, a budget to answer for.",
        "First version: four phases, each closed by a decision.",
        (
            Phase("Explore", 30, (M("Needs and options clear", 20), M("Go to plan", 29, is_gate=True))),
            Phase(
                "Plan",
                45,
                (
                    M("Business case agreed", 20),
                    M("Plan, budget and team agreed", 40),
                    M("Go to build", 44, is_gate=True),
                ),
            ),
            Phase(
                "Build",
                150,
                (
                    M("First usable result", 60),
                    M("Half-way review", 75),
                    M("Accepted by the users", 140),
                    M("Go live", 149, is_gate=True),
                ),
            ),
            Phase(
                "Land", 40, (M("Handed over to operations", 20), M("Lessons shared", 33), M("Closed", 39, is_gate=True))
            ),
        ),
    ),
    Template(
        "PM² style",
        "For large or public projects with formal approvals: Initiating, Planning, Executing, Closing. "
        "Phases and approvals after PM² (© European Union, CC BY 4.0), in our own words.",
        "First version. After PM² (© European Union, CC BY 4.0): approvals RfP, RfE and RfC.",
        (
            Phase(
                "Initiating",
                45,
                (
                    M("Initiation request written", 7),
                    M("Business case agreed", 28),
                    M("Project charter signed", 38),
                    M("RfP: ready for planning", 44, is_gate=True),
                ),
            ),
            Phase(
                "Planning",
                60,
                (
                    M("Kick-off of planning", 3),
                    M("Project handbook agreed", 21),
                    M("Work plan and budget agreed", 45),
                    M("RfE: ready for executing", 59, is_gate=True),
                ),
            ),
            Phase(
                "Executing",
                210,
                (
                    M("Kick-off of executing", 3),
                    M("First deliverable accepted", 80),
                    M("All deliverables accepted", 190),
                    M("RfC: ready for closing", 209, is_gate=True),
                ),
            ),
            Phase(
                "Closing",
                30,
                (
                    M("Lessons and advice written down", 14),
                    M("Handed over", 21),
                    M("Project end report accepted", 29, is_gate=True),
                ),
            ),
        ),
    ),
)
