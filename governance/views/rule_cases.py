from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import PortalError
from common.views import INVALID, PortalView
from governance.cases import Case, asked_words, fields_asked
from governance.enums import Expected
from governance.facts import catalogue
from governance.forms.cases import CaseFacts
from governance.forms.rules import CaseForm
from governance.models import RuleCase, RuleVersion
from governance.selectors import rules as selectors
from governance.services import drafts
from governance.views import rule_words as words
from governance.views.rules import trail_of


class _CasePage(PortalView):
    permission = Permission.RULE_EDIT
    template_name = "governance/rule_case.html"

    def facts(self, draft: RuleVersion) -> CaseFacts:
        kind = draft.rule.subject_kind
        applies, condition = words.trees_of(draft, kind)
        labels = words.subject_of(kind).labels
        return CaseFacts(catalogue(kind), labels, asked_words(applies, condition), fields_asked(applies, condition))

    def page(
        self, draft: RuleVersion, form: CaseForm, facts: dict[str, Any], status: int = 200, case: RuleCase | None = None
    ) -> HttpResponse:
        title = _("Change the case") if case else _("New case")
        context = {
            "rule": draft, "form": form, "fields": self.facts(draft).draw(facts), "title": title, "case": case,
            "back": back_to(draft), "trail": trail_of(draft, title),
        }  # fmt: skip
        return self.render(context, status=status)

    def save(self, request: HttpRequest, draft: RuleVersion, case: RuleCase | None = None) -> HttpResponse:
        form, fields = CaseForm(request.POST), self.facts(draft)
        typed: dict[str, Any] = {}
        try:
            typed = fields.read(request.POST)
            if form.is_valid():
                written = Case(facts=typed, **form.cleaned_data)
                drafts.save_case(actor=self.user, draft_id=draft.pk, case=written, pk=case.pk if case else None)
                messages.success(request, _("The case is saved."))
                return redirect(back_to(draft))
        except ObjectDoesNotExist as error:
            raise Http404 from error
        except PortalError as error:
            form.add_error(None, str(error))
        return self.page(draft, form, typed, INVALID, case)


def back_to(draft: RuleVersion) -> str:
    return f"{reverse('rule', args=[draft.rule.code])}?version={draft.number}#cases"


class RuleCaseCreate(_CasePage):
    def get(self, _request: HttpRequest, code: str) -> HttpResponse:
        draft = selectors.get_draft(code)
        initial = {"on_day": timezone.localdate(), "expected": Expected.FAIL.value}
        return self.page(draft, CaseForm(initial=initial), {})

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        return self.save(request, selectors.get_draft(code))


class RuleCaseEdit(_CasePage):
    def get(self, _request: HttpRequest, code: str, pk: int) -> HttpResponse:
        draft = selectors.get_draft(code)
        case = _case(draft, pk)
        initial = {"name": case.name, "on_day": case.on_day, "expected": case.expected}
        return self.page(draft, CaseForm(initial=initial), case.facts, case=case)

    def post(self, request: HttpRequest, code: str, pk: int) -> HttpResponse:
        draft = selectors.get_draft(code)
        return self.save(request, draft, _case(draft, pk))


def _case(draft: RuleVersion, pk: int) -> RuleCase:
    found = draft.cases.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


class RuleCaseRemove(PortalView):
    permission = Permission.RULE_EDIT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str, pk: int) -> HttpResponse:
        draft = selectors.get_draft(code)
        get_object_or_404(draft.cases, pk=pk)
        try:
            drafts.remove_case(actor=self.user, draft_id=draft.pk, pk=pk)
        except PortalError as error:
            messages.error(request, str(error))
        return redirect(back_to(draft))
