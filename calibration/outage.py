"""The outage of 2018, told by payments: who was refused, what they did next, what was bought after all."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.crisis_responses import header
from simulator import PaymentsModel
from simulator.clock import DAY, EPOCH
from simulator.codes import Message, Method, Purpose, Reason, Status
from simulator.population.accounts import PERSON_ROWS
from simulator.population.equipment import other_network
from simulator.record.writer import Silent
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario
from simulator.scenario.shocks import Kind

type Ints = NDArray[np.int64]

SPENT = (Message.PAYMENT, Message.AUTHORISATION)


class Watch(Silent):
    """Counts what people do from the first failure on; stands in the recorder's place.

    Args:
        model: at the first morning of the day of the outage.
        since: microseconds since 1970 at which it begins.
        until: its end.

    Attributes:
        found: Counts by name.
        spent: Spending by day, minor units.
    """

    def __init__(self, model: PaymentsModel, since: int, until: int) -> None:
        super().__init__()
        self._people, self._span = model.world.layout.people, (since, until)
        self._elsewhere = other_network(model.settings, self._people)
        self._failed: dict[int, int] = {}
        self.used: set[int] = set()
        self.hit: set[int] = set()
        self.cards_used: set[int] = set()
        self.cards_hit: set[int] = set()
        self.found = dict.fromkeys(("all", "asked", "failed", "notes", "other", "same", "came through"), 0)
        self.spent: list[int] = []
        self._told = int(model.runner.totals[2])  # transactions so far, by which retries name what they repeat
        model.recorder = self

    def open_day(self, day: int) -> None:
        """A day begins with nothing."""
        self.spent.append(0)

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        """Add up a window."""
        for place, (rows, count) in enumerate(((self._seen, seen), (self._unseen, unseen))):
            some = rows[:count].view(np.ndarray)
            mine = (some["payer"] < self._people * PERSON_ROWS) & (some["purpose"] == Purpose.PURCHASE) & np.isin(some["message"], SPENT)
            self.spent[-1] += int(some["amount"][mine & (some["status"] == Status.APPROVED)].sum())
            self._follow(some, np.flatnonzero(mine & (some["related"] >= 0)))
            if not place:
                self._note(some, mine)
        self._told += seen

    def _follow(self, some: Any, rows: Ints) -> None:
        """What is tried again."""
        for row in rows.tolist():
            before = self._failed.get(int(some["related"][row]))
            if before is not None:
                way = "notes" if some["method"][row] == Method.CASH else "same" if some["payer"][row] == before else "other"
                self.found[way] += 1
                self.found["came through"] += int(some["status"][row] == Status.APPROVED)

    def _note(self, some: Any, mine: NDArray[np.bool_]) -> None:
        """Card payments asked for during the outage, and those refused for it."""
        since, until = self._span
        asked = mine & np.isin(some["method"], (Method.CARD, Method.WALLET)) & (some["time"] >= since) & (some["time"] < until)
        rows = np.flatnonzero(asked)
        card = some["payer"][rows].astype(np.int64)
        works = (card % PERSON_ROWS == 2) & self._elsewhere[card // PERSON_ROWS]
        failed = some["reason"][rows] == Reason.NETWORK_UNAVAILABLE
        self.found["all"] += len(rows)
        self.found["asked"] += int((~works).sum())
        self.found["failed"] += int(failed.sum())
        self._failed |= dict(zip((self._told + rows[failed]).tolist(), card[failed].tolist(), strict=True))
        self.used |= set((card // PERSON_ROWS).tolist())
        self.hit |= set((card[failed] // PERSON_ROWS).tolist())
        self.cards_used |= set(card[~works].tolist())
        self.cards_hit |= set(card[failed].tolist())


def _span(scenario: Scenario) -> tuple[int, int]:
    """First and last moment of a scenario's outages, microseconds since 1970."""
    spans = [(one.start, one.start + one.lasts) for one in scenario.shocks if one.kind is Kind.OUTAGE and one.start and one.lasts]
    zero = np.datetime64(EPOCH, "us")
    first, last = (int((np.datetime64(when, "us") - zero).astype(np.int64)) for when in (min(spans)[0], max(end for _, end in spans)))
    return first, last


def outage(customers: int, pairs: int) -> list[str]:
    """Messages, cards and customers hit, what they did next, and what was bought after all."""
    scenario = load_scenario("outage2018", {"population.customers": customers})
    calm = load_scenario(scenario, {"shocks": []})
    since, until = _span(scenario)
    days = since // DAY - (scenario.period.start - EPOCH).days
    total: dict[str, int] = {}
    spent = np.zeros((2, 3))
    for pair in range(pairs):
        for which, world in enumerate((scenario, calm)):
            model = PaymentsModel(world, rng=pair + 1)
            for _ in range(days):
                model.step()
            watch = Watch(model, since, until)
            for _ in range(3):
                model.step()
            spent[which] += watch.spent
            if which == 0:
                sets = {name: len(getattr(watch, name)) for name in ("used", "hit", "cards_used", "cards_hit")}
                for name, count in (watch.found | sets | {"later": model.economy.rails.later}).items():
                    total[name] = total.get(name, 0) + count
    return _told(total, spent)


def _told(total: dict[str, int], spent: NDArray[np.float64]) -> list[str]:
    """The findings as text."""
    failed, again = total["failed"], total["notes"] + total["other"] + total["same"]
    lines = header("what followed a failure", "%")
    ways = {"paid in notes": total["notes"], "tried another card": total["other"], "tried the same card once more": total["same"],
            "bought on the next day": total["later"], "not made": failed - again - total["later"]}  # fmt: skip
    lines += [f"| {name} | {_per_cent(count, failed):.0f} |" for name, count in ways.items()]
    days = ((slice(0, 1), "on the day"), (slice(1, 3), "on the two days after"), (slice(0, 3), "over the three"))
    change = [f"{100 * (spent[0, part].sum() / spent[1, part].sum() - 1):+.2f} % {when}" for part, when in days]
    return [
        f"- Of {total['asked']:,} payments asked for by customers' cards of the network {_per_cent(failed, total['asked']):.1f} % failed, "
        f"retries among them (published: 8.7 % in the United Kingdom, 10.2 % in Europe); {total['all'] - total['asked']:,} more went by "
        "cards of another.",
        f"- Customers: {_per_cent(total['hit'], total['used']):.1f} % of the {total['used']:,} who used a card met a failure, "
        f"{failed / max(1, total['hit']):.2f} each.",
        f"- Cards: {_per_cent(total['cards_hit'], total['cards_used']):.1f} % of the network's that were used, "
        f"{failed / max(1, total['cards_hit']):.2f} failures each (published: 1.41).",
        f"- Of the retries {_per_cent(total['came through'], again):.0f} % came through.",
        f"- Spending: {', '.join(change)}.",
        "",
        *lines,
    ]


def _per_cent(part: int, whole: int) -> float:
    return 100 * part / max(1, whole)
