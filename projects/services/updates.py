"""The weekly update: a draft that is never lost, published text that never changes, asks that wait for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common import versions
from common.errors import NotAllowed, PortalError
from common.mail import queue_mail
from common.models import UsedToken
from governance.enums import Checkpoint
from projects.enums import Colour, ColourScale, UpdateState
from projects.health.judge import is_worse
from projects.models import Ask, Project, ProjectState, Update
from projects.selectors.projects import rights_for
from projects.services import state
from projects.services.projects import allowed_changes, hold_against_rules, lock_project

if TYPE_CHECKING:
    import datetime as dt
    from uuid import UUID

    from accounts.models import User

DIMENSIONS: Final = ("schedule", "cost", "scope", "risk")
CONTENT: Final = frozenset({"declared", *DIMENSIONS, "rationale", "accomplished", "next_steps", "asks_text"})
UNCHANGED_IN_A_ROW: Final = 2
"""How often “nothing changed” may follow itself before somebody has to say something."""


class UpdateError(PortalError):
    """An update that cannot be published like this. `field` names what to mend."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class AskData:
    """Something needed: of whom (None: of whoever reads it) and by when."""

    text: str
    asked_of: User | None = None
    needed_by: dt.date | None = None


@transaction.atomic
def save_draft(*, actor: User, project: Project, values: Mapping[str, Any]) -> Update:
    """Keep what was typed so far; one draft per person and project. Nothing is checked yet."""
    lock_project(project)
    return _write(actor, project, allowed_changes(values, CONTENT))


def _write(actor: User, project: Project, values: Mapping[str, Any]) -> Update:
    """The person's draft on a locked project, with these values. Two statements."""
    drafts = Update.objects.select_for_update().filter(project=project, author=actor, state=UpdateState.DRAFT)
    draft: Update | None = drafts.first()
    if draft is not None:
        versions.apply(draft, values)
        return draft
    started = {"as_of": timezone.localdate(), "scale": project.portfolio.colour_scale, "state": UpdateState.DRAFT}
    return Update.objects.create(project=project, author=actor, **{**started, **values})


@transaction.atomic
def discard_draft(*, actor: User, project: Project) -> None:
    """Throw one's draft away; none there is fine."""
    Update.objects.filter(project=project, author=actor, state=UpdateState.DRAFT).delete()


@transaction.atomic
def publish_update(
    *, actor: User, project: Project, token: UUID, values: Mapping[str, Any], asks: Iterable[AskData] = ()
) -> Update:
    """Make the update final: the declared colours count from now, everybody asked gets a mail.

    The same `token` gives the update it made before. Raises: UpdateError when a colour is missing, not on
    the portfolio's scale, or better than computed without a reason; RulesNotKept.
    """
    lock_project(project)
    return _publish(actor, project, token, values, asks)


def _publish(
    actor: User, project: Project, token: UUID, values: Mapping[str, Any], asks: Iterable[AskData] = ()
) -> Update:
    """`publish_update` on a project that is locked."""
    used = UsedToken.objects.filter(token=token, user=actor).first()
    if used is not None:
        return Update.objects.get(pk=int(used.target))
    computed = _computed(project)
    _check(project, computed, values)
    published = {
        "state": UpdateState.PUBLISHED,
        "published_at": timezone.now(),
        "as_of": timezone.localdate(),
        "computed": computed,
        "scale": project.portfolio.colour_scale,
    }
    update = _write(actor, project, {**allowed_changes(values, CONTENT), **published})
    UsedToken.objects.create(token=token, user=actor, target=str(update.pk))
    for ask in asks:
        _ask(update, ask)
    hold_against_rules(actor, project.pk, Checkpoint.PUBLISH_UPDATE)
    state.refresh([project.pk])
    return update


@transaction.atomic
def correct_update(*, actor: User, project: Project, update_id: int, token: UUID, values: Mapping[str, Any]) -> Update:
    """Publish a correction: it supersedes the update for the same date, whose text stays readable.

    Raises: UpdateError; RulesNotKept; Update.DoesNotExist.
    """
    lock_project(project)
    used = UsedToken.objects.filter(token=token, user=actor).first()
    if used is not None:
        return Update.objects.get(pk=int(used.target))
    wrong = project.updates.select_for_update().get(pk=update_id)
    if wrong.state != UpdateState.PUBLISHED:
        raise UpdateError(_("This update was corrected already. Correct the newer one."))
    _check(project, wrong.computed or Colour.GREY, values, scale=wrong.scale)
    versions.apply(wrong, {"state": UpdateState.SUPERSEDED})
    right = Update.objects.create(
        project=project,
        author=actor,
        as_of=wrong.as_of,
        state=UpdateState.PUBLISHED,
        scale=wrong.scale,
        computed=wrong.computed,
        published_at=timezone.now(),
        supersedes=wrong,
        **allowed_changes(values, CONTENT),
    )
    UsedToken.objects.create(token=token, user=actor, target=str(right.pk))
    hold_against_rules(actor, project.pk, Checkpoint.PUBLISH_UPDATE)
    state.refresh([project.pk])
    return right


