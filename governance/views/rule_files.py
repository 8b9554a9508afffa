from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Permission
from common.errors import PortalError
from common.views import INVALID, PortalView
from governance import documents
from governance.forms.rules import RuleFileForm
from governance.selectors import rules as selectors
from governance.services import drafts


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.yaml"'
    return response


class RulebookExport(PortalView):
    """All rules in force, as one file."""

    permission = Permission.RULE_EDIT

    def get(self, _request: HttpRequest) -> HttpResponse:
        found = selectors.whole_rulebook()
        return _file(documents.write(documents.document_of(version) for version in found), "rulebook")


class RuleExport(PortalView):
    """One version of a rule as a file."""

    permission = Permission.RULE_EDIT

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        version = selectors.version_shown(selectors.versions_for(self.user, code), request.GET.get("version", ""))
        return _file(documents.write([documents.document_of(version)]), f"{code}-{version.number}")


class RuleImport(PortalView):
    """Drafts out of a file. Nothing that is imported holds before somebody activates it."""

    permission = Permission.RULE_EDIT
    template_name = "governance/rule_import.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(RuleFileForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RuleFileForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(form, INVALID)
        try:
            made = drafts.import_rules(actor=self.user, text=form.cleaned_data["text"])
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(form, INVALID)
        said = ngettext("%(n)d draft was made.", "%(n)d drafts were made.", len(made)) % {"n": len(made)}
        messages.success(request, said)
        return redirect("rule-list")

    def _page(self, form: RuleFileForm, status: int = 200) -> HttpResponse:
        trail = [(_("Rules"), reverse("rule-list")), (_("Import"), "")]
        return self.render({"form": form, "trail": trail}, status=status)
