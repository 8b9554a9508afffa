from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from governance.subjects import Subject


class IntakeConfig(AppConfig):
    name = "intake"
    verbose_name = _("Requests")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.enums import Permission
        from common.navigation import Group, NavItem, NewItem, register
        from governance import matters, subjects
        from governance.enums import SubjectKind
        from intake.models import BALLOT_KIND
        from intake.services.matter import as_matter

        matters.register(BALLOT_KIND, as_matter())

        register(
            NavItem(Group.TOP, _("My requests"), "request-mine", "clipboard-plus", Permission.REQUEST_CREATE, order=30,
                    also=("/requests/new/",)),
            NavItem(
                Group.GOVERNANCE, _("Requests"), "request-list", "clipboard-check", Permission.REQUEST_VIEW, order=10
            ),
            NewItem(_("Request"), "request-create", "clipboard-plus", Permission.REQUEST_CREATE, order=10),
        )  # fmt: skip
        subjects.register(SubjectKind.REQUEST.value, _as_subject())


def _as_subject() -> Subject:
    """Requests as the rulebook sees them."""
    from django.urls import reverse

    from governance.subjects import Described, Subject
    from intake.enums import RequestState
    from intake.facts import request_facts
    from intake.models import Request
    from intake.selectors import governing

    def describe(ids: Collection[int]) -> dict[int, Described]:
        titles = Request.objects.filter(pk__in=ids).values_list("pk", "title")
        return {pk: Described(title, reverse("request", args=[f"REQ-{pk:04d}"])) for pk, title in titles}

    return Subject(
        lambda user: Request.objects.visible_to(user).values("pk"), describe, {"state": dict(RequestState.choices)},
        facts=lambda ids, day: request_facts.read_by_id(Request, ids, day),
        controls=governing.control_of, mended_at=governing.mended_at,
        works_on=lambda user: Request.objects.filter(governing.worked_on_by(user)).values("pk"),
        electors=governing.electors_of, people=governing.people_of, of_office=governing.of_office,
        called=governing.called, shown_at=lambda pk, _word: reverse("request", args=[f"REQ-{pk:04d}"]),
    )  # fmt: skip
