"""Addresses of the import."""

from django.urls import path

from projects.views import imports

urlpatterns = [
    path("imports/", imports.ImportList.as_view(), name="import-list"),
    path("imports/new/", imports.ImportCreate.as_view(), name="import-create"),
    path("imports/<int:pk>/", imports.ImportRunPage.as_view(), name="import-run"),
    path("imports/<int:pk>/columns/", imports.ImportMatch.as_view(), name="import-match"),
    path("imports/<int:pk>/start/", imports.ImportStart.as_view(), name="import-start"),
    path("imports/<int:pk>/discard/", imports.ImportDiscard.as_view(), name="import-discard"),
    path("imports/<int:pk>/preset/", imports.ImportPresetSave.as_view(), name="import-preset-save"),
    path("imports/<int:pk>/refused.csv", imports.ImportRefusedRows.as_view(), name="import-refused-rows"),
]
