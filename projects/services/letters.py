"""The mails about proposals and promises, put in the outbox with the step that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from accounts.models import User
from common.mail import queue_all, write_mail
from projects.enums import GIVER_MOVES, PromiseMove, PromiseState, ProposalState
from projects.models import Project
from projects.selectors.electors import people_with_role
from projects.selectors.promises import named_for
from projects.selectors.proposals import changes_in_words, names_in

if TYPE_CHECKING:
    from common.models import OutgoingMail
    from projects.models import Promise, Proposal
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


def promise_moved(promise: Promise, move: str) -> None:
    """To who answers for the other side: the lead of that project, or its PMO where nobody else leads it."""
    side = promise.project if move in GIVER_MOVES else promise.giver
    spoke = promise.answered_by_id if move in GIVER_MOVES else promise.asked_by_id
    lead = side.lead
    if lead is None or not lead.is_active or lead.pk == spoke:
        people = list(User.objects.filter(pk__in=people_with_role(side.pk, RoleName.PMO_MANAGER)))
    else:
        people = [lead]
    queue_all([_promise_letter(promise, move, person) for person in people if person.pk != spoke])


def _promise_letter(promise: Promise, move: str, to: User) -> OutgoingMail:
    with translation.override(to.language or settings.LANGUAGE_CODE):
        names = named_for(to, [promise])[promise.pk]
        other = names.giver if move in GIVER_MOVES else names.taker
        holds = promise.state == PromiseState.AGREED
        sentence = {
            PromiseMove.OFFER: _("%(project)s promises a day for “%(name)s”")
            if holds
            else _("%(project)s offers a later day for “%(name)s”"),
            PromiseMove.REFUSE: _("%(project)s keeps to its day for “%(name)s”")
            if holds
            else _("%(project)s does not promise “%(name)s”"),
            PromiseMove.DELIVER: _("%(project)s has delivered “%(name)s”"),
            PromiseMove.AGREE: _("%(project)s agrees with your day for “%(name)s”"),
            PromiseMove.ASK: _("%(project)s needs “%(name)s” on another day, and your promise is in time")
            if holds
            else _("%(project)s asks you for “%(name)s”"),
            PromiseMove.RECEIVE: _("%(project)s has received “%(name)s”"),
            PromiseMove.RETURN: _("%(project)s sends “%(name)s” back"),
            PromiseMove.WITHDRAW: _("%(project)s does not need “%(name)s” any more"),
        }[PromiseMove(move)] % {"project": other, "name": promise.name}
    return write_mail(
        message_id=f"promise-{promise.pk}-{promise.version}-{to.pk}@pmo-portal", to=to, subject=sentence,
        template="promise",
        context={"promise": promise, "sentence": sentence, "path": reverse("promise", args=[promise.pk])},
    )  # fmt: skip
