"""Dependencies across projects: what one needs, what the other promises, and what was said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from common import formats
from common.errors import Conflict, NotAllowed, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import CONFLICT, INVALID, SIGNED_IN, PortalView
from common.views_errors import permission_denied
from projects.enums import PromiseMove, PromiseState
from projects.forms.promises import MoveForm, PromiseForm
from projects.selectors import promises as selectors
from projects.services import promises
from projects.services.state import organisation_today
from projects.views import rows
from projects.views.editing import RecordCreate
from projects.views.pages import ProjectPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from common.views import PortalRequest
    from projects.forms.records import RecordForm
    from projects.models import Promise
    from projects.selectors.promises import Sides

TONES = {
    PromiseState.ASKED.value: "risk", PromiseState.OFFERED.value: "risk", PromiseState.AGREED.value: "accent",
    PromiseState.REFUSED.value: "off", PromiseState.DELIVERED.value: "accent", PromiseState.KEPT.value: "ok",
    PromiseState.WITHDRAWN.value: "plain",
}  # fmt: skip


class ProjectPromises(ProjectPage):
    """What the project needs from others, and what others need from it."""

    tab: ClassVar[str] = "project-promises"
    template_name: ClassVar[str] = "projects/project_promises.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        needs, gives, is_cut = selectors.promises_of(self.project)
        sides = selectors.named_for(self.user, [*needs, *gives])
        from_whom = [(one, sides[one.pk].giver) for one in needs]
        for_whom = [(one, sides[one.pk].taker) for one in gives]
        context = {
            "needs": promise_table(from_whom, _("From"), _("What is needed, and from which project")),
            "gives": promise_table(for_whom, _("For"), _("What is asked for, and for which project")),
            "is_cut": is_cut,
        }
        return self.page(context)


def promise_table(promises: Sequence[tuple[Promise, str]], other: str, caption: str) -> str:
    """Promises with the name of the other project; "" without any."""
    if not promises:
        return ""
    head = [
        Column(_("What")), Column(other), Column(_("Needed by"), align="end"), Column(_("Promised for"), align="end"),
        Column(_("State")),
    ]  # fmt: skip
    table = [
        Row([
            rows.anchor("promise", one.pk, cells.title_cell(one.name, reverse("promise", args=[one.pk]))),
            name,
            cells.date(one.needed_on),
            cells.date(one.promised_on, "–"),
            state_cell(one),
        ])
        for one, name in promises
    ]  # fmt: skip
    return data_table(head, table, caption=caption, empty="")


def state_cell(one: Promise) -> SafeString:
    """The state; beside it that nobody can give it any more, how late it is, or how far its day lies after the need."""
    tag = cells.tag(one.get_state_display(), TONES[one.state])
    today, day = organisation_today(), one.offered_on or one.promised_on
    if one.is_orphaned:
        beside = cells.tag(_("the project that gives it is over"), "off")
    elif one.is_late(today) and one.promised_on is not None:
        days = (today - one.promised_on).days
        beside = cells.tag(ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days}, "off")
    elif one.is_open and day is not None and day > one.needed_on:
        days = (day - one.needed_on).days
        words = ngettext("%(n)d day later than needed", "%(n)d days later than needed", days) % {"n": days}
        beside = cells.tag(words, "risk")
    else:
        return tag
    return format_html("{} {}", tag, beside)


class PromiseCreate(RecordCreate):
    tab: ClassVar[str] = "project-promises"
    back: ClassVar[str] = "project-promises"
    heading: ClassVar[Any] = gettext_lazy("Ask another project")
    verb: ClassVar[Any] = gettext_lazy("Ask for it")
    form_class: ClassVar[type[RecordForm]] = PromiseForm

    def form_kwargs(self) -> dict[str, Any]:
        return {**super().form_kwargs(), "user": self.user}

    def add(self, form: RecordForm) -> object:
        giver = form.cleaned_data["giver"]
        return promises.ask_promise(actor=self.user, project=self.project, giver=giver, values=form.changes())

    def told(self) -> None:
        messages.success(self.request, _("Asked. The other project promises a day or says why not."))


class PromisePage(PortalView):
    """One promise with both its projects, what can be said next and what was said."""

    permission = SIGNED_IN
    template_name = "projects/promise.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self.show(selectors.get_promise_for(self.user, pk))

    def show(
        self, promise: Promise, typed: MoveForm | None = None, *, status: int = 200, error: str = ""
    ) -> HttpResponse:
        """The page; with a form that was refused, or with its words where that step is not open any more."""
        sides = selectors.named_for(self.user, [promise])[promise.pk]
        moves = selectors.moves_for(self.user, promise)
        forms = [typed if typed is not None and typed.move == move else _blank(promise, move) for move in moves]
        return self.render(
            {
                "promise": promise, "state": state_cell(promise), "facts": _facts(promise, sides), "forms": forms,
                "typed": typed, "error": error, "said": selectors.said(promise), "trail": self._trail(promise, sides),
                "unsaid": typed["word"].value() if typed is not None and typed.move not in moves else "",
            },
            status=status,
        )  # fmt: skip

    def _trail(self, promise: Promise, sides: Sides) -> list[tuple[str, str]]:
        key = sides.taker_key or sides.giver_key
        name = sides.taker if sides.taker_key else sides.giver
        return [
            (_("Projects"), reverse("project-list")), (name, reverse("project", args=[key])),
            (_("Promises"), reverse("project-promises", args=[key])), (promise.name, ""),
        ]  # fmt: skip


def _blank(promise: Promise, move: PromiseMove) -> MoveForm:
    """A form to fill in; whoever promises finds the day on which it is needed, unless that has passed."""
    in_time = move == PromiseMove.OFFER and promise.needed_on >= organisation_today()
    initial = {"version": promise.version, "on": promise.needed_on if in_time else None}
    return MoveForm(move=move, promise=promise, initial=initial)


def _facts(promise: Promise, sides: Sides) -> list[tuple[str, Any]]:
    def project(name: str, key: str) -> Any:
        return cells.title_cell(name, reverse("project", args=[key])) if key else name

    facts: list[tuple[str, Any]] = [
        (_("Needed by the project"), project(sides.taker, sides.taker_key)),
        (_("Given by the project"), project(sides.giver, sides.giver_key)),
        (_("Needed by"), formats.date_short(promise.needed_on)),
    ]
    days = (("offered_on", _("Offered for")), ("promised_on", _("Promised for")), ("delivered_on", _("Delivered on")))
    facts += [(label, formats.date_short(day)) for name, label in days if (day := getattr(promise, name)) is not None]
    facts.append((_("Asked on"), formats.date_short(promise.asked_on)))
    facts.append((_("Spoke last for who needs it"), cells.person(str(promise.asked_by))))
    if promise.answered_by is not None:
        facts.append((_("Spoke last for who gives it"), cells.person(str(promise.answered_by))))
    return facts


class PromiseStep(PromisePage):
    """A step of either side, then back to the page; what was refused stands there with what was typed."""

    def get(self, _request: PortalRequest, pk: int, **_step: object) -> HttpResponse:
        """Whoever comes back to a refused step, as by changing the language, finds the page of the promise."""
        return HttpResponseRedirect(reverse("promise", args=[selectors.get_promise_for(self.user, pk).pk]))

    def post(self, request: PortalRequest, pk: int, move: str) -> HttpResponse:
        promise = selectors.get_promise_for(self.user, pk)
        if move not in PromiseMove.values:
            raise Http404
        form = MoveForm(request.POST, move=PromiseMove(move), promise=promise)
        if not form.is_valid():
            return self.show(promise, form, status=INVALID)
        said = form.cleaned_data
        try:
            moved = promises.move_promise(
                actor=self.user, promise_id=pk, version=said["version"] or 0, move=move, on=said.get("on"),
                word=said["word"],
            )  # fmt: skip
        except NotAllowed as error:
            return permission_denied(request, error)
        except Conflict as error:
            fresh = MoveForm(move=form.move, promise=promise, initial={**said, "version": error.current_version})
            return self.show(selectors.get_promise_for(self.user, pk), fresh, status=CONFLICT, error=str(error))
        except PortalError as error:
            form.add_error(None, str(error))
            return self.show(selectors.get_promise_for(self.user, pk), form, status=INVALID)
        messages.success(request, _told(moved, PromiseMove(move)))
        return HttpResponseRedirect(reverse("promise", args=[pk]))


def _told(promise: Promise, move: PromiseMove) -> str:
    if move == PromiseMove.OFFER and promise.offered_on is not None:
        days = (promise.offered_on - promise.needed_on).days
        return ngettext(
            "Offered: %(n)d day later than needed, so the other project has to agree.",
            "Offered: %(n)d days later than needed, so the other project has to agree.",
            days,
        ) % {"n": days}
    holds = promise.state == PromiseState.AGREED
    return {
        PromiseMove.OFFER: _("Promised. The other project reads it."),
        PromiseMove.REFUSE: _("Refused. What was promised before still holds.")
        if holds else _("Refused. The other project reads why."),
        PromiseMove.DELIVER: _("Delivered. The other project says whether it is received."),
        PromiseMove.AGREE: _("Agreed. The promise holds for this day."),
        PromiseMove.ASK: _("Noted. The promise is in time for this day and holds.")
        if holds else _("Asked. The other project promises a day or says why not."),
        PromiseMove.RECEIVE: _("Received: the promise is kept."),
        PromiseMove.RETURN: _("Sent back. The other project reads why."),
        PromiseMove.WITHDRAW: _("It is not needed any more. The other project gets a mail."),
    }[move]  # fmt: skip