@transaction.atomic
def declare_unchanged(*, actor: User, project: Project, token: UUID) -> Update:
    """Say that nothing changed since the last update: its colours count again.

    Raises: UpdateError when there is none to repeat, or it was repeated UNCHANGED_IN_A_ROW times; RulesNotKept.
    """
    lock_project(project)
    recent = list(project.updates.in_force().order_by("-as_of", "-pk")[: UNCHANGED_IN_A_ROW + 1])
    if not recent:
        raise UpdateError(_("There is no earlier update to repeat. Write the first one."))
    text = _("Nothing changed since the last update.")
    if len(recent) > UNCHANGED_IN_A_ROW and all(_is_repeat(one) for one in recent[:UNCHANGED_IN_A_ROW]):
        raise UpdateError(_("“Nothing changed” was said twice in a row. Write an update this time."))
    last = recent[0]
    values = {name: getattr(last, name) for name in ("declared", *DIMENSIONS, "rationale", "next_steps")}
    return _publish(actor, project, token, {**values, "accomplished": f"{UNCHANGED_MARK}{text}"})


UNCHANGED_MARK: Final = "\u2060"
"""A word joiner before the standard sentence: tells a repeat from a lead who typed the same words."""


def _is_repeat(update: Update) -> bool:
    return update.accomplished.startswith(UNCHANGED_MARK)


def _computed(project: Project) -> str:
    return ProjectState.objects.filter(project=project).values_list("computed", flat=True).first() or Colour.GREY


def _check(project: Project, computed: str, values: Mapping[str, Any], scale: int | None = None) -> None:
    points = {str(colour) for colour in ColourScale(scale or project.portfolio.colour_scale).colours}
    declared = str(values.get("declared") or "")
    if not declared:
        raise UpdateError(_("Choose how the project is doing."), field="declared")
    for name in ("declared", *DIMENSIONS):
        value = str(values.get(name) or "")
        if value and value not in points:
            raise UpdateError(_("Choose a colour of this portfolio’s scale."), field=name)
    if is_worse(computed, declared) and not str(values.get("rationale") or "").strip():
        raise UpdateError(
            _("You are more confident than the facts. Say in one line why; readers see it."), field="rationale"
        )
    if not any(str(values.get(name) or "").strip() for name in ("accomplished", "next_steps")):
        raise UpdateError(_("Say what happened or what will happen."), field="accomplished")


def _ask(update: Update, ask: AskData) -> Ask:
    """Raises: UpdateError when the person asked may not see the project."""
    if ask.asked_of and not Project.objects.visible_to(ask.asked_of).filter(pk=update.project_id).exists():
        raise UpdateError(
            _("%(who)s cannot see this project. Add them to its team first, or ask somebody else.")
            % {"who": ask.asked_of},
            field="asked_of",
        )
    made = Ask.objects.create(
        project=update.project,
        update_asked_in=update,
        text=ask.text,
        asked_of=ask.asked_of,
        needed_by=ask.needed_by,
    )
    if ask.asked_of is not None:
        queue_mail(
            message_id=f"ask-{made.pk}@pmo-portal",
            to=ask.asked_of,
            subject=_("%(project)s needs something from you") % {"project": update.project.name},
            template="ask",
            context={"ask": made, "project": update.project, "path": reverse("ask-answer", args=[made.pk])},
        )
    return made


@transaction.atomic
def answer_ask(*, actor: User, ask_id: int, answer: str) -> Ask:
    """Answer what a project needs: by the person asked, or by whoever edits or decides on the project.

    Raises: UpdateError when somebody answered before; NotAllowed; Ask.DoesNotExist.
    """
    ask = Ask.objects.select_for_update(of=("self",)).select_related("project").get(pk=ask_id)
    if ask.answered_at is not None:
        raise UpdateError(
            _("%(who)s answered this already: “%(answer)s”") % {"who": ask.answered_by, "answer": ask.answer}
        )
    rights = rights_for(actor, ask.project)
    if actor.is_external or (ask.asked_of_id != actor.pk and not (rights.edit or rights.decide)):
        raise NotAllowed(_("Only the person asked, the lead, the PMO, a sponsor or a budget owner answers this."))
    versions.apply(ask, {"answer": answer.strip(), "answered_at": timezone.now(), "answered_by": actor})
    state.refresh([ask.project_id])
    return ask
