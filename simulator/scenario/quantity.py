"""How much, how many and how long: quantities that a story file draws from."""

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from simulator.scenario.part import Part, misplaced
from simulator.scenario.units import Duration, Factor, Money, Share

MICROSECOND = timedelta(microseconds=1)
NEVER = (timedelta(0), timedelta(0))


def _pair(value: Any) -> Any:
    return {"between": [value, value]} if isinstance(value, str) else value


class TimeSpan(Part):
    """A length of time: between two, or log-normal about a median."""

    between: list[Duration] | None = Field(None, min_length=2, max_length=2, description="evenly between two")
    median: Duration | None = Field(None, description="median of a log-normal")
    spread: Annotated[Factor, Field(le=3)] = Field(0.8, description="its log standard deviation")
    most: Duration | None = Field(None, description="never more than this")

    @model_validator(mode="after")
    def _one(self) -> "TimeSpan":
        if (self.between is None) == (self.median is None):
            raise misplaced((), "either `between: [5 min, 2 h]` or `median: 3 h`")
        if self.between is not None and not timedelta(0) <= self.between[0] <= self.between[1]:
            raise misplaced(("between",), "two durations, the shorter first, neither below 0")
        if self.median is not None and self.median <= timedelta(0):
            raise misplaced(("median",), "a duration above 0")
        if self.most is not None and self.most <= timedelta(0):
            raise misplaced(("most",), "a duration above 0")
        if self.most is not None and self.most < (self.median or timedelta(0)):
            raise misplaced(("most",), "a duration of at least `median`")
        return self

    @cached_property
    def microseconds(self) -> tuple[int, int, float, int]:
        """The shorter and the longer, the median and the most; 0 for what there is none of."""
        low, high = (int(one / MICROSECOND) for one in self.between or NEVER)
        return low, high, (self.median or timedelta(0)) / MICROSECOND, int((self.most or timedelta(0)) / MICROSECOND)


Span = Annotated[TimeSpan, BeforeValidator(_pair, json_schema_input_type=str | TimeSpan)]
"""A length of time; ``10 min`` alone stands for exactly that."""

NOW = TimeSpan(between=[timedelta(0), timedelta(0)])


def _many(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return {"least": value}
    return value


class Number(Part):
    """How many: exactly `least`, or `least` and a geometric number more."""

    least: Annotated[int, Field(ge=0, le=1000)] = 1
    mean: Factor | None = Field(None, description="mean, at least `least`; exactly `least` where left out")
    most: Annotated[int, Field(ge=1, le=1000)] | None = None

    @model_validator(mode="after")
    def _ordered(self) -> "Number":
        if self.mean is not None and self.mean < self.least:
            raise misplaced(("mean",), "a mean of at least `least`")
        if self.most is not None and self.most < self.least:
            raise misplaced(("most",), "at least `least`")
        return self


Count = Annotated[Number, BeforeValidator(_many, json_schema_input_type=int | Number)]
"""How many; a number alone stands for exactly so many."""

ONCE = Number(least=1)

Shares = Annotated[list[Share], Field(min_length=2, max_length=2)]
Factors = Annotated[list[Factor], Field(min_length=2, max_length=2)]


class Amount(Part):
    """How much is paid: by exactly one rule, then cut and rounded."""

    between: Annotated[list[Money], Field(min_length=2, max_length=2)] | None = Field(None, description="evenly between two amounts")
    median: Money | None = Field(None, description="median of a log-normal, with `spread`")
    available: Shares | None = Field(None, description="share of what the payer may spend when it pays")
    arrived: Shares | None = Field(None, description="share of what the story brought to the payer and has not left it yet")
    usual: Factors | None = Field(None, description="times what the payer, or the shop, is used to")
    below_report: Factors | None = Field(None, description="times the amount of notes from which a report is filed")
    remaining: Shares | None = Field(None, description="share of what is left of the story's aim")
    debt: Shares | None = Field(None, description="share of what the credit line still allows")
    same_as: str | None = Field(None, max_length=60, description="what an earlier act paid, to the same or another role")
    spread: Annotated[Factor, Field(le=3)] = Field(0.6, description="log standard deviation of `median`")
    grows: Annotated[float, Field(ge=0.1, le=20)] = Field(1.0, description="factor from each payment of the act to the next")
    least: Money = Field(1.0, description="less than this is not worth it, currency units")
    most: Money | None = Field(None, description="never more than this, currency units")
    round_to: Money = Field(0.0, description="rounded down to so many currency units")
    rounded: Share = Field(0.5, description="share of amounts that are rounded")

    @model_validator(mode="after")
    def _one(self) -> "Amount":
        rules = ("between", "median", "available", "arrived", "usual", "below_report", "remaining", "debt", "same_as")
        given = [rule for rule in rules if getattr(self, rule) is not None]
        if len(given) != 1:
            raise misplaced((), f"exactly one of {', '.join(rules)}")
        pair = getattr(self, given[0])
        if isinstance(pair, list) and pair[0] > pair[1]:
            raise misplaced((given[0],), "two numbers, the smaller first")
        if self.most is not None and self.most < self.least:
            raise misplaced(("most",), "at least `least`")
        return self
