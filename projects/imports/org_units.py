"""Org units by the names that files use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

from accounts.models import OrgUnit, User
from accounts.services import add_org_unit
from projects.imports.changes import folded_name

_LOCK: Final = 7_402_117


def units_by_name(names: Iterable[str], *, actor: User | None) -> dict[str, int]:
    """The ids by folded name, making a root for each name that no unit and no unit's code has.

    Two imports at once make a unit once: whoever comes second waits, and finds it.
    """
    wanted = {folded_name(name): name for name in names if name}
    known = _known()
    missing = [name for folded, name in sorted(wanted.items()) if folded not in known]
    if missing:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        known = _known()
        for name in missing:
            if folded_name(name) not in known:
                known[folded_name(name)] = add_org_unit(actor=actor, name=name).pk
    return {folded: known[folded] for folded in wanted}


def _known() -> dict[str, int]:
    """Units by code and by name; a name wins over a code, a higher unit over a lower one."""
    units = list(OrgUnit.objects.order_by("-depth", "-pk").values_list("pk", "name", "code"))
    by_code = {folded_name(code): pk for pk, _name, code in units if code}
    return {**by_code, **{folded_name(name): pk for pk, name, _code in units}}
