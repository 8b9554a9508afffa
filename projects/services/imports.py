"""Importing portfolios: a file is uploaded, its columns matched, looked at, confirmed and run.

Every step is safe to repeat, and of two imports into one portfolio the second waits for the first.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pghistory
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import jobs, versions
from common.enums import JobState
from common.errors import NotAllowed, PortalError
from common.models import JobRun
from projects.enums import IMPORT_TRANSITIONS, ImportState
from projects.imports import apply, guesses, mapping, plan, presets, reconcile, tables
from projects.imports import progress as shown
from projects.imports.errors import DateRefused, ImportRefused
from projects.imports.mapping import Mapping as ColumnMapping
from projects.imports.records import Plan
from projects.models import ImportPreset, ImportRun, Portfolio

if TYPE_CHECKING:
    from accounts.models import User


JOB_KIND: Final = "import_portfolio"
Step = Callable[[str, int, int], None]


class ImportOver(PortalError):
    """The import is in a state in which this cannot be done any more."""


def no_step(_text: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


# --- the steps of the browser ------------------------------------------------------------------------------


@transaction.atomic
def upload_import(
    *, actor: User, portfolio: Portfolio, file_name: str, content: bytes, as_of: dt.date | None, is_complete: bool
) -> ImportRun:
    """Keep a file for import, with a first matching of its columns. Raises: ImportRefused, NotAllowed.

    Without a date the file's own is taken: of its newest rows, or the one that it bears in each row.
    """
    _require_reach(actor, portfolio)
    table = tables.read_table(content)
    name = presets.guess(table.columns)
    chosen = presets.preset(name) if name else guesses.guess_mapping(table.columns, currency=portfolio.currency)
    return ImportRun.objects.create(
        portfolio=portfolio, as_of=_date_of(table, chosen, as_of), file_name=file_name[-200:], content=content,
        sha256=hashlib.sha256(content).hexdigest(), mapping=mapping.to_json(chosen), is_complete=is_complete,
        created_by=actor,
    )  # fmt: skip


def _date_of(table: tables.Table, chosen: ColumnMapping, as_of: dt.date | None) -> dt.date:
    if as_of is None:
        try:
            as_of = plan.make_plan(table, chosen, as_of=None).dates[-1]
        except ImportRefused as error:
            raise DateRefused(_("The file does not say of which date it is. Give the date.")) from error
    return _not_ahead(as_of)


def _not_ahead(as_of: dt.date) -> dt.date:
    if as_of > timezone.localdate():
        raise DateRefused(_("The date %(as_of)s lies ahead. An import says how things were.") % {"as_of": as_of})
    return as_of


@transaction.atomic
def match_columns(
    *, actor: User, run_id: int, columns: Mapping[str, Any], as_of: dt.date, is_complete: bool
) -> ImportRun:
    """Set the matching of an import and rehearse it; the preview is kept with the run.

    Raises: ImportRefused when the file cannot be imported with this matching; ImportOver when it has run.
    """
    run = _claim(actor, run_id, ImportState.READY)
    run.mapping = {**mapping.to_json(mapping.from_json(columns)), "is_complete": is_complete}
    run.as_of, run.is_complete = _not_ahead(as_of), is_complete
    run.preview = reconcile.rehearse(run.portfolio, planned(run))
    run.state = ImportState.READY
    run.version += 1
    run.save(update_fields=["mapping", "as_of", "is_complete", "preview", "state", "version", "updated_at"])
    return run


def planned(run: ImportRun) -> Plan:
    """The plan of a run's file with its matching. Raises: ImportRefused."""
    table = tables.read_table(bytes(run.content))
    return checked_dates(plan.make_plan(table, mapping.from_json(run.mapping), as_of=run.as_of))


def checked_dates(prepared: Plan) -> Plan:
    """The plan, when none of its dates lies ahead. Raises: ImportRefused."""
    _not_ahead(prepared.dates[-1])
    return prepared


@transaction.atomic
def start_import(*, actor: User, run_id: int) -> ImportRun:
    """Ask for the run of an import that was looked at. Asking twice starts it once.

    Raises: ImportOver when it has run or is running; NotAllowed.
    """
    run = _claim(actor, run_id, ImportState.RUNNING)
    job = jobs.ask_for(
        kind=JOB_KIND, label=_("Import of %(file)s") % {"file": run.file_name}, actor=actor,
        params={"run": run.pk}, dedupe_key=f"import:{run.pk}:{run.version}",
    )  # fmt: skip
    versions.apply(run, {"state": ImportState.RUNNING.value, "job_id": job.pk})
    return run


@transaction.atomic
def discard_import(*, actor: User, run_id: int) -> None:
    """Forget an upload that was never run. Raises: ImportOver, NotAllowed."""
    run = _claim(actor, run_id, ImportState.READY)
    run.delete()


@transaction.atomic
def save_preset(*, actor: User, run_id: int, name: str, is_shared: bool) -> ImportPreset:
    """Keep the matching of an import under a name of one's own; the same name again replaces it."""
    run = _reachable(actor).get(pk=run_id)
    own, _made = ImportPreset.objects.select_for_update().get_or_create(owner=actor, name=name.strip()[:80])
    versions.apply(own, {"mapping": {**run.mapping, "preset": ""}, "is_shared": is_shared})
    return own


