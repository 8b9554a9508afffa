from strategy.models.offices import Goal, Office
from strategy.models.raci import Assignment, Process, ProcessAssignment

__all__ = ["Assignment", "Goal", "Office", "Process", "ProcessAssignment"]
