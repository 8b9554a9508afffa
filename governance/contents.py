"""What a version of a rule says, read strictly from plain data: what is written and imported goes through here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from common.languages import LANGUAGES
from governance import conditions, subjects
from governance.conditions import AllOf, Condition, ConditionError, OneOf
from governance.conditions.certainty import never_decides, never_kept, never_stops
from governance.enums import Checkpoint, Enforcement, OfferKind, Weight
from governance.facts import Catalogue, catalogue
from strategy.enums import ControlLevel

TEXTS: Final = {"title": 160, "message": 300, "remedy": 120}
"""The texts of a rule in each language, with the most characters that each may have."""


LONGEST_URL: Final = 800
_MOMENTS: Final = frozenset({Checkpoint.SUBMIT_REQUEST.value, Checkpoint.APPROVE_REQUEST.value})


class ContentError(ConditionError):
    """A rule cannot be read. `place` says where, such as "texts › nl › title"."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a version says: all that its digest covers. Trees are in their stored form."""

    weight: str
    condition: dict[str, Any]
    texts: dict[str, dict[str, str]]
    applies: dict[str, Any] | None = None
    remedy_page: str = ""
    offers: str = ""
    offer_url: str = ""
    checkpoints: list[str] = field(default_factory=lambda: [Checkpoint.WEEKLY_SCAN.value])
    scope: dict[str, list[Any]] = field(default_factory=dict)
    enforcement: dict[str, str] = field(
        default_factory=lambda: dict.fromkeys(ControlLevel.values, Enforcement.ADVISE.value)
    )
    effective_from: date | None = None
    effective_to: date | None = None

    def data(self) -> dict[str, Any]:
        """As plain JSON."""
        return {name: conditions.plain(value) for name, value in asdict(self).items()}

    @property
    def digest(self) -> str:
        """The same for versions that judge the same: texts, dates and the rest do not count. Of a request the moment
        at which it is judged counts as well, as until it is decided it is being filled in.
        """
        judging = {name: self.data()[name] for name in ("applies", "condition", "scope")}
        if moments := [one for one in self.checkpoints if one in _MOMENTS]:
            judging["moments"] = moments
        return sha256(json.dumps(judging, sort_keys=True).encode()).hexdigest()[:32]


FIELDS: Final = tuple(Content.__dataclass_fields__)


def content_of(version: Any) -> Content:
    """The content of a stored version."""
    return Content(**{name: getattr(version, name) for name in FIELDS})


def read_content(data: Mapping[str, Any], kind: str) -> Content:
    """Read a version's content about this kind of subject.

    Raises:
        ContentError: something in it is not as it must be; it names the place.
    """
    unknown = sorted(map(str, set(data) - set(FIELDS)))
    if unknown:
        message = _("“%(key)s” is no part of a rule: use %(known)s.")
        raise ContentError("", message % {"key": unknown[0], "known": ", ".join(FIELDS)})
    known = catalogue(kind)
    applies = None if data.get("applies") is None else _tree(data["applies"], known, "applies")
    condition = _tree(data.get("condition"), known, "condition")
    _check_use(applies, condition)
    starts, ends = (_day(data.get(name), name) for name in ("effective_from", "effective_to"))
    if starts and ends and ends < starts:
        raise ContentError("effective_to", _("The last day lies before the first: swap them."))
    return Content(
        weight=_choice(data.get("weight", Weight.MEDIUM.value), Weight.values, "weight"),
        condition=conditions.as_data(condition),
        applies=None if applies is None else conditions.as_data(applies),
        texts=read_texts(data.get("texts")),
        remedy_page=_remedy(data.get("remedy_page") or "", kind),
        **_offer(data.get("offers") or "", data.get("offer_url") or ""),
        checkpoints=_checkpoints(data.get("checkpoints", usual_checkpoints(kind)), kind),
        scope=read_scope(data.get("scope") or {}, kind),
        enforcement=_enforcement(data.get("enforcement", {})),
        effective_from=starts,
        effective_to=ends,
    )


def _tree(data: object, known: Catalogue, place: str) -> Condition:
    try:
        return conditions.parse(data, known)
    except ConditionError as error:
        below = f"{place} › {error.place}" if error.place else place
        raise ContentError(below, str(error).removeprefix(f"{error.place}: ")) from error


def _check_use(applies: Condition | None, condition: Condition) -> None:
    if applies is not None and never_decides(applies) == "never":
        raise ContentError("applies", _("This can hold for nobody, so the rule would look at nobody: change it."))
    if never_decides(condition) == "never" or never_kept(applies, condition):
        raise ContentError("condition", _("This condition can hold for nobody: change it."))
    if never_decides(condition) == "always" or never_stops(applies, condition):
        message = _("This condition holds for everybody, so it asks nothing: change or remove it.")
        raise ContentError("condition", message)


def _choice(value: object, known: list[str], place: str) -> str:
    if not isinstance(value, str) or value not in known:
        message = _("“%(value)s” is not known here: choose one of %(known)s.")
        raise ContentError(place, message % {"value": value, "known": ", ".join(known)})
    return value


