"""The playbooks that a new portal starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from playbooks.models import Playbook
from playbooks.services import versions
from playbooks.start_set import START_SET, with_criteria

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def load_start_set(*, actor: User) -> list[Playbook]:
    """Add and publish the playbooks of the start set; those that are there (by short name) stay untouched.

    Returns the whole set, also when nothing was added. Raises: NotAllowed.
    """
    there = {
        playbook.slug: playbook for playbook in Playbook.objects.filter(slug__in=[each.slug for each in START_SET])
    }
    for template in START_SET:
        if template.slug in there:
            continue
        playbook = versions.create_playbook(actor=actor, name=template.name, summary=template.summary)
        draft = versions.open_draft(actor=actor, pk=playbook.pk)
        versions.save_draft(actor=actor, pk=draft.pk, outline=with_criteria(template), note=template.note)
        versions.publish_version(actor=actor, pk=draft.pk)
        there[template.slug] = playbook
    return [there[template.slug] for template in START_SET]
