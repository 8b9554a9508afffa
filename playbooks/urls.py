from django.urls import path

from playbooks import views

urlpatterns = [
    path("playbooks/", views.PlaybookList.as_view(), name="playbook-list"),
    path("playbooks/new/", views.PlaybookCreate.as_view(), name="playbook-create"),
    path("playbooks/<slug:slug>/", views.PlaybookPage.as_view(), name="playbook"),
    path("playbooks/<slug:slug>/edit/", views.PlaybookEdit.as_view(), name="playbook-edit"),
    path("playbooks/<slug:slug>/retire/", views.PlaybookRetire.as_view(), name="playbook-retire"),
    path("playbooks/<slug:slug>/new-version/", views.PlaybookDraftOpen.as_view(), name="playbook-draft-open"),
    path("playbooks/<slug:slug>/draft/", views.PlaybookDraft.as_view(), name="playbook-draft"),
    path("playbooks/<slug:slug>/draft/gates/<int:pk>/", views.PlaybookGate.as_view(), name="playbook-gate"),
    path("playbooks/<slug:slug>/publish/", views.PlaybookPublish.as_view(), name="playbook-publish"),
    path("playbooks/<slug:slug>/drop/", views.PlaybookDraftDrop.as_view(), name="playbook-draft-drop"),
]
