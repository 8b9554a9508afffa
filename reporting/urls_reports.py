from django.urls import path

from reporting.views import jobs, reports

urlpatterns = [
    path("reports/", reports.ReportList.as_view(), name="report-list"),
    path("reports/<int:pk>/", reports.ReportDetail.as_view(), name="report"),
    path("reports/<int:pk>/audience/", reports.ReportAudience.as_view(), name="report-audience"),
    path("reports/<int:pk>/pdf/", reports.ReportPdf.as_view(), name="report-pdf"),
    path("reports/<int:pk>/correct/", reports.ReportCorrect.as_view(), name="report-correct"),
    path("reports/of/<slug:slug>/make/", reports.ReportMake.as_view(), name="report-make"),
    path("reports/of/<slug:slug>/subscribe/", reports.ReportSubscribe.as_view(), name="report-subscribe"),
    path("reports/of/<slug:slug>/unsubscribe/", reports.ReportUnsubscribe.as_view(), name="report-unsubscribe"),
    path("reports/unsubscribe/<str:token>/", reports.ReportUnsubscribeLink.as_view(), name="report-unsubscribe-link"),
    path("runs/", jobs.JobRunList.as_view(), name="job-run-list"),
    path("runs/<int:pk>/", jobs.JobRunDetail.as_view(), name="job-run"),
    path("runs/<int:pk>/retry/", jobs.JobRunRetry.as_view(), name="job-run-retry"),
    path("runs/slots/<int:pk>/retry/", jobs.ReportSlotRetry.as_view(), name="report-slot-retry"),
    path("runs/mail/<int:pk>/retry/", jobs.MailRetry.as_view(), name="mail-retry"),
]
