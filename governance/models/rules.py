"""The rulebook: rules in versions, and the findings about whoever does not keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common import history
from common.languages import language_of_reader
from common.models import Record
from governance import subjects
from governance.enums import Checkpoint, Enforcement, Expected, OfferKind, SubjectKind, VersionState, Weight
from governance.models.outcomes import SAID_YES, follows_a_ballot
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User


@history.track()
class Rule(Record):
    """What good practice asks of a subject. What it says is in its versions; `code` stays the same."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    subject_kind = models.CharField(_("looks at"), max_length=20, choices=SubjectKind, default=SubjectKind.PROJECT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("owner"),
    )
    review_on = models.DateField(_("review on"), null=True, blank=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.code


def weekly_scan_only() -> list[str]:
    return [Checkpoint.WEEKLY_SCAN.value]


def advise_everywhere() -> dict[str, str]:
    return dict.fromkeys(ControlLevel.values, Enforcement.ADVISE.value)


class RuleVersionQuerySet(models.QuerySet["RuleVersion"]):
    def active(self) -> RuleVersionQuerySet:
        return self.filter(state=VersionState.ACTIVE)


@history.track()
class RuleVersion(Record):
    """What a rule says: where `applies` holds, `condition` must hold too, else there is a finding.

    Both are trees over facts as `governance.conditions.parse` reads them; no `applies` means everywhere. `texts`:
    {language: {"title", "message", "remedy"}}. `remedy_page` names the page where it is mended, with `#field`.
    `offer_url` leads to a template, guideline or training (`offers`) that helps to keep it.
    `checkpoints` say when it is asked; `scope` whom it is for, as {facet: [values]}, everybody when empty;
    `enforcement` what breaking it does under each control level of an office, as {control: enforcement}.
    It is in force from `effective_from` up to and including `effective_to`, without these from its activation on.
    One that can stop work is activated by somebody else than its author; the start set has neither.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions", verbose_name=_("rule"))
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=VersionState, default=VersionState.DRAFT)
    weight = models.CharField(_("weight"), max_length=10, choices=Weight, default=Weight.MEDIUM)
    applies: models.JSONField[Any, Any] = models.JSONField(_("applies where"), null=True, blank=True)
    condition: models.JSONField[Any, Any] = models.JSONField(_("asks for"))
    texts: models.JSONField[Any, Any] = models.JSONField(_("texts"))
    remedy_page = models.CharField(_("mended on"), max_length=80, blank=True)
    offers = models.CharField(_("offers"), max_length=10, choices=OfferKind, blank=True, default="", db_default="")
    offer_url = models.URLField(_("where that is"), max_length=800, blank=True, default="", db_default="")
    checkpoints: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=20, choices=Checkpoint),
        verbose_name=_("asked when"),
        default=weekly_scan_only,
        db_default=["weekly_scan"],
    )
    scope: models.JSONField[Any, Any] = models.JSONField(
        _("holds for"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    enforcement: models.JSONField[Any, Any] = models.JSONField(
        _("does"),
        default=advise_everywhere,
        db_default=models.Value(
            {"supportive": "advise", "controlling": "advise", "directive": "advise"}, models.JSONField()
        ),
    )

    note = models.CharField(_("what changed"), max_length=300, blank=True, db_default="")
    effective_from = models.DateField(_("in force from"), null=True, blank=True)
    effective_to = models.DateField(_("in force up to"), null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rule_versions",
        verbose_name=_("author"),
    )
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True)
    activated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("activated by"),
    )

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number_once"),
            models.UniqueConstraint(fields=["rule"], condition=Q(state="active"), name="rule_one_version_in_force"),
            # unique keys, said as exclusions: the release before wrote no drafts, so they can break nothing of it
            ExclusionConstraint(
                name="rule_one_draft", expressions=[("rule", RangeOperators.EQUAL)], condition=Q(state="draft")
            ),
            ExclusionConstraint(
                name="rule_one_version_to_come",
                expressions=[("rule", RangeOperators.EQUAL)],
                condition=Q(state="scheduled"),
            ),
            models.CheckConstraint(
                condition=Q(activated_at__isnull=True, activated_by__isnull=True)
                | Q(activated_at__isnull=False, activated_by__isnull=False) & ~Q(state="draft"),
                name="ruleversion_activated_at_by",
            ),
            models.CheckConstraint(
                condition=Q(activated_by__isnull=True)
                | Q(author__isnull=True)
                | ~Q(activated_by=F("author"))
                | Q(enforcement=advise_everywhere()),
                name="ruleversion_second_person_when_it_stops",
            ),
            models.CheckConstraint(
                condition=Q(offers="", offer_url="") | ~Q(offers="") & ~Q(offer_url=""),
                name="ruleversion_offers_something_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True)
                | Q(effective_from__isnull=True)
                | Q(effective_to__gte=F("effective_from")),
                name="ruleversion_ends_after_it_starts",
            ),
        ]
        triggers = [
            # what can stop work and was written by a person: also where nobody is named who put it in force
            follows_a_ballot(
                "rule_version",
                when="NEW.enforcement::text ~ '(require_waiver|block)' AND"
                " (NEW.activated_by_id IS NOT NULL AND NEW.activated_by_id IS DISTINCT FROM OLD.activated_by_id"
                " OR OLD.author_id IS NOT NULL AND OLD.state = 'draft' AND NEW.state <> 'draft')",
                match=f"b.decided_by_id = NEW.activated_by_id AND {SAID_YES} AND NOT EXISTS"
                " (SELECT FROM governance_ruleversionevent e"
                " WHERE e.pgh_obj_id = NEW.id AND e.author_id = NEW.activated_by_id)",
            ),
            pgtrigger.Protect(
                name="what_held_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'draft' AND ("
                    "(OLD.rule_id, OLD.number, OLD.weight, OLD.applies, OLD.condition, OLD.texts, OLD.remedy_page,"
                    " OLD.offers, OLD.offer_url,"
                    " OLD.checkpoints, OLD.scope, OLD.enforcement, OLD.author_id, OLD.effective_from, OLD.effective_to,"
                    " OLD.activated_at, OLD.activated_by_id)"
                    " IS DISTINCT FROM "
                    "(NEW.rule_id, NEW.number, NEW.weight, NEW.applies, NEW.condition, NEW.texts, NEW.remedy_page,"
                    " NEW.offers, NEW.offer_url,"
                    " NEW.checkpoints, NEW.scope, NEW.enforcement, NEW.author_id, NEW.effective_from, NEW.effective_to,"
                    " NEW.activated_at, NEW.activated_by_id))"
                ),
            ),
            pgtrigger.Protect(
                name="never_goes_back",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> NEW.state AND ("
                    "OLD.state = 'retired' OR NEW.state = 'draft' OR (OLD.state, NEW.state) = ('active', 'scheduled'))"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} · {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == VersionState.DRAFT

    @property
    def is_scanned(self) -> bool:
        """Whether the weekly scan holds subjects against it, so that there are findings."""
        return Checkpoint.WEEKLY_SCAN.value in self.checkpoints

    @property
    def can_stop(self) -> bool:
        """Whether breaking it stops work somewhere."""
        return any(Enforcement(each).stops for each in self.enforcement.values())

    def text(self, name: str) -> str:
        """The title, message or remedy in the language of the reader, in English when it lacks."""
        return text_of(self.texts, name)


def text_of(texts: Mapping[str, Mapping[str, str]], name: str) -> str:
    """One of the texts of a version in the language of the reader, in English when it lacks."""
    return str((texts.get(language_of_reader()) or {}).get(name) or texts["en"][name])


@history.track()
class RuleCase(Record):
    """A test of a version: for these facts, on this day, it must say what is expected. Kept with the version.

    `facts` are plain JSON by word; a word that is missing is a fact that nobody knows.
    """

    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.CASCADE, related_name="cases", verbose_name=_("version of a rule")
    )
    name = models.CharField(_("case"), max_length=120)
    facts: models.JSONField[Any, Any] = models.JSONField(_("facts"), default=dict, blank=True)
    on_day = models.DateField(_("on the day"))
    expected = models.CharField(_("must be"), max_length=8, choices=Expected)

    class Meta:
        verbose_name = _("test case")
        verbose_name_plural = _("test cases")
        constraints = [models.UniqueConstraint(fields=["rule_version", "name"], name="rulecase_name_once")]
        triggers = [
            pgtrigger.Trigger(
                name="of_a_draft_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF (SELECT state FROM governance_ruleversion WHERE id = NEW.rule_version_id) <> 'draft' THEN
                        RAISE EXCEPTION 'the cases of a version that held stay' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> FindingQuerySet:
        """Those about subjects that the person may see."""
        seen = Q(pk__in=[])
        for kind, subject in subjects.registered().items():
            seen |= Q(subject_kind=kind, subject_id__in=subject.visible_to(user))
        return self.filter(seen)

    def open(self) -> FindingQuerySet:
        return self.filter(closed_at__isnull=True)


class Finding(models.Model):
    """A subject does not keep a rule, from `opened_at` until it does. `evidence`: [{"fact", "value", "outcome"}]."""

    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="findings")
    rule_version = models.ForeignKey(RuleVersion, on_delete=models.CASCADE, related_name="findings")
    subject_kind = models.CharField(max_length=20, choices=SubjectKind)
    subject_id = models.BigIntegerField()
    opened_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    evidence: models.JSONField[Any, Any] = models.JSONField(default=list)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "rule"],
                condition=Q(closed_at__isnull=True),
                name="finding_open_once",
            )
        ]
        indexes = [models.Index(fields=["rule", "opened_at"], name="finding_open", condition=Q(closed_at=None))]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} · {self.rule_id}"
