"""``manage.py import_portfolio FILE --preset NAME --portfolio NAME --as-of DATE``."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentTypeError
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import PortalError
from projects.imports import mapping, plan, presets, reconcile, report, tables
from projects.imports.errors import ImportRefused
from projects.imports.mapping import Mapping
from projects.imports.records import Plan
from projects.models import ImportPreset, Portfolio
from projects.services import imports, portfolios
from projects.services.portfolios import NewPortfolio
from strategy.models import Office


class Command(BaseCommand):
    """Import a file of projects. Status 1 and a sentence when it is refused; then nothing was written."""

    help = "Import a CSV or XLSX file of projects into a portfolio, which is made when it is not there."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("file", help="A CSV or XLSX file.")
        parser.add_argument("--preset", help=f"{', '.join(sorted(presets.PRESETS))}, or the name of a saved one. "
                            "Without it the preset is told from the header.")  # fmt: skip
        parser.add_argument("--portfolio", required=True, help="The name or short name of the portfolio.")
        parser.add_argument("--as-of", type=_date, help="The date the file speaks of: YYYY-MM-DD.")
        parser.add_argument("--sheet", default="", help="The sheet of a workbook; else the first one with a table.")
        parser.add_argument(
            "--partial", action="store_true", help="The file is not the whole portfolio: nobody leaves."
        )
        parser.add_argument("--user", help="The e-mail address of the person in whose name it is done.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen and write nothing.")
        parser.add_argument("--json", action="store_true", help="Print the reconciliation as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  as Django calls it
        """Import, and print what came of it."""
        try:
            result = self._import(options)
        except PortalError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"status": "refused", "error": str(error)}, ensure_ascii=False))
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2, default=str))
        else:
            self.stdout.write(report.as_text(result))

    def _import(self, options: dict[str, Any]) -> dict[str, Any]:
        actor = _person(options["user"])
        content = _content(options["file"])
        table = tables.read_table(content, sheet=options["sheet"])
        columns = _mapping(options["preset"], table)
        if options["partial"]:
            columns = replace(columns, is_complete=False)
        prepared = imports.checked_dates(plan.make_plan(table, columns, as_of=options["as_of"]))
        as_of = options["as_of"] or prepared.dates[-1]
        said: list[str] = []
        head = {"file": Path(options["file"]).name, "preset": columns.preset, "as_of": prepared.dates[-1].isoformat()}
        if options["dry_run"]:
            result = reconcile.rehearse(_portfolio(options["portfolio"]), prepared)
            status = "dry-run"
        else:
            with transaction.atomic():
                portfolio = _portfolio(options["portfolio"]) or _made(actor, options["portfolio"], prepared, said)
                result = imports.import_file(
                    actor=actor, portfolio=portfolio, file_name=head["file"], content=content, columns=columns,
                    as_of=as_of, is_complete=columns.is_complete,
                )  # fmt: skip
            status = "imported"
        return {"status": status, "portfolio": options["portfolio"], **head, **result, "said": said}


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("“%(text)s” is not a date. Write it as 2022-03-31.") % {"text": text}) from error


def _content(name: str) -> bytes:
    path = Path(name)
    try:
        if path.stat().st_size > tables.MAX_BYTES:
            raise ImportRefused(
                _("The file has %(size)s MB; the most is %(most)s MB.")
                % {"size": path.stat().st_size // (1024 * 1024), "most": tables.MAX_BYTES // (1024 * 1024)}
            )
        return path.read_bytes()
    except OSError as error:
        raise CommandError(
            _("%(file)s cannot be read: %(reason)s.") % {"file": name, "reason": error.strerror}
        ) from error


def _person(email: str | None) -> User | None:
    if not email:
        return None
    try:
        return User.objects.get(email__iexact=email)
    except User.DoesNotExist as error:
        raise CommandError(_("Nobody has the e-mail address %(email)s.") % {"email": email}) from error


def _mapping(name: str | None, table: tables.Table) -> Mapping:
    if name is None:
        guessed = presets.guess(table.columns)
        if not guessed:
            raise ImportRefused(
                _("No preset knows these columns. Name one with --preset, or match them in the browser.")
            )
        return presets.preset(guessed)
    saved = None if name in presets.PRESETS else ImportPreset.objects.filter(name__iexact=name).order_by("pk").first()
    return mapping.from_json(saved.mapping) if saved else presets.preset(name)


def _portfolio(name: str) -> Portfolio | None:
    found = list(Portfolio.objects.filter(name__iexact=name)[:2]) or list(Portfolio.objects.filter(slug=slugify(name)))
    if len(found) > 1:
        raise ImportRefused(_("Two portfolios are called “%(name)s”. Use the short name.") % {"name": name})
    return found[0] if found else None


def _made(actor: User | None, name: str, prepared: Plan, said: list[str]) -> Portfolio:
    """A portfolio of this name, under the first office; both are said."""
    office = Office.objects.order_by("pk").first()
    if office is None:
        office = Office.objects.create(name="PMO", slug="pmo")
        said.append(_("The office “%(office)s” was made, because there was none.") % {"office": office})
    portfolio = portfolios.create_portfolio(
        actor=actor,
        data=NewPortfolio(
            name=name, slug=slugify(name)[:80] or "portfolio", office=office, colour_scale=prepared.scale,
            currency=prepared.currency or "EUR",
        ),
    )  # fmt: skip
    said.append(
        _("The portfolio “%(name)s” was made, under the office “%(office)s”.") % {"name": name, "office": office}
    )
    return portfolio
