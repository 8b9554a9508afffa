"""The forms of the request pages: they read what a person typed and hand on values."""

from accounts.forms import PersonField
from intake.forms.answers import FORMS, IdeaForm, SizeForm, StepForm, ValueForm
from intake.forms.queue import QueueForm
from intake.forms.work import DecisionForm, ReturnForm, TriageForm

__all__ = [
    "FORMS",
    "DecisionForm",
    "IdeaForm",
    "PersonField",
    "QueueForm",
    "ReturnForm",
    "SizeForm",
    "StepForm",
    "TriageForm",
    "ValueForm",
]
