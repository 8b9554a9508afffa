"""Playbooks and their versions: a draft is written, published under its number, and then stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pghistory
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed, PortalError
from playbooks.models import (
    Playbook,
    PlaybookCriterion,
    PlaybookDeliverable,
    PlaybookMilestone,
    PlaybookPhase,
    PlaybookVersion,
)
from playbooks.selectors import draft_of, outline_of, published_version_of
from playbooks.services.criteria import check_criterion
from strategy.enums import ACCOUNTABLE
from strategy.raci.cells import two_accountable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from playbooks.selectors import DeliverableOutline, PhaseOutline

LONGEST = 30_000
"""Days in a phase or before a milestone; the columns hold a little more."""


class VersionPublished(PortalError):
    """A published version does not change."""


class EmptyPlaybook(PortalError):
    """A playbook without phases makes no plan."""


class BrokenOutline(PortalError):
    """The phases or milestones cannot be what the person means."""


class NameTaken(PortalError):
    """There is a playbook of this name."""


def _demand(actor: User) -> None:
    if not actor.can(Permission.PLAYBOOK_EDIT):
        raise NotAllowed(_("Only the PMO can change playbooks."))


@transaction.atomic
def create_playbook(*, actor: User, name: str, summary: str = "") -> Playbook:
    """A new playbook with an empty draft of version 1. Raises: NotAllowed, NameTaken."""
    _demand(actor)
    slug = slugify(name)[:60]
    if not slug or Playbook.objects.filter(slug=slug).exists():
        raise NameTaken(_("There is a playbook called “%(name)s” already.") % {"name": name})
    with pghistory.context(user=actor.pk):
        playbook = Playbook.objects.create(name=name, slug=slug, summary=summary, owner=actor)
        PlaybookVersion.objects.create(playbook=playbook, number=1)
    return playbook


@transaction.atomic
def describe_playbook(*, actor: User, pk: int, name: str, summary: str, version: int | None = None) -> Playbook:
    """Change name and summary; the address stays. Raises: NotAllowed, Conflict."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        playbook = versions.claim(Playbook.objects.all(), pk=pk, version=version)
        versions.apply(playbook, {"name": name, "summary": summary})
    return playbook


@transaction.atomic
def retire_playbook(*, actor: User, pk: int, is_retired: bool) -> Playbook:
    """Take a playbook out of use, or back into it; projects that came from it keep it. Raises: NotAllowed."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        playbook = versions.claim(Playbook.objects.all(), pk=pk, version=None)
        versions.apply(playbook, {"is_retired": is_retired})
    return playbook


@transaction.atomic
def open_draft(*, actor: User, pk: int) -> PlaybookVersion:
    """The draft of a playbook; when there is none, a new one that starts as the newest published version.

    Raises: NotAllowed.
    """
    _demand(actor)
    with pghistory.context(user=actor.pk):
        playbook = versions.claim(Playbook.objects.all(), pk=pk, version=None)
        if (draft := draft_of(playbook)) is not None:
            return draft
        published = published_version_of(playbook)
        last = playbook.versions.aggregate(last=Max("number"))["last"] or 0
        draft = PlaybookVersion.objects.create(playbook=playbook, number=last + 1)
        if published is not None:
            _write(draft, outline_of(published))
    return draft


@transaction.atomic
def save_draft(
    *, actor: User, pk: int, outline: Sequence[PhaseOutline], note: str = "", version: int | None = None
) -> PlaybookVersion:
    """Put this outline in the place of what the draft held.

    Raises: NotAllowed, Conflict, VersionPublished, BrokenOutline.
    """
    _demand(actor)
    with pghistory.context(user=actor.pk):
        draft = claim_draft(pk, version)
        _check(outline)
        is_changed = outline_of(draft) != tuple(outline)
        if is_changed:
            draft.phases.all().delete()
            _write(draft, outline)
            draft.version += 1
        if is_changed or draft.note != note:
            draft.note = note
            draft.save(update_fields=["note", "version", "updated_at"])
    return draft


@transaction.atomic
def publish_version(*, actor: User, pk: int, version: int | None = None) -> PlaybookVersion:
    """Publish a draft under its number: from now on it never changes, and new projects follow it.

    Raises: NotAllowed, Conflict, VersionPublished, EmptyPlaybook.
    """
    _demand(actor)
    with pghistory.context(user=actor.pk):
        draft = claim_draft(pk, version)
        if not draft.phases.exists():
            raise EmptyPlaybook(_("Add at least one phase before you publish."))
        versions.apply(draft, {"published_at": timezone.now(), "published_by": actor})
    return draft


@transaction.atomic
def drop_draft(*, actor: User, pk: int, version: int | None = None) -> None:
    """Throw a draft away; its number is free again. Raises: NotAllowed, Conflict, VersionPublished."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        claim_draft(pk, version).delete()


def claim_draft(pk: int, version: int | None) -> PlaybookVersion:
    """Lock a draft. Raises: Conflict, VersionPublished."""
    draft = versions.claim(PlaybookVersion.objects.select_related("playbook"), pk=pk, version=version)
    if draft.published_at is not None:
        raise VersionPublished(
            _("Version %(n)s is published and does not change. Start a new version.") % {"n": draft.number}
        )
    return draft


def _check(outline: Sequence[PhaseOutline]) -> None:
    for phase in outline:
        if not phase.name.strip() or not 1 <= phase.days <= LONGEST:
            raise BrokenOutline(_("Each phase needs a name and a length of at least one day."))
        for item in phase.milestones:
            if not item.name.strip() or not 0 <= item.day < phase.days:
                raise BrokenOutline(
                    _("“%(milestone)s” must have a name and fall within its phase “%(phase)s” (day 0 to %(last)s).")
                    % {"milestone": item.name, "phase": phase.name, "last": phase.days - 1}
                )
            for criterion in item.criteria:
                check_criterion(criterion)
        for made in phase.deliverables:
            _check_deliverable(made, phase)


def _check_deliverable(made: DeliverableOutline, phase: PhaseOutline) -> None:
    words = {"deliverable": made.name, "phase": phase.name}
    if not made.name.strip() or not 0 <= made.day < phase.days:
        raise BrokenOutline(
            _("The deliverable “%(deliverable)s” must have a name and fall within its phase “%(phase)s”.") % words
        )
    if sum(letter in ACCOUNTABLE for _post, letter in made.letters) > 1:
        raise BrokenOutline(two_accountable(made.name))


def _write(draft: PlaybookVersion, outline: Sequence[PhaseOutline]) -> None:
    phases = PlaybookPhase.objects.bulk_create(
        PlaybookPhase(playbook_version=draft, position=at, name=phase.name, days=phase.days)
        for at, phase in enumerate(outline, 1)
    )
    milestones = PlaybookMilestone.objects.bulk_create(
        PlaybookMilestone(phase=row, name=item.name, day=item.day, is_gate=item.is_gate)
        for row, phase in zip(phases, outline, strict=True)
        for item in phase.milestones
    )
    items = [item for phase in outline for item in phase.milestones]
    PlaybookCriterion.objects.bulk_create(
        PlaybookCriterion(milestone=row, position=at, **one.columns())
        for row, item in zip(milestones, items, strict=True)
        if item.is_gate
        for at, one in enumerate(item.criteria, 1)
    )
    PlaybookDeliverable.objects.bulk_create(
        PlaybookDeliverable(phase=row, name=item.name, day=item.day, acceptance=item.acceptance, **dict(item.letters))
        for row, phase in zip(phases, outline, strict=True)
        for item in phase.deliverables
    )
