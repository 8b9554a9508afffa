"""What must hold after each step of a walk."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import connection
from django.utils import timezone
from hypothesis.stateful import invariant

from governance.models import Ballot, Vote, Waiver
from projects.models import Baseline, Project
from tests.walks.questions import Agreed
from tests.walks.walker import Walker

SELF_APPROVALS: Final = """
    SELECT count(*) FROM governance_vote v JOIN governance_ballot b ON b.id = v.ballot_id
        JOIN governance_ballotseat s ON s.id = v.seat_id
        WHERE v.voided_at IS NULL AND (v.cast_by_id = b.asked_by_id OR v.cast_by_id = ANY(b.barred_ids)
            OR s.person_id = ANY(b.barred_ids))
    UNION ALL SELECT count(*) FROM governance_ballot WHERE decided_by_id = ANY(barred_ids)
    UNION ALL SELECT count(*) FROM governance_waiver WHERE granted_by_id IN (asked_by_id, owner_id)
    UNION ALL SELECT count(*) FROM intake_request WHERE decided_by_id = requester_id
    UNION ALL SELECT count(*) FROM projects_changerequest
        WHERE decided_by_id = requested_by_id OR decided_by_id = ANY(author_ids)
    UNION ALL SELECT count(*) FROM projects_baseline n JOIN projects_changerequest c ON c.id = n.change_request_id
        WHERE n.agreed_by_id IS DISTINCT FROM c.decided_by_id OR n.agreed_by_id = ANY(c.author_ids)
    UNION ALL SELECT count(*) FROM governance_ruleversion r JOIN governance_ruleversionevent e ON e.pgh_obj_id = r.id
        WHERE e.author_id = r.activated_by_id
"""
CLOSED: Final = """
    SELECT b.id, md5(row_to_json(b)::text || (SELECT json_agg(v ORDER BY v.id) FROM governance_vote v
        WHERE v.ballot_id = b.id)::text || (SELECT json_agg(s ORDER BY s.id) FROM governance_ballotseat s
        WHERE s.ballot_id = b.id)::text || (SELECT json_agg(t ORDER BY t.id) FROM governance_ballotstep t
        WHERE t.ballot_id = b.id)::text)
    FROM governance_ballot b WHERE b.state <> 'open'
"""


def days_from(today: dt.date, day: dt.date | None) -> int:
    assert day is not None
    return (day - today).days


class Checks(Walker):
    """The portal against the oracle, and the tables by themselves."""

    @invariant()
    def the_portal_and_the_oracle_agree(self) -> None:
        questions = self.oracle.questions
        assert Ballot.objects.count() == len(questions)
        rows = Ballot.objects.values_list("pk", "state", "outcome", "asked_by", "barred_ids", "rule_versions")
        for pk, state, outcome, asker, barred, rules in rows:
            question = questions[pk]
            assert (state, outcome, self.portal.name(asker)) == (question.state, question.outcome, question.asker)
            assert self.portal.names(barred) == question.barred
            assert frozenset(rules) == question.rules, "the rules are those of the opening"
        votes = Vote.objects.counting().values_list("ballot", "cast_by", "seat__person", "choice")
        found = sorted((pk, self.portal.name(by), self.portal.name(seat), choice) for pk, by, seat, choice in votes)
        assert found == sorted(
            (pk, vote.by, vote.seat, vote.choice) for pk, question in questions.items() for vote in question.votes
        )

    @invariant()
    def the_project_goes_on_as_was_decided(self) -> None:
        assert Project.objects.get(pk=self.portal.project.pk).status == self.oracle.status

    @invariant()
    def what_was_agreed_moves_by_a_ballot_or_a_file(self) -> None:
        project, today = Project.objects.get(pk=self.portal.project.pk), timezone.localdate()
        versions = Baseline.objects.filter(project=project).order_by("number").select_related("agreed_by")
        assert [
            Agreed(
                one.source, self.portal.name(one.agreed_by_id or 0), int(one.cost or 0), days_from(today, one.finish_on)
            )
            for one in versions
        ] == self.oracle.agreed
        now = self.oracle.agreed[-1]
        assert (project.baseline_cost, days_from(today, project.baseline_finish_on)) == (now.cost, now.finish)

    @invariant()
    def nobody_approves_their_own(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SELF_APPROVALS)
            found = sum(count for (count,) in cursor.fetchall())
        type(self).self_approvals += found
        assert found == 0

    @invariant()
    def what_is_over_never_changes(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(CLOSED)
            now = dict(cursor.fetchall())
        assert self.closed.items() <= now.items()
        self.closed = now

    @invariant()
    def what_was_granted_was_decided_by_a_ballot(self) -> None:
        yes = set(Ballot.objects.filter(subject_kind="waiver", outcome="approve").values_list("subject_id", flat=True))
        assert set(Waiver.objects.exclude(granted_by=None).values_list("pk", flat=True)) == yes
