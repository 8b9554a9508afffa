"""Making the demo organisation: through the services, under a pretended clock, one week after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from zoneinfo import ZoneInfo

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts import services as accounts
from accounts.models import OrgUnit, User
from common.clock import pretending
from common.models import OutgoingMail
from playbooks.services import load_start_set
from projects.enums import DataClass, SnapshotSource
from projects.models import Portfolio, Project
from projects.services import compliance, portfolios, projects, rules, state
from projects.services.rollups import refresh_rollups
from reporting.demo import deciding, gates, governing
from reporting.demo.advice import play_advice, set_up_office
from reporting.demo.beginning import lay_out
from reporting.demo.cast import GOALS, OFFICES, PEOPLE, PORTFOLIOS, UNITS, PortfolioPlan
from reporting.demo.catalogue import PLANS, Plan
from reporting.demo.changing import accept
from reporting.demo.deciding import play_deciding, set_up_procedure
from reporting.demo.handover import set_up_processes
from reporting.demo.pitches import play_requests
from reporting.demo.promises import play_promises
from reporting.demo.rulebook import set_up_rulebook
from reporting.demo.story import DOCUMENTS, WEEK, Cast, Story, as_person
from reporting.demo.telling import lead_reports
from reporting.demo.week import things_happen
from reporting.services import reports, slots, subscriptions
from reporting.slots import week_of
from strategy import services as strategy
from strategy.models import Goal, Office

WEEKS = 52
WEEKS_WITH_REPORT = 8
WEEKS_WITH_COMPLIANCE = 12
ZONE = ZoneInfo("Europe/Amsterdam")

Tell = Callable[[str], None]


class Seed:
    """The demo organisation while it is being made."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.today = timezone.localdate(timezone=ZONE)
        self.monday = self.today - dt.timedelta(days=self.today.weekday())
        self.people: dict[str, User] = {}
        self.units: dict[str, OrgUnit] = {}
        self.offices: dict[str, Office] = {}
        self.goals: list[Goal] = []
        self.portfolios: dict[str, Portfolio] = {}
        self.stories: list[Story] = []
        self.rng = Random(1275)

    @transaction.atomic
    def make(self, password: str) -> None:
        """Everything in one transaction: half a demo organisation is worse than none."""
        self.tell("Demo organisation: people, offices and portfolios")
        with self._at(self.monday - WEEKS * WEEK, hour=8):
            self._organisation(password)
            self._portfolios()
        for weeks_left in range(WEEKS, -1, -1):
            if weeks_left % 8 == 4:
                self.tell(f"Demo organisation: {WEEKS - weeks_left} of {WEEKS} weeks")
            self._week(weeks_left)
        self._settle()

    # --- who and where ---

    def _organisation(self, password: str) -> None:
        for name, below in UNITS.items():
            self.units[name] = accounts.add_org_unit(actor=None, name=name)
            for child in below:
                self.units[child] = accounts.add_org_unit(actor=None, name=child, parent=self.units[name])
        for one in PEOPLE:
            data = accounts.NewPerson(one.email, one.name, one.title, self.units[one.unit], one.language)
            self.people[one.handle] = accounts.add_person(actor=None, data=data)
            if one.role and not one.portfolio:
                accounts.grant_role(
                    actor=None, user_pk=self.people[one.handle].pk, role=one.role, scope="organisation", scope_id=None
                )
        self._mark(OrgUnit, self.units.values())
        self._mark(User, self.people.values())
        User.objects.filter(is_demo=True).update(password=make_password(password))

    def _portfolios(self) -> None:
        mila = self.people["mila"]
        for plan in OFFICES:
            values = {
                "name": plan.name, "control": plan.control, "purpose": plan.purpose, "mandate": plan.mandate,
                "success_metrics": plan.metrics, "sponsor": self.people[plan.sponsor],
                "head": self.people[plan.head], "accountable_limit": plan.limit,
                "document_places": DOCUMENTS,
            }  # fmt: skip
            self.offices[plan.name] = strategy.create_office(
                actor=mila, values=values, serves=(self.units[plan.unit].pk,)
            )
            set_up_processes(self.offices[plan.name], mila, self.people["koen" if plan.unit == "Digital" else "sofie"])
        set_up_procedure(self.offices[deciding.OFFICE], mila)
        for name, description, owner in GOALS:
            values = {"name": name, "description": description, "owner": self.people[owner]}
            self.goals.append(strategy.create_goal(actor=mila, values=values))
        self._mark(Office, self.offices.values())
        self._mark(Goal, self.goals)
        for one in PORTFOLIOS:
            self.portfolios[one.slug] = self._portfolio(one)
        for person in PEOPLE:
            if person.role and person.portfolio:
                accounts.grant_role(
                    actor=None, user_pk=self.people[person.handle].pk, role=person.role, scope="portfolio",
                    scope_id=self.portfolios[person.portfolio].pk,
                )  # fmt: skip
        self._mark(Office, [set_up_office(self)])
        load_start_set(actor=mila)
        self._subscribe()

    def _portfolio(self, one: PortfolioPlan) -> Portfolio:
        data = portfolios.NewPortfolio(
            name=one.name, slug=one.slug, office=self.offices[one.office], owner=self.people[one.owner],
            parent=self.portfolios.get(one.parent), colour_scale=one.scale, update_cadence_days=one.cadence,
            is_demo=True,
        )  # fmt: skip
        return portfolios.create_portfolio(actor=self.people["mila"], data=data)

    def _subscribe(self) -> None:
        for handle in ("mila", "vera"):
            self.people[handle].__dict__.pop("access", None)
            for portfolio in self.portfolios.values():
                subscriptions.subscribe(portfolio=portfolio, actor=self.people[handle])

    # --- one week ---

    def _week(self, weeks_left: int) -> None:
        monday = self.monday - weeks_left * WEEK
        self._while_at(monday + dt.timedelta(days=1), lambda: self._start_projects(weeks_left))
        self._while_at(monday + dt.timedelta(days=2), lambda: self._each(things_happen, weeks_left))
        self._while_at(monday + dt.timedelta(days=3), lambda: self._each(lead_reports, weeks_left))
        self._while_at(monday + dt.timedelta(days=4), lambda: play_requests(self, weeks_left))
        self._while_at(monday + dt.timedelta(days=4), lambda: play_advice(self, weeks_left))
        self._while_at(monday + dt.timedelta(days=4), lambda: play_deciding(self, weeks_left))
        self._while_at(monday + dt.timedelta(days=4), lambda: play_promises(self, weeks_left))
        if 0 < weeks_left <= WEEKS_WITH_COMPLIANCE:
            self._while_at(monday + dt.timedelta(days=5), self._count_compliance)
        if weeks_left:
            self._while_at(monday + dt.timedelta(days=6), lambda: self._take_stock(monday + dt.timedelta(days=6)))
        if 0 < weeks_left <= WEEKS_WITH_REPORT:
            self._while_at(monday + dt.timedelta(days=7), lambda: self._report(monday))

    def _start_projects(self, weeks_left: int) -> None:
        for plan in PLANS:
            if plan.starts == weeks_left or (weeks_left == WEEKS and plan.starts > WEEKS):
                self.stories.append(self._start(plan))

    def _start(self, plan: Plan) -> Story:
        begins = self.monday - plan.starts * WEEK
        ends = begins + plan.weeks * WEEK
        portfolio = self.portfolios[plan.portfolio]
        sponsor = self.people[str(portfolio.owner.email).split("@")[0]] if portfolio.owner else self.people["vera"]
        amounts = {"baseline_cost": plan.budget * 1000, "forecast_cost": plan.budget * 1000} if plan.budget else {}
        data = projects.NewProject(
            portfolio=portfolio, name=plan.name, description=plan.summary, org_unit=self.units[plan.unit],
            goal=self.goals[plan.goal], lead=self.people[plan.lead], sponsor=sponsor,
            budget_owner=self.people["petra"], benefits_owner=sponsor if plan.goal else None,
            data_class=DataClass.CONFIDENTIAL if plan.confidential else DataClass.INTERNAL, is_confidential=plan.confidential, category=plan.unit,
            dates={
                "baseline_start_on": begins, "baseline_finish_on": ends, "forecast_start_on": begins,
                "forecast_finish_on": ends, "actual_start_on": begins,
            },
            money=amounts, is_demo=True,
        )  # fmt: skip
        pmo = self.people["mila"]
        cast = Cast(self.people, pmo, sponsor, self.people["petra"])
        made = projects.create_project(actor=pmo, data=data)
        story = Story(plan, made, cast, Random(plan.name), begins, ends)
        with as_person(pmo):
            lay_out(story)
        return story

    def _each(self, act: Callable[[Story, int], None], weeks_left: int) -> None:
        for story in self.stories:
            with as_person(story.lead):
                act(story, weeks_left)

    def _count_compliance(self) -> None:
        rules.install_start_set()
        compliance.take_compliance([one.pk for one in self.portfolios.values()])

    def _take_stock(self, sunday: dt.date) -> None:
        state.take_sets(self.portfolios.values(), as_of=sunday, source=SnapshotSource.WEEKLY)

    def _report(self, monday: dt.date) -> None:
        week = week_of(dt.datetime.combine(monday, dt.time(12), ZONE), ZONE)
        for portfolio in self.portfolios.values():
            slot = slots.ensure_slot(portfolio.pk, week, ZONE)
            reports.make_report(slot.pk)

    # --- time ---

    @contextmanager
    def _at(self, day: dt.date, hour: int = 10) -> Iterator[None]:
        moment = min(dt.datetime.combine(day, dt.time(hour), ZONE), dt.datetime.now(ZONE))
        with pretending(moment):
            yield
        backdate(moment)

    def _while_at(self, day: dt.date, act: Callable[[], object]) -> None:
        if day <= self.today:
            with self._at(day), state.put_off():
                act()

    def _settle(self) -> None:
        """Bring the states up to the present moment, and keep invented addresses out of the outbox."""
        for story in self.stories:
            if story.plan.name == gates.IN_REVIEW:
                story.project.refresh_from_db()
                with as_person(story.lead):
                    gates.open_one(story)
        self._decide_for_who_is_away()
        OutgoingMail.objects.filter(to_user__is_demo=True, sent_at__isnull=True).delete()
        state.refresh(list(Project.objects.filter(is_demo=True).values_list("pk", flat=True)))
        refresh_rollups([one.pk for one in self.portfolios.values()])
        rules.scan_all()
        with as_person(self.people["mila"]):
            owners = [self.people[handle] for handle in ("mila", "vera")]
            set_up_rulebook(self.people["mila"], owners, self.today)
        made = [story.project.pk for story in self.stories]
        governing.ask_and_grant(made)
        governing.propose(made)
        compliance.take_compliance([one.pk for one in self.portfolios.values()])
        OutgoingMail.objects.filter(to_user__is_demo=True, sent_at__isnull=True).delete()

    def _decide_for_who_is_away(self) -> None:
        """Whoever stands in accepts one of the changes that wait."""
        away, stands_in = self.people[deciding.AWAY], self.people[deciding.STANDS_IN]
        with as_person(stands_in):
            next(story for story in reversed(self.stories) if story.cast.sponsor == away and accept(story))

    @staticmethod
    def _mark(model: type, rows: object) -> None:
        ids = [row.pk for row in rows]  # type: ignore[attr-defined]  # each has these
        with pgtrigger.ignore():
            model.objects.filter(pk__in=ids).update(is_demo=True)  # type: ignore[attr-defined]  # each has these


_STAMPED = (
    "created_at", "pgh_created_at", "published_at", "made_at", "done_at", "cast_at", "frozen_at", "written_at",
    "changed_at", "opened_at",
)  # fmt: skip


def _stamped_columns() -> list[tuple[str, str]]:
    """Every column that the database stamps by itself."""
    found: list[tuple[str, str]] = []
    for model in apps.get_models():
        if model._meta.app_label in settings.PORTAL_APPS and not model._meta.proxy:
            names = {field.name for field in model._meta.local_concrete_fields}
            found += [(model._meta.db_table, name) for name in _STAMPED if name in names]
    return found


def backdate(moment: dt.datetime) -> None:
    """Give whatever this transaction stamped with the database's clock the pretended moment instead."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pmo.backdating', 'on', true)")
        for table, column in _stamped_columns():
            cursor.execute(
                f'UPDATE "{table}" SET "{column}" = %s WHERE "{column}" >= transaction_timestamp()',  # noqa: S608 — our own names
                [moment],
            )
        cursor.execute("SELECT set_config('pmo.backdating', 'off', true)")
