from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView, version_sent
from common.views_errors import conflict
from playbooks import selectors, services
from playbooks.forms import BasePhaseRows, NoteForm, PhaseRows, PlaybookForm, rows_of
from playbooks.forms_criteria import CriterionRows, fact_choices, initial_of, rule_choices
from playbooks.models import Playbook, PlaybookMilestone, PlaybookVersion
from playbooks.strip import phase_strip, strip_table

PAGE_SIZE = 50
PREFIX = "phases"


class PlaybookList(PortalView):
    permission = SIGNED_IN
    template_name = "playbooks/playbook_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(selectors.playbooks(), PAGE_SIZE).get_page(request.GET.get("page"))
        head = [Column(_("Playbook")), Column(_("When to use it")), Column(_("Version")), Column(_("State"))]
        table = data_table(head, [_row(playbook) for playbook in page], caption=_("Playbooks"))
        return self.render({"page": page, "table": table, "may_edit": self.user.can(Permission.PLAYBOOK_EDIT)})


def _row(playbook: Any) -> Row:
    state = _("Retired") if playbook.is_retired else _("In use") if playbook.newest else _("Not published yet")
    tone = "hold" if playbook.is_retired or not playbook.newest else "ok"
    draft = _("version %(n)s is being written") % {"n": playbook.draft} if playbook.draft else ""
    return Row([
        cells.title_cell(playbook.name, reverse("playbook", args=[playbook.slug])),
        playbook.summary,
        cells.lines(str(playbook.newest or _("None")), draft),
        cells.tag(state, tone),
    ])  # fmt: skip


class PlaybookPage(PortalView):
    permission = SIGNED_IN
    template_name = "playbooks/playbook.html"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        playbook = selectors.get_playbook(slug)
        versions = list(selectors.versions_of(playbook))
        shown = _shown(versions, request.GET.get("version", ""))
        outline = selectors.outline_of(shown) if shown else ()
        draft = next((version for version in versions if version.published_at is None), None)
        return self.render(
            {
                "playbook": playbook,
                "versions": versions,
                "shown": shown,
                "outline": outline,
                "strip": phase_strip(outline) if outline else "",
                "strip_table": strip_table(outline),
                "draft": draft,
                "may_edit": self.user.can(Permission.PLAYBOOK_EDIT),
                "trail": [(_("Playbooks"), reverse("playbook-list")), (playbook.name, "")],
            }
        )


def _shown(versions: list[PlaybookVersion], number: str) -> PlaybookVersion | None:
    """The version that was asked for, else the newest published one, else the draft."""
    asked = next((version for version in versions if str(version.number) == number), None)
    published = next((version for version in versions if version.published_at), None)
    return asked or published or next(iter(versions), None)


class PlaybookCreate(PortalView):
    permission = Permission.PLAYBOOK_EDIT
    template_name = "playbooks/playbook_form.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(PlaybookForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PlaybookForm(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            playbook = services.create_playbook(
                actor=self.user, name=form.cleaned_data["name"], summary=form.cleaned_data["summary"]
            )
        except PortalError as error:
            form.add_error("name", str(error))
            return self._page(form, 422)
        return redirect("playbook-draft", slug=playbook.slug)

    def _page(self, form: PlaybookForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "form_title": _("New playbook"), "back": reverse("playbook-list")}
        return self.render(context, status=status)


class PlaybookEdit(PortalView):
    permission = Permission.PLAYBOOK_EDIT
    template_name = "playbooks/playbook_form.html"

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        playbook = selectors.get_playbook(slug)
        initial = {"name": playbook.name, "summary": playbook.summary, "version": playbook.version}
        return self._page(playbook, PlaybookForm(initial=initial))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        playbook = selectors.get_playbook(slug)
        form = PlaybookForm(request.POST)
        if not form.is_valid():
            return self._page(playbook, form, 422)
        try:
            services.describe_playbook(actor=self.user, pk=playbook.pk, **form.cleaned_data)
        except Conflict as error:
            changes = {
                _("Name"): (playbook.name, form.cleaned_data["name"]),
                _("When to use it"): (playbook.summary, form.cleaned_data["summary"]),
            }
            return conflict(request, str(error), changes, request.path)
        messages.success(request, _("Saved."))
        return redirect("playbook", slug=slug)

    def _page(self, playbook: Playbook, form: PlaybookForm, status: int = 200) -> HttpResponse:
        title = _("Change %(name)s") % {"name": playbook.name}
        return self.render(
            {"form": form, "form_title": title, "back": reverse("playbook", args=[playbook.slug])}, status=status
        )


class PlaybookRetire(PortalView):
    permission = Permission.PLAYBOOK_EDIT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        playbook = selectors.get_playbook(slug)
        services.retire_playbook(actor=self.user, pk=playbook.pk, is_retired=request.POST.get("retire") == "yes")
        return redirect("playbook", slug=slug)


class PlaybookDraftOpen(PortalView):
    permission = Permission.PLAYBOOK_EDIT
    http_method_names = ["post"]

    def post(self, _request: HttpRequest, slug: str) -> HttpResponse:
        services.open_draft(actor=self.user, pk=selectors.get_playbook(slug).pk)
        return redirect("playbook-draft", slug=slug)


