from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from reporting.enums import SlotState
from reporting.models import Report, ReportSlot
from reporting.services import reports, slots


class Command(BaseCommand):
    help = "List the reports that are due and make them, here and now. Doing it again makes nothing twice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")
        parser.add_argument("--list", action="store_true", dest="only_list", help="only list what is due")

    def handle(self, *_args: Any, **options: Any) -> None:
        created = slots.ensure_slots()
        reports.give_up_on_poison()
        due = list(reports.due_slots().select_related("portfolio"))
        made = [] if options["only_list"] else reports.make_due()
        answer = {
            "slots_created": len(created),
            "due": [_slot(slot) for slot in due],
            "made": [
                _report(report)
                for report in Report.objects.filter(pk__in=made).select_related("slot__portfolio").order_by("pk")
            ],
            "failed": [
                _slot(slot) for slot in ReportSlot.objects.filter(state=SlotState.FAILED).select_related("portfolio")
            ],
            "still_due": reports.due_slots().count(),
        }
        self.stdout.write(json.dumps(answer, indent=2) if options["json"] else _words(answer))


def _slot(slot: ReportSlot) -> dict[str, Any]:
    return {
        "slot": slot.pk,
        "kind": slot.kind,
        "portfolio": slot.portfolio.name,
        "week": f"{slot.iso_year}-W{slot.iso_week:02d}",
        "as_of": slot.as_of.isoformat(),
        "due_at": slot.due_at.isoformat(),
        "attempts": slot.attempts,
        "error": slot.last_error,
    }


def _report(report: Report) -> dict[str, Any]:
    counts = report.content["counts"]
    return {
        "report": report.pk,
        "slot": report.slot_id,
        "portfolio": report.slot.portfolio.name,
        "week": f"{report.slot.iso_year}-W{report.slot.iso_week:02d}",
        "revision": report.revision,
        "projects": counts["projects"],
        "computed": counts["computed"],
        "declared": counts["declared"],
        "sha256": report.content_sha256,
    }


def _words(answer: dict[str, Any]) -> str:
    lines = [f"Due: {len(answer['due'])}. Made: {len(answer['made'])}. Failed: {len(answer['failed'])}."]
    lines += [f"  made    {report['portfolio']} {report['week']}" for report in answer["made"]]
    lines += [f"  failed  {slot['portfolio']} {slot['week']}: {slot['error']}" for slot in answer["failed"]]
    return "\n".join(lines)
