from django.urls import path

from intake import views

urlpatterns = [
    path("requests/", views.RequestList.as_view(), name="request-list"),
    path("requests/mine/", views.MyRequests.as_view(), name="request-mine"),
    path("requests/new/", views.RequestCreate.as_view(), name="request-create"),
    path("requests/<str:key>/", views.RequestPage.as_view(), name="request"),
    path("requests/<str:key>/audience/", views.RequestAudience.as_view(), name="request-audience"),
    path("requests/<str:key>/check/", views.RequestCheck.as_view(), name="request-check"),
    path("requests/<str:key>/submit/", views.RequestSubmit.as_view(), name="request-submit"),
    path("requests/<str:key>/sent/", views.RequestSent.as_view(), name="request-sent"),
    path("requests/<str:key>/withdraw/", views.RequestWithdraw.as_view(), name="request-withdraw"),
    path("requests/<str:key>/triage/", views.RequestTriage.as_view(), name="request-triage"),
    path("requests/<str:key>/return/", views.RequestReturn.as_view(), name="request-return"),
    path("requests/<str:key>/decide/", views.RequestDecide.as_view(), name="request-decide"),
    path("requests/<str:key>/edit/<slug:step>/", views.RequestEdit.as_view(), name="request-edit"),
]
