"""Health: pure functions from facts to colours, each with its reasons."""

from projects.health.judge import is_worse, judge, need_of_attention, shown_declared
from projects.health.model import Health, Signal, SignalData, Thresholds

__all__ = ["Health", "Signal", "SignalData", "Thresholds", "is_worse", "judge", "need_of_attention", "shown_declared"]
