"""Rules that hold for the whole tree. Each guard first shows that it looked at something."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.functional import Promise

from accounts.enums import Permission
from common.views import PUBLIC, SIGNED_IN, PortalView

OURS = ("common", "accounts", "strategy", "governance", "playbooks", "projects", "intake", "reporting")
ROOT = Path(settings.BASE_DIR)

OPEN_TO_ALL: dict[str, str] = {
    "healthz": "says only that the process lives",
    "readyz": "names parts and ages, no data of people or projects",
    "metrics": "asks for a token of its own",
    "gallery": "shows the components with made-up data, and only while developing",
    "set_language": "stores a choice in a cookie",
    "report-unsubscribe-link": "one-click unsubscribe by RFC 8058: its link is signed for one subscription",
}
"""URL names without a permission of ours, each with its reason."""

ALLAUTH = "account/"
"""Sign-in, password and second factor are allauth's own views; they act on the person alone."""


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, path)
        else:
            yield path, entry


def test_every_url_declares_who_may_open_it() -> None:
    seen = 0
    for path, pattern in routes():
        if path.startswith(ALLAUTH) or pattern.name in OPEN_TO_ALL:
            continue
        view = getattr(pattern.callback, "view_class", None)
        assert view is not None, f"{path} is no class-based view"
        assert issubclass(view, PortalView), f"{view.__qualname__} is no PortalView"
        permission = getattr(view, "permission", None)
        assert permission in {PUBLIC, SIGNED_IN, *Permission.values}, f"{path} declares no permission"
        seen += 1
    assert seen > 20


def test_the_list_of_open_urls_has_no_stale_entry() -> None:
    names = {pattern.name for _path, pattern in routes()}
    assert set(OPEN_TO_ALL) <= names


def test_url_names_are_unique() -> None:
    names = [pattern.name for path, pattern in routes() if not path.startswith(ALLAUTH)]
    assert len(names) == len(set(names))


def templates() -> list[str]:
    folder = ROOT / "templates"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in {".html", ".txt"})


def test_every_template_compiles() -> None:
    names = templates()
    assert len(names) > 30
    for name in names:
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            pytest.fail(f"{name}: {error}")


def test_every_page_has_a_title() -> None:
    pages = [name for name in templates() if name.endswith(".html") and _is_page(name)]
    assert len(pages) > 10
    for name in pages:
        text = (ROOT / "templates" / name).read_text()
        assert re.search(r"{% block (head_)?title %}", text), f"{name} has no title"


def _is_page(name: str) -> bool:
    text = (ROOT / "templates" / name).read_text()
    return bool(re.search(r'{% extends "layouts/', text)) and not name.startswith(("layouts/", "allauth/"))


def test_no_template_holds_script_or_style() -> None:
    checked = 0
    for name in templates():
        if name.startswith("mail/"):
            continue  # mail programs know no style sheets
        text = (ROOT / "templates" / name).read_text()
        assert "<style" not in text, name
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), name
        assert not re.search(r"\sstyle=", text), name
        assert not re.search(r"\son[a-z]+=", text), name
        assert "|safe" not in text, name
        checked += 1
    assert checked > 30


def test_every_mail_has_both_forms() -> None:
    mails = {name for name in templates() if name.startswith("mail/")}
    assert mails
    for name in mails:
        twin = name.removesuffix(".txt") + ".html" if name.endswith(".txt") else name.removesuffix(".html") + ".txt"
        assert twin in mails, f"{name} lacks {twin}"


def our_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m._meta.app_label in OURS and not hasattr(m, "pgh_tracked_model")]


def test_every_at_and_by_pair_is_set_together_by_a_constraint() -> None:
    pairs = 0
    for model in our_models():
        names = {field.name for field in model._meta.fields}
        text = " ".join(str(constraint.deconstruct()) for constraint in model._meta.constraints)
        for name in names:
            stem = name.removesuffix("_at")
            if name.endswith("_at") and f"{stem}_by" in names and model._meta.get_field(name).null:
                pairs += 1
                assert name in text, f"{model.__name__}: no constraint holds {stem}_at and {stem}_by together"
                assert f"{stem}_by" in text, f"{model.__name__}: no constraint holds {stem}_at and {stem}_by together"
    assert pairs >= 4


