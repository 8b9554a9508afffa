"""Rules as YAML: to keep them beside other policies, carry them to another portal, or read them in one go."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import yaml
from django.utils.text import slugify
from django.utils.translation import gettext as _

from governance import conditions
from governance.cases import MAX_CASES, Case, read_facts
from governance.conditions import ConditionError
from governance.contents import Content, content_of, read_content
from governance.enums import Expected, SubjectKind
from governance.facts import catalogue

MAX_BYTES: Final = 1_000_000
MAX_RULES: Final = 500
RESERVED: Final = frozenset({"new", "import", "export"})
"""Codes that are addresses of pages."""
_KEYS: Final = ("rule", "looks_at", "owner", "review_on", "note")
_CASE_KEYS: Final = {"name", "on_day", "facts", "expected"}


class DocumentError(ConditionError):
    """A file of rules cannot be read; `place` says where."""


@dataclass(frozen=True, slots=True)
class Document:
    """A rule with one version, as a file holds it. `owner` is an e-mail address."""

    code: str
    kind: str
    content: Content
    cases: tuple[Case, ...] = ()
    owner: str = ""
    review_on: date | None = None
    note: str = ""


def document_of(version: Any) -> Document:
    """A stored version with its rule, owner and cases, all of them loaded."""
    rule = version.rule
    cases = tuple(Case(one.name, one.expected, one.facts, one.on_day) for one in version.cases.all())
    owner = rule.owner.email if rule.owner else ""
    return Document(rule.code, rule.subject_kind, content_of(version), cases, owner, rule.review_on, version.note)


def write(documents: Iterable[Document]) -> str:
    """The documents as YAML text; `read` gives them back."""
    return write_plain({"rules": [_plain(one) for one in documents]})


def _plain(one: Document) -> dict[str, Any]:
    head = {
        "rule": one.code,
        "looks_at": one.kind,
        "owner": one.owner,
        "review_on": conditions.plain(one.review_on),
        "note": one.note,
    }
    content = {name: value for name, value in one.content.data().items() if value not in (None, "", {})}
    cases = [
        {"name": case.name, "on_day": case.on_day.isoformat(), "facts": dict(case.facts), "expected": case.expected}
        for case in one.cases
    ]
    return {name: value for name, value in head.items() if value} | content | ({"cases": cases} if cases else {})


class _Dumper(yaml.SafeDumper):
    """Writes everything out: a file without short cuts is read by everybody."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 — the library hands it over
        return True


