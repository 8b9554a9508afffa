from strategy.models.advisers import OfficeMember
from strategy.models.assessments import Assessment, Rating
from strategy.models.offices import Goal, Office
from strategy.models.raci import Assignment, Process, ProcessAssignment
from strategy.models.recommendations import EvidenceLink, Recommendation, RecommendationNote

__all__ = [
    "Assessment",
    "Assignment",
    "EvidenceLink",
    "Goal",
    "Office",
    "OfficeMember",
    "Process",
    "ProcessAssignment",
    "Rating",
    "Recommendation",
    "RecommendationNote",
]
