from strategy.models.advisers import OfficeMember
from strategy.models.assessments import Assessment, Rating
from strategy.models.offices import Goal, Office
from strategy.models.recommendations import EvidenceLink, Recommendation, RecommendationNote

__all__ = [
    "Assessment",
    "EvidenceLink",
    "Goal",
    "Office",
    "OfficeMember",
    "Rating",
    "Recommendation",
    "RecommendationNote",
]
