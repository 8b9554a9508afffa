"""Components escape what they are given, say in words what colours say, and cost no query."""

import datetime as dt
import re
import time
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from common import navigation
from common.context_processors import Layout
from common.samples import SampleForm
from common.svg import bars, lines, matrix, plan, roadmap
from common.ui import blocks, cells, tables
from common.views_gallery import gallery_context

EVIL = '<script>alert("x")</script>&'
DAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en-gb"):
        yield


def pictures(text: str, *, standalone: bool = False) -> dict[str, str]:
    later = DAY + dt.timedelta(days=90)
    return {
        "health": bars.health_bar([bars.Share("green", 3)], text, standalone=standalone),
        "stack": bars.stacked_bars([bars.Period(text, {"red": 2})], text, standalone=standalone),
        "bullet": bars.bullet_bars([bars.Bullet(text, 3, 2, 4, text, text)], text, standalone=standalone),
        "line": lines.line_chart([text], [lines.Series(text, [1.0, None])], text, standalone=standalone),
        "matrix": matrix.risk_matrix({(5, 5): 1}, text, hrefs={(5, 5): text}, standalone=standalone),
        "bubbles": matrix.bubbles([matrix.Bubble(text, 1, 2, 3, href=text)], text, text, text, standalone=standalone),
        "roadmap": roadmap.roadmap(
            [roadmap.Bar(text, DAY, later, "red", 20, text, text, [roadmap.Mark(DAY, text)])],
            text,
            DAY,
            standalone=standalone,
        ),
        "plan": plan.plan_strip(
            [plan.PlanRow("1", text, DAY, later, owner=text, href=text)], text, DAY, standalone=standalone
        ),
    }


@pytest.mark.parametrize("name", list(pictures("x")))
def test_charts_escape_their_words_and_are_well_formed(name):
    picture = pictures(EVIL)[name]
    assert "<script" not in picture
    root = ET.fromstring(picture)  # noqa: S314  our own markup
    assert root.get("role") in {"img", "group"}
    assert root.find("{http://www.w3.org/2000/svg}title").text == EVIL


@pytest.mark.parametrize("name", list(pictures("x")))
def test_charts_for_documents_carry_every_colour_they_use(name):
    picture = pictures("x", standalone=True)[name]
    style = picture[picture.index("<style>") : picture.index("</style>")]
    used = {css for group in re.findall(r'class="([^"]+)"', picture) for css in group.split()} - {
        "chart",
        "chart-wide",
        "chart-bar",
    }
    assert {css for css in used if f".{css}{{" not in style} == set()


@pytest.mark.parametrize("name", list(pictures("x")))
def test_charts_carry_no_inline_style(name):
    assert not re.search(r"\sstyle=|\son\w+=", pictures("x")[name])


def test_charts_stand_without_data():
    assert bars.health_bar([], "x")
    assert bars.stacked_bars([], "x")
    assert bars.bullet_bars([], "x")
    assert lines.line_chart([], [], "x")
    assert roadmap.roadmap([], "x", DAY)
    assert plan.plan_strip([], "x", DAY)


def test_twin_says_unknown_where_a_date_is_missing():
    _head, rows = roadmap.roadmap_table([roadmap.Bar("A", None, None)])
    assert rows[0][1] == "Unknown"


@pytest.mark.parametrize("colour", ["", None, "purple"])
def test_unheard_of_colour_is_unknown_and_never_green(colour):
    assert "Unknown" in cells.status_badge(colour)


def test_dot_speaks_its_dimension():
    assert "Schedule: At risk" in cells.status_dot("amber", "Schedule")


def test_cells_escape_what_people_typed():
    made = [
        cells.status_badge("green", EVIL),
        cells.status_dot("green", EVIL),
        cells.money(Decimal(1), "EUR", EVIL),
        cells.person(EVIL, EVIL, avatar=True),
        cells.title_cell(EVIL, EVIL, EVIL),
        cells.why(EVIL, EVIL, EVIL),
        cells.glossary(EVIL, EVIL, EVIL),
        cells.lines(EVIL, EVIL),
        cells.tag(EVIL),
        blocks.card(EVIL, EVIL, href=EVIL, meta=EVIL),
        tables.data_table([EVIL], [[EVIL]], caption=EVIL),
        tables.heat_table([EVIL], [(EVIL, [(EVIL, EVIL)])], EVIL),
        tables.plain_table([EVIL], [[EVIL]], EVIL),
    ]
    assert not [html for html in made if "<script" in html]


def test_money_keeps_unknown_withheld_and_zero_apart():
    texts = {cells.money(None, "EUR"), cells.money(Decimal(1), "EUR", "Secret"), cells.money(Decimal(0), "EUR")}
    assert len(texts) == 3
    assert "€1" not in cells.money(Decimal(1), "EUR", "Secret")


