from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from common.seals import chain, verifying
from common.views import PortalView
from projects.views.history import change_list
from reporting.audit.query import KINDS, TrailQuery
from reporting.audit.words import fault
from reporting.selectors import audit as selectors
from reporting.services import audit_exports
from reporting.services.exports import CSV_TYPE, XLSX_TYPE

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from common.models import JobRun, Seal
    from reporting.selectors.audit import Line


class AuditTrail(PortalView):
    """Everything that happened, for auditors and the PMO of the whole organisation."""

    permission: ClassVar[str] = Permission.AUDIT_VIEW
    template_name: ClassVar[str] = "reporting/audit/audit_trail.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = TrailQuery.parse(request.GET.dict())
        page = selectors.trail(query)
        filters = query.string()
        older = f"?{filters}{'&' if filters else ''}after={page.next_after}" if page.next_after else ""
        return self.render(
            {
                "query": query,
                "kinds": [(value, label, value == query.kind) for value, label in KINDS.items()],
                "entries": line_list(page.lines),
                "has_lines": bool(page.lines),
                "older_href": older.replace("+", "%2B"),
                "newest_href": f"?{filters}" if query.after else "",
                "filters": filters,
                **chain_state(chain.head(), verifying.last_verification()),
            }
        )


class AuditExport(PortalView):
    """The filtered trail as a file."""

    permission: ClassVar[str] = Permission.AUDIT_VIEW

    def get(self, request: HttpRequest, form: str) -> HttpResponseBase:
        query = TrailQuery.parse(request.GET.dict())
        audit_exports.record_take_out(query, form)
        response: HttpResponseBase
        if form == "xlsx":
            response = FileResponse(audit_exports.xlsx_file(query), content_type=XLSX_TYPE)
        elif form == "csv":
            response = StreamingHttpResponse(audit_exports.csv_lines(query), content_type=CSV_TYPE)
        else:
            response = StreamingHttpResponse(audit_exports.json_lines(query), content_type=audit_exports.JSON_TYPE)
        name = f"{_('audit-trail')}-{timezone.localdate().isoformat()}.{form}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response


class AuditVerify(PortalView):
    permission: ClassVar[str] = Permission.AUDIT_VIEW
    http_method_names = ["post"]

    def post(self, _request: HttpRequest) -> HttpResponse:
        run = audit_exports.ask_to_verify(actor=self.user, href=reverse("audit-trail"))
        return redirect("job-run", run.pk)


def chain_state(head: Seal | None, verified: JobRun | None) -> dict[str, Any]:
    """What the page says of the chain: its head, and what the last walk found."""
    rows: list[tuple[str, object]] = []
    broken = ""
    if head is not None:
        rows = [
            (_("Sealed up to"), formats.moment_short(head.sealed_at)),
            (_("Head"), format_html('<code title="{}">{}</code>', head.hash, head.hash[: chain.SHORT])),
            (_("Seals"), formats.number(head.number)),
        ]
    if verified is not None:
        rows.append((_("Last verified"), formats.moment_short(verified.finished_at)))
        found = verified.result.get("broken")
        if found:
            place = found["table"] or _("the chain itself")
            broken = _("Seal %(n)s does not fit, at %(place)s: %(what)s.") % {
                "n": found["seal"], "place": place, "what": fault(found["what"]),
            }  # fmt: skip
        else:
            whole = _("%(n)s rows are as they were written") % {"n": formats.number(verified.result.get("rows", 0))}
            rows.append((_("Found"), whole))
    return {"chain_rows": rows, "chain_broken": broken, "has_head": head is not None}


def line_list(lines: list[Line]) -> SafeString:
    """Each event as a sentence, with what changed below it."""
    return format_html(
        '<ol class="timeline audit-trail">{}</ol>',
        format_html_join("", "<li>{}</li>", ((_line(one),) for one in lines)),
    )


def _line(line: Line) -> SafeString:
    about = format_html(' · <a href="{}">{}</a>', _href(line.subject), line.subject) if line.subject else ""
    reference = (
        format_html(' · <span title="{}">{}</span>', line.request_id, line.request_id[:8]) if line.request_id else ""
    )
    head = format_html(
        '<b>{}</b> {}<span class="sub"><time datetime="{}">{}</time>{}{}</span>',
        line.who, line.sentence, line.at.isoformat(), formats.moment_short(line.at), about, reference,
    )  # fmt: skip
    changes = change_list(line.changes, is_new=line.is_new) if line.changes else ""
    facts = ""
    if line.facts:
        pairs = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", line.facts)
        facts = format_html(
            '<details class="twin"><summary>{}</summary><dl class="summary">{}</dl></details>',
            _("Circumstances"),
            pairs,
        )
    return format_html("{}{}{}", head, changes, facts)


def _href(key: str) -> str:
    name = "project" if key.startswith("P-") else "request"
    return reverse(name, args=[key]) if key.startswith(("P-", "REQ-")) else reverse("audit-trail")
