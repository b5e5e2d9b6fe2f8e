"""Responses that need single people: spending at job loss, when benefits end and after a payment; runs over a grid."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator import PaymentsModel
from simulator.codes import Message, Purpose, Status
from simulator.population.accounts import CURRENT, PERSON_ROWS, SAVINGS
from simulator.population.households import SALARIED
from simulator.population.presence import here
from simulator.record.writer import Silent

type Floats = NDArray[np.float64]


def header(*names: str) -> list[str]:
    """The first lines of a table in Markdown."""
    return [f"| {' | '.join(names)} |", f"|---{'|--:' * (len(names) - 1)}|"]


class Purses(Silent):
    """What each person spends at merchants each day, in minor units; stands in the recorder's place.

    Args:
        model: whose rows are added up.
    """

    def __init__(self, model: PaymentsModel) -> None:
        super().__init__()
        self.days: list[NDArray[np.int64]] = []
        self.asked: list[Any] = []
        self._people = model.world.layout.people
        model.recorder = self

    def open_day(self, day: int) -> None:
        """A day begins with nothing."""
        self.days.append(np.zeros(self._people, np.int64))

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        """Add the purchases of a window."""
        for rows, count in ((self._seen, seen), (self._unseen, unseen)):
            some = rows[:count].view(np.ndarray)
            paid = (some["purpose"] == Purpose.PURCHASE) & (some["status"] == Status.APPROVED)
            paid &= (some["message"] != Message.AUTHORISATION) & (some["message"] != Message.REVERSAL)
            who = some["payer"][paid] // PERSON_ROWS
            own = who < self._people
            np.add.at(self.days[-1], who[own], some["amount"][paid][own])


def _live(model: PaymentsModel, days: int, each: Callable[[int], None] | None = None) -> Floats:
    """Spending by day and person."""
    purses = Purses(model)
    for day in range(days):
        model.step()
        if each is not None:
            each(day)
    return np.array(purses.days, np.float64)


def households(customers: int, pairs: int) -> list[str]:
    """Spending around the loss of a job, around the end of benefits, and after a payment to everybody."""
    lines = header("week", "spending against the eight weeks before, %", "people")
    changes: dict[str, Any] = {"population.customers": customers, "period.days": 420, "economy.layoffs": 0.05}
    losses: list[Floats] = []
    ends: list[Floats] = []
    for seed in range(1, pairs + 1):
        around_loss, around_end = _events(PaymentsModel("_crisis", seed=seed, **changes))
        losses += around_loss
        ends += around_end
    for title, found in (("job loss", losses), ("end of benefits", ends)):
        curve = _curve(found)
        for week in range(-4, 13, 2):
            lines.append(f"| {title} {week:+d} | {100 * curve[week + 8]:+.1f} | {len(found)} |")
    return [*lines, "", *payment(customers, pairs)]


BEFORE, AFTER = 8, 14
"""Weeks before and after an event."""


def _curve(found: list[Floats]) -> Floats:
    """Mean over people of spending by week against their own weeks before it, less what others do meanwhile."""
    rows = np.array(found)
    return np.asarray(rows.sum(axis=0) / max(1e-9, rows[:, :BEFORE].sum() / BEFORE) - 1, np.float64)


def _events(model: PaymentsModel) -> tuple[list[Floats], list[Floats]]:
    """Weekly spending around losses of jobs that last so long, and around benefits that run out; scaled by everybody's."""
    out: list[NDArray[np.bool_]] = []
    since: list[NDArray[np.int64]] = []
    drawn: list[NDArray[np.bool_]] = []

    def note(day: int) -> None:
        if day % 7 == 6:
            people, course = model.world.people, model.world.course
            jobless = (course.jobless > 0) & (people.kind == SALARIED) & here(people, model.clock.start + day + 1)
            out.append(jobless.copy())
            since.append(course.jobless.astype(np.int64).copy())
            drawn.append((people.benefit > 0).copy())

    spent = _live(model, model.settings.period.days, note)
    weeks = len(spent) // 7
    weekly = spent[: weeks * 7].reshape(weeks, 7, -1).sum(axis=1)
    steady = np.array(out).sum(axis=0) == 0
    usual = weekly[:, steady].mean(axis=1)
    weekly = weekly / usual[:, None]  # seasons and paydays, as those who never lose a job have them
    loss, end = [], []
    for week in range(BEFORE + 1, weeks - AFTER):
        fresh = out[week] & ~out[week - 1] & ~np.any(out[week - BEFORE : week], axis=0)
        lasting = fresh & np.all(out[week : week + AFTER], axis=0)
        loss += [weekly[week - BEFORE : week + AFTER, row] for row in np.flatnonzero(lasting)]
        ended = drawn[week - 1] & ~drawn[week] & out[week] & np.all(out[week - BEFORE : week + AFTER], axis=0)
        end += [weekly[week - BEFORE : week + AFTER, row] for row in np.flatnonzero(ended)]
    return loss, end


