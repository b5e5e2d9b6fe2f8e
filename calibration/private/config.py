"""What a bank's file says of a private release: its table, public keys, bounds and edges, its budget, and the statistics asked for."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from calibration.targets import Target
from simulator.codes import AccountKind, Channel, Message, Method, Purpose, words
from simulator.scenario.complaint import read_as
from simulator.scenario.part import Name, Part, misplaced
from simulator.scenario.source import read_file

MOST_CELLS = 20_000
LARGEST = 1e9
"""Most that an amount may be, in currency units: sums over customers stay exact."""
RUN_WORDS = {"message": words(Message), "method": words(Method), "channel": words(Channel), "purpose": words(Purpose)}
"""Columns of a run that a kind may ask for beside the direction, with their words."""

type Values = str | list[str]
type Rule = dict[str, Values | None]
"""Column and the values it may have; null for none."""

Edges = Annotated[list[float], Field(min_length=1, max_length=200)]


class Owner(Part):
    """Whose data they are."""

    name: Name
    allowance: float = Field(gt=0, le=100, description="rho that may be spent in a calendar year (UTC) over all releases")
    ledger: str = Field("", max_length=500, description="file of what was spent, beside the config; NAME.ledger.jsonl by default")


class Period(Part):
    """The days that count; both ends are public."""

    start: date
    end: date

    @model_validator(mode="after")
    def _ordered(self) -> "Period":
        if not 0 <= (self.end - self.start).days <= 40 * 366:
            raise misplaced(("end",), "a day on or after start and within 40 years of it")
        return self


class Direction(Part):
    """Which way money goes."""

    column: str
    into: Values = Field(description="values of a credit to the account")
    out_of: Values = Field(description="values of a debit")


class Flag(Part):
    """A column that marks rows."""

    column: str
    values: Values


class Table(Part):
    """How the rows of a table are read: one row is one posting to one account."""

    unit: str = Field(min_length=1, description="column of the customer or account whose privacy is kept")
    date: str = Field(min_length=1, description="column of the day or time")
    date_format: str = Field("", max_length=60, description="such as %d.%m.%Y; a date or timestamp type, or ISO 8601, by default")
    utc_offset: float = Field(0, ge=-12, le=14, description="hours added to times before the day and hour are taken")
    amount: str = Field(min_length=1, description="column of the amount")
    per_unit: float = Field(1, ge=1, le=1000, description="what the table writes for one currency unit: 100 where it counts cents")
    decimal_mark: Literal[".", ","] = "."
    direction: Direction | None = Field(None, description="none where credits are positive amounts and debits negative ones")
    opened: str | None = Field(None, description="column of the day the account was opened; its first posting counts where there is none")
    merchant: str | None = None
    balance: str | None = Field(None, description="column of the balance after the posting")
    fraud: Flag | None = None
    row_id: str | None = Field(None, description="column of what no two rows share; repeated ones are refused")
    kinds: dict[Name, Rule] = Field(min_length=1, description="the first whose conditions all hold; other where none do")
    delimiter: str = Field(",", min_length=1, max_length=1, description="of a CSV file")

    @property
    def columns(self) -> list[str]:
        """Every column that is read."""
        named = [self.unit, self.date, self.amount, self.opened, self.merchant, self.balance, self.row_id]
        marked = [self.direction.column if self.direction else None, self.fraud.column if self.fraud else None]
        ruled = [column for rule in self.kinds.values() for column in rule]
        return list(dict.fromkeys(column for column in (*named, *marked, *ruled) if column is not None))


class Reading(Part):
    """How a run's payments are read as the same postings."""

    unit: Literal["account", "customer"] = "account"
    accounts: list[str] = Field(default_factory=lambda: ["current"], min_length=1, description="kinds of accounts of customers")
    kinds: dict[Name, Rule] = Field(min_length=1, description="the first whose conditions all hold; other where none do")

    @model_validator(mode="after")
    def _known(self) -> "Reading":
        if not set(self.accounts) <= set(words(AccountKind)):
            raise misplaced(("accounts",), f"one or more of {', '.join(words(AccountKind))}")
        for kind, rule in self.kinds.items():
            for column, values in rule.items():
                known = ["in", "out"] if column == "direction" else RUN_WORDS.get(column)
                if known is None:
                    raise misplaced(("kinds", kind), f"conditions on {', '.join(['direction', *RUN_WORDS])}")
                if values is None or not set(listed(values)) <= set(known):
                    raise misplaced(("kinds", kind, column), f"one or more of {', '.join(known)}")
        return self


class Where(Part):
    """Which postings count."""

    kind: Values | None = None
    direction: Literal["in", "out"] | None = None
    fraud: bool | None = None