UNTRACKED: dict[str, str] = {
    "JobRun": "a run is its own trace",
    "OutgoingMail": "an outbox row is its own trace",
    "Heartbeat": "a clock",
    "UsedToken": "a form token",
    "FactRow": "derived",
    "ProjectState": "derived from tracked rows",
    "Finding": "its opening and closing are its trace",
    "Snapshot": "never changed once written",
    "SnapshotSet": "never changed once written",
    "Rollup": "derived from tracked rows",
    "ComplianceWeek": "derived from tracked rows, written once",
    "Baseline": "a version is never changed nor deleted; it is its own trace",
    "ReportSlot": "derived from the calendar; what comes of it is tracked as a report",
    "AuditEvent": "a trace itself, and never changed",
    "RefusalCount": "a counter of an hour",
    "Seal": "never changed once written",
    "SealMark": "how far the sealing is; the seals themselves say it too",
}


def test_every_governed_model_has_a_history() -> None:
    tracked = {m.pgh_tracked_model.__name__ for m in apps.get_models() if getattr(m, "pgh_tracked_model", None)}
    assert len(tracked) > 15
    for model in our_models():
        if model._meta.proxy or model.__name__ in UNTRACKED:
            continue
        assert model.__name__ in tracked, f"{model.__name__} leaves no trace"
    assert set(UNTRACKED) - {"FactRow"} <= {m.__name__ for m in our_models()}


def test_what_history_tells_of_has_a_name_in_the_language_of_the_reader() -> None:
    """A name made from the name of the column is English for everybody."""
    nameless = [
        f"{model.__name__}.{field.name}"
        for model in our_models()
        for field in model._meta.concrete_fields
        if model.__name__ not in UNTRACKED
        and isinstance(field, models.ForeignKey)
        and not isinstance(field._verbose_name, Promise)
    ]
    assert not [name for name in nameless if name not in {"ImportRun.job", "Report.slot", "Report.published_by"}]


def our_tasks() -> list[str]:
    current_app.loader.import_default_modules()
    return sorted(name for name in current_app.tasks if name.split(".")[0] in OURS)


TASK_ARGUMENTS: dict[str, dict[str, Any]] = {
    "common.tasks.sweep": {},
    "common.tasks.work": {},
    "reporting.tasks.make_report": {"slot_id": 0},
}
"""A call of every task; a task that is not here fails the guard, so that it gets one."""


def counts() -> dict[str, int]:
    return {m.__name__: m._base_manager.count() for m in our_models() if m.__name__ != "Heartbeat"}


@pytest.mark.django_db(transaction=True)
def test_every_task_leaves_the_same_when_it_runs_twice_and_at_once() -> None:
    names = our_tasks()
    assert len(names) >= 2
    for name in names:
        assert name in TASK_ARGUMENTS, f"{name} has no line in TASK_ARGUMENTS"
        task = current_app.tasks[name]
        task(**TASK_ARGUMENTS[name])
        after_one = counts()
        task(**TASK_ARGUMENTS[name])
        assert counts() == after_one
        errors: list[BaseException] = []

        def run(task: Any = task, name: str = name, errors: list[BaseException] = errors) -> None:
            try:
                task(**TASK_ARGUMENTS[name])
            except BaseException as error:  # noqa: BLE001 — told in the main thread
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not errors
        assert counts() == after_one


def sources() -> list[Path]:
    return [path for app in OURS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]


BANNED = {
    r"\.delay\(|\.apply_async\(": "write a row and wake a worker (common.jobs, common.wake)",
    r"mark_safe\(\s*f[\"']": "build markup with format_html",
    r"csrf_exempt": "no exemption without a signed token (RFC 8058 is the one case)",
    r"datetime\.now\(\)|date\.today\(\)": "ask django.utils.timezone",
    r"objects\.(raw|extra)\(": "the ORM can say this",
}
ALLOWED = {("csrf_exempt", "reporting/views/reports.py"): "one-click unsubscribe by RFC 8058: mail programs post it"}


def test_nobody_walks_around_the_mechanisms() -> None:
    files = sources()
    assert len(files) > 50
    found = []
    for path in files:
        text = path.read_text()
        name = str(path.relative_to(ROOT))
        found += [
            f"{name}: {pattern} — {remedy}"
            for pattern, remedy in BANNED.items()
            if re.search(pattern, text) and (pattern, name) not in ALLOWED
        ]
    assert not found, "\n".join(found)
