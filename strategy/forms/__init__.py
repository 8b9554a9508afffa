from strategy.forms.offices import GoalForm, OfficeForm, VersionedForm

__all__ = ["GoalForm", "OfficeForm", "VersionedForm"]