def _day(value: object, place: str) -> date | None:
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        message = _("“%(value)s” is no date: write it such as 2026-11-22.")
        raise ContentError(place, message % {"value": value}) from None


def read_texts(data: object) -> dict[str, dict[str, str]]:
    """The title, message and remedy in every language of the portal. Raises: ContentError."""
    if not isinstance(data, Mapping) or set(data) != set(LANGUAGES):
        raise ContentError("texts", _("Write the texts in these languages: %(all)s.") % {"all": ", ".join(LANGUAGES)})
    return {language: _texts(data[language], f"texts › {language}") for language in LANGUAGES}


def _texts(data: object, place: str) -> dict[str, str]:
    if not isinstance(data, Mapping) or set(data) != set(TEXTS):
        raise ContentError(place, _("Write exactly these texts: %(all)s.") % {"all": ", ".join(TEXTS)})
    found = {}
    for name, limit in TEXTS.items():
        text = data[name]
        if not isinstance(text, str) or not 0 < len(text.strip()) <= limit:
            message = _("Write a text of 1 to %(limit)d characters.")
            raise ContentError(f"{place} › {name}", message % {"limit": limit})
        found[name] = text.strip()
    return found


def _remedy(value: object, kind: str) -> str:
    known = subjects.registered()[kind].remedies
    if not value or not known:
        return str(value)[:80]
    return _choice(value, list(known), "remedy_page")


def _offer(kind: object, url: object) -> dict[str, str]:
    """What helps to keep a rule, and the address where it lies: both or neither."""
    if not kind and not url:
        return {}
    if not url:
        raise ContentError("offer_url", _("Write where that lies, or offer nothing."))
    try:
        URLValidator(schemes=["http", "https"])(str(url))
    except ValidationError:
        raise ContentError("offer_url", _("Write a web address, such as https://documents.example.org/.")) from None
    if len(str(url)) > LONGEST_URL:
        raise ContentError("offer_url", _("Write a text of 1 to %(limit)d characters.") % {"limit": LONGEST_URL})
    if not kind:
        raise ContentError("offers", _("Choose what lies there."))
    return {"offers": _choice(kind, OfferKind.values, "offers"), "offer_url": str(url)}


def usual_checkpoints(kind: str) -> list[str]:
    """When a rule is asked that does not say it: by the weekly scan, else at the first moment there is."""
    known = subjects.registered()[kind].checkpoints or (Checkpoint.WEEKLY_SCAN.value,)
    return [Checkpoint.WEEKLY_SCAN.value if Checkpoint.WEEKLY_SCAN.value in known else known[0]]


def _checkpoints(data: object, kind: str) -> list[str]:
    known = list(subjects.registered()[kind].checkpoints or Checkpoint.values)
    if not isinstance(data, list | tuple) or not data:
        raise ContentError("checkpoints", _("Choose at least one moment at which the rule is asked."))
    found = {_choice(value, known, "checkpoints") for value in data}
    return [value for value in Checkpoint.values if value in found]


def _enforcement(data: object) -> dict[str, str]:
    if not isinstance(data, Mapping):
        raise ContentError("enforcement", _("Write what happens under each control level."))
    for level in data:
        _choice(level, ControlLevel.values, "enforcement")
    return {
        level: _choice(data.get(level, Enforcement.ADVISE.value), Enforcement.values, f"enforcement › {level}")
        for level in ControlLevel.values
    }


def read_scope(data: object, kind: str) -> dict[str, list[Any]]:
    """For whom a rule is: {facet: [values]}; everybody when empty. Raises: ContentError."""
    subject = subjects.registered()[kind]
    if not isinstance(data, Mapping):
        raise ContentError("scope", _("Write a list of values for each facet."))
    found = {}
    for name, values in data.items():
        facet = subject.facets.get(name)
        if facet is None:
            message = _("“%(name)s” is no facet by which rules can differ: use %(known)s.")
            raise ContentError("scope", message % {"name": name, "known": ", ".join(subject.facets)})
        options = facet.options()
        if not isinstance(values, list | tuple) or not values:
            raise ContentError(f"scope › {name}", _("Choose at least one value, or leave this facet out."))
        for value in values:
            if value not in options:
                message = _("“%(value)s” is not there (any more): choose another.")
                raise ContentError(f"scope › {name}", message % {"value": value})
        found[name] = sorted(set(values), key=str)
    contradiction = subject.contradiction(found)
    if contradiction:
        raise ContentError("scope", contradiction)
    return {name: found[name] for name in subject.facets if name in found}


def concerns(content: Any, kind: str) -> Condition | None:
    """Where a version holds: its scope and what it applies to as one condition; None for everywhere.

    Takes a query for each facet that stands for what lies below it.
    """
    facets = subjects.registered()[kind].facets
    parts: list[Condition] = [
        OneOf(f"{kind}.{facets[name].fact}", tuple(facets[name].below(values)))
        for name, values in content.scope.items()
        if name in facets
    ]
    if content.applies is not None:
        parts.append(conditions.parse(content.applies, catalogue(kind)))
    return None if not parts else parts[0] if len(parts) == 1 else AllOf(tuple(parts))
