"""Who has which part in a piece of work: one mechanism for deliverables of projects and processes of offices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common import history
from common.models import Record
from strategy.enums import ACCOUNTABLE, RESPONSIBLE, Letter, Post, Vacancy
from strategy.models.offices import Office

PERSON = "person-"
"""What a seat begins with that belongs to a person by name; any other seat is a post."""


def seat_of(post: str, person_id: int | None) -> str:
    """A column of a RACI matrix in one word: a post, or "person-" and an id."""
    return post or f"{PERSON}{person_id}"


class AssignmentQuerySet(models.QuerySet[Any]):
    def with_holder(self) -> Self:
        """Each with `holder_id`, whoever has the part at present, and `vacancy`, why nobody can be asked ("" when
        somebody can). The one place that turns a post into a person; a change of lead changes the answer.
        """
        held = self.annotate(holder_id=self.model.held_by())
        shut_out = Exists(User.objects.filter(pk=OuterRef("holder_id"), is_active=False))
        why = Case(
            When(holder_id__isnull=True, then=Value(Vacancy.NO_HOLDER.value)),
            When(shut_out, then=Value(Vacancy.LEFT.value)),
            *self.model.further_vacancies(),
            default=Value(""),
            output_field=CharField(),
        )
        return held.annotate(vacancy=why)

    def held_by(self, people: Iterable[int]) -> Self:
        """Those `with_holder` that these people have at present."""
        return self.filter(holder_id__in=list(people))

    def accountable(self) -> Self:
        return self.filter(letter__in=ACCOUNTABLE)

    def answering(self) -> Self:
        """Those who must act: accountable or responsible."""
        return self.filter(letter__in={*ACCOUNTABLE, *RESPONSIBLE})


class Assignment(models.Model):
    """One cell of a RACI matrix: a letter for a named person, or for a post that resolves to its present holder.

    A concrete model names its piece of work in `SUBJECT` and where each post is looked up in `HOLDERS`.
    """

    SUBJECT: ClassVar[str] = ""
    HOLDERS: ClassVar[dict[str, str]] = {}

    letter = models.CharField(_("part"), max_length=2, choices=Letter)
    post = models.CharField(_("role"), max_length=12, choices=Post, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("person"),
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.letter} {self.seat}"

    @property
    def seat(self) -> str:
        return seat_of(self.post, self.person_id)

    @classmethod
    def held_by(cls) -> Case:
        """The id of the person who has the part at present, as an expression."""
        posts = [When(post=post, then=F(f"{path}_id")) for post, path in cls.HOLDERS.items()]
        named = When(person__isnull=False, then=F("person_id"))
        return Case(named, *posts, default=None, output_field=models.BigIntegerField())

    @classmethod
    def further_vacancies(cls) -> list[When]:
        """More reasons why nobody can be asked; `holder_id` is there to refer to."""
        return []


def raci_constraints(subject: str, prefix: str) -> list[models.BaseConstraint]:
    """What the database holds of every RACI matrix: one cell per seat, one accountable at most, a seat each."""
    return [
        models.UniqueConstraint(
            fields=[subject],
            condition=Q(letter__in=[one.value for one in ACCOUNTABLE]),
            name=f"{prefix}_one_accountable",
        ),
        models.UniqueConstraint(fields=[subject, "post"], condition=~Q(post=""), name=f"{prefix}_post_once"),
        models.UniqueConstraint(
            fields=[subject, "person"], condition=Q(person__isnull=False), name=f"{prefix}_person_once"
        ),
        models.CheckConstraint(
            condition=Q(post="", person__isnull=False) | (~Q(post="") & Q(person__isnull=True)),
            name=f"{prefix}_person_or_post",
        ),
    ]


@history.track()
class Process(Record):
    """A recurring piece of work of the office itself, such as triage or the weekly health report."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="processes", verbose_name=_("office"))
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("what it yields"), blank=True)
    rhythm = models.CharField(_("when"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        constraints = [models.UniqueConstraint(fields=["office", "name"], name="process_name_once")]

    def __str__(self) -> str:
        return self.name


@history.track()
class ProcessAssignment(Assignment):
    """Who has which part in a process of an office."""

    SUBJECT = "process"
    HOLDERS: ClassVar[dict[str, str]] = {
        Post.PMO.value: "process__office__head", Post.SPONSOR.value: "process__office__sponsor",
    }  # fmt: skip

    process = models.ForeignKey(
        Process, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("process")
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("part in a process")
        verbose_name_plural = _("parts in processes")
        constraints = raci_constraints("process", "processassignment")
