"""An adviser recommends; the organisation answers and follows up; nothing filed ever changes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import RoleGrant, User
from common.errors import NotAllowed
from common.models import OutgoingMail
from projects.models import Portfolio
from strategy.enums import RECOMMENDATION_TRANSITIONS, RecommendationState
from strategy.models import Office, Recommendation
from strategy.services import recommendations
from tests import factories as make
from tests.strategy.world import TEXTS, Visit, join, later, plan, recommend

S = RecommendationState


def test_from_filed_to_effect_seen(visit: Visit, pmo: User, adviser: User) -> None:
    page = visit(adviser)
    data = {"token": uuid.uuid4(), **TEXTS, "priority": 1}
    for _again in range(2):
        page.post(reverse("recommendation-create"), data)
    one = Recommendation.objects.get()
    assert OutgoingMail.objects.filter(to_user=pmo, subject__contains=TEXTS["title"]).count() == 1
    owner, page = make.make_user("Olga Owner"), visit(pmo)
    assert TEXTS["title"] in page.get(reverse("home")).text
    answer = {"version": one.version, "state": "planned", "owner": owner.pk, "due_on": later(9), "text": "Agreed"}
    assert page.post(reverse("recommendation-answer", args=[one.pk]), answer).status_code == 302
    assert page.post(reverse("recommendation-answer", args=[one.pk]), answer).status_code == 409
    assert OutgoingMail.objects.filter(to_user=adviser, text__contains="Agreed").count() == 1
    assert OutgoingMail.objects.filter(to_user=owner).count() == 1
    page = visit(owner)
    page.post(reverse("recommendation-note", args=[one.pk]), {"text": "Half way"})
    page.post(reverse("recommendation-note", args=[one.pk]), {"text": "Half way"})
    assert one.notes.count() == 1
    for name, data in (("done", {}), ("done", {}), ("effect", {"text": "A day, not a week"})):
        assert page.post(reverse(f"recommendation-{name}", args=[one.pk]), data).status_code == 302
    seen = visit(adviser).get(reverse("recommendation", args=[one.pk])).text
    for words in ("Agreed", "Olga Owner", "Half way", "A day, not a week", "Effect seen"):
        assert words in seen, words


STEPS: dict[str, Callable[[User, Recommendation, User], object]] = {
    S.ACCEPTED: lambda pmo, one, _o: _answer(pmo, one, state=S.ACCEPTED),
    S.REJECTED: lambda pmo, one, _o: _answer(pmo, one, state=S.REJECTED, text="No money"),
    S.PLANNED: lambda pmo, one, owner: plan(pmo, one, owner, later(20 + one.version)),
    S.DONE: lambda pmo, one, _o: recommendations.finish(actor=pmo, pk=one.pk),
    S.EVALUATED: lambda pmo, one, _o: recommendations.tell_effect(actor=pmo, pk=one.pk, text="Better"),
}

WAYS: dict[str, tuple[str, ...]] = {
    S.FILED: (), S.ACCEPTED: (S.ACCEPTED,), S.REJECTED: (S.REJECTED,), S.PLANNED: (S.PLANNED,),
    S.DONE: (S.PLANNED, S.DONE), S.EVALUATED: (S.PLANNED, S.DONE, S.EVALUATED),
}  # fmt: skip


def _answer(actor: User, one: Recommendation, **fields: object) -> Recommendation:
    answer = recommendations.Answer(**fields)  # type: ignore[arg-type]  # keywords of a test
    return recommendations.answer_recommendation(actor=actor, pk=one.pk, version=None, answer=answer)


@pytest.mark.parametrize("before", S.values)
@pytest.mark.parametrize("after", list(STEPS))
def test_every_step_follows_the_table(pmo: User, adviser: User, before: str, after: str) -> None:
    one = recommend(adviser)
    for step in WAYS[before]:
        STEPS[step](pmo, one, pmo)
    one.refresh_from_db()
    assert one.state == before
    idle = before in {S.DONE, S.EVALUATED} and after == S.DONE
    if after in RECOMMENDATION_TRANSITIONS[before] or idle:
        STEPS[after](pmo, one, pmo)
        one.refresh_from_db()
        assert one.state == (before if idle else after)
    else:
        with pytest.raises(recommendations.WrongState):
            STEPS[after](pmo, one, pmo)
        one.refresh_from_db()
        assert one.state == before


def test_answers_that_cannot_be(pmo: User, adviser: User) -> None:
    one = recommend(adviser)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    wrong: list[dict[str, object]] = [
        {"state": S.REJECTED, "text": " "},
        {"state": S.PLANNED},
        {"state": S.PLANNED, "owner": pmo, "due_on": yesterday},
        {"state": S.PLANNED, "owner": adviser, "due_on": later()},
    ]
    for fields in wrong:
        with pytest.raises(recommendations.RecommendationError):
            _answer(pmo, one, **fields)
    one.refresh_from_db()
    assert (one.state, one.answered_at) == (S.FILED, None)


@pytest.mark.parametrize("role", RoleName.values)
def test_who_answers(adviser: User, office: Office, role: str) -> None:
    one = recommend(adviser)
    insider = make.make_person(role)
    outsider = join(office, make.make_user()).user
    RoleGrant.objects.create(user=outsider, role=role, scope="organisation", ends_on=later())
    with pytest.raises(NotAllowed):
        _answer(outsider, one, state=S.ACCEPTED)
    if role == RoleName.PMO_MANAGER:
        assert _answer(insider, one, state=S.ACCEPTED).answered_by == insider
    else:
        with pytest.raises(NotAllowed):
            _answer(insider, one, state=S.ACCEPTED)


def test_a_pmo_manager_answers_within_their_reach_only(adviser: User, home: Portfolio) -> None:
    here, far = make.make_person(scope=home), make.make_person(scope=make.make_portfolio())
    one, whole = recommend(adviser, about=("portfolio", home.pk)), recommend(adviser)
    assert set(Recommendation.objects.visible_to(here)) == {one}
    assert not Recommendation.objects.visible_to(far).exists()
    for person, found in ((far, one), (here, whole), (far, whole)):
        with pytest.raises(NotAllowed):
            _answer(person, found, state=S.ACCEPTED)
    assert _answer(here, one, state=S.ACCEPTED).state == S.ACCEPTED
    assert OutgoingMail.objects.filter(to_user=here).count() == 1
    assert not OutgoingMail.objects.filter(to_user=far).exists()


def test_the_database_repeats_the_rules(pmo: User, adviser: User, office: Office) -> None:
    one, other = recommend(adviser), join(office, make.make_user()).user
    rows, now = Recommendation.objects.filter(pk=one.pk), timezone.now()
    for fields in (
        {"title": "Other"},
        {"finding": "Other"},
        {"priority": 3},
        {"state": S.ACCEPTED},
        {"state": S.ACCEPTED, "answered_at": now},
        {"state": S.ACCEPTED, "answered_at": now, "answered_by": adviser},
        {"state": S.ACCEPTED, "answered_at": now, "answered_by": other},
        {"state": S.REJECTED, "answered_at": now, "answered_by": pmo},
        {"state": S.PLANNED, "answered_at": now, "answered_by": pmo},
        {"effect": "Fine"},
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
            rows.update(**fields)
    with pytest.raises(InternalError), transaction.atomic():
        rows.delete()
    assert rows.update(state=S.ACCEPTED, answered_at=now, answered_by=pmo) == 1
    with pytest.raises(InternalError), transaction.atomic():
        rows.update(answered_by=make.make_user())
