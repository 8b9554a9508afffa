from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.seals import verifying


class Command(BaseCommand):
    help = "Walk the chain of seals over the history and compute every hash anew; exit code 1 when something is off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        parser.add_argument(
            "--known-head", default="", metavar="HEX",
            help="a head that was kept outside, such as that of a report: 12 digits or more must be in the chain",
        )  # fmt: skip

    def handle(self, **options: Any) -> None:
        known = options["known_head"].strip()
        if known and (len(known) < verifying.LEAST_KNOWN or not set(known.lower()) <= set("0123456789abcdef")):
            raise CommandError(f"A head is at least {verifying.LEAST_KNOWN} digits from 0 to 9 and a to f.")
        verdict = verifying.Verdict()
        for verdict in verifying.verify(known_head=known):  # noqa: B007 — the last one counts
            pass
        self.stdout.write(json.dumps(verdict.as_dict(), indent=1) if options["json"] else _in_words(verdict, known))
        if not verdict.is_whole:
            sys.exit(1)


def _in_words(verdict: verifying.Verdict, known: str) -> str:
    lines = [f"{verdict.seals} seals over {verdict.rows} rows are whole.", f"Head: {verdict.head}"]
    if verdict.sealed_at:
        lines.append(f"Sealed up to: {verdict.sealed_at}")
    if verdict.broken is not None:
        place = f"table {verdict.broken.table}" if verdict.broken.table else "the chain"
        lines.append(f"BROKEN at seal {verdict.broken.number}, {place}: {verdict.broken.what}.")
    if verdict.knows_head is False:
        lines.append(f"BROKEN: the known head {known} is not in this chain: its end was cut off, or it was made anew.")
    if verdict.knows_head:
        lines.append(f"The known head {known} is in the chain.")
    return "\n".join(lines)
