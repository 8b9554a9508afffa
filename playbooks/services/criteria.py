"""The criteria of gates: whether one can be asked, and those of a gate that is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Permission, RoleName
from common import versions
from common.errors import NotAllowed, PortalError
from governance import conditions
from governance.enums import SubjectKind
from governance.facts import catalogue
from playbooks.enums import CriterionKind
from playbooks.models import PlaybookCriterion, PlaybookVersion
from playbooks.selectors import get_draft_gate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User
    from playbooks.selectors import CriterionOutline

MOST: Final = 40
"""Criteria of one gate."""


class BadCriterion(PortalError):
    """A criterion that nobody could answer."""


def check_criterion(criterion: CriterionOutline) -> None:
    """Make sure that it can be answered. Raises: BadCriterion, ConditionError."""
    if not any(text.strip() for text in criterion.texts.values()):
        raise BadCriterion(_("Say in words what the criterion asks for."))
    if criterion.kind == CriterionKind.DOCUMENT and not criterion.document_kind.strip():
        raise BadCriterion(_("Say which kind of document must be there."))
    if criterion.kind == CriterionKind.JUDGEMENT and criterion.role not in RoleName.values:
        raise BadCriterion(_("Say who judges it."))
    if criterion.kind != CriterionKind.AUTOMATIC:
        return
    if bool(criterion.rule) == (criterion.condition is not None):
        raise BadCriterion(_("Choose a rule of the rulebook or a fact to look at, one of the two."))
    if criterion.condition is not None:
        asked = conditions.parse(criterion.condition, catalogue(SubjectKind.PROJECT))
        if conditions.never_decides(asked):
            raise BadCriterion(_("This condition is always or never met: change it."))


@transaction.atomic
def save_gate_criteria(
    *, actor: User, draft_pk: int, gate_pk: int, criteria: Sequence[CriterionOutline], version: int | None = None
) -> PlaybookVersion:
    """Put these criteria in the place of those of a gate of a draft; the same ones again change nothing.

    Raises: NotAllowed, Conflict, VersionPublished, BadCriterion, ConditionError, Http404.
    """
    from playbooks.services.versions import claim_draft

    if not actor.can(Permission.PLAYBOOK_EDIT):
        raise NotAllowed(_("Only the PMO can change playbooks."))
    if len(criteria) > MOST:
        raise BadCriterion(_("A gate has at most %(n)d criteria.") % {"n": MOST})
    for criterion in criteria:
        check_criterion(criterion)
    with pghistory.context(user=actor.pk):
        draft = claim_draft(draft_pk, version)
        gate = get_draft_gate(draft, gate_pk)
        wanted = [one.columns() for one in criteria]
        there = gate.criteria.order_by("position", "pk").values(*(wanted[0] if wanted else ("kind",)))
        if list(there) != wanted:
            gate.criteria.all().delete()
            PlaybookCriterion.objects.bulk_create(
                PlaybookCriterion(milestone=gate, position=at, **columns) for at, columns in enumerate(wanted, 1)
            )
            versions.touch(draft)
    return draft