def payment(customers: int, pairs: int) -> list[str]:
    """Share of a one-off payment of 1,200 that is spent at merchants within 4 and 12 weeks, by money at hand before it."""
    start, given = date(2024, 1, 1), 28
    gift = {"name": "gift", "kind": "stimulus", "source": "an experiment", "start": f"{start + timedelta(given)}T00:00:00", "amount": 1200}
    spent = np.zeros((3, 2, pairs))
    for pair in range(pairs):
        changes: dict[str, Any] = {"population.customers": customers, "period.days": given + 84, "seed": pair + 1}
        worlds = []
        held = np.zeros(0)
        for shocks in ([], [gift]):
            model = PaymentsModel("_crisis", **changes, shocks=shocks)
            days = _live(model, given)
            accounts, base = model.world.accounts, np.arange(model.world.layout.people) * PERSON_ROWS
            held = np.maximum(0, accounts.book[base + CURRENT] + accounts.book[base + SAVINGS]) / np.maximum(1, model.world.people.budget)
            days = np.concatenate([days, _live(model, 84)])
            rows = np.flatnonzero(here(model.world.people, model.clock.start + given))
            worlds.append(days)
        third = np.searchsorted(np.quantile(held[rows], [1 / 3, 2 / 3]), held[rows])
        more = (worlds[1] - worlds[0])[given:, rows] / model.world.rules.unit
        for part in range(3):
            mine = third == part
            spent[part, :, pair] = more[:28, mine].sum() / (1200 * mine.sum()), more[:, mine].sum() / (1200 * mine.sum())
    lines = header("money at hand", "spent of 1,200 in 4 weeks, %", "in 12 weeks, %", "range over pairs, 12 weeks")
    for part, name in enumerate(("least third", "middle", "most")):
        four, twelve = 100 * spent[part].mean(axis=1)
        lines.append(f"| {name} | {four:.1f} | {twelve:.1f} | {100 * spent[part, 1].min():.1f} to {100 * spent[part, 1].max():.1f} |")
    return lines


QUICK: dict[str, Any] = {"period.start": "2023-03-06", "period.days": 6, "expect": []}
"""A run begins three days before the news."""


def run_surface(customers: int, pairs: int) -> list[str]:
    """Deposits that leave the bank on the day of the news, over how far depositors infect each other, what is uninsured, who is online."""
    lines = header("insured up to", "uninsured %", "concentration", "online 10 %", "50 %", "95 %")
    bank = "union_trust"
    for insured in (250_000, 50_000, 20_000, 5_000):
        for neighbours in (0.0, 0.5, 1.0):
            row, share = [], 0.0
            for online in (0.10, 0.50, 0.95):
                out = []
                for pair in range(pairs):
                    fields = {"neighbours": neighbours, "online": online}
                    changes = dict(QUICK) | {"population.customers": customers, "lending.insured": insured}
                    model = PaymentsModel(
                        "run2023", rng=pair + 1, **changes | {f"shocks.news.{name}": value for name, value in fields.items()}
                    )
                    fraction, share = _outflow(model, bank, insured)
                    out.append(fraction)
                row.append(100 * float(np.mean(out)))
            lines.append(f"| {insured:,} | {100 * share:.0f} | {neighbours:g} | " + " | ".join(f"{value:.1f}" for value in row) + " |")
    return [*lines, "", "Outflow in one day as a share of the bank's deposits, %; published: 20 to 25 % in 2023, about 1 % a day in 2008."]


def _outflow(model: PaymentsModel, bank: str, insured: float) -> tuple[float, float]:
    """Share of a bank's deposits that its runners held on the eve, and share that is not insured."""
    for _ in range(3):  # up to the eve, whose close orders the moves of the day
        model.step()
    world = model.world
    people, firms, layout = world.people, world.firms, world.layout
    held = np.concatenate([
        world.accounts.book[: layout.people * PERSON_ROWS].reshape(-1, PERSON_ROWS)[:, [CURRENT, SAVINGS]].sum(axis=1),
        world.accounts.book[layout.firm_base : layout.government].reshape(layout.firms, -1)[:, [0, 2]].sum(axis=1),
    ]).clip(0)  # fmt: skip
    number = [one.name for one in model.settings.banks].index(bank)
    mine = np.concatenate([people.bank, firms.bank]) == number
    limit = insured * world.rules.unit
    ran = mine & (model.economy.runs.ran > 0)
    return float(0.95 * held[ran].sum() / held[mine].sum()), float((held[mine] - limit).clip(0).sum() / held[mine].sum())
