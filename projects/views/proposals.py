"""What leads propose where the PMO directs, and the one press with which the PMO accepts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import NotAllowed, PortalError
from common.ui import cells
from common.views import SIGNED_IN, PortalView
from common.views_errors import permission_denied
from projects.enums import ProposalState
from projects.selectors import proposals as selectors
from projects.services import proposals as services

if TYPE_CHECKING:
    from common.views import PortalRequest
    from projects.models import Proposal

PAGE_SIZE = 20
TONES = {
    ProposalState.OPEN.value: "risk", ProposalState.ACCEPTED.value: "ok", ProposalState.REFUSED.value: "off",
    ProposalState.WITHDRAWN.value: "plain",
}  # fmt: skip


class ProposalList(PortalView):
    """Proposals with from and to; the PMO accepts each in one press, or refuses it with a reason."""

    permission = SIGNED_IN
    template_name = "projects/proposals.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        state = request.GET.get("state", ProposalState.OPEN.value)
        key = request.GET.get("project", "")
        page = Paginator(selectors.proposals_of(self.user, state=state, key=key), PAGE_SIZE).get_page(
            request.GET.get("page")
        )
        return self.render({
            "page": page,
            "rows": self._rows(list(page)),
            "state": state,
            "key": key,
            "states": [("", _("All")), *ProposalState.choices],
        })  # fmt: skip

    def _rows(self, proposals: list[Proposal]) -> list[dict[str, Any]]:
        managed = selectors.managed_by(self.user, proposals)
        changes = selectors.changes_in_words(proposals, selectors.names_in(proposals))
        return [
            {
                "proposal": one,
                "project_href": reverse("project", args=[one.project.key]),
                "tag": cells.tag(one.get_state_display(), TONES[one.state]),
                "target": one.get_target_display(),
                "is_new": one.target_id is None,
                "changes": changes[one.pk],
                "may_decide": one.state == ProposalState.OPEN
                and one.project_id in managed
                and one.proposed_by_id != self.user.pk,
                "may_withdraw": one.state == ProposalState.OPEN and one.proposed_by_id == self.user.pk,
            }
            for one in proposals
        ]


class _Step(PortalView):
    """A step of a proposal: POST only, then back to the list."""

    permission = SIGNED_IN
    http_method_names = ["post", "options"]
    done: ClassVar[Any] = ""

    def act(self, proposal: Proposal) -> object:
        raise NotImplementedError

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        proposal = selectors.get_proposal_for(self.user, pk)
        try:
            self.act(proposal)
        except NotAllowed as error:
            return permission_denied(request, error)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(self.done))
        return HttpResponseRedirect(f"{reverse('proposal-list')}?project={proposal.project.key}")


class ProposalAccept(_Step):
    done = gettext_lazy("Accepted and done.")

    def act(self, proposal: Proposal) -> object:
        return services.accept_proposal(actor=self.user, proposal_id=proposal.pk)


class ProposalRefuse(_Step):
    done = gettext_lazy("Refused. Who proposed it reads your reason.")

    def act(self, proposal: Proposal) -> object:
        answer = self.request.POST.get("answer", "")[:5_000]
        return services.refuse_proposal(actor=self.user, proposal_id=proposal.pk, answer=answer)


class ProposalWithdraw(_Step):
    done = gettext_lazy("The proposal is taken back.")

    def act(self, proposal: Proposal) -> object:
        return services.withdraw_proposal(actor=self.user, proposal_id=proposal.pk)
