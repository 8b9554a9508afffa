from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction

from accounts import services
from accounts.enums import RoleName, ScopeKind
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Make or mend the first administrator and PMO manager: adds the person when new, gives both roles for the "
        "whole organisation and lets them in. They set a password by “Forgot your password?” on the sign-in page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")

    @transaction.atomic
    def handle(self, **options: Any) -> None:
        email: str = options["email"]
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            user = services.add_person(
                actor=None, data=services.NewPerson(email, options["name"] or email.split("@", maxsplit=1)[0])
            )
        if not user.is_active:
            user.is_active = True
            user.save(update_fields=["is_active"])
        for role in (RoleName.ADMINISTRATOR, RoleName.PMO_MANAGER):
            services.grant_role(actor=None, user_pk=user.pk, role=role, scope=ScopeKind.ORGANISATION, scope_id=None)
        self.stdout.write(f"{user.email} is administrator and PMO manager of the whole organisation.")