class PlaybookDraft(PortalView):
    """Writing a draft. Empty rows at the end of each list add; a number says the place; a tick takes away."""

    permission = Permission.PLAYBOOK_EDIT
    template_name = "playbooks/playbook_draft.html"

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        playbook, draft = _draft(slug)
        rows = PhaseRows(prefix=PREFIX, initial=rows_of(selectors.outline_of(draft)))
        return self._page(playbook, draft, NoteForm(initial={"version": draft.version, "note": draft.note}), rows)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        playbook, draft = _draft(slug)
        form = NoteForm(request.POST)
        # what the draft holds is the starting point again: its gates keep their criteria
        rows = PhaseRows(request.POST, prefix=PREFIX, initial=rows_of(selectors.outline_of(draft)))
        assert isinstance(rows, BasePhaseRows)  # noqa: S101 — narrows the type
        if not (form.is_valid() and rows.is_valid()):
            return self._page(playbook, draft, form, rows, 422)
        note, version = form.cleaned_data["note"], form.cleaned_data["version"]
        try:
            services.save_draft(actor=self.user, pk=draft.pk, outline=rows.outline(), note=note, version=version)
        except Conflict as error:
            form.add_error(None, str(error))
            return self._page(playbook, draft, form, rows, 409)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(playbook, draft, form, rows, 422)
        messages.success(request, _("The draft is saved."))
        return redirect("playbook-draft", slug=slug)

    def _page(
        self, playbook: Playbook, draft: PlaybookVersion, form: NoteForm, rows: Any, status: int = 200
    ) -> HttpResponse:
        context = {
            "playbook": playbook,
            "draft": draft,
            "form": form,
            "rows": rows,
            "wrong": rows.first_wrong() if rows.is_bound else [],
            "gates": selectors.gates_of(draft),
            "trail": [
                (_("Playbooks"), reverse("playbook-list")),
                (playbook.name, reverse("playbook", args=[playbook.slug])),
            ],
        }
        return self.render(context, status=status)


def _draft(slug: str) -> tuple[Playbook, PlaybookVersion]:
    playbook = selectors.get_playbook(slug)
    draft = selectors.draft_of(playbook)
    if draft is None:
        raise Http404
    return playbook, draft


class PlaybookGate(PortalView):
    """What a gate of a draft asks for: a row per criterion, two empty ones to add."""

    permission = Permission.PLAYBOOK_EDIT
    template_name = "playbooks/playbook_gate.html"

    def get(self, _request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        playbook, draft = _draft(slug)
        gate = selectors.get_draft_gate(draft, pk)
        return self._page(playbook, draft, gate, self._rows(gate), draft.version)

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        playbook, draft = _draft(slug)
        gate = selectors.get_draft_gate(draft, pk)
        rows = self._rows(gate, request.POST)
        version = version_sent(request.POST) or 0
        if not rows.is_valid():
            return self._page(playbook, draft, gate, rows, version, 422)
        kept = [form for form in rows.ordered_forms if form.has_changed() or form.initial.get("title")]
        try:
            services.save_gate_criteria(
                actor=self.user, draft_pk=draft.pk, gate_pk=gate.pk, version=version,
                criteria=[form.outline() for form in kept if form.cleaned_data.get("title")],
            )  # fmt: skip
        except Conflict as error:
            messages.error(request, str(error))
            return self._page(playbook, draft, gate, rows, draft.version, 409)
        except PortalError as error:
            messages.error(request, str(error))
            return self._page(playbook, draft, gate, rows, version, 422)
        messages.success(request, _("The criteria are saved."))
        return redirect("playbook-gate", slug=slug, pk=pk)

    @staticmethod
    def _rows(gate: PlaybookMilestone, data: Any = None) -> Any:
        outlines = [selectors.criterion_outline(one) for one in gate.criteria.order_by("position", "pk")]
        choices = {"rules": rule_choices(), "facts": fact_choices()}
        return CriterionRows(
            data, prefix="criteria", initial=[initial_of(one) for one in outlines], form_kwargs=choices
        )

    def _page(
        self,
        playbook: Playbook,
        draft: PlaybookVersion,
        gate: PlaybookMilestone,
        rows: Any,
        version: int,
        status: int = 200,
    ) -> HttpResponse:
        back = reverse("playbook-draft", args=[playbook.slug])
        context = {
            "playbook": playbook, "draft": draft, "gate": gate, "rows": rows, "version": version,
            "wrong": _wrong(rows) if rows.is_bound else [],
            "trail": [(_("Playbooks"), reverse("playbook-list")), (playbook.name, back), (gate.name, "")],
        }  # fmt: skip
        return self.render(context, status=status)


def _wrong(rows: Any) -> list[tuple[str, str]]:
    """(id of a field, what is wrong with it) for the summary above the rows; a row's own faults point at its title."""
    return [
        (form[name if name in form.fields else "title"].id_for_label, str(message))
        for form in rows.forms
        for name, found in form.errors.items()
        for message in found
    ]


class PlaybookPublish(PortalView):
    permission = Permission.PLAYBOOK_EDIT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        _playbook, draft = _draft(slug)
        version = version_sent(request.POST)
        try:
            services.publish_version(actor=self.user, pk=draft.pk, version=version)
        except PortalError as error:
            messages.error(request, str(error))
            return redirect("playbook-draft", slug=slug)
        messages.success(request, _("Version %(n)s is published. New projects follow it.") % {"n": draft.number})
        return redirect("playbook", slug=slug)


class PlaybookDraftDrop(PortalView):
    permission = Permission.PLAYBOOK_EDIT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        _playbook, draft = _draft(slug)
        try:
            services.drop_draft(actor=self.user, pk=draft.pk)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The draft is gone."))
        return redirect("playbook", slug=slug)
