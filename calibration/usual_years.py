"""Whether a usual time stays one: the first half of a run against the second, each beside a band, and what may never happen at all.

``python -m calibration.usual_years SCENARIO [--customers N] [--days N] [--set PATH=VALUE]`` lives the scenario without its shocks and
prints tables in Markdown; with 730 days the halves are years, so that seasons and paydays cancel. Nothing is fitted here.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calibration.crisis_responses import header
from simulator import PaymentsModel
from simulator.draws import Ints
from simulator.economy.lines import line_names
from simulator.economy.sums import CARDS, CARDS_BY_AGE, CLASSES, LOANS, LOANS_BY_AGE
from simulator.economy.underwriting import monthly_payments
from simulator.population.presence import here
from simulator.record.credit import claims
from simulator.stress.metrics import YEAR, measure
from simulator.stress.observer import ALL, Key, Observer
from simulator.stress.state import firms, jobs

type Floats = NDArray[np.float64]

MONTH = 30
"""Days."""

DRIFT = 0.05
"""Holdings that change less from one year to the next do not drift, as in EVIDENCE.md (assumption)."""


class Row(NamedTuple):
    """A figure of both halves beside its band."""

    name: str
    first: float
    second: float
    low: float = -np.inf
    high: float = np.inf
    change: float = np.inf
    """Largest change from the first half to the second, in points where it is a share, else as a share of the first."""
    source: str = "assumption"
    share: bool = True

    @property
    def verdict(self) -> str:
        """Whether the second half is within the band, and near the first."""
        moved = abs(self.second - self.first) / (1 if self.share else max(abs(self.first), 1e-9))
        wrong = [what for what, good in (("level", self.low <= self.second <= self.high), ("drift", moved <= self.change)) if not good]
        return f"**no: {' and '.join(wrong)}**" if wrong else "yes"

    def __str__(self) -> str:
        first, second = (f"{100 * value:.2f} %" if self.share else f"{value:,.0f}" for value in (self.first, self.second))
        band = f"{100 * self.low:g} to {100 * self.high:g} %" if np.isfinite([self.low, self.high]).all() else ""
        change = f"±{100 * self.change:g} {'points' if self.share else '%'}" if np.isfinite(self.change) else ""
        return f"| {self.name} | {first} | {second} | {', '.join(filter(None, (band, change)))} | {self.verdict} | {self.source} |"


class Usual:
    """A world that is lived through, added up by day and looked at after each half.

    Args:
        model: on its first morning.
    """

    def __init__(self, model: PaymentsModel) -> None:
        self.model, self.half = model, model.settings.period.days // 2
        observer = Observer(model)
        state: dict[Key, list[int]] = {}
        first = burden(model)
        for index in range(2 * self.half):
            model.run_for(1)
            day = model.clock.start + index
            observer.close_day(day)
            for found in (firms(model, day), jobs(model, day)):
                for key, value in found.items():
                    state.setdefault(key, []).append(value)
        self.burdens = first, burden(model)
        self.parts: dict[Key, Ints] = observer.parts() | {key: np.array(values, np.int64) for key, values in state.items()}

    def halves(self, metric: str, group: str = ALL) -> tuple[float, float]:
        """A metric over each half: the sum of a flow, the mean of a level, a share."""
        first, second = measure(self.parts, metric, group, int(self.model.world.rules.unit)).over(np.array([0, self.half]))
        return float(first), float(second)

    def per_head(self, metric: str) -> tuple[float, float]:
        """A flow over each half, a customer."""
        (first, second), (few, many) = self.halves(metric), self.halves("customers")
        return first / few, second / many

    def months(self, places: Sequence[int], of: int) -> tuple[float, float]:
        """Share of some sums of the banks in another, over the ends of each half's months."""
        kept = self.model.credit.months.banks
        early = np.array([one.day - self.model.clock.start < self.half for one in kept])
        top, bottom = (np.array([one.sums.banks[:, some].sum() for one in kept]) for some in (list(places), [of]))
        return float(top[early].sum() / bottom[early].sum()), float(top[~early].sum() / bottom[~early].sum())

    def rolled(self, months: int) -> tuple[float, float]:
        """Card balances some months past due at one month's end that are a month more past due at the next, over each half."""
        kept = self.model.credit.months.banks
        early = np.array([one.day - self.model.clock.start < self.half for one in kept[1:]])
        before, after = (np.array([one.sums.banks[:, CARDS_BY_AGE + place].sum() for one in kept]) for place in (months, months + 1))
        first, second = (after[1:][some].sum() / max(1, before[:-1][some].sum()) for some in (early, ~early))
        return float(first), float(second)

    def charged_off(self) -> tuple[float, float]:
        """Card balances that are charged off in a year, of what is owed on cards."""
        (first, second), owed = self.halves("charge_offs", "product=card"), self.halves("card_debt")
        return first / owed[0] * YEAR / self.half, second / owed[1] * YEAR / self.half

    def net_flow(self) -> tuple[float, float]:
        """What came in over the boundary beyond what went out, of people's income after tax, over each half.

        From month to month: pay that is not yet spent moves a single day by more than a year's flow.
        """
        came_in = np.cumsum([day["boundary_net"] for day in self.model.series.days])
        begin, middle, end = (came_in[last - MONTH : last].mean() for last in (MONTH, self.half, 2 * self.half))
        (income, more), (tax, taxes) = self.halves("income"), self.halves("taxes")
        return float(middle - begin) / (income - tax), float(end - middle) / (more - taxes)


