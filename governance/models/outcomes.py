"""What comes of a ballot in the model that it is about: written only after the ballot."""

from __future__ import annotations

import pgtrigger


def follows_a_ballot(kind: str, *, when: str, match: str) -> pgtrigger.Trigger:
    """A trigger for the model of a matter: what a ballot decides is written only after it, never by hand.

    `when` is the SQL condition of such a step, of OLD and NEW; `match` what must be true of the decided ballot `b`
    about the row. It runs after the constraints, so that these speak first.
    """
    return pgtrigger.Trigger(
        name="follows_a_ballot",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(when),
        func=f"""
            IF NOT EXISTS (SELECT FROM governance_ballot b WHERE b.subject_kind = '{kind}'
                AND b.subject_id = NEW.id AND b.state = 'decided' AND {match}) THEN
                RAISE EXCEPTION 'a ballot decides this' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NULL;
        """,
    )


SAID_YES = "(b.outcome IN ('approve', 'conditional'))"
