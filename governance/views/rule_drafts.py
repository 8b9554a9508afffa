from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.views import CONFLICT, INVALID, PortalView
from governance import conditions, subjects
from governance.builder.drawing import draw
from governance.builder.sent import sketch_sent
from governance.builder.sketches import Sketch, act, blank, group
from governance.builder.trees import sketch_of, tree_of
from governance.conditions import ConditionError
from governance.contents import Content, content_of, usual_checkpoints
from governance.enums import Enforcement, SubjectKind, Weight
from governance.facts import Catalogue, catalogue
from governance.forms.rules import RuleForm, place_in_words
from governance.models import RuleVersion
from governance.selectors import rules as selectors
from governance.services import drafts
from governance.views import rule_words as words
from governance.views.rules import state_tag, trail_of
from governance.words import Labels
from strategy.enums import ControlLevel

ROOTS = ("applies", "condition")


class _Editor(PortalView):
    """The form about a rule with its two conditions; whatever was pressed, the form keeps what was typed."""

    permission = Permission.RULE_EDIT
    template_name = "governance/rule_draft.html"
    kind: str = SubjectKind.PROJECT.value

    @property
    def catalogue(self) -> Catalogue:
        return catalogue(self.kind)

    @property
    def labels(self) -> Labels:
        return words.subject_of(self.kind).labels

    def sent(self) -> dict[str, Sketch]:
        return {root: sketch_sent(self.request.POST, root, self.catalogue) for root in ROOTS}

    def acted(self, sketches: dict[str, Sketch], do: str) -> dict[str, Sketch]:
        return {root: act(sketch, root, do) for root, sketch in sketches.items()}

    def trees(self, sketches: dict[str, Sketch]) -> dict[str, Any]:
        return {root: tree_of(sketch, self.catalogue, self.labels) for root, sketch in sketches.items()}

    def page(self, form: RuleForm, sketches: dict[str, Sketch], status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "form": form,
            "everywhere": words.everywhere(self.kind),
            "parts": {root: draw(sketch, root, self.catalogue, self.labels) for root, sketch in sketches.items()},
            **self._words(sketches),
            **more,
        }
        return self.render(context, status=status, partial="builder" if "do" in self.request.POST else "")

    def _words(self, sketches: dict[str, Sketch]) -> dict[str, Any]:
        """The rule in every language as far as it is written, or what is still wrong with it."""
        trees = self.trees(sketches)
        if trees["condition"] is None:
            return {"unfinished": _("Add a condition: what must hold?")}
        for root in ROOTS:
            try:
                if trees[root] is not None:
                    conditions.parse(trees[root], self.catalogue)
            except ConditionError as error:
                sentence = str(error).removeprefix(f"{error.place}: ")
                return {"unfinished": place_in_words(" › ".join(filter(None, (root, error.place))), sentence)}
        return {"said": words.in_all_languages(trees["applies"], trees["condition"], self.kind)}


class RuleCreate(_Editor):
    """A new rule: saved, it is a draft."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The address says what the rule is about; projects when it says nothing that is known."""
        super().setup(request, *args, **kwargs)
        about = request.GET.get("about", "")
        self.kind = about if about in subjects.registered() else SubjectKind.PROJECT.value

    def get(self, _request: HttpRequest) -> HttpResponse:
        initial: dict[str, Any] = {
            "weight": Weight.MEDIUM.value,
            "checkpoints": usual_checkpoints(self.kind),
            **{f"does-{level}": Enforcement.ADVISE.value for level in ControlLevel.values},
        }
        sketches = {"applies": group(), "condition": group(blank())}
        return self._show(RuleForm(kind=self.kind, with_code=True, initial=initial), sketches)

    def post(self, request: HttpRequest) -> HttpResponse:
        do, sketches = request.POST.get("do", "save"), self.sent()
        if do != "save":
            initial = RuleForm.initial_from(request.POST)
            return self._show(RuleForm(kind=self.kind, with_code=True, initial=initial), self.acted(sketches, do))
        form = RuleForm(request.POST, kind=self.kind, with_code=True)
        content = form.content(self.trees(sketches))
        if content is None:
            return self._show(form, sketches, INVALID)
        said = form.cleaned_data
        try:
            draft = drafts.create_rule(
                actor=self.user, code=said["code"], kind=self.kind, content=content, note=said["note"]
            )
        except (drafts.CodeTaken, ConditionError) as error:
            form.add_error("code", str(error))
            return self._show(form, sketches, INVALID)
        messages.success(request, _("The draft is saved. Add cases, then rehearse it."))
        return redirect(_address(draft))

    def _show(self, form: RuleForm, sketches: dict[str, Sketch], status: int = 200) -> HttpResponse:
        trail = [(_("Rules"), reverse("rule-list")), (_("New rule"), "")]
        abouts = [
            {
                "href": f"{reverse('rule-create')}?about={kind}",
                "label": words.names_of(kind).many,
                "active": kind == self.kind,
            }
            for kind in SubjectKind.values
            if kind in subjects.registered()
        ]
        title, back = _("New rule"), reverse("rule-list")
        return self.page(form, sketches, status, title=title, trail=trail, back=back, abouts=abouts)


