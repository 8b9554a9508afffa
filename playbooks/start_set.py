"""Three playbooks to start with, from light to strict.

The third follows the phases and decision points of PM² (Project Management Methodology of the European
Commission, © European Union, CC BY 4.0, https://pm2.europa.eu), in our own words and with our own lengths.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common.languages import in_each_language
from playbooks.enums import CriterionKind
from playbooks.selectors import CriterionOutline, DeliverableOutline
from playbooks.selectors import MilestoneOutline as M
from playbooks.selectors import PhaseOutline as Phase
from strategy.enums import Post

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


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


def _fact(word: str, op: str, **more: Any) -> dict[str, Any]:
    return {"fact": f"project.{word}", "op": op, **more}


@dataclass(frozen=True, slots=True)
class Asked:
    """A criterion of the start set; its words are said in every language of the portal when it is loaded."""

    words: StrPromise
    kind: CriterionKind = CriterionKind.AUTOMATIC
    condition: dict[str, Any] | None = None
    rule: str = ""
    document_kind: str = ""
    role: str = ""

    def outline(self) -> CriterionOutline:
        texts = in_each_language(lambda: str(self.words))
        return CriterionOutline(self.kind.value, texts, self.condition, self.rule, self.document_kind, str(self.role))


def _paper(kind: str, words: StrPromise) -> Asked:
    return Asked(words, CriterionKind.DOCUMENT, document_kind=kind)


def _judged(role: RoleName, words: StrPromise) -> Asked:
    return Asked(words, CriterionKind.JUDGEMENT, role=role.value)


_OWNERS: Final = Asked(
    _("A sponsor and a project lead are named"),
    condition={"all": [_fact("has_sponsor", "eq", value=True), _fact("has_lead", "eq", value=True)]},
)
_GOAL: Final = Asked(_("The project serves a goal"), condition=_fact("has_goal", "eq", value=True))
_BUDGET: Final = Asked(_("The budget is agreed, or withheld with a reason"), condition=_fact("baseline_cost", "filled"))
_FINISH: Final = Asked(_("The finish date is agreed"), condition=_fact("baseline_finish_on", "filled"))
_RISKS: Final = Asked(_("At least three risks are written down"), condition=_fact("risks_registered", "ge", value=3))
_RISK_OWNERS: Final = Asked(_("Every open risk has an owner"), rule="risk-owners")
_REVIEWED: Final = Asked(_("Every open risk is reviewed in time"), rule="risk-reviews")
_BLOCKERS: Final = Asked(_("No issue stops the work"), condition=_fact("blockers_open", "eq", value=0))
_FRESH: Final = Asked(
    _("The last status update is at most two weeks old"), condition=_fact("last_update_on", "within", days=14)
)
_SPENDING: Final = Asked(_("Spending stays within what was agreed"), rule="spending-within-baseline")
_CASE: Final = _paper("Business case", _("The business case is accepted"))
_PLAN: Final = _paper("Plan", _("The project plan is accepted"))
_USERS: Final = _judged(RoleName.SPONSOR, _("The users accept what was made"))
_LESSONS: Final = _judged(RoleName.PMO_MANAGER, _("The lessons are written down and shared"))
_OPTIONS: Final = _judged(RoleName.SPONSOR, _("The needs are clear and other ways were looked at"))
_TEAM: Final = _judged(RoleName.PMO_MANAGER, _("The team that the plan asks for is there"))

CRITERIA: Final[dict[tuple[str, str], tuple[Asked, ...]]] = {
    ("Light", "Go"): (_OWNERS, _GOAL, _FINISH, _paper("Brief", _("The project brief is accepted"))),
    ("Light", "Closed"): (_BLOCKERS, _USERS),
    ("Standard", "Go to plan"): (_OWNERS, _GOAL, _OPTIONS),
    ("Standard", "Go to build"): (_CASE, _PLAN, _BUDGET, _FINISH, _RISKS, _RISK_OWNERS, _TEAM),
    ("Standard", "Go live"): (_BLOCKERS, _FRESH, _SPENDING, _REVIEWED, _USERS),
    ("Standard", "Closed"): (_BLOCKERS, _LESSONS, _paper("End report", _("The end report is accepted"))),
    ("PM² style", "RfP: ready for planning"): (
        _OWNERS, _GOAL, _CASE, _paper("Project charter", _("The project charter is accepted")), _OPTIONS,
    ),
    ("PM² style", "RfE: ready for executing"): (
        _paper("Project handbook", _("The project handbook is accepted")), _PLAN, _BUDGET, _FINISH, _RISKS,
        _RISK_OWNERS, _FRESH, _TEAM,
    ),
    ("PM² style", "RfC: ready for closing"): (
        _paper("Acceptance", _("The acceptance of all deliverables is on paper")), _BLOCKERS, _FRESH, _SPENDING,
        _REVIEWED, _USERS,
    ),
    ("PM² style", "Project end report accepted"): (
        _paper("End report", _("The end report is accepted")), _BLOCKERS, _LESSONS,
    ),
}  # fmt: skip
"""By playbook and gate."""


def with_criteria(template: Template) -> tuple[Phase, ...]:
    """The phases of a template, its gates with what they ask for."""
    return tuple(
        replace(
            phase,
            milestones=tuple(
                replace(item, criteria=tuple(one.outline() for one in CRITERIA.get((template.name, item.name), ())))
                for item in phase.milestones
            ),
        )
        for phase in template.phases
    )
