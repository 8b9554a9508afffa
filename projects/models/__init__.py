from projects.models.changes import Baseline, ChangeRequest
from projects.models.deliverables import Deliverable, DeliverableAssignment
from projects.models.imports import ImportPreset, ImportRun
from projects.models.plan import Milestone, Phase
from projects.models.portfolio import Portfolio
from projects.models.project import Project
from projects.models.raid import Decision, Issue, Risk
from projects.models.snapshots import FactRow, ProjectState, Rollup, Snapshot, SnapshotSet
from projects.models.team import DocumentLink, TeamMember
from projects.models.updates import Ask, Update

__all__ = [
    "Ask",
    "Baseline",
    "ChangeRequest",
    "Decision",
    "Deliverable",
    "DeliverableAssignment",
    "DocumentLink",
    "FactRow",
    "ImportPreset",
    "ImportRun",
    "Issue",
    "Milestone",
    "Phase",
    "Portfolio",
    "Project",
    "ProjectState",
    "Risk",
    "Rollup",
    "Snapshot",
    "SnapshotSet",
    "TeamMember",
    "Update",
]