class _Loader(yaml.SafeLoader):
    """Plain data only: no tags, no aliases (a small file could become a huge one), no key twice, dates stay text."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # the parser has no types
            raise yaml.MarkedYAMLError(problem=_("write it out: short cuts (*name) are not read"), problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002  as the parser calls it
        seen = set()
        for key_node, _value in node.value:
            key = key_node.value
            if key in seen:
                problem = _("“%(key)s” stands here twice") % {"key": key}
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read(text: str) -> list[Document]:
    """Read a file of rules, all or nothing.

    Raises:
        DocumentError: it names the line, or the rule and the place in it.
    """
    data = load(text)
    rules = data.get("rules") if isinstance(data, dict) and set(data) == {"rules"} else None
    if not isinstance(rules, list) or not 0 < len(rules) <= MAX_RULES:
        message = _("Write “rules:” and below it a list of 1 to %(limit)d rules.")
        raise DocumentError("", message % {"limit": MAX_RULES})
    documents: list[Document] = []
    for number, one in enumerate(rules, start=1):
        name = one.get("rule") if isinstance(one, dict) else None
        place = _("rule %(number)d") % {"number": number} + (f" ({name})" if isinstance(name, str) else "")
        try:
            documents.append(_document(one))
        except ConditionError as error:
            raise DocumentError(place, str(error)) from error
        if documents[-1].code in {other.code for other in documents[:-1]}:
            raise DocumentError(place, _("This code stands in the file twice."))
    return documents


def load(text: str) -> Any:
    """The plain data of a YAML text. Raises: DocumentError with line and column."""
    if len(text.encode()) > MAX_BYTES:
        raise DocumentError("", _("This file is too large: a rulebook has at most a million characters."))
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 — a safe loader that reads even less
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = {"line": mark.line + 1, "column": mark.column + 1} if mark else {"line": 1, "column": 1}
        place = _("line %(line)d, column %(column)d") % where
        raise DocumentError(place, _("This cannot be read: %(problem)s.") % {"problem": error.problem}) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DocumentError("", _("This is no YAML text.")) from error


def _document(data: object) -> Document:
    if not isinstance(data, Mapping):
        raise DocumentError("", _("Write a rule with its parts here."))
    kind = data.get("looks_at", SubjectKind.PROJECT.value)
    if kind not in SubjectKind.values:
        message = _("“%(value)s” is not known here: choose one of %(known)s.")
        raise DocumentError("looks_at", message % {"value": kind, "known": ", ".join(SubjectKind.values)})
    rest = {name: value for name, value in data.items() if name not in {*_KEYS, "cases"}}
    content = read_content(rest, kind)
    return Document(
        code=read_code(data.get("rule")), kind=kind, content=content, cases=_cases(data.get("cases") or [], kind),
        owner=_text(data.get("owner") or "", "owner", 254), review_on=_date(data.get("review_on"), "review_on"),
        note=_text(data.get("note") or "", "note", 300),
    )  # fmt: skip


def read_code(raw: object) -> str:
    """The code of a rule. Raises: DocumentError."""
    if not isinstance(raw, str) or not raw or slugify(raw) != raw or len(raw) > 60 or raw in RESERVED:  # noqa: PLR2004  the width of the column
        raise DocumentError("rule", _("Write a code of small letters, digits and hyphens, such as “high-risk-plans”."))
    return raw


def _text(raw: object, place: str, limit: int) -> str:
    if not isinstance(raw, str) or len(raw) > limit:
        raise DocumentError(place, _("Write a text of at most %(limit)d characters.") % {"limit": limit})
    return raw


def _date(raw: object, place: str) -> date | None:
    if raw is None:
        return None
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        message = _("“%(value)s” is no date: write it such as 2026-11-22.")
        raise DocumentError(place, message % {"value": raw}) from None


def _cases(data: object, kind: str) -> tuple[Case, ...]:
    if not isinstance(data, list) or len(data) > MAX_CASES:
        raise DocumentError("cases", _("Write a list of at most %(limit)d cases.") % {"limit": MAX_CASES})
    found = tuple(_case(one, f"cases[{number}]", kind) for number, one in enumerate(data))
    if len({one.name for one in found}) < len(found):
        raise DocumentError("cases", _("Two cases have the same name."))
    return found


def _case(data: object, place: str, kind: str) -> Case:
    if not isinstance(data, Mapping) or set(data) != _CASE_KEYS:
        raise DocumentError(
            place, _("Write exactly these keys here: %(keys)s.") % {"keys": ", ".join(sorted(_CASE_KEYS))}
        )
    day = _date(data["on_day"], f"{place} › on_day")
    facts = data["facts"]
    if data["expected"] not in Expected.values:
        message = _("“%(value)s” is not known here: choose one of %(known)s.")
        said = {"value": data["expected"], "known": ", ".join(Expected.values)}
        raise DocumentError(f"{place} › expected", message % said)
    if not isinstance(facts, Mapping) or day is None or not data["name"]:
        raise DocumentError(place, _("Fill in a name, a day and the facts."))
    try:
        read_facts(facts, catalogue(kind))
    except ConditionError as error:
        raise DocumentError(f"{place} › facts", str(error)) from error
    return Case(_text(data["name"], f"{place} › name", 120), data["expected"], dict(facts), day)


def write_plain(data: Any) -> str:
    """Plain data as YAML text; `load` gives it back."""
    return str(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100))
