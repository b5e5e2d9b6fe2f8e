"""What a scenario file may say: every parameter once, with unit, default, bounds and meaning."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, model_validator

from simulator.scenario.abroad import Abroad, ForeignCountry, check_abroad
from simulator.scenario.calendar import Calendar, Country, HourProfile, Period, SpecialDay, holiday_names
from simulator.scenario.check_shocks import check_shocks
from simulator.scenario.defence import Defence
from simulator.scenario.economy import Economy
from simulator.scenario.equipment import Cards, Devices
from simulator.scenario.events import Events
from simulator.scenario.expectations import Expectation, Variable, check_expectations
from simulator.scenario.firms import Bank, Boundary, Firms
from simulator.scenario.fit import FittedTo
from simulator.scenario.institutions import DealMethod, Institution, Trade
from simulator.scenario.knowledge import Knowledge
from simulator.scenario.lending import Lending
from simulator.scenario.lives import Lives
from simulator.scenario.opening import Opening
from simulator.scenario.part import Name, Part, misplaced, nearest
from simulator.scenario.people import Archetype, Income, IncomeKind, PayFrequency, Population, Sector, Transfers
from simulator.scenario.security import PayeeChecks, Security
from simulator.scenario.settlement import Disputes
from simulator.scenario.shocks import Shock
from simulator.scenario.spending import Bill, BillKind, Cash, Category, Credit, Declines, Method, Methods
from simulator.scenario.story import Stories

__all__ = [
    "Abroad", "Archetype", "Bank", "Bill", "BillKind", "Boundary", "Calendar", "Cards", "Cash", "Category", "Country", "Credit",
    "DealMethod", "Declines", "Defence", "Devices", "Disputes", "Economy", "Events", "Expectation", "Firms", "FittedTo", "ForeignCountry",
    "HourProfile", "Income", "IncomeKind", "Institution", "Knowledge", "Lending", "Lives", "Method", "Methods", "Opening", "PayFrequency",
    "PayeeChecks", "Period", "Population", "Scenario", "Sector", "Security", "Shock", "SpecialDay", "Stories", "Trade", "Transfers",
    "Variable",
]  # fmt: skip

type _Named = Archetype | Bank | Bill | Category | Expectation | ForeignCountry | HourProfile | Institution | Sector | Shock


class Scenario(Part):
    """Which world to run."""

    name: Name
    about: str = Field("", max_length=2000, description="one line that says what the world is for")
    seed: Annotated[int, Field(ge=0, le=2**64 - 1)] = Field(1, description="key of every draw")
    period: Period = Period()
    country: Country = Country()
    population: Population
    income: Income
    categories: list[Category] = Field(min_length=1, max_length=60)
    bills: list[Bill] = Field(default_factory=list, max_length=40)
    methods: Methods
    cash: Cash = Cash()
    credit: Credit = Credit()
    lending: Lending = Lending()
    transfers: Transfers = Transfers()
    declines: Declines = Declines()
    disputes: Disputes = Disputes()
    events: Events = Events()
    devices: Devices = Devices()
    cards: Cards = Cards()
    security: Security = Security()
    knowledge: Knowledge = Knowledge()
    firms: Firms = Firms()
    institutions: list[Institution] = Field(default_factory=list, max_length=40, description="businesses with a special trade")
    banks: list[Bank] = Field(min_length=1, max_length=200)
    boundary: Boundary = Boundary()
    abroad: Abroad = Abroad()
    lives: Lives = Lives()
    opening: Opening = Opening()
    stories: Stories = Stories()
    defence: Defence = Defence()
    economy: Economy = Economy()
    shocks: list[Shock] = Field(default_factory=list, max_length=100, description="dated changes to the world")
    calendar: Calendar
    purchases_per_month: Annotated[float, Field(gt=0, le=1000)] = Field(37.0, description="purchases at merchants per adult and month")
    expect: list[Expectation] = Field(default_factory=list, max_length=100, description="what `ledgerfolk stress` must find")
    variables: list[Variable] = Field(default_factory=list, max_length=200, description="a regulator's variables, and what becomes of them")
    targets: Name | None = Field(None, description="pack of sourced aggregates that the run is set beside")
    fitted: FittedTo | None = Field(None, description="the fit that its parameters are from, for the manifest of its runs")

    @model_validator(mode="after")
    def _coherent(self) -> "Scenario":
        profiles = [profile.name for profile in self.calendar.hours]
        names = [category.name for category in self.categories]
        for position, category in enumerate(self.categories):
            if category.hours not in profiles:
                choices = f"a profile of calendar.hours ({', '.join(profiles)})"
                raise misplaced(("categories", position, "hours"), choices, nearest(category.hours, profiles))
        for position, institution in enumerate(self.institutions):
            if institution.hours is not None and institution.hours not in profiles:
                choices = f"a profile of calendar.hours ({', '.join(profiles)})"
                raise misplaced(("institutions", position, "hours"), choices, nearest(institution.hours, profiles))
            if institution.category is not None and institution.category not in names:
                raise misplaced(("institutions", position, "category"), "a category", nearest(institution.category, names))
        for position, archetype in enumerate(self.population.archetypes):
            for taste in archetype.tastes:
                if taste not in names:
                    where = ("population", "archetypes", position, "tastes", taste)
                    raise misplaced(where, "a category as the key", nearest(taste, names))
        holidays = holiday_names(self.country.holidays, self.period.start.year)
        if not holidays:
            raise misplaced(("country", "holidays"), "a country with a holiday calendar, such as US")
        for position, special in enumerate(self.calendar.special_days):
            if special.holiday is not None and not any(special.holiday in name for name in holidays):
                choices = f"one of {', '.join(holidays)}"
                raise misplaced(("calendar", "special_days", position, "holiday"), choices, nearest(special.holiday, holidays))
        for path, weight, items in self._named_lists():
            if weight and items and not any(getattr(item, weight) for item in items):
                raise misplaced((*path, 0, weight), "at least one of the list above 0")
            for position, item in enumerate(items):
                if item.name in {other.name for other in items[:position]}:
                    raise misplaced((*path, position, "name"), "a name that no other item of the list has")
        for position, category in enumerate(self.categories):
            if category.instead is not None and category.instead not in names:
                raise misplaced(("categories", position, "instead"), "a category", nearest(category.instead, names))
        check_abroad(self)
        check_shocks(self)
        check_expectations(self)
        return self

    def _named_lists(self) -> list[tuple[tuple[str, ...], str, Sequence[_Named]]]:
        """Each list whose items are known by name: its path, the key that weighs its items, the items."""
        return [
            (("population", "archetypes"), "weight", self.population.archetypes),
            (("income", "sectors"), "share", self.income.sectors),
            (("categories",), "share", self.categories),
            (("bills",), "", self.bills),
            (("institutions",), "", self.institutions),
            (("banks",), "share", self.banks),
            (("shocks",), "", self.shocks),
            (("calendar", "hours"), "", self.calendar.hours),
            (("expect",), "", self.expect),
            (("abroad", "countries"), "travel", self.abroad.countries),
        ]
