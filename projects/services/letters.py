"""The mails about proposals, put in the outbox with the step that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from accounts.models import User
from common.mail import queue_all, write_mail
from projects.enums import ProposalState
from projects.models import Project
from projects.selectors.electors import people_with_role
from projects.selectors.proposals import changes_in_words, names_in

if TYPE_CHECKING:
    from common.models import OutgoingMail
    from projects.models import Proposal
    from projects.selectors.proposals import Names


def proposed(proposal: Proposal) -> None:
    """To the PMO of the project, whoever proposed left out: they find from, to and why, and the page to decide on."""
    people = User.objects.filter(pk__in=people_with_role(proposal.project_id, RoleName.PMO_MANAGER))
    names = names_in([proposal])
    queue_all([_letter(proposal, person, "made", names) for person in people.exclude(pk=proposal.proposed_by_id)])


def decided(proposal: Proposal) -> None:
    """To whoever proposed, as far as they still see the project: what the PMO says, and why not."""
    to = proposal.proposed_by
    if to.is_active and Project.objects.visible_to(to).filter(pk=proposal.project_id).exists():
        queue_all([_letter(proposal, to, "decided", names_in([proposal]))])


def _letter(proposal: Proposal, to: User, what: str, names: Names) -> OutgoingMail:
    with translation.override(to.language or settings.LANGUAGE_CODE):
        words = {"project": proposal.project.name, "title": proposal.title}
        subject = {
            "made": _("%(project)s: a proposal waits for you (%(title)s)"),
            ProposalState.ACCEPTED.value: _("%(project)s: your proposal is accepted (%(title)s)"),
            ProposalState.REFUSED.value: _("%(project)s: your proposal is not accepted (%(title)s)"),
        }["made" if what == "made" else proposal.state] % words
        context: dict[str, Any] = {
            "proposal": proposal, "path": f"{reverse('proposal-list')}?project={proposal.project.key}",
            "is_accepted": proposal.state == ProposalState.ACCEPTED,
            "changes": changes_in_words([proposal], names)[proposal.pk],
        }  # fmt: skip
        if what == "decided":
            context["path"] += f"&state={proposal.state}"
    return write_mail(
        message_id=f"proposal-{proposal.pk}-{what}-{to.pk}@pmo-portal", to=to, subject=subject,
        template=f"proposal_{what}", context=context,
    )  # fmt: skip
