"""What a scenario may say of shocks: dated changes to a world, each with its unit and its source."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from simulator.scenario.part import Name, Part, misplaced, nearest
from simulator.scenario.units import Duration, Money, Share, parse_share


class Between(StrEnum):
    """What a path does between its points."""

    STEPS = "steps"
    RAMP = "ramp"


class Kind(StrEnum):
    """What a shock changes, see `UNITS`."""

    UNEMPLOYMENT = "unemployment"
    INCOME = "income"
    PRICES = "prices"
    POLICY_RATE = "policy_rate"
    CONFIDENCE = "confidence"
    RESTRICTION = "restriction"
    REMOTE = "remote"
    STOCK_UP = "stock_up"
    SUPPLEMENT = "supplement"
    STIMULUS = "stimulus"
    FORBEARANCE = "forbearance"
    OUTAGE = "outage"
    BANK_RUN = "bank_run"
    CASH_PANIC = "cash_panic"
    STORIES = "stories"
    TOOL = "tool"
    BREACH = "breach"
    RULE = "rule"


UNITS: dict[Kind, str] = {
    Kind.UNEMPLOYMENT: "points of the labour force above the world's own rate; by sector of employers, or by category of shops",
    Kind.INCOME: "change of pay against the baseline; by kind of income",
    Kind.PRICES: "change of prices against the first day; by category",
    Kind.POLICY_RATE: "points above the rate of the first day",
    Kind.CONFIDENCE: "change of what people who look ahead are willing to spend",
    Kind.RESTRICTION: "share of purchases in person that may not take place; by category",
    Kind.REMOTE: "share of purchases in person that are made remotely instead; by category",
    Kind.STOCK_UP: "purchases beyond the usual, as a share; by category, for people with money at hand",
    Kind.SUPPLEMENT: "currency units a week on top of the unemployment benefit",
    Kind.STIMULUS: "currency units for each adult, once; `child` for each child",
    Kind.FORBEARANCE: "share of borrowers who are short whose payments are waived",
    Kind.OUTAGE: "share of payments by cards of one network that fail; which cards are on another says `economy.other_network`",
    Kind.BANK_RUN: "share of depositors beyond `lending.insured` who move their money on a day once they hear; by bank",
    Kind.CASH_PANIC: "share of customers who draw notes beyond their needs on a day",
    Kind.STORIES: "how many times as often stories begin; by typology or family",
    Kind.TOOL: "how many times as often stories begin; by typology or family; `share` of what gives them away that the tool spares them "
               "from its first date on: victims who begin to doubt, card data that do not fit",
    Kind.BREACH: "share of the cards used at a merchant of `category` in the time before (`lasts`) that thieves use afterwards",
    Kind.RULE: "parameters of the scenario and the value that they take",
}
"""What the numbers of each kind of shock mean."""

PATHS = {Kind.UNEMPLOYMENT, Kind.INCOME, Kind.PRICES, Kind.POLICY_RATE, Kind.CONFIDENCE, Kind.RESTRICTION, Kind.REMOTE, Kind.STOCK_UP,
         Kind.SUPPLEMENT, Kind.FORBEARANCE, Kind.CASH_PANIC, Kind.STORIES, Kind.TOOL}  # fmt: skip
"""Kinds that follow a path, or one for each of several things."""

DIVIDED = {Kind.UNEMPLOYMENT, Kind.INCOME, Kind.PRICES, Kind.RESTRICTION, Kind.REMOTE, Kind.STOCK_UP, Kind.STORIES,
           Kind.TOOL}  # fmt: skip
"""Kinds that `by` may divide."""

TAKES: dict[Kind, tuple[str, ...]] = {
    **{kind: ("path", "by") if kind in DIVIDED else ("path",) for kind in PATHS},
    Kind.TOOL: ("path", "by", "share"), Kind.BREACH: ("start", "lasts", "share", "category"),
    Kind.STIMULUS: ("start", "amount", "child", "quintiles"), Kind.OUTAGE: ("start", "lasts", "share", "retries", "catch_up"),
    Kind.BANK_RUN: ("start", "lasts", "share", "banks", "online", "neighbours"), Kind.RULE: ("start", "until", "set"),
}  # fmt: skip
"""What each kind reads beside `name`, `kind`, `source` and `about`."""

NO_SHARES = {Kind.SUPPLEMENT: "an amount in currency units a week",
             **dict.fromkeys((Kind.STORIES, Kind.TOOL), "how many times as often, such as 2")}  # fmt: skip
"""Kinds whose values are no shares, and what they are."""

BOUNDS = {
    **dict.fromkeys((Kind.RESTRICTION, Kind.REMOTE, Kind.FORBEARANCE, Kind.CASH_PANIC), (0.0, 1.0)), Kind.UNEMPLOYMENT: (-1.0, 1.0),
    Kind.INCOME: (-1.0, 5.0), Kind.PRICES: (-0.95, 50.0), Kind.CONFIDENCE: (-1.0, 1.0), Kind.STOCK_UP: (0.0, 5.0),
    Kind.POLICY_RATE: (-0.2, 1.0), Kind.SUPPLEMENT: (0.0, 1e5), Kind.STORIES: (0.0, 8.0),
    Kind.TOOL: (0.0, 8.0),
}  # fmt: skip
"""What a path's values may lie between."""

