"""Addresses of deliverables and of who answers for them."""

from django.urls import include, path

from projects.views import accountability, deliverables

_deliverables = [
    path("", deliverables.ProjectDeliverables.as_view(), name="project-deliverables"),
    path("raci/", deliverables.ProjectRaciEdit.as_view(), name="project-raci-edit"),
    path("new/", deliverables.DeliverableCreate.as_view(), name="deliverable-create"),
    path("<row:pk>/", deliverables.DeliverableEdit.as_view(), name="deliverable-edit"),
    path("<row:pk>/deliver/", deliverables.DeliverableDeliver.as_view(), name="deliverable-deliver"),
    path("<row:pk>/accept/", deliverables.DeliverableAccept.as_view(), name="deliverable-accept"),
    path("<row:pk>/return/", deliverables.DeliverableReturn.as_view(), name="deliverable-return"),
    path("<row:pk>/delete/", deliverables.DeliverableDelete.as_view(), name="deliverable-delete"),
]

urlpatterns = [
    path("projects/<key:key>/deliverables/", include(_deliverables)),
    path("accountability/", accountability.Accountability.as_view(), name="accountability"),
    path("accountability/mine/", accountability.MyAccountability.as_view(), name="my-accountability"),
    path("accountability/people/<row:pk>/", accountability.AccountabilityOf.as_view(), name="accountability-of"),
]
