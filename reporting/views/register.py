from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from common import audit, formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from governance import matters
from reporting.register import PROJECT, STATES, ConditionLine, Entry, RegisterQuery, RegisterState
from reporting.selectors import register
from reporting.services import exports

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.utils.safestring import SafeString

PAGE_SIZE: Final = 50
SHORT: Final = 110
TONES: Final = {"approve": "ok", "conditional": "risk", "hold": "hold", "reject": "off"}
STATE_TONES: Final = {RegisterState.WANTED: "accent", RegisterState.UNTOLD: "hold"}


class DecisionList(PortalView):
    """The decision register, for everybody: each sees the decisions about what they see."""

    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/decisions/decision_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = RegisterQuery.parse(request.GET.dict())
        page = Paginator(register.lines_of(self.user, query), PAGE_SIZE).get_page(request.GET.get("page"))
        found = register.entries([line[:3] for line in page.object_list], query)
        return self.render(
            {
                "query": query,
                "page": page,
                "has_rows": bool(found),
                "table": entry_table(found, as_of=query.as_of),
                "kinds": kinds(query.kind),
                "states": [(state.value, state.label, state == query.state) for state in STATES],
                "filters": query.string(),
                "past_day": formats.date_short(query.as_of) if query.as_of else "",
            }
        )


def kinds(chosen: str) -> list[tuple[str, Any, bool]]:
    """What one can choose as a kind: its value, its name, whether it is chosen."""
    found = [(PROJECT, _("Decision of a project"))]
    found += [(name, str(matter.label)) for name, matter in matters.registered().items()]
    return [(name, label, name == chosen) for name, label in found]


def entry_table(found: list[Entry], *, as_of: dt.date | None = None) -> SafeString:
    head = [
        Column(_("Question")), Column(_("Outcome")), Column(_("Who decides")), Column(_("Conditions")),
        Column(_("Asked")), Column(_("Decided or needed by")),
    ]  # fmt: skip
    return data_table(head, [_row(one, as_of) for one in found], caption=_("Decisions"), css="register-table")


def _row(one: Entry, as_of: dt.date | None) -> Row:
    return Row([
        _question(one), _outcome(one), one.who or cells.person(""), _conditions(one),
        cells.lines(cells.date(one.asked_on), one.note), _when(one, as_of),
    ])  # fmt: skip


def _question(one: Entry) -> SafeString:
    about = format_html('<a href="{}">{}</a>', one.about_href, one.about) if one.about_href else one.about
    under = format_html('{}<span class="sub">{}</span>', one.kind_label, about) if about else one.kind_label
    return cells.title_cell(one.question, one.href, under)


def _outcome(one: Entry) -> SafeString:
    if one.choice:
        head: Any = cells.tag(one.outcome, TONES[one.choice])
    elif one.outcome:
        head = Truncator(one.outcome).chars(SHORT)
    else:
        head = cells.tag(str(one.state.label), STATE_TONES.get(one.state, "plain"))
    parts = [
        format_html("<b>{}</b>{}", label, _paragraphs(text))
        for label, text in ((_("Decision"), one.outcome), (_("Why"), one.why), (_("What was weighed"), one.evidence))
        if text and not (text == one.outcome and one.choice)
    ]
    if not (one.why or one.evidence or len(one.outcome) > SHORT):
        return format_html("{}", head)
    label = _("Reasons") if one.why else _("What was weighed")
    return format_html("{} {}", head, cells.why(cells.join(parts, ""), label))


def _paragraphs(text: str) -> SafeString:
    return format_html_join("", "<p>{}</p>", ((line,) for line in text.splitlines() if line.strip()))


def _conditions(one: Entry) -> SafeString | str:
    if not one.conditions:
        return "–"
    return format_html(
        '<ul class="plain-list">{}</ul>',
        format_html_join(
            "", '<li>{} {}<span class="sub">{} · {}</span></li>',
            ((each.text, condition_tag(each), each.owner, formats.date_short(each.due_on)) for each in one.conditions),
        ),
    )  # fmt: skip


def condition_tag(one: ConditionLine) -> SafeString:
    if one.is_met:
        return cells.tag(_("Met"), "ok")
    return cells.tag(_("Overdue"), "off") if one.is_overdue else cells.tag(_("Open"), "risk")


def _when(one: Entry, as_of: dt.date | None) -> SafeString:
    if one.decided_on:
        return cells.date(one.decided_on)
    if one.state != RegisterState.WANTED:
        return cells.date(None, empty="–")
    # how late it is today says nothing of that day
    return cells.date(one.needed_by, empty=_("No date")) if as_of else cells.due(one.needed_by)


def export_heads() -> list[str]:
    return [
        _("Kind"), _("Question"), _("About"), _("State"), _("Outcome"), _("Why"), _("What was weighed"),
        _("Who decides"), _("Conditions"), _("Asked"), _("Decided"), _("Needed by"), _("Remark"),
    ]  # fmt: skip


def export_cells(one: Entry) -> list[object]:
    conditions = "; ".join(
        f"{each.text} ({each.owner}, {each.due_on.isoformat()}, {_condition_word(each)})" for each in one.conditions
    )
    return [
        one.kind_label, one.question, one.about, str(one.state.label), one.outcome, one.why, one.evidence,
        one.who, conditions, one.asked_on, one.decided_on, one.needed_by, one.note,
    ]  # fmt: skip


def _condition_word(one: ConditionLine) -> str:
    return _("Met") if one.is_met else _("Overdue") if one.is_overdue else _("Open")


class DecisionExport(PortalView):
    """The filtered register as a file, with the same rights as on screen."""

    permission: ClassVar[str] = SIGNED_IN

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        query = RegisterQuery.parse(request.GET.dict())
        number = register.lines_of(self.user, query).count()
        audit.record_export("decisions", rows=number, form=kind, filters=query.string())
        rows = (export_cells(one) for one in register.all_entries(self.user, query))
        response: HttpResponseBase
        if kind == "csv":
            lines = exports.table_csv(export_heads(), rows)
            response = StreamingHttpResponse(lines, content_type=exports.CSV_TYPE)
        else:
            response = FileResponse(
                exports.table_xlsx(_("Decisions"), export_heads(), rows), content_type=exports.XLSX_TYPE
            )
        name = f"{_('decisions')}-{(query.as_of or timezone.localdate()).isoformat()}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response