def burden(model: PaymentsModel) -> Floats:
    """Payments on debts over income before tax, of households that have debts and somebody who earns, at the end of a day."""
    world, credit = model.world, model.settings.credit
    people, unit = world.people, world.rules.unit
    paid = monthly_payments(world, round(credit.minimum * 1_000_000), round(credit.minimum_amount * unit))
    present = here(people, model.clock.start + model.days_lived)
    home = people.household.astype(np.int64)[present]
    payments, income = (np.bincount(home, column[present]) for column in (paid, people.gross / 12))
    both = (payments > 0) & (income > 0)
    return np.asarray(payments[both] / income[both], np.float64)


def figures(lived: Usual) -> list[Row]:
    """What may move, and how far."""
    jobless = lived.halves("unemployment") if ("unemployed", ALL) in lived.parts else (0.0, 0.0)
    return [
        Row("unemployment", *jobless, 0.03, 0.06, 0.005, "United States 2015 to 2019: 3.5 to 5.7 % (from memory)"),
        Row("saving rate", *lived.halves("saving_rate"), 0.03, 0.17, 0.01, "3.6 % in 2007 (`economics`) to 17 (survey, BUDGET.md)"),
        Row("spending a customer, constant prices", *lived.per_head("spending"), change=0.02, share=False),
        *credit(lived),
        *(Row(f"accounts a customer, fifth {one}", *lived.halves("balance", f"quintile={one}"), change=DRIFT, share=False)
          for one in range(1, 6)),
        Row("net flow over the boundary, of income after tax", *lived.net_flow(), -0.02, 0.02, 0.01),
        Row("merchants open", *lived.halves("merchants"), change=DRIFT, share=False),
        Row("customers", *lived.halves("customers"), change=DRIFT, share=False),
        *burdens(lived),
    ]  # fmt: skip


def credit(lived: Usual) -> list[Row]:
    """Arrears and losses."""
    late, worst = range(CARDS_BY_AGE + 1, CARDS_BY_AGE + CLASSES), range(LOANS_BY_AGE + 1, LOANS_BY_AGE + CLASSES)
    return [
        Row("cards 30 days past due, of balances", *lived.months(late, CARDS), 0.02, 0.042, 0.005,
            "2.0 % in 2015, 4.2 the median of 1991 to 2018, 3.05 in early 2025 (DRCCLACBS)"),
        Row("cards 90 days past due, of balances", *lived.months(late[2:], CARDS), 0.008, 0.021, 0.005, "40 to 50 % of them; from memory"),
        Row("cards 30 days past due that go on to 60", *lived.rolled(1), 0.5, 0.8, 0.1, "usual roll rates, two thirds; from memory"),
        Row("card charge-offs a year, of balances", *lived.charged_off(), 0.0164, 0.0449, 0.01, "2020 to 2024; 3.72 % in early 2020"),
        Row("loans 30 days past due, of balances", *lived.months(worst, LOANS), 0.0, 0.03, 0.005, "mortgages 2.3 % in 2019; from memory"),
    ]  # fmt: skip