def _address(version: RuleVersion) -> str:
    return f"{reverse('rule', args=[version.rule.code])}?version={version.number}"


class RuleDraft(_Editor):
    """Changing a draft."""

    def get(self, _request: HttpRequest, code: str) -> HttpResponse:
        draft = selectors.get_draft(code)
        self.kind = draft.rule.subject_kind
        return self._stored(draft)

    def _stored(self, draft: RuleVersion) -> HttpResponse:
        content = content_of(draft)
        initial = {**RuleForm.initial_of(content), "note": draft.note, "version": draft.version}
        sketches = {root: sketch_of(getattr(content, root), self.catalogue) for root in ROOTS}
        return self._show(draft, RuleForm(kind=self.kind, initial=initial), sketches)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        draft = selectors.get_draft(code)
        self.kind = draft.rule.subject_kind
        do, sketches = request.POST.get("do", "save"), self.sent()
        if do != "save":
            form = RuleForm(kind=self.kind, initial=RuleForm.initial_from(request.POST))
            return self._show(draft, form, self.acted(sketches, do))
        form = RuleForm(request.POST, kind=self.kind)
        content = form.content(self.trees(sketches))
        if content is None:
            return self._show(draft, form, sketches, INVALID)
        said = form.cleaned_data
        try:
            saved = drafts.save_draft(
                actor=self.user, pk=draft.pk, version=said["version"] or 0, content=content, note=said["note"]
            )
        except Conflict as conflict:
            return self._conflict(conflict, content, sketches)
        except drafts.NoDraft as error:
            messages.error(request, str(error))
            return redirect("rule", code=code)
        messages.success(request, _("The draft is saved."))
        return redirect(_address(saved))

    def _conflict(self, conflict: Conflict, mine: Content, sketches: dict[str, Sketch]) -> HttpResponse:
        """What the other person saved beside what you wrote, over a form that keeps yours."""
        draft = selectors.get_draft(self.kwargs["code"])
        initial = {**RuleForm.initial_from(self.request.POST), "version": conflict.current_version}
        return self._show(
            draft, RuleForm(kind=self.kind, initial=initial), sketches, CONFLICT, conflict=str(conflict),
            differences=words.differences(content_of(draft), mine, self.kind),
        )  # fmt: skip

    def _show(
        self, draft: RuleVersion, form: RuleForm, sketches: dict[str, Sketch], status: int = 200, **more: Any
    ) -> HttpResponse:
        return self.page(
            form, sketches, status, rule=draft, title=draft.text("title"), badge=state_tag(draft),
            trail=trail_of(draft, _("Draft %(n)s") % {"n": draft.number}), back=_address(draft), **more,
        )  # fmt: skip


class RuleDraftOpen(PortalView):
    """A draft of what holds now, or of an earlier version: the way back."""

    permission = Permission.RULE_EDIT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        version = selectors.version_shown(selectors.versions_for(self.user, code), request.POST.get("number", ""))
        number = version.number if request.POST.get("number") else None
        try:
            draft = drafts.open_draft(actor=self.user, rule_id=version.rule_id, number=number)
        except PortalError as error:
            messages.error(request, str(error))
            return redirect("rule", code=code)
        return redirect(_address(draft)) if number else redirect("rule-draft", code=code)


class RuleDraftDrop(PortalView):
    permission = Permission.RULE_EDIT
    template_name = "governance/rule_draft_drop.html"

    def get(self, _request: HttpRequest, code: str) -> HttpResponse:
        draft = selectors.get_draft(code)
        return self.render({"rule": draft, "trail": trail_of(draft, _("Throw away")), "back": _address(draft)})

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        try:
            draft = selectors.get_draft(code)
        except Http404:
            return redirect("rule-list")
        try:
            drafts.drop_draft(actor=self.user, pk=draft.pk)
        except PortalError as error:
            messages.error(request, str(error))
            return redirect(_address(draft))
        messages.success(request, _("The draft is gone."))
        return redirect("rule-list") if draft.number == 1 else redirect("rule", code=code)
