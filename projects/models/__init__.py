from projects.models.changes import Baseline, ChangeRequest
from projects.models.compliance import ComplianceWeek
from projects.models.deliverables import Deliverable, DeliverableAssignment
from projects.models.gates import EvidencePack, Gate, GateCriterion
from projects.models.imports import ImportPreset, ImportRun
from projects.models.plan import Milestone, Phase
from projects.models.portfolio import Portfolio
from projects.models.project import Project
from projects.models.promises import Promise
from projects.models.proposals import Proposal
from projects.models.raid import Decision, Issue, Risk
from projects.models.snapshots import FactRow, ProjectState, Rollup, Snapshot, SnapshotSet
from projects.models.team import DocumentLink, TeamMember
from projects.models.updates import Ask, Update

__all__ = [
    "Ask",
    "Baseline",
    "ChangeRequest",
    "ComplianceWeek",
    "Decision",
    "Deliverable",
    "DeliverableAssignment",
    "DocumentLink",
    "EvidencePack",
    "FactRow",
    "Gate",
    "GateCriterion",
    "ImportPreset",
    "ImportRun",
    "Issue",
    "Milestone",
    "Phase",
    "Portfolio",
    "Project",
    "ProjectState",
    "Promise",
    "Proposal",
    "Risk",
    "Rollup",
    "Snapshot",
    "SnapshotSet",
    "TeamMember",
    "Update",
]