def burdens(lived: Usual) -> list[Row]:
    """Payments on debts over income, on the first morning and at the end."""
    bands = {0.5: (0.05, 0.15, "all households together near 10 % in 2019 (from memory)"),
             0.9: (0.2, 0.43, "below the cap for new loans, 43 % (12 CFR 1026.43(e), until 2021)"),
             0.99: (0.3, 0.6, "assumption: few beyond the cap")}  # fmt: skip
    found = []
    for part, (low, high, source) in bands.items():
        early, late = (float(np.quantile(one, part)) for one in lived.burdens)
        found.append(Row(f"debt payments over income, quantile {part:g}, first morning and end", early, late, low, high, 0.03, source))
    return found


def lines(lived: Usual) -> list[str]:
    """Merchants open by category, and people in work by line of business, on the first and the last days."""
    found = header("category or sector", "merchants, first week", "last week", "in work, first week", "last week")
    week = [slice(0, 7), slice(-7, None)]

    def mean(part: str, group: str) -> list[float]:
        days = lived.parts.get((part, group))
        return [float(days[some].mean()) if days is not None else np.nan for some in week]

    for name in line_names(lived.model.settings):
        there = mean("merchants", f"category={name}")
        working = np.subtract(mean("labour_force", f"sector={name}"), mean("unemployed", f"sector={name}"))
        if np.nansum([*there, *working]) > 0:
            cells = ["" if np.isnan(value) else f"{value:.0f}" for value in (*there, *working)]
            found.append(f"| {name} | {' | '.join(cells)} |")
    return found


def never(lived: Usual) -> list[str]:
    """What may not happen: a balance sheet that does not close, a loan beyond the rule, an empty line of business."""
    model = lived.model
    open_by = 0
    for one in model.credit.months.banks:
        owned = claims(model.credit.months, one)
        for sector in ("banks", "central_bank"):
            net = sum(((owner == sector) - (debtor == sector)) * value for owner, debtor, _, value in owned)
            open_by = max(open_by, abs(net))
    asked, lending = model.diary.past("application"), model.settings.lending
    granted = asked["granted"] > 0
    broken = granted & ((asked["score"] < lending.lowest_score) | (asked["ratio"] > round(lending.debt_to_income * 1_000_000)))
    broken |= asked["granted"] > asked["asked"]
    empty = [name for (part, name), days in lived.parts.items() if part == "merchants" and days[0] > 0 and days[-1] == 0]
    return [
        f"- Days on which money was made or lost: 0 of {model.days_lived} (the model ends with an error at the first).",
        f"- Balance sheets of banks and central bank, {len(model.credit.months.banks)} months: open by {open_by} minor units at most.",
        f"- Applications {len(granted):,}, granted {int(granted.sum()):,}, of these beyond the rule: {int(broken.sum())}.",
        f"- Lines of business that emptied: {', '.join(empty) if empty else 'none'}.",
    ]


def main(words: list[str]) -> None:
    """Live the world and print the tables."""
    parser = argparse.ArgumentParser(prog="calibration.usual_years")
    parser.add_argument("scenario")
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=730)
    parser.add_argument("--set", action="append", default=[], dest="changed")
    asked = parser.parse_args(words)
    changes: dict[str, Any] = {"population.customers": asked.customers, "period.days": asked.days, "shocks": [], "expect": []}
    changes |= dict(text.split("=", 1) for text in asked.changed)
    lived = Usual(PaymentsModel(asked.scenario, shards=1, workers=1, **changes))
    rows = [*header("figure", "first half", "second half", "band", "holds", "where the band comes from"), *map(str, figures(lived))]
    print("\n".join([*rows, "", *never(lived), "", *lines(lived)]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