BREACHED = "C4"
"""Typology of the stories that are told with the cards of a breach: theft of card details, used remotely."""

CHANGEABLE = (
    "methods.contactless", "declines", "security", "disputes", "defence", "transfers.instant", "transfers.cheque", "transfers.cash",
    "credit.card_rate", "credit.minimum", "credit.minimum_amount", "events", "economy.benefit_weeks", "economy.highest_benefit",
    "economy.replacement", "economy.take_up", "lending.lines_reviewed",
)  # fmt: skip
"""Parameters that a rule may change within a run: those that are read day by day, and not when people are drawn."""


def _level(value: Any) -> float:
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        try:
            return parse_share(value)
        except ValueError:
            pass
    raise ValueError("expected a number, or a share such as '40 %'")


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("expected a date such as 2025-03-31") from None


def _utc(value: datetime) -> datetime:
    try:
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError("expected a moment between the years 1 and 9999 in UTC") from None


def _stated(value: str) -> str:
    if len(value.strip()) < 3:
        raise ValueError("expected where the numbers come from, or 'assumption'")
    return value


Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=str)]
Moment = Annotated[datetime, AfterValidator(_utc)]
"""A moment in UTC; one with an offset is brought to it."""

Level = Annotated[float, BeforeValidator(_level, json_schema_input_type=float | str), Field(ge=-1e6, le=1e6)]


class Path(Part):
    """A value by date: dates and values, or a column of a CSV file beside the scenario, which is quoted in the resolved one."""

    points: dict[Day, Level] = Field(min_length=1, description="date: value; before the first date the world's own")
    between: Between = Field(Between.STEPS, description="steps: a value holds until the next date; ramp: values change evenly")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, dict) and value and "points" not in value:
            between = {key: inner for key, inner in value.items() if key == "between"}
            return between | {"points": {key: inner for key, inner in value.items() if key != "between"}}
        return value


