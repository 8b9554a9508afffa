"""Judge the migrations; runs inside the virtual environment, against an empty database. Exit status 1: not right."""

import sys

import django
from django.core.management import CommandError, call_command

from launcher.layout import TREE


def main() -> int:
    """Every model change has a migration, and none breaks the release that still runs while it is applied."""
    from django_migration_linter import MigrationLinter

    try:
        call_command("makemigrations", check=True, dry_run=True, verbosity=1)
    except (SystemExit, CommandError) as error:
        sys.stderr.write(f"Models and migrations differ. Run: ./portal manage makemigrations ({error})\n")
        return 1
    ours = sorted(path.parent.parent.name for path in TREE.glob("*/migrations/__init__.py"))
    # The first migration of an app meets no older code: there is nothing to be compatible with.
    linter = MigrationLinter(path=str(TREE), include_apps=ours, no_cache=True, ignore_initial_migrations=True)
    linter.lint_all_migrations()
    return 1 if linter.has_errors else 0


if __name__ == "__main__":
    django.setup()
    sys.exit(main())
