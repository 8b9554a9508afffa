"""Havenstad: the people, units, offices, goals and portfolios of the demo organisation. All are invented."""

from __future__ import annotations

from dataclasses import dataclass

MAIL_DOMAIN = "havenstad.example"

UNITS: dict[str, tuple[str, ...]] = {
    "Digital": ("Customer services", "Workplace and data"),
    "City works": ("Bridges and quays", "Public space"),
    "Social domain": ("Youth", "Work and income"),
    "Port and economy": (),
}


@dataclass(frozen=True, slots=True)
class Person:
    """`role` is granted for the whole organisation, or for the portfolio named in `portfolio`."""

    handle: str
    name: str
    title: str
    unit: str
    role: str = ""
    portfolio: str = ""
    language: str = ""

    @property
    def email(self) -> str:
        return f"{self.handle}@{MAIL_DOMAIN}"


PEOPLE: tuple[Person, ...] = (
    Person("ada", "Ada de Boer", "Application manager", "Digital", "administrator"),
    Person("mila", "Mila Vermeer", "Head of the PMO", "Digital", "pmo_manager"),
    Person("joost", "Joost Hendriks", "PMO manager City works", "City works", "pmo_manager", "city-works", "nl"),
    Person("esra", "Esra Yildiz", "PMO manager Social domain", "Social domain", "pmo_manager", "social-domain"),
    Person("vera", "Vera Lindeman", "City manager", "Port and economy", "executive"),
    Person("ruben", "Ruben Kuipers", "Director Digital", "Digital", "sponsor", "digital-services"),
    Person("hanna", "Hanna Brandsma", "Director City works", "City works", "sponsor", "city-works"),
    Person("omar", "Omar El Amrani", "Director Social domain", "Social domain", "sponsor", "social-domain"),
    Person("petra", "Petra Vos", "Controller", "Port and economy", "budget_owner"),
    Person("felix", "Felix Adviser", "External adviser", "Port and economy"),
    Person("iris", "Iris Blom", "Internal auditor", "Port and economy", "auditor"),
    Person("tim", "Tim Bakker", "Project lead", "Customer services"),
    Person("noor", "Noor Jansen", "Project lead", "Workplace and data"),
    Person("daan", "Daan Mulder", "Project lead", "Bridges and quays"),
    Person("fatima", "Fatima Haddad", "Project lead", "Public space"),
    Person("lars", "Lars Smit", "Project lead", "Youth"),
    Person("sanne", "Sanne Visser", "Project lead", "Work and income"),
    Person("bram", "Bram de Wit", "Project lead", "Workplace and data"),
    Person("zoe", "Zoë Mensah", "Project lead", "Bridges and quays"),
    Person("koen", "Koen Peters", "Tester", "Customer services"),
    Person("sofie", "Sofie Dekker", "Policy officer", "Public space"),
    Person("yara", "Yara Post", "Team manager", "Youth"),
)

SIGN_INS: tuple[tuple[str, str], ...] = (
    ("mila", "PMO manager"),
    ("tim", "Project lead"),
    ("vera", "Executive"),
    ("ruben", "Sponsor"),
    ("petra", "Budget owner"),
    ("sofie", "Requester"),
    ("koen", "Stakeholder"),
    ("felix", "External PMO adviser"),
    ("iris", "Auditor"),
    ("ada", "Administrator"),
)
"""One person for each role, as the launcher shows them."""


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """`control` is how far its rules bind a year ago; see `deciding` for what came of it."""

    name: str
    control: str
    sponsor: str
    head: str
    unit: str
    purpose: str
    mandate: str
    metrics: str
    limit: int = 8


OFFICES: tuple[OfficePlan, ...] = (
    OfficePlan(
        "Digital PMO", "supportive", "ruben", "mila", "Digital",
        "One way of working for everything digital, so that the council knows what it gets and when.",
        "Runs intake and gates; may stop a project that does not meet its conditions.",
        "Updates on time above 90 %; forecast within 10 % of the agreed budget.",
        limit=5,
    ),
    OfficePlan(
        "City works PMO", "directive", "hanna", "joost", "City works",
        "Keeps works in the street planned as one, so that no neighbourhood is opened up twice.",
        "Plans, staffs and steers all works; project leads propose, the office decides.",
        "Works finished in the agreed quarter above 80 %.",
    ),
    OfficePlan(
        "Social domain PMO", "supportive", "omar", "esra", "Social domain",
        "Helps teams that rarely run projects with templates, coaching and a clear overview.",
        "Advises; teams decide themselves.",
        "Teams rate the help 8 or higher.",
    ),
)  # fmt: skip

GOALS: tuple[tuple[str, str, str], ...] = (
    ("Every service within two clicks", "People arrange their affairs online, first time right.", "ruben"),
    ("A safe and dry city", "Bridges, quays and sewers are ready for the water of 2050.", "hanna"),
    ("Nobody left out", "Every child and every job-seeker gets help in time.", "omar"),
    ("Basics in order", "Data, systems and workplaces that simply work.", "ruben"),
)


@dataclass(frozen=True, slots=True)
class PortfolioPlan:
    name: str
    slug: str
    office: str
    owner: str
    parent: str = ""
    scale: int = 3
    cadence: int = 7


PORTFOLIOS: tuple[PortfolioPlan, ...] = (
    PortfolioPlan("Digital services", "digital-services", "Digital PMO", "ruben"),
    PortfolioPlan("Citizen portal", "citizen-portal", "Digital PMO", "ruben", "digital-services"),
    PortfolioPlan("Workplace and cloud", "workplace-and-cloud", "Digital PMO", "ruben", "digital-services"),
    PortfolioPlan("City works", "city-works", "City works PMO", "hanna"),
    PortfolioPlan("Bridges and quays", "bridges-and-quays", "City works PMO", "hanna", "city-works"),
    PortfolioPlan("Social domain", "social-domain", "Social domain PMO", "omar", scale=5, cadence=14),
)
