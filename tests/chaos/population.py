"""Run inside the stack under test: make the portfolios, write their slots down, look at what came of them.

`python -m tests.chaos.population fill 25` or `… check`. Answers in JSON.
"""

import json
import sys
from datetime import timedelta

import django

django.setup()

from celery import current_app  # noqa: E402  after the apps are loaded
from django.db import connection  # noqa: E402  after the set-up
from django.db.models.functions import Now  # noqa: E402  after the set-up

from accounts.enums import RoleName  # noqa: E402  after the set-up
from common.models import OutgoingMail  # noqa: E402  after the set-up
from projects.models import Portfolio  # noqa: E402  after the set-up
from reporting.enums import SlotState  # noqa: E402  after the set-up
from reporting.models import Report, ReportSlot  # noqa: E402  after the set-up
from reporting.services import slots, subscriptions  # noqa: E402  after the set-up
from reporting.weekly import build  # noqa: E402  after the set-up
from tests import factories as make  # noqa: E402  after the set-up

WEEKS = 8


def fill(portfolios: int) -> dict[str, int]:
    """So many portfolios with a reader each and eight weeks due, and one message for each slot."""
    reader = make.make_person(RoleName.EXECUTIVE)
    office = make.make_office()
    for _number in range(portfolios):
        portfolio = make.make_portfolio(office=office)
        make.make_healthy_project(portfolio=portfolio)
        subscriptions.subscribe(portfolio=portfolio, actor=reader)
    Portfolio.objects.update(created_at=Now() - timedelta(weeks=WEEKS + 2))
    made = slots.ensure_slots()
    for slot in made:
        current_app.send_task("reporting.tasks.make_report", kwargs={"slot_id": slot.pk}, ignore_result=True)
    return {"slots": len(made)}


def check() -> dict[str, int | list[str]]:
    """What is there: rows, and contents that differ from what their frozen inputs give."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT slot_id FROM reporting_report GROUP BY 1 HAVING count(*) > 1) d")
        doubled = cursor.fetchone()[0]
    different = 0
    for report in Report.objects.select_related("slot").iterator(100):
        different += build.digest(build.build(report.slot)) != report.content_sha256
    return {
        "slots": ReportSlot.objects.count(),
        "reports": Report.objects.count(),
        "missing": ReportSlot.objects.filter(reports__isnull=True).count(),
        "doubled": doubled,
        "failed": ReportSlot.objects.filter(state=SlotState.FAILED).count(),
        "different": different,
        "tries": sum(ReportSlot.objects.values_list("attempts", flat=True)),
        "unsent": OutgoingMail.objects.filter(sent_at__isnull=True).count(),
        "mails": list(OutgoingMail.objects.values_list("message_id", flat=True)),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(fill(int(sys.argv[2])) if sys.argv[1] == "fill" else check()))
