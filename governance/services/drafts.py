"""Writing rules: drafts, their cases, and drafts out of a file. Nothing here puts a rule in force."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.models import User
from common import versions
from common.errors import NotAllowed, PortalError
from governance import documents
from governance.cases import MAX_CASES, Case, read_facts
from governance.contents import Content, content_of
from governance.enums import VersionState
from governance.facts import catalogue
from governance.models import Ballot, Rule, RuleCase, RuleVersion
from governance.services.ballots import void_votes
from governance.services.rules import columns_of

if TYPE_CHECKING:
    from governance.documents import Document

MATTER = "rule_version"


class RuleError(PortalError):
    """A rule that cannot be written like this."""


class CodeTaken(RuleError):
    """Another rule has this code."""


class NoDraft(RuleError):
    """Only a draft can be changed; what held stays as it was."""


class Gone(NoDraft):
    """The draft was thrown away by somebody else."""


def may_edit(actor: User) -> None:
    """Raises: NotAllowed, unless the person writes rules."""
    if not actor.can(Permission.RULE_EDIT):
        raise NotAllowed(_("Only PMO managers of the whole organisation write rules."))


@transaction.atomic
def create_rule(*, actor: User, code: str, kind: str, content: Content, note: str = "") -> RuleVersion:
    """A new rule with its first version as a draft, owned by whoever writes it.

    Raises: NotAllowed, DocumentError for a code that cannot be one, CodeTaken.
    """
    may_edit(actor)
    code = documents.read_code(code)
    try:
        with transaction.atomic():
            rule = Rule.objects.create(code=code, subject_kind=kind, owner=actor)
    except IntegrityError:
        raise CodeTaken(_("Another rule has this code: choose another one.")) from None
    return RuleVersion.objects.create(rule=rule, number=1, author=actor, note=note, **columns_of(content))


@transaction.atomic
def open_draft(*, actor: User, rule_id: int, number: int | None = None) -> RuleVersion:
    """A draft that says what a version says (the one in force, else the newest), with its cases; the one there is.

    With the number of an earlier version it is the way back: activated, it holds again.
    Raises: NotAllowed, RuleError when another draft is being written.
    """
    may_edit(actor)
    rule = Rule.objects.select_for_update().get(pk=rule_id)
    there = rule.versions.filter(state=VersionState.DRAFT).first()
    if there is not None:
        if number is None:
            return there
        raise RuleError(_("A draft of this rule is being written: throw it away first."))
    source = _source(rule, number)
    newest = rule.versions.aggregate(newest=Max("number"))["newest"] or 0
    note = "" if number is None else _("Back to version %(number)d") % {"number": number}
    columns = columns_of(content_of(source)) | {"effective_from": None, "effective_to": None}
    draft = RuleVersion.objects.create(rule=rule, number=newest + 1, author=actor, note=note, **columns)
    RuleCase.objects.bulk_create(
        RuleCase(rule_version=draft, name=one.name, facts=one.facts, on_day=one.on_day, expected=one.expected)
        for one in source.cases.order_by("pk")
    )
    return draft


def _source(rule: Rule, number: int | None) -> RuleVersion:
    if number is not None:
        return rule.versions.get(number=number)
    return rule.versions.active().first() or rule.versions.latest("number")


@transaction.atomic
def save_draft(*, actor: User, pk: int, version: int | None, content: Content, note: str = "") -> RuleVersion:
    """Change what a draft says; votes cast on it are void. Saving the same again changes nothing.

    Raises: NotAllowed, NoDraft, Conflict.
    """
    may_edit(actor)
    draft = _claim(pk, version)
    if versions.apply(draft, columns_of(content) | {"note": note}):
        RuleVersion.objects.filter(pk=draft.pk).update(author=actor)
        draft.author = actor
        void_votes(kind=MATTER, subject_id=draft.pk)
    return draft


def lock_version(pk: int, version: int | None = None) -> RuleVersion:
    """A version with its rule, both locked, the rule first: whoever writes at one, votes on it, drops it or puts it in
    force waits in this order. What only points at the rule, as a waiver does, need not wait.

    Raises: Gone, Conflict when the version moved on.
    """
    both = RuleVersion.objects.select_related("rule").select_for_update(of=("rule", "self"), no_key=True)
    held: RuleVersion | None = both.filter(pk=pk).first()
    if held is None:
        raise Gone(_("This draft was thrown away in the meantime."))
    versions.demand(held, version)
    return held


def _claim(pk: int, version: int | None = None) -> RuleVersion:
    draft = lock_version(pk, version)
    if not draft.is_draft:
        raise NoDraft(_("This version is no draft any more: what held stays as it was. Open a new draft."))
    return draft


@transaction.atomic
def drop_draft(*, actor: User, pk: int) -> None:
    """Throw a draft away, and the rule with it when it never had another version. Gone already: nothing happens.

    Raises: NotAllowed, NoDraft.
    """
    may_edit(actor)
    try:
        draft = _claim(pk)
    except Gone:
        return
    if Ballot.objects.open().about(MATTER, draft.pk).exists():
        raise RuleError(_("This draft is being voted on: take the question back first."))
    rule = draft.rule
    draft.delete()
    if not rule.versions.exists():
        rule.delete()


@transaction.atomic
def describe_rule(*, actor: User, pk: int, version: int | None, owner: User | None, review_on: date | None) -> Rule:
    """Say who looks after a rule and when it is looked at again. Raises: NotAllowed, Conflict."""
    may_edit(actor)
    rule = versions.claim(Rule.objects.all(), pk=pk, version=version)
    versions.apply(rule, {"owner": owner, "review_on": review_on})
    return rule


@transaction.atomic
def save_case(*, actor: User, draft_id: int, case: Case, pk: int | None = None) -> RuleCase:
    """Add a test case to a draft, or change one. Raises: NotAllowed, NoDraft, ConditionError, RuleError."""
    may_edit(actor)
    draft = _claim(draft_id)
    read_facts(case.facts, catalogue(draft.rule.subject_kind))
    columns = case.columns()
    if draft.cases.filter(name=case.name).exclude(pk=pk or 0).exists():
        raise RuleError(_("Another case has this name: choose another one."))
    if pk is None:
        if draft.cases.count() >= MAX_CASES:
            raise RuleError(_("A rule has at most %(limit)d cases: remove one first.") % {"limit": MAX_CASES})
        saved = RuleCase.objects.create(rule_version=draft, **columns)
    else:
        saved = draft.cases.select_for_update().get(pk=pk)
        versions.apply(saved, columns)
    _touch(draft)
    return saved


@transaction.atomic
def remove_case(*, actor: User, draft_id: int, pk: int) -> None:
    """Take a case away. Gone already: nothing happens. Raises: NotAllowed, NoDraft."""
    may_edit(actor)
    draft = _claim(draft_id)
    if draft.cases.filter(pk=pk).delete()[0]:
        _touch(draft)


def _touch(draft: RuleVersion) -> None:
    """A draft with other cases is another draft: votes about it are void."""
    RuleVersion.objects.filter(pk=draft.pk).update(version=F("version") + 1)
    void_votes(kind=MATTER, subject_id=draft.pk)


@transaction.atomic
def import_rules(*, actor: User, text: str) -> list[RuleVersion]:
    """Make a draft of each rule in a YAML text; never more than a draft. All of them or none.

    Raises: NotAllowed, DocumentError with the place, RuleError when a rule has a draft already.
    """
    may_edit(actor)
    return [_draft_of(actor, one) for one in documents.read(text)]


def _draft_of(actor: User, one: Document) -> RuleVersion:
    rule, _made = Rule.objects.select_for_update().get_or_create(
        code=one.code, defaults={"subject_kind": one.kind, "owner": actor}
    )
    if rule.subject_kind != one.kind:
        raise RuleError(_("“%(code)s” looks at something else: choose another code.") % {"code": one.code})
    if rule.versions.filter(state=VersionState.DRAFT).exists():
        raise RuleError(
            _("A draft of “%(code)s” is being written: throw it away first, or leave this rule out of the file.")
            % {"code": one.code}
        )
    _look_after(rule, one)
    newest = rule.versions.aggregate(newest=Max("number"))["newest"] or 0
    draft = RuleVersion.objects.create(
        rule=rule, number=newest + 1, author=actor, note=one.note, **columns_of(one.content)
    )
    RuleCase.objects.bulk_create(RuleCase(rule_version=draft, **case.columns()) for case in one.cases)
    return draft


def _look_after(rule: Rule, one: Document) -> None:
    owner = User.objects.filter(email__iexact=one.owner, is_active=True).first() if one.owner else None
    changes: dict[str, Any] = {} if owner is None else {"owner": owner}
    if one.review_on:
        changes["review_on"] = one.review_on
    versions.apply(rule, changes)
