"""Rehearsing a draft: what it would find today, and what it would have found in the last twelve months.

A rehearsal is a job run. It writes nothing but its own result, and belongs to what the draft asks: after an
edit of that the draft has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from common import jobs
from common.models import JobRun
from governance import subjects
from governance.cases import asked_words
from governance.conditions import Outcome
from governance.contents import content_of
from governance.models import Finding, RuleVersion
from governance.selectors.rehearsals import KIND
from governance.services.drafts import RuleError, may_edit
from governance.services.rules import ActiveRule, children_asked_for, ready

if TYPE_CHECKING:
    from accounts.models import User
    from common.jobs import Progress

LOOKS_BACK: Final = timedelta(days=365)
CHUNK: Final = 1000
VALUES_SHOWN: Final = 6


def ask_for_rehearsal(*, actor: User, pk: int) -> JobRun:
    """Have a draft rehearsed; asked again for the same draft on the same day, the same run.

    Raises: NotAllowed, RuleError.
    """
    may_edit(actor)
    version = RuleVersion.objects.select_related("rule").get(pk=pk)
    if not version.is_draft:
        raise RuleError(_("Only a draft is rehearsed."))
    if subjects.registered()[version.rule.subject_kind].reading is None:
        raise RuleError(_("Rules about this cannot be rehearsed yet."))
    digest = content_of(version).digest
    label = _("Rehearse “%(title)s”") % {"title": version.text("title")}
    return jobs.ask_for(
        kind=KIND, label=label, actor=actor, params={"version": pk, "digest": digest},
        dedupe_key=f"{KIND}:{pk}:{digest}:{timezone.localdate().isoformat()}",
    )  # fmt: skip


@jobs.handler(KIND)
def rehearse(job: JobRun, progress: Progress) -> dict[str, Any]:
    """What the draft says of every subject, now and then. Ids only: a page shows those that its reader may see.

    {"digest", "as_of", "passed": [ids], "unknown": [ids], "hits": [{"id", "new", "values"}], "ended": [ids of
    findings that would close], "past": {"days", "from", "facts_kept", "facts_lost", "told", "asked",
    "hits": [{"id", "first", "days", "stopped"}]}}
    """
    version = RuleVersion.objects.select_related("rule").get(pk=job.params["version"])
    digest = content_of(version).digest
    if digest != job.params["digest"]:
        raise RuleError(_("The draft was changed in the meantime: rehearse it again."))
    kind = version.rule.subject_kind
    rule = ready(version, kind)
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return (
        {"digest": digest, "as_of": today.isoformat()}
        | _now(rule, kind, today, progress)
        | {"past": _then(rule, kind, today, progress)}
    )


def _reading(kind: str) -> subjects.Reading:
    reading = subjects.registered()[kind].reading
    assert reading is not None  # noqa: S101 — ask_for_rehearsal saw it
    return reading


def _now(rule: ActiveRule, kind: str, today: date, progress: Progress) -> dict[str, Any]:
    reading = _reading(kind)
    ids, children = reading.live(rule.checkpoints), children_asked_for([rule])
    open_now = set(
        Finding.objects.open().filter(subject_kind=kind, rule=rule.rule_id).values_list("subject_id", flat=True)
    )
    found: dict[str, Any] = {"passed": [], "unknown": [], "hits": [], "ended": []}
    for start in range(0, len(ids), CHUNK):
        progress(_("Today"), start, len(ids))
        for facts in reading.read(ids[start : start + CHUNK], children):
            pk, outcome = facts["pk"], rule.judges(facts, today)
            if outcome is Outcome.FAIL:
                found["hits"].append({"id": pk, "new": pk not in open_now, "values": _values(rule, facts, today)})
            else:
                found["passed" if outcome is Outcome.PASS else "unknown"].append(pk)
                if outcome is Outcome.PASS and pk in open_now:
                    found["ended"].append(pk)
    return found


def _values(rule: ActiveRule, facts: Any, today: date) -> list[dict[str, Any]]:
    return rule.evidence(facts, today)[:VALUES_SHOWN]


def _then(rule: ActiveRule, kind: str, today: date, progress: Progress) -> dict[str, Any]:
    """The rule over what was kept. Whoever breaks it week after week is one hit with a first day."""
    reading = _reading(kind)
    asked = set(asked_words(rule.applies, rule.condition))
    days: list[str] = []
    first: dict[int, str] = {}
    times: Counter[int] = Counter()
    told = total = 0
    for past in reading.past(today - LOOKS_BACK, today - timedelta(days=1), rule.checkpoints):
        progress(_("The last twelve months"), len(days), 0)
        days.append(past.day.isoformat())
        for pk, outcome in _judged(rule, past):
            total += 1
            told += outcome is not Outcome.UNKNOWN
            if outcome is Outcome.FAIL:
                first.setdefault(pk, days[-1])
                times[pk] += 1
    stopped = reading.stopped(list(first))
    return {
        "days": len(set(days)), "from": days[0] if days else None, "told": told, "asked": total,
        "facts_kept": sorted(asked & reading.kept), "facts_lost": sorted(asked - reading.kept),
        "hits": [{"id": pk, "first": day, "days": times[pk], "stopped": pk in stopped} for pk, day in first.items()],
    }  # fmt: skip


def _judged(rule: ActiveRule, past: subjects.Past) -> Iterator[tuple[int, Outcome]]:
    for pk, facts in past.facts.items():
        yield pk, rule.judges(facts, past.day)
