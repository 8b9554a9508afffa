"""What the demo's projects hand over and who answers for it, and the processes of its offices."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone

from projects.enums import DeliverableState
from projects.services import deliverables
from strategy import services as strategy
from strategy.raci.cells import Wanted

if TYPE_CHECKING:
    from accounts.models import User
    from reporting.demo.story import Story
    from strategy.models import Office

Letters = dict[str, str]

DELIVERABLES: tuple[tuple[str, str, float, str, Letters], ...] = (
    ("Explore", "Options paper", 0.7, "Two options at least, each with cost, benefit and risk.", {"lead": "R", "sponsor": "A", "pmo": "C"}),
    ("Plan", "Business case", 0.4, "The controller has checked the sums.", {"lead": "R", "sponsor": "A", "budget_owner": "C", "pmo": "I"}),
    ("Plan", "Project plan", 0.9, "Phases, dates, people and money add up.", {"lead": "AR", "sponsor": "C", "pmo": "C"}),
    ("Build", "First usable version", 0.4, "Ten users have worked with it for a week.", {"lead": "R", "sponsor": "A", "budget_owner": "I"}),
    ("Build", "Test report", 0.75, "Nothing serious is open.", {"lead": "A", "sponsor": "I"}),
    ("Build", "Go-live plan", 0.9, "Who does what on which day, and how to go back.", {"lead": "AR", "sponsor": "C", "pmo": "I"}),
    ("Hand over", "Handover to operations", 0.6, "Operations run it without the project.", {"lead": "R", "sponsor": "A", "pmo": "I"}),
    ("Hand over", "Closing report", 0.95, "Result, money and lessons against what was agreed.", {"lead": "R", "sponsor": "A", "budget_owner": "C", "pmo": "C"}),
)  # fmt: skip
"""Phase, name, share of the phase that has passed when it is due, when it is accepted, letters by role."""

PROCESSES: tuple[tuple[str, str, str, Letters], ...] = (
    ("Triage of requests", "every working day", "Each request has an answer within five days.", {"pmo": "AR", "sponsor": "I"}),
    ("Weekly health report", "every Monday", "Every portfolio knows where it stands.", {"pmo": "AR", "sponsor": "I"}),
    ("Gate review", "at the end of each phase", "A decision with its conditions, in writing.", {"pmo": "R", "sponsor": "A"}),
    ("Upkeep of playbooks", "each quarter", "What projects learn is in the next version.", {"pmo": "A"}),
)  # fmt: skip


def set_up_processes(office: Office, actor: User, helper: User) -> None:
    """The processes of an office; the helper does the work that the head only answers for."""
    wanted = {}
    for name, rhythm, description, letters in PROCESSES:
        values = {"name": name, "rhythm": rhythm, "description": description}
        process = strategy.add_process(actor=actor, office=office, values=values)
        more = {f"person-{helper.pk}": "R"} if name == "Gate review" else {}
        wanted[process.pk] = Wanted(process.version, letters | more)
    strategy.set_process_raci(actor=actor, office=office, wanted=wanted)


def plan_deliverables(story: Story) -> None:
    """What the project hands over, with a tester from the team where there is one. Some matrices have a hole."""
    phases = {phase.name: phase for phase in story.project.phases.all()}
    testers = story.project.team.filter(task="Tests").values_list("user", flat=True)
    careless = len(story.plan.name) % 5 == 0
    for phase_name, name, share, acceptance, letters in DELIVERABLES:
        phase = phases[phase_name]
        start, finish = phase.start_on or story.begins, phase.finish_on or story.ends
        given = dict(letters)
        if name == "Test report":
            given |= {f"person-{pk}": "R" for pk in testers}
            if careless:
                given.pop("lead")
        values = {
            "name": name, "acceptance": acceptance, "phase": phase,
            "due_on": start + dt.timedelta(days=int((finish - start).days * share)),
        }  # fmt: skip
        deliverables.add_deliverable(actor=story.cast.pmo, project=story.project, values=values, letters=given)


def hand_over(story: Story) -> None:
    """The lead delivers what is due when the milestones before it are reached; the sponsor accepts a week later."""
    today = timezone.localdate()
    late = story.project.milestones.open().filter(baseline_on__lte=today).order_by("baseline_on").first()
    for one in story.project.deliverables.filter(state=DeliverableState.DELIVERED):
        if one.delivered_at and (today - timezone.localdate(one.delivered_at)).days >= 7 * (1 + one.pk % 2):
            deliverables.accept(
                actor=story.cast.sponsor, project=story.project, deliverable_id=one.pk, version=one.version
            )
    for one in story.project.deliverables.filter(state=DeliverableState.PLANNED, due_on__lte=today):
        if late is None or (one.due_on and late.baseline_on and one.due_on < late.baseline_on):
            deliverables.deliver(actor=story.lead, project=story.project, deliverable_id=one.pk)
