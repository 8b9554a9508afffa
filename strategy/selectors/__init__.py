from strategy.selectors.offices import get_goal, get_office, goals, goals_of, may_edit, offices

__all__ = ["get_goal", "get_office", "goals", "goals_of", "may_edit", "offices"]