def _reachable(actor: User) -> QuerySet[ImportRun]:
    return ImportRun.objects.visible_to(actor).select_related("portfolio")


def _claim(actor: User, run_id: int, target: ImportState) -> ImportRun:
    """Lock the run and make sure that it may come into this state. Raises: ImportOver, NotAllowed."""
    run: ImportRun = versions.claim(ImportRun.objects.select_related("portfolio"), pk=run_id, version=None)
    _require_reach(actor, run.portfolio)
    state = ImportState.FAILED.value if _was_given_up(run) else run.state
    if target not in IMPORT_TRANSITIONS[state]:
        raise ImportOver(
            _("This import is “%(state)s”, so this cannot be done any more.") % {"state": run.get_state_display()}
        )
    return run


def _was_given_up(run: ImportRun) -> bool:
    """A run whose worker died until its job was poison is as good as failed."""
    return run.state == ImportState.RUNNING and run.job is not None and run.job.state == JobState.FAILED


def _require_reach(actor: User, portfolio: Portfolio) -> None:
    if not Portfolio.objects.reached_by(actor, Permission.PORTFOLIO_IMPORT).filter(pk=portfolio.pk).exists():
        raise NotAllowed(_("You may not import into %(portfolio)s.") % {"portfolio": portfolio})


# --- running -----------------------------------------------------------------------------------------------


def run_import_job(job: JobRun, progress: jobs.Progress) -> dict[str, Any]:
    """Do the run that a person confirmed, with the rights that they have now."""
    run = ImportRun.objects.select_related("portfolio").get(pk=job.params["run"])

    def step(text: str, done: int, total: int) -> None:
        progress(text, done, total)
        shown.tell(run.pk, text, done, total)

    if job.created_by is not None:
        _require_reach(job.created_by, run.portfolio)
    result = run_import(run_id=run.pk, actor=job.created_by, step=step)
    counts = {name: result[name] for name in ("made", "changed", "unchanged", "refused")}
    return {**counts, "href": reverse("import-run", args=[run.pk])}


def register() -> None:
    """Offer the run of an import to the workers; called once when the app is ready."""
    jobs.handler(JOB_KIND)(run_import_job)


def run_import(*, run_id: int, actor: User | None, step: Step = no_step) -> dict[str, Any]:
    """Write the file of a run into its portfolio and return the reconciliation.

    Running again after it is done returns the same and writes nothing. Raises: ImportRefused; the run
    then says why and can be matched anew.
    """
    ImportRun.objects.filter(pk=run_id).exclude(state=ImportState.DONE).update(state=ImportState.RUNNING)
    run = ImportRun.objects.select_related("portfolio").get(pk=run_id)
    if run.state == ImportState.DONE:
        return dict(run.result)
    try:
        return _run(run, actor, step)
    except Exception as error:
        sentence = str(error) if isinstance(error, PortalError) else _("Something went wrong. It will be tried again.")
        ImportRun.objects.filter(pk=run_id).exclude(state=ImportState.DONE).update(
            state=ImportState.FAILED, result={"error": sentence}, finished_at=timezone.now()
        )
        raise


def _run(run: ImportRun, actor: User | None, step: Step) -> dict[str, Any]:
    step(_("Reading the file"), 0, 0)
    prepared = planned(run)
    with transaction.atomic(), pghistory.context(user=actor.pk if actor else None, import_run=run.pk):
        done = apply.apply_plan(run.portfolio_id, prepared, actor=actor, step=step, source=run.file_name)
        result = reconcile.reconciliation(prepared, done.found, done.warnings)
        result |= {"sets": done.sets, "updates": done.updates, "preset": run.mapping.get("preset", "")}
        locked = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        locked.state, locked.result, locked.finished_at = ImportState.DONE, result, timezone.now()
        locked.as_of = prepared.dates[-1]
        locked.version += 1
        locked.save(update_fields=["state", "result", "finished_at", "as_of", "version", "updated_at"])
    return result


def import_file(  # noqa: PLR0913  the sides of one file
    *,
    actor: User | None,
    portfolio: Portfolio,
    file_name: str,
    content: bytes,
    columns: ColumnMapping,
    as_of: dt.date,
    is_complete: bool,
) -> dict[str, Any]:
    """Import a file in one go, as the command does; the run is kept in the list of imports.

    Raises: ImportRefused, and then no run is kept.
    """
    run = ImportRun.objects.create(
        portfolio=portfolio, as_of=as_of, file_name=file_name[-200:], content=content,
        sha256=hashlib.sha256(content).hexdigest(), is_complete=is_complete, created_by=actor,
        mapping={**mapping.to_json(columns), "is_complete": is_complete}, state=ImportState.RUNNING,
    )  # fmt: skip
    try:
        return run_import(run_id=run.pk, actor=actor)
    except ImportRefused:
        ImportRun.objects.filter(pk=run.pk).delete()
        raise
