"""What the selects of the form offer: what can be asked, how it is compared, and with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from governance.conditions import can_be_compared, can_be_summed, operators
from governance.facts import Catalogue, Fact, FactKind

if TYPE_CHECKING:
    from governance.builder.sketches import Sketch
    from governance.facts import Text
    from governance.words import Labels

Options: TypeAlias = "list[tuple[str, Text]]"
Groups: TypeAlias = list[tuple[str, Options]]
"""Options under a heading each, which may be empty."""

COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
"""What compares with one value."""
_OPS: Final[dict[str, Text]] = {
    "eq": pgettext_lazy("comparison", "is"),
    "ne": pgettext_lazy("comparison", "is not"),
    "lt": pgettext_lazy("comparison", "is less than"),
    "le": pgettext_lazy("comparison", "is at most"),
    "gt": pgettext_lazy("comparison", "is more than"),
    "ge": pgettext_lazy("comparison", "is at least"),
    "between": pgettext_lazy("comparison", "lies between"),
    "in": pgettext_lazy("comparison", "is one of"),
    "filled": pgettext_lazy("comparison", "is filled in"),
    "empty": pgettext_lazy("comparison", "is empty"),
    "withheld": pgettext_lazy("comparison", "is withheld"),
    "older_than": pgettext_lazy("comparison", "is more days ago than"),
    "within": pgettext_lazy("comparison", "is at most so many days ago"),
}
_DATE_OPS: Final[dict[str, Text]] = _OPS | {
    "lt": pgettext_lazy("comparison", "is before"),
    "le": pgettext_lazy("comparison", "is on or before"),
    "gt": pgettext_lazy("comparison", "is after"),
    "ge": pgettext_lazy("comparison", "is on or after"),
}


def questions(catalogue: Catalogue, chosen: str) -> Groups:
    """What can be asked: facts, and children counted, added up or looked for. What is chosen stays on offer."""
    facts: Options = [
        (fact.name, fact.label)
        for fact in catalogue.facts.values()
        if (fact.kind is not FactKind.LIST and not fact.word.endswith("_id")) or fact.name == chosen
    ]
    groups: Groups = [
        ("", [("", _("Choose…"))]),
        (_("Facts"), sorted(facts, key=lambda pair: str(pair[1]).lower())),
    ]
    children = catalogue.children.values()
    if not children:
        return groups
    summed = [(one, each) for one in children for each in one.fields.facts.values() if can_be_summed(each)]
    counts: Options = [(f"count:{one.word}", _("number of %(children)s") % {"children": one.label}) for one in children]
    sums: Options = [
        (
            f"sum:{one.word}.{each.word}",
            _("sum of %(field)s over %(children)s") % {"field": each.label, "children": one.label},
        )
        for one, each in summed
    ]
    exist: Options = [
        (f"exists:{one.word}", _("at least one of: %(children)s") % {"children": one.label}) for one in children
    ]
    return [*groups, (_("Counted"), counts), (_("Added up"), sums), (_("Is there one?"), exist)]


def chosen_op(sketch: Sketch, offered: Sequence[str], usual: str = "") -> str:
    """The comparison that was chosen, if it is on offer."""
    op: str = sketch.get("op", "")
    return op if op in offered else usual or offered[0]


def comparisons_of_counts() -> Options:
    return [(op, _OPS[op]) for op in COMPARISONS]


def comparisons(fact: Fact, catalogue: Catalogue) -> Options:
    said = _DATE_OPS if fact.kind is FactKind.DATE else _OPS
    return [(op, said[op]) for op in operators(fact, catalogue)]


def others(fact: Fact, catalogue: Catalogue, chosen: str) -> Options:
    """The facts that this one can be compared with: numbers and dates, and whatever is chosen already."""
    offered = fact.kind.is_number or fact.kind is FactKind.DATE
    return [
        (one.name, one.label)
        for one in catalogue.facts.values()
        if one.name == chosen
        or (offered and can_be_compared(fact, one) and one is not fact and not one.word.endswith("_id"))
    ]


def choices(fact: Fact, labels: Labels) -> Mapping[str, Text]:
    """What the values of a fact are called, by how they are written; none for a value to type in."""
    if fact.kind is FactKind.YES_NO:
        return {"yes": _("yes"), "no": _("no")}
    return labels.get(fact.name) or labels.get(fact.word) or {}
