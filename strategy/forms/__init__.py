from strategy.forms.offices import GoalForm, OfficeEditForm, OfficeForm, VersionedForm

__all__ = ["GoalForm", "OfficeEditForm", "OfficeForm", "VersionedForm"]