class Histogram(Part):
    """How customers spread over a statistic of each: one bin for each customer, over public edges.

    ``count`` and ``value`` are per active month, ``typical_amount`` the geometric mean, ``share`` that of the postings that
    count among all of the customer's, ``merchants`` the number of different ones, ``balance`` the mean at the end of months.
    """

    of: Literal["count", "value", "typical_amount", "share", "merchants", "balance"]
    edges: Edges

    @model_validator(mode="after")
    def _rising(self) -> "Histogram":
        if any(low >= high for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise misplaced(("edges",), "rising numbers")
        if max(abs(edge) for edge in self.edges) > LARGEST:
            raise misplaced(("edges",), f"numbers up to {LARGEST:g}")
        return self


class Profile(Part):
    """The mean over customers of how each one's postings spread over public cells."""

    by: list[Literal["kind", "direction", "weekday", "third", "month_end", "hour", "size"]] = Field(min_length=1, max_length=4)
    weigh: Literal["count", "value"] = Field("count", description="shares of the number of postings or of their value")
    scale: Literal["sum", "length"] = Field(
        "sum", description="each customer's cells sum to 1, or have length 1: harder to read, far less noise where cells are many"
    )
    sizes: Edges | None = Field(None, description="edges of the amount, where cells go by size")

    @model_validator(mode="after")
    def _sized(self) -> "Profile":
        if ("size" in self.by) != (self.sizes is not None):
            raise misplaced(("sizes",), "edges where cells go by size, and only there")
        if self.sizes is not None and any(low >= high for low, high in zip(self.sizes, self.sizes[1:], strict=False)):
            raise misplaced(("sizes",), "rising numbers")
        if len(set(self.by)) < len(self.by):
            raise misplaced(("by",), "each key once")
        return self


class Statistic(Part):
    """What is measured of each customer."""

    profile: Profile | None = None
    histogram: Histogram | None = None
    where: Where = Field(default_factory=lambda: Where.model_validate({}))
    whom: Literal["everyone", "with_any"] = Field("everyone", description="mean over all customers, or those with a posting that counts")

    @model_validator(mode="after")
    def _one(self) -> "Statistic":
        if (self.profile is None) == (self.histogram is None):
            raise misplaced((), "either a profile or a histogram")
        return self


class Asked(Part):
    """A statistic of a release."""

    id: Name
    what: str = Field(min_length=3)
    of: Statistic
    budget: float = Field(1, gt=0, le=1e6, description="its share of the budget, against the others'")
    role: Literal["fit", "hold-out", "report"]
    tolerance: str = "5 %"
    why: str = ""


class Split(Part):
    """Part of the customers, by a public hash of the written id (`from_table.part_of`); the rest is kept for judging."""

    parts: int = Field(ge=2, le=1000)
    use: int = Field(0, ge=0, description="which part is released")

    @model_validator(mode="after")
    def _within(self) -> "Split":
        if self.use >= self.parts:
            raise misplaced(("use",), f"less than parts ({self.parts})")
        return self


class Config(Part):
    """A private release."""

    name: Name
    about: str = Field("", max_length=2000)
    source: str = Field(min_length=5)
    population: str = Field(min_length=2)
    notes: list[str] = Field(default_factory=list)
    owner: Owner
    period: Period
    delta: float = Field(1e-6, gt=0, le=1e-3, description="of the (epsilon, delta) that is stated beside rho")
    amounts: tuple[float, float] = Field(description="bounds of an amount in currency units; what lies outside is brought to them")
    least_customers: int = Field(10, ge=1, le=10_000, description="cells with fewer customers after noise are left out")
    least_days: int = Field(1, ge=1, le=3660, description="days from opening, or the first posting, to the end; who has fewer is left out")
    customers: float = Field(1, gt=0, le=1e6, description="the number of customers' share of the budget")
    split: Split | None = None
    table: Table
    run: Reading = Field(description="how a run is read as this table, for the moments")
    statistics: list[Asked] = Field(min_length=1, max_length=200)

    @model_validator(mode="after")
    def _consistent(self) -> "Config":
        low, high = self.amounts
        if not 0 <= low < high <= LARGEST:
            raise misplaced(("amounts",), f"two rising numbers from 0 to {LARGEST:g}")
        ids = [one.id for one in self.statistics]
        for place, one in enumerate(self.statistics):
            if one.id in ids[:place] or one.id == "customers":
                raise misplaced(("statistics", place, "id"), "an id of its own, not one that stands above, nor 'customers'")
            self._sense(place, one)
        if set(self.table.kinds) != set(self.run.kinds):
            raise misplaced(("run", "kinds"), f"the kinds of the table: {', '.join(self.table.kinds)}")
        if "other" in self.table.kinds:
            raise misplaced(("table", "kinds", "other"), "another name: other is what no kind fits")
        return self

    def _sense(self, place: int, one: Asked) -> None:
        known = [*self.table.kinds, "other"]
        of = one.of
        if of.where.kind is not None and not set(listed(of.where.kind)) <= set(known):
            raise misplaced(("statistics", place, "of", "where", "kind"), f"one or more of {', '.join(known)}")
        needs = {"merchants": self.table.merchant, "balance": self.table.balance}
        if of.histogram and of.histogram.of in needs and needs[of.histogram.of] is None:
            raise misplaced(("statistics", place, "of", "histogram", "of"), f"a column table.{_column(of.histogram.of)} for it")
        if of.histogram and of.histogram.of == "balance" and self.run.unit != "account":
            raise misplaced(("statistics", place, "of", "histogram", "of"), "run.unit account for balances")
        if of.where.fraud is not None and self.table.fraud is None:
            raise misplaced(("statistics", place, "of", "where", "fraud"), "a column table.fraud for it")
        # The pack's own rules on tolerances and roles hold here already, where they can be mended.
        Target.model_validate(
            {
                "id": one.id, "what": one.what, "value": 1.0, "unit": "share", "population": self.population, "period": "1 day",
                "source": self.source, "status": "released", "tolerance": one.tolerance, "role": one.role, "moment": "customers",
            }
        )  # fmt: skip


def listed(values: Values) -> list[str]:
    """One value or several, as a list."""
    return [values] if isinstance(values, str) else values


def _column(of: str) -> str:
    return "merchant" if of == "merchants" else of


def read_config(path: str | Path) -> Config:
    """Reads the file of a private release.

    Raises:
        InputError: there is no such file, or it is wrong; the text says where. No table is read.
    """
    return read_as(Config, read_file(Path(path)))


def release_schema() -> dict[str, Any]:
    """What the file of a private release may say, as JSON Schema."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}