def test_sort_link_turns_round_and_forgets_the_page():
    column = tables.Column("Name", sort="name")
    assert 'href="?view=a&amp;sort=-name"' in tables.sort_link(column, {"view": ["a"], "page": ["3"]}, "name")
    assert 'href="?sort=name"' in tables.sort_link(column, {}, "-name")


def test_table_of_two_hundred_rows_is_fast():
    columns = [tables.Column(str(i)) for i in range(8)]
    row = [cells.status_badge("amber")] * 8
    began = time.perf_counter()
    tables.data_table(columns, [row] * 200, caption="x")
    assert time.perf_counter() - began < 0.5


def test_error_summary_links_to_fields_and_appears_once():
    form = SampleForm({"title": ""})
    errors = blocks.form_errors(form)
    assert {"text": "Fill in “Title”.", "target": "id_title"} in errors
    assert blocks.form_errors(form) == []


class Visitor:
    pk = 7
    is_authenticated = True

    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    is_external = False

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    def get_full_name(self) -> str:
        return "Tim Bakker"

    def get_username(self) -> str:
        return "tim"


@pytest.fixture
def menu(monkeypatch):
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(navigation, "_in_order", [])
    monkeypatch.setattr(navigation, "_new", {})
    navigation.register(
        navigation.NavItem(navigation.Group.TOP, "Sign-in", "account_login", "home"),
        navigation.NavItem(navigation.Group.PMO, "Password", "account_reset_password", "lock", permission="x.y"),
        navigation.NavItem(navigation.Group.PMO, "Gone", "no-such-url", "lock"),
        navigation.NewItem("Secret", "account_login", permission="x.y"),
    )


def frame(path: str, user: Visitor) -> Layout:
    request = RequestFactory().get(path)
    request.user = user
    return Layout(request)


def test_menu_hides_what_a_person_may_not_and_what_is_not_there(menu):
    assert [section.key for section in frame("/", Visitor()).sections] == [""]
    assert frame("/", Visitor()).new_items == []
    assert [section.key for section in frame("/", Visitor("x.y")).sections] == ["", "pmo"]


def test_menu_marks_the_page_one_is_on(menu):
    links = [link for section in frame("/account/password/reset/", Visitor("x.y")).sections for link in section.links]
    assert [str(link.label) for link in links if link.active] == ["Password"]


def test_entries_of_a_family_share_a_line_and_are_tabs_of_each_others_pages(menu):
    group, family = navigation.Group.GOVERNANCE, navigation.Family.RULES
    navigation.register(
        navigation.NavItem(group, "Signing up", "account_signup", "lock", badge=lambda user: 2, family=family),
        navigation.NavItem(group, "Mail", "account_email", "mail", badge=lambda user: 1, order=60, family=family),
        navigation.NavItem(group, "Apart", "account_logout", "logout", permission="x.y", order=70, family=family),
    )
    page = frame("/account/email/", Visitor())
    (line,) = page.sections[-1].links
    assert (str(line.label), line.href, line.active, line.count) == ("Rules and findings", "/account/signup/", True, 3)
    assert page.family.count("<li>") == 2
    assert '<a href="/account/email/" aria-current="page">Mail <span class="tab-count">1</span></a>' in page.family
    assert frame("/account/email/", Visitor("x.y")).family.count("<li>") == 3
    assert frame("/account/email/confirm/", Visitor()).family == ""
    assert frame("/account/", Visitor()).family == ""


def test_one_entry_of_a_family_keeps_its_own_name(menu):
    navigation.register(
        navigation.NavItem(navigation.Group.PMO, "Mail", "account_email", "mail", family=navigation.Family.ADVICE)
    )
    page = frame("/account/email/", Visitor())
    assert [str(line.label) for line in page.sections[-1].links] == ["Mail"]
    assert page.family == ""


def test_frame_costs_no_query_and_shows_every_component(menu, rf):
    request = rf.get("/gallery/")
    request.user = Visitor("x.y")
    context = gallery_context(broken=True)
    html = engines["django"].get_template("gallery.html").render(context, request)  # no database is allowed here
    assert html.count("<h1>") == 1
    assert "<title>Error: Component gallery · " in html
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script>", html)
    assert html.count('id="error-summary"') == 1


def test_frame_stands_in_dutch(menu, rf):
    request = rf.get("/gallery/")
    request.user = Visitor()
    with translation.override("nl"):
        html = engines["django"].get_template("gallery.html").render(gallery_context(broken=False), request)
    assert '<html lang="nl">' in html
