from django.urls import path, re_path

from reporting import urls_reports
from reporting.views import (
    audit,
    bulk,
    dashboard,
    governance_cost,
    home,
    register,
    roadmap,
    saved_views,
    search,
    table,
    waiting,
)

urlpatterns = [
    path("", home.Home.as_view(), name="home"),
    path("decisions/", register.DecisionList.as_view(), name="decision-list"),
    re_path(r"^decisions/export\.(?P<kind>csv|xlsx)$", register.DecisionExport.as_view(), name="decision-export"),
    path("decisions/waiting/", waiting.DecisionWaiting.as_view(), name="decision-waiting"),
    path("projects/", table.ProjectList.as_view(), name="project-list"),
    path("projects/filters/", table.ProjectFilters.as_view(), name="project-filters"),
    path("projects/columns/", table.ProjectColumns.as_view(), name="project-columns"),
    re_path(r"^projects/export\.(?P<kind>csv|xlsx)$", table.ProjectExport.as_view(), name="project-export"),
    path("projects/bulk/", bulk.ProjectBulk.as_view(), name="project-bulk"),
    path("projects/views/new/", saved_views.SavedViewCreate.as_view(), name="saved-view-create"),
    path("projects/views/<int:pk>/save/", saved_views.SavedViewSave.as_view(), name="saved-view-save"),
    path("projects/views/<int:pk>/share/", saved_views.SavedViewShare.as_view(), name="saved-view-share"),
    path("projects/views/<int:pk>/delete/", saved_views.SavedViewDelete.as_view(), name="saved-view-delete"),
    path("dashboard/", dashboard.Dashboard.as_view(), name="dashboard"),
    path("roadmap/", roadmap.Roadmap.as_view(), name="roadmap"),
    path("audit/", audit.AuditTrail.as_view(), name="audit-trail"),
    re_path(r"^audit/export\.(?P<form>csv|xlsx|jsonl)$", audit.AuditExport.as_view(), name="audit-export"),
    path("audit/verify/", audit.AuditVerify.as_view(), name="audit-verify"),
    path("governance-cost/", governance_cost.GovernanceCostPage.as_view(), name="governance-cost"),
    path("governance-cost/estimates/", governance_cost.EstimateEdit.as_view(), name="governance-estimates"),
    path("search/", search.Search.as_view(), name="search"),
    *urls_reports.urlpatterns,
]
