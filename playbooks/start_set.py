"""Three playbooks to start with, from light to strict.

The third follows the phases and decision points of PM² (Project Management Methodology of the European
Commission, © European Union, CC BY 4.0, https://pm2.europa.eu), in our own words and with our own lengths.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.text import slugify

from playbooks.selectors import DeliverableOutline
from playbooks.selectors import MilestoneOutline as M
from playbooks.selectors import PhaseOutline as Phase
from strategy.enums import Post


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


def D(name: str, day: int, letters: str, acceptance: str) -> DeliverableOutline:  # noqa: N802 — a line of the set
    """A deliverable; `letters` are those of lead, sponsor, budget owner and head of the PMO, "-" for none."""
    posts = zip(Post.values, letters.split(), strict=True)
    return DeliverableOutline(name, day, acceptance, tuple((post, code) for post, code in posts if code != "-"))


START_SET: tuple[Template, ...] = (
    Template(
        "Light",
        "For small work of one team, up to about three months: agree, do, hand over.",
        "First version: two phases, one decision.",
        (
            Phase(
                "Prepare",
                14,
                (M("Goal and owner agreed", 5), M("Go", 13, is_gate=True)),
                (D("Project brief", 10, "R A C I", "Goal, owner, result and date fit on one page."),),
            ),
            Phase(
                "Do and hand over",
                70,
                (M("First result shown", 30), M("Handed over", 63), M("Closed", 69, is_gate=True)),
                (D("Result", 63, "R A - I", "Those who asked for it use it."),),
            ),
        ),
    ),
    Template(
        "Standard",
        "For most projects: several teams, half a year to a year, a budget to answer for.",
        "First version: four phases, each closed by a decision.",
        (
            Phase(
                "Explore",
                30,
                (M("Needs and options clear", 20), M("Go to plan", 29, is_gate=True)),
                (D("Options paper", 20, "R A C C", "At least two options with cost, benefit and risk."),),
            ),
            Phase(
                "Plan",
                45,
                (
                    M("Business case agreed", 20),
                    M("Plan, budget and team agreed", 40),
                    M("Go to build", 44, is_gate=True),
                ),
                (
                    D("Business case", 20, "R A C C", "The sponsor can defend cost and benefit in numbers."),
                    D("Project plan", 40, "AR C C I", "Phases, dates, people and money add up."),
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
                (
                    D("Accepted product", 140, "R A I I", "Users have tested it and nothing serious is open."),
                    D("Go-live plan", 130, "AR C C I", "Who does what on which day, and how to go back."),
                ),
            ),
            Phase(
                "Land",
                40,
                (M("Handed over to operations", 20), M("Lessons shared", 33), M("Closed", 39, is_gate=True)),
                (
                    D("Handover to operations", 20, "R A I I", "Operations run it without the project."),
                    D("Closing report", 33, "R A C C", "Result, money and lessons against what was agreed."),
                ),
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
                (
                    D("Business case", 28, "R A C C", "Why it is worth it, with cost, benefit and alternatives."),
                    D("Project charter", 38, "R A C C", "Scope, organisation, milestones and risks, signed."),
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
                (
                    D("Project handbook", 21, "R A I C", "How this project is run, with roles and rules."),
                    D("Project work plan", 45, "R A C C", "Work, effort and dates, agreed with who does it."),
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
                (D("Final deliverable", 190, "R A I I", "Meets the criteria that were agreed for acceptance."),),
            ),
            Phase(
                "Closing",
                30,
                (
                    M("Lessons and advice written down", 14),
                    M("Handed over", 21),
                    M("Project end report accepted", 29, is_gate=True),
                ),
                (D("Project end report", 25, "R A C C", "Results, experience and what remains to be done."),),
            ),
        ),
    ),
)
