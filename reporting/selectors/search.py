"""Search over everything the person may see: full text and, for what is mistyped, likeness of words (trigrams)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from accounts.models import User
from intake.models import KEY_PATTERN as REQUEST_KEY
from intake.models import Request
from projects.models import Decision, Issue, Milestone, Project, ProjectState, Risk
from projects.models.project import KEY_PATTERN as PROJECT_KEY
from reporting import lean
from reporting.models import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.utils.functional import Promise

MOST: Final = 8
CONSIDERED: Final = 60
SHORTEST: Final = 2
LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: where it leads, its name, a line below it and, for a project, its colour."""

    title: str
    href: str
    sub: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind. `more` says that there is more than is shown, `more_href` where."""

    label: str
    icon: str
    hits: list[Hit] = field(default_factory=list)
    more: bool = False
    more_href: str = ""


@dataclass(frozen=True, slots=True)
class _Item:
    """A kind of thing that belongs to a project: where its name stands and where it is shown."""

    model: Any
    column: str
    page: str
    anchor: str
    label: Promise | str
    icon: str


def jump_for(user: User, text: str) -> str:
    """Where a key such as P-12 or REQ-0012 leads, if the person may see it; else nothing. At most one query."""
    key = text.strip().upper()
    if PROJECT_KEY.match(key) and Project.objects.by_key(key).visible_to(user).exists():
        return f"/projects/{key}/"
    if REQUEST_KEY.match(key) and (request := Request.objects.by_key(key).visible_to(user).first()):
        return _address("request", request.key)
    return ""


def search(user: User, text: str) -> list[Group]:
    """The groups with at least one hit, capped. At most seven queries."""
    text = " ".join(text.split())[:LONGEST]
    if len(text) < SHORTEST:
        return []
    found = [
        _projects(user, text),
        _requests(user, text),
        *_items(user, text),
        _reports(user, text),
        _people(user, text),
    ]
    return [group for group in found if group.hits]


def _group(label: str, icon: str, rows: Iterable[Any], hit: Callable[[Any], Hit], more_href: str = "") -> Group:
    found = list(rows)
    return Group(label, icon, [hit(row) for row in found[:MOST]], len(found) > MOST, more_href)


def _words(text: str) -> SearchQuery:
    """Every word, the last one also as a beginning, so that results come while typing."""
    words = ["".join(sign for sign in word if sign.isalnum()) for word in text.split()]
    raw = " & ".join(f"{word}:*" for word in words if word)
    return SearchQuery(raw, search_type="raw", config="simple") if raw else SearchQuery("", config="simple")


def _ranked(seen: QuerySet[Any], column: str, text: str, *related: str) -> list[Any]:
    """The best matches by full text; only when these are few, also by likeness of the name. One or two queries.

    At most CONSIDERED matches are weighed against each other, so a word that everything has stays cheap.
    """
    found = list(_best(seen.filter(search=_words(text)), column, text, related)[: MOST + 1])
    if len(found) > MOST:
        return found
    known = [row.pk for row in found]
    alike = seen.annotate(upper_name=Upper(column)).filter(upper_name__trigram_word_similar=text.upper())
    return found + list(_best(alike.exclude(pk__in=known), column, text, related)[: MOST + 1 - len(found)])


def _best(matches: QuerySet[Any], column: str, text: str, related: Iterable[str]) -> QuerySet[Any]:
    rows = matches.model._base_manager.select_related(*related).filter(
        pk__in=matches.order_by("-pk").values("pk")[:CONSIDERED]
    )
    score = SearchRank(F("search"), _words(text)) + TrigramWordSimilarity(text.upper(), Upper(column))
    ranked: QuerySet[Any] = rows.defer("search").annotate(score=score).order_by("-score", "-pk")
    return ranked


def _projects(user: User, text: str) -> Group:
    seen = Project.objects.visible_to(user)

    def hit(row: Project) -> Hit:
        state: ProjectState | None = getattr(row, "state", None)
        sub = (row.key, row.portfolio.name, row.lead.name if row.lead else "")
        return Hit(row.name, f"/projects/{row.key}/", " · ".join(filter(None, sub)), state.computed if state else "")

    more = f"{reverse('project-list')}?{urlencode({'q': text, 'status': 'all'})}"
    return _group(_("Projects"), "briefcase", _ranked(seen, "name", text, "portfolio", "lead", "state"), hit, more)


def _requests(user: User, text: str) -> Group:
    seen = Request.objects.visible_to(user)

    def hit(row: Request) -> Hit:
        return Hit(row.title, _address("request", row.key), f"{row.key} · {row.get_state_display()} · {row.requester}")

    return _group(_("Requests"), "clipboard-list", _ranked(seen, "title", text, "requester"), hit)


ITEMS: Final[tuple[_Item, ...]] = (
    _Item(Decision, "question", "raid", "decision", gettext_lazy("Decisions"), "gavel"),
    _Item(Milestone, "name", "plan", "milestone", gettext_lazy("Milestones"), "flag"),
    _Item(Risk, "title", "raid", "risk", gettext_lazy("Risks"), "alert-triangle"),
    _Item(Issue, "title", "raid", "issue", gettext_lazy("Issues"), "alert-octagon"),
)


def _items(user: User, text: str) -> list[Group]:
    """What belongs to projects and holds the text in its name, the newest first. One query for all kinds."""
    parts = [_named(item, user, text) for item in ITEMS]
    rows = list(parts[0].union(*parts[1:], all=True))
    return [
        _group(str(item.label), item.icon, (row for row in rows if row[-1] == item.anchor), _hit_of(item))
        for item in ITEMS
    ]


def _named(item: _Item, user: User, text: str) -> QuerySet[Any]:
    """A trigram index serves it."""
    seen = item.model.objects.visible_to(user).filter(**{f"{item.column}__icontains": text}).order_by("-pk")
    rows: QuerySet[Any] = seen.annotate(kind=Value(item.anchor, CharField()))
    return rows.values_list("pk", item.column, "project_id", "project__name", "kind")[: MOST + 1]


def _hit_of(item: _Item) -> Callable[[Any], Hit]:
    """A hit that leads to its place on a page of its project."""

    def hit(row: tuple[Any, ...]) -> Hit:
        pk, title, project_id, project, _kind = row
        return Hit(title, f"/projects/P-{project_id}/{item.page}/#{item.anchor}-{pk}", f"P-{project_id} · {project}")

    return hit


def _reports(user: User, text: str) -> Group:
    rows = Report.objects.visible_to(user).in_force().filter(slot__portfolio__name__icontains=text)
    values = rows.order_by("-slot__as_of", "-pk").values_list(
        "pk", "slot__portfolio__name", "slot__as_of", "slot__iso_week"
    )

    def hit(row: tuple[Any, ...]) -> Hit:
        pk, portfolio, as_of, week = row
        title = _("Weekly health of %(portfolio)s, week %(week)s") % {"portfolio": portfolio, "week": week}
        return Hit(title, _address("report", pk), lean.words().date(as_of))

    return _group(_("Reports"), "report", values[: MOST + 1], hit)


def _people(user: User, text: str) -> Group:
    """Colleagues, for whoever works with projects; each leads to the projects they lead."""
    if user.is_external or not user.can(Permission.PROJECT_VIEW):
        return Group("", "")
    rows = User.objects.filter(is_active=True).filter(Q(name__icontains=text) | Q(email__istartswith=text))

    def hit(row: tuple[Any, ...]) -> Hit:
        pk, name, title = row
        return Hit(name, f"{reverse('project-list')}?{urlencode({'lead': pk, 'status': 'all'})}", title)

    return _group(
        _("People"), "users", rows.order_by("name", "pk").values_list("pk", "name", "job_title")[: MOST + 1], hit
    )


def _address(name: str, key: int | str) -> str:
    """The address of a page of another part of the portal."""
    try:
        return reverse(name, args=[key])
    except NoReverseMatch:
        return ""