class Shock(Part):
    """A dated change to the world."""

    name: Name
    kind: Kind = Field(description="what it changes, and in which unit. " + "; ".join(f"{kind}: {unit}" for kind, unit in UNITS.items()))
    source: Annotated[str, AfterValidator(_stated)] = Field(
        min_length=3, max_length=400, description="where the numbers come from, or 'assumption'"
    )
    about: str = Field("", max_length=400)
    path: Path | None = Field(None, description="the same for everything")
    by: dict[str, Path] = Field(default_factory=dict, description="sector, category, kind of income or typology: a path of its own")
    start: Moment | None = Field(
        None, description="of an outage, a run, a rule, a one-off payment, or the use of stolen cards; UTC where no offset is given"
    )
    lasts: Duration | None = Field(None, description="how long an outage or a run lasts; how long before `start` cards were stolen")
    until: date | None = Field(None, description="day on which a rule ends; never where it is not given")
    share: Share | None = Field(None, description="of an outage, a run, a tool or a breach: see the unit of its kind")
    retries: Share | None = Field(None, description="of an outage: share of those refused who try again; else `declines.retry`")
    catch_up: Share | None = Field(
        None, description="of an outage: share of purchases given up that are made on the next day; else `economy.tried_later`"
    )
    category: Name | None = Field(None, description="what the merchant of a breach sells")
    amount: Money | None = Field(None, description="of a one-off payment")
    child: Money = Field(0.0, description="of a one-off payment, for each child")
    quintiles: list[Annotated[int, Field(ge=1, le=5)]] = Field([1, 2, 3, 4, 5], description="of household income that get it")
    banks: list[str] = Field(default_factory=list, description="banks whose depositors run; all where none is named")
    online: Share = Field(0.9, description="share of depositors who can move money online at once; others queue at branches")
    neighbours: Share = Field(
        0.3, description="chance an hour that others run too, once everybody else has; in proportion where fewer have (assumption)"
    )
    set: dict[str, Any] = Field(default_factory=dict, description="dotted path: value, for a rule")

    @field_validator("path", "by", mode="before")
    @classmethod
    def _in_its_unit(cls, value: Any, info: ValidationInfo) -> Any:
        """No share where an amount or a number of times is meant."""
        expected = NO_SHARES.get(info.data.get("kind", ""))
        if expected is not None and isinstance(value, dict):
            paths = value.items() if info.field_name == "by" else [("", value)]
            for name, path in paths:
                points = path.get("points", path) if isinstance(path, dict) else {}
                for day, level in points.items() if isinstance(points, dict) else ():
                    if isinstance(level, str) and day != "between":
                        raise misplaced((*([name] if name else []), "points", day), expected)
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Shock":
        if self.kind in PATHS and self.path is None and not self.by:
            raise misplaced(("path",), f"a path, for a shock of kind {self.kind}" + (", or `by`" if self.kind in DIVIDED else ""))
        if self.by and self.kind not in DIVIDED:
            raise misplaced(("by",), f"nothing, for a shock of kind {self.kind}: it is the same for everybody")
        self._used()
        needs = {Kind.OUTAGE: ("start", "lasts", "share"), Kind.BANK_RUN: ("start", "lasts", "share"), Kind.STIMULUS: ("start", "amount"),
                 Kind.RULE: ("start",), Kind.TOOL: ("share",), Kind.BREACH: ("start", "lasts", "share", "category")}  # fmt: skip
        for name in needs.get(self.kind, ()):
            if getattr(self, name) is None:
                raise misplaced((name,), f"a value, for a shock of kind {self.kind}")
        if self.kind is Kind.RULE and not self.set:
            raise misplaced(("set",), "at least one parameter and its value")
        for path in self.set:
            if not any(path == known or path.startswith(known + ".") for known in CHANGEABLE):
                expected = f"a parameter that may change within a run ({', '.join(CHANGEABLE)})"
                raise misplaced(("set", path), expected, nearest(path, CHANGEABLE))
        self._sensible()
        return self

    def _used(self) -> None:
        """Nothing that the kind does not read."""
        takes = TAKES.get(self.kind, tuple(type(self).model_fields))
        for name, field in type(self).model_fields.items():
            unused = name not in ("name", "kind", "source", "about", *takes)
            if unused and getattr(self, name) != field.get_default(call_default_factory=True):
                raise misplaced((name,), f"nothing: a shock of kind {self.kind} takes {', '.join(takes)}")
        if self.until is not None and self.start is not None and self.until <= self.start.date():
            raise misplaced(("until",), f"a day after its start, {self.start.date()}")

    def _sensible(self) -> None:
        """Shares between nothing and everything, where more would mean nothing."""
        if self.kind not in BOUNDS:
            return
        low, high = BOUNDS[self.kind]
        for steps, path in [(("path",), self.path), *((("by", name), path) for name, path in self.by.items())]:
            for day, value in path.points.items() if path is not None else ():
                if not low <= value <= high:
                    raise misplaced((*steps, "points", str(day)), f"a value between {low:g} and {high:g}: {UNITS[self.kind]}")
