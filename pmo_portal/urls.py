"""Addresses of the whole portal: each app brings its own."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from common.views_gallery import Gallery
from pmo_portal import health

urlpatterns = [
    path("healthz", health.Alive.as_view(), name="healthz"),
    path("readyz", health.Ready.as_view(), name="readyz"),
    path("metrics", health.Metrics.as_view(), name="metrics"),
    path("account/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("projects.urls_imports")),
    path("", include("reporting.urls")),
    path("", include("intake.urls")),
    path("", include("projects.urls")),
    path("", include("projects.urls_accountability")),
    path("", include("playbooks.urls")),
    path("", include("governance.urls")),
    path("", include("strategy.urls")),
    path("gallery/", Gallery.as_view(), name="gallery"),  # answers only while developing
    path("language/setlang/", login_not_required(set_language), name="set_language"),  # also on the sign-in page
]

handler400 = "common.views_errors.bad_request"
handler403 = "common.views_errors.permission_denied"
handler404 = "common.views_errors.page_not_found"
handler500 = "common.views_errors.server_error"
