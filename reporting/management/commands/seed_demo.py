from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from common.errors import PortalError
from reporting.demo.cast import PEOPLE, SIGN_INS
from reporting.demo.remove import remove_demo
from reporting.demo.seed import Seed


class Command(BaseCommand):
    help = "Make a demo organisation with a year behind it, through the portal's own services; --remove takes it out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove", action="store_true", help="take the demo organisation out")
        parser.add_argument("--password", default="", help="of all demo people (default: one is made up)")

    def handle(self, **options: Any) -> None:
        if options["remove"]:
            self._remove()
            return
        if User.objects.filter(is_demo=True).exists():
            self.stdout.write("The demo organisation is there already.")
            return
        password = options["password"] or f"havenstad-{secrets.token_hex(3)}"
        Seed(self._tell).make(password)
        self._note(password)
        self.stdout.write(f"The demo organisation is ready. Every demo person signs in with {password}")

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _remove(self) -> None:
        try:
            removed = remove_demo()
        except PortalError as error:
            raise CommandError(str(error)) from error
        self._file.unlink(missing_ok=True)
        self.stdout.write(f"Removed {removed['projects']} demo projects and {removed['people']} demo people.")

    @property
    def _file(self) -> Path:
        return Path(settings.PORTAL_STATE_DIR) / "demo.json"

    def _note(self, password: str) -> None:
        """Leave the sign-ins where the launcher finds them to show."""
        emails = {one.handle: one.email for one in PEOPLE}
        people = [{"email": emails[handle], "role": role} for handle, role in SIGN_INS]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps({"password": password, "people": people}, indent=1))
        self._file.chmod(0o600)
