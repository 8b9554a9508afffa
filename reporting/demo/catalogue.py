"""The forty projects of the demo: what each is, and how its year goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Course(StrEnum):
    """How a project fares; `week` plays it week by week."""

    STEADY = "steady"
    SLIPPING = "slipping"
    COSTLY = "costly"
    RECOVERING = "recovering"
    HOPEFUL = "hopeful"
    """Declares better than the facts say, and gives a reason."""
    SILENT = "silent"
    BLOCKED = "blocked"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    NEW = "new"


C = Course


@dataclass(frozen=True, slots=True)
class Plan:
    """`starts` in weeks before today, `weeks` of length as planned, `budget` in thousands of euros (0: unknown)."""

    name: str
    summary: str
    portfolio: str
    unit: str
    lead: str
    goal: int
    course: Course
    starts: int
    weeks: int
    budget: int
    confidential: bool = False


PLANS: tuple[Plan, ...] = (
    Plan("One counter online", "A single place for permits, passports and moving house.", "citizen-portal", "Customer services", "tim", 0, C.SLIPPING, 44, 66, 1900),
    Plan("Sign in once", "One sign-in for all services, with the national identity card.", "citizen-portal", "Customer services", "tim", 0, C.STEADY, 36, 52, 640),
    Plan("Forms without paper", "All 214 paper forms become clear online questions.", "citizen-portal", "Customer services", "noor", 0, C.RECOVERING, 50, 64, 830),
    Plan("Letters people understand", "Rewrite the 60 most sent letters and test them with readers.", "citizen-portal", "Customer services", "tim", 0, C.HOPEFUL, 30, 44, 210),
    Plan("Messages on your phone", "Tell people where their request stands before they call.", "citizen-portal", "Customer services", "noor", 0, C.NEW, 3, 38, 320),
    Plan("Parking permits renewed", "A new permit system with number-plate recognition.", "citizen-portal", "Customer services", "bram", 0, C.COSTLY, 48, 60, 1450),
    Plan("Complaints answered in a week", "Route complaints to the right team on the first day.", "citizen-portal", "Customer services", "tim", 0, C.COMPLETED, 52, 40, 180),
    Plan("New laptops for everybody", "Replace 2,300 laptops and the way they are managed.", "workplace-and-cloud", "Workplace and data", "bram", 3, C.STEADY, 40, 58, 3100),
    Plan("Out of the old data centre", "Move 140 applications before the lease ends.", "workplace-and-cloud", "Workplace and data", "noor", 3, C.BLOCKED, 46, 70, 4200),
    Plan("One address register", "All systems read addresses from one source.", "workplace-and-cloud", "Workplace and data", "noor", 3, C.SLIPPING, 38, 56, 760),
    Plan("Backups that come back", "Restore drills for every critical system, twice a year.", "workplace-and-cloud", "Workplace and data", "bram", 3, C.STEADY, 22, 36, 150),
    Plan("Phones in the cloud", "The call centre moves to a hosted platform.", "workplace-and-cloud", "Workplace and data", "bram", 3, C.SILENT, 34, 50, 540),
    Plan("Security monitoring", "Watch all systems day and night with two neighbouring cities.", "workplace-and-cloud", "Workplace and data", "noor", 3, C.HOPEFUL, 28, 48, 980, True),
    Plan("Data catalogue", "Who keeps which data, for what, and for how long.", "workplace-and-cloud", "Workplace and data", "noor", 3, C.PAUSED, 32, 46, 260),
    Plan("Digital archive", "Documents from 1990 on, searchable and kept as the law asks.", "digital-services", "Digital", "bram", 3, C.RECOVERING, 45, 68, 1120),
    Plan("Accessible websites", "All public sites meet the accessibility law.", "digital-services", "Digital", "tim", 0, C.STEADY, 26, 42, 230),
    Plan("Algorithm register", "Publish which decisions are prepared by software.", "digital-services", "Digital", "noor", 3, C.NEW, 2, 30, 0),
    Plan("Chat with the city", "A try-out with an assistant for simple questions.", "digital-services", "Digital", "tim", 0, C.STOPPED, 40, 34, 190),
    Plan("Harbour bridge renewed", "A new moving bridge while shipping goes on.", "bridges-and-quays", "Bridges and quays", "daan", 1, C.COSTLY, 60, 110, 18400),
    Plan("Mill quay rebuilt", "420 metres of quay wall, with trees that stay.", "bridges-and-quays", "Bridges and quays", "daan", 1, C.SLIPPING, 42, 78, 9600),
    Plan("Lock gates replaced", "Four pairs of gates before the winter storms.", "bridges-and-quays", "Bridges and quays", "zoe", 1, C.STEADY, 30, 54, 5200),
    Plan("Bridge sensors", "Measure movement of 38 bridges and plan repairs by it.", "bridges-and-quays", "Bridges and quays", "zoe", 1, C.STEADY, 24, 40, 480),
    Plan("Tunnel installations", "Renew ventilation, light and control in one night-time year.", "bridges-and-quays", "Bridges and quays", "zoe", 1, C.BLOCKED, 50, 82, 12700),
    Plan("Old lock museum", "Open the 1740 lock house to visitors.", "bridges-and-quays", "Bridges and quays", "daan", 1, C.COMPLETED, 52, 42, 690),
    Plan("Station square green", "Trees, bicycles and benches where buses used to turn.", "city-works", "Public space", "fatima", 1, C.HOPEFUL, 38, 60, 3900),
    Plan("Rainwater to the canal", "Separate rain from sewage in five neighbourhoods.", "city-works", "Public space", "fatima", 1, C.STEADY, 47, 88, 7400),
    Plan("Underground waste bins", "610 bins with sensors that say when they are full.", "city-works", "Public space", "fatima", 1, C.RECOVERING, 40, 58, 2600),
    Plan("Street lights dimmed", "Half the energy, all the safety.", "city-works", "Public space", "fatima", 1, C.STEADY, 33, 52, 1800),
    Plan("Cycle route west", "Eleven kilometres without a stop.", "city-works", "Public space", "zoe", 1, C.SLIPPING, 29, 56, 4300),
    Plan("Market hall roof", "Repair before the next heavy snow.", "city-works", "Public space", "daan", 1, C.SILENT, 20, 30, 870),
    Plan("Playgrounds for all", "Twenty playgrounds that every child can use.", "city-works", "Public space", "fatima", 2, C.NEW, 4, 46, 1250),
    Plan("Heat plan", "Shade and water for the hottest streets.", "city-works", "Public space", "zoe", 1, C.STEADY, 18, 40, 950),
    Plan("Help for families first", "One plan and one contact for each family.", "social-domain", "Youth", "lars", 2, C.STEADY, 40, 60, 720),
    Plan("Waiting lists visible", "Weekly figures on who waits for which care.", "social-domain", "Youth", "lars", 2, C.HOPEFUL, 31, 46, 160),
    Plan("Debt help in time", "A call within five days of the first missed rent.", "social-domain", "Work and income", "sanne", 2, C.RECOVERING, 45, 58, 390),
    Plan("Learning jobs", "Two hundred places where people learn while they work.", "social-domain", "Work and income", "sanne", 2, C.SLIPPING, 37, 62, 1100),
    Plan("New case system", "Replace the case system of youth care.", "social-domain", "Youth", "lars", 3, C.COSTLY, 49, 72, 2300),
    Plan("Language cafés", "Practice Dutch in twelve libraries.", "social-domain", "Work and income", "sanne", 2, C.COMPLETED, 50, 38, 90),
    Plan("School meals", "A warm lunch at nine schools.", "social-domain", "Youth", "yara", 2, C.SILENT, 25, 44, 310),
    Plan("Shelter relocation", "A new place for the night shelter.", "social-domain", "Work and income", "sanne", 2, C.PAUSED, 28, 50, 1700, True),
)  # fmt: skip

STAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Explore", ("Needs agreed", "Go to plan")),
    ("Plan", ("Business case agreed", "Plan and team agreed", "Go to build")),
    ("Build", ("First result shown", "Half-way review", "Accepted by users", "Go live")),
    ("Hand over", ("In use", "Closed")),
)
"""Phases with their milestones; the last of each phase is its gate."""

RISKS: tuple[tuple[str, str], ...] = (
    ("Supplier delivers late", "A penalty clause, and a second supplier for the small parts"),
    ("Key people leave", "Two people know every part; hand-over notes each month"),
    ("Users do not take it up", "Ten users test every release"),
    ("Permit takes longer than planned", "Apply early and talk to the neighbours first"),
    ("Costs of material rise", "Order steel and glass before the summer"),
    ("Scope grows by small steps", "Every wish goes through the change list"),
    ("Data is worse than expected", "A clean-up sprint before the migration"),
    ("Summer leave at the wrong moment", "Plan acceptance before July or after August"),
)

BLOCKERS: tuple[str, ...] = (
    "No access to the test environment of the supplier",
    "Contract waits for a signature",
    "Objection by a neighbour stops the ground works",
)

DECISIONS: tuple[tuple[str, str, str], ...] = (
    (
        "Do we go on with the present supplier?",
        "Go on · tender again · do it ourselves",
        "Go on, with a monthly review",
    ),
    ("Do we split the go-live in two?", "All at once · two steps", "Two steps: staff first, public after a month"),
    ("Do we accept the extra cost of the night work?", "Accept · work by day and close the road", "Accept"),
    ("Do we take the second lot in this year?", "This year · next year", "Next year, when the budget is there"),
)

ASKS: tuple[str, ...] = (
    "Two extra testers in January",
    "A decision on the opening hours during the works",
    "Somebody of Legal who reads the contract this week",
    "A date for the council meeting",
)
