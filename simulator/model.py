"""The model: a payments economy that lives day by day."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import mesa
import numpy as np
import pyarrow as pa
from mesa.experimental.scenarios import Scenario as MesaScenario

from simulator.agents import Banks, Customers, Employers, Institutions, Merchants
from simulator.books import money
from simulator.clock import Clock, Today
from simulator.defence.detector import Detector, Scores
from simulator.defence.guard import Guard
from simulator.draws import Ints
from simulator.economy.credit import Credit
from simulator.economy.economy import Economy
from simulator.errors import InputError
from simulator.lives import live_on
from simulator.lives.answers import clear_hits, hear_disputes
from simulator.lives.business import trade_on
from simulator.lives.diary import Diary
from simulator.lives.register import Register
from simulator.population.dossiers import open_files
from simulator.population.firms import BILLER, EMPLOYER, INSTITUTION, MERCHANT
from simulator.population.world import World, build_world
from simulator.record.digest import lookup_digest
from simulator.record.emit import Emitter
from simulator.record.facts import build_names
from simulator.record.happenings import Happenings
from simulator.record.schema import arrow_schema
from simulator.record.stories import label_table
from simulator.record.writer import Silent, Writer
from simulator.runner.happened import in_order
from simulator.runner.runner import SHARDS_FROM, Judge, Runner
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario
from simulator.series import Series
from simulator.stories.teller import Teller

COLLECTED = (
    "payments",
    "declined",
    "value",
    "purchases",
    "purchase_value",
    "unseen_payments",
    "wages",
    "taxes",
    "withdrawals",
    "deposits",
    "firm_deposits",
    "card_debt",
    "loan_debt",
    "notes",
    "boundary_net",
)
"""Daily series that the data collector keeps."""


class LedgerError(Exception):
    """Money was made or lost: a defect of the simulator, never of the input."""


class StreamedDay(NamedTuple):
    """A day of `PaymentsModel.stream`."""

    transactions: pa.Table
    unseen: pa.Table
    events: pa.Table
    labels: pa.Table


def _settle(scenario: "Scenario | MesaScenario | str | Path | None", rng: Any, parameters: dict[str, Any]) -> Scenario:
    """One scenario from what a caller may give: a scenario, a name or file, dotted paths and a seed."""
    if rng is not None and (isinstance(rng, bool) or not isinstance(rng, int | np.integer)):
        raise InputError(f"rng: found {type(rng).__name__}, expected an integer seed: every draw stands at an address keyed by it")
    changes = dict(parameters) | ({} if rng is None else {"seed": int(rng)})
    if "customers" in changes:
        changes["population.customers"] = changes.pop("customers")
    if "days" in changes:
        changes["period.days"] = changes.pop("days")
    if isinstance(scenario, Scenario):
        return load_scenario(scenario, changes) if changes else scenario
    return load_scenario(scenario or "hamlet", changes)


class PaymentsModel(mesa.Model):
    """Customers, merchants, employers and banks who pay each other; one step is one UTC day.

    Args:
        scenario: a `Scenario`, the name of a shipped one, or a file; `hamlet` by default.
        rng: the seed, an integer; the scenario's own by default.
        shards: parts of the world; any number gives the same data.
        workers: threads; any number gives the same data.
        detector: any object with ``score(batch) -> array``; what it scores at or above ``threshold`` is refused before authorisation
            (see `simulator.defence.detector`).
        threshold: between 0 and 1.
        parameters: changes to the scenario by dotted path, such as ``**{"methods.cash": 0.3}``; `customers` and `days`
            stand for `population.customers` and `period.days`.

    Raises:
        InputError: the scenario is wrong.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path | None = None,
        *,
        rng: int | None = None,
        shards: int | None = None,
        workers: int | None = None,
        detector: Scores | None = None,
        threshold: float = 0.9,
        **parameters: Any,
    ) -> None:
        self.settings = _settle(scenario, rng, parameters)
        super().__init__(
            scenario=MesaScenario(rng=self.settings.seed, **{name: getattr(self.settings, name) for name in Scenario.model_fields})
        )
        cores = os.cpu_count() or 1
        size = self.settings.population.customers
        self.clock = Clock(self.settings)
        self.world: World = build_world(self.settings, self.clock)
        self.opening: Ints = self.world.accounts.book.copy()
        self.lookup = lookup_digest(self.world)  # before any decree changes the rules
        self._total = self._sums()
        # The other half of the cores writes.
        self.runner = Runner(self.world, shards or (max(1, cores // 2) if size >= SHARDS_FROM else 1), workers or cores)
        self.recorder: Writer | Silent = Silent()
        self.diary, self.register = Diary(), Register(self.settings, self.clock, self.world.people.joined)
        self.files = open_files(self.settings, self.world)
        self.series = Series(self.world, self.clock.exchange.codes)
        self.credit = Credit(self.register, self.world, self.diary, self.clock.start)
        self.day: dict[str, Any] = {}
        self.before = 0
        self.happened = 0
        self.customers = Customers(self, self.world.people)
        self.merchants = Merchants(self, self.world.firms, MERCHANT, BILLER)
        self.employers = Employers(self, self.world.firms, EMPLOYER)
        self.institutions = Institutions(self, self.world.firms, INSTITUTION)
        self.banks = Banks(self)
        self.guard = Guard(self.settings, self.world)
        self.economy = Economy(self.settings, self.world, self.clock.start)
        self.teller = Teller(self, self.settings, self.world, self.guard.blocked)
        self.detector = Detector(detector, threshold, self.emitter()) if detector is not None else None
        self.datacollector = mesa.DataCollector(model_reporters={name: partial(_of_today, name=name) for name in COLLECTED})

    @property
    def days_lived(self) -> int:
        """Days since the start of the scenario; a resumed run has lived some before."""
        lived: int = self.before + round(self.time)
        return lived

    def step(self) -> None:
        """Live one day."""
        today = self.open_day()
        self.runner.plan(today)
        for window in range(self.settings.period.windows):
            self.runner.settle(today, window)
            self.guard.refuse(self.runner, window)
            self.tell_stories(today, window)
            attempts = self.runner.authorise(today, window, self.judge)
            self.runner.clear(today, window, attempts, self.recorder)
            self.guard.watch(self.world, today, window, self.runner)
            self.economy.watch(self.world, self.runner)
            self.teller.breaches.watch(self.world, today, self.runner.cleared)
            self.credit.watch(self.world, self.runner)
            self.hear_stories(today)
        self.close_day(today)
        self.datacollector.collect(self)

    @property
    def judge(self) -> Judge | None:
        """Who may refuse attempts before authorisation."""
        return self.detector.judge if self.detector is not None else None

    def open_day(self) -> Today:
        """The calendar of the day; the recorder is told."""
        today = self.clock.today(self.days_lived - 1)
        self.recorder.open_day(today.day)
        self.world = self.runner.world = self.economy.decrees.hold(self.world, today, self.obey)
        self.economy.open_day(self.world, today, self.runner)
        self.teller.open_day(self.world, today, self.economy.labour.distress)
        return today

    def obey(self, settings: Scenario) -> None:
        """Banks, crews and who pays benefits take up rules that changed."""
        self.register.scenario = settings
        self.economy.obey(settings)
        self.guard.obey(settings)
        self.teller.stage.desk.obey(settings)

    def tell_stories(self, today: Today, window: int) -> None:
        """Stories write the orders that are now due; the day executes them like any other payment."""
        orders, initiators = self.teller.write(self.world, today, window)
        if initiators:
            self.runner.order(orders, initiators)

    def hear_stories(self, today: Today) -> None:
        """Stories are told what became of their orders."""
        if self.teller.asks:
            self.teller.hear(today, self.runner.heard(), self.guard.alerted)

    def close_day(self, today: Today) -> None:
        """Carry over what is unfinished, let lives change, check the law of conservation, add the day to the series.

        Raises:
            LedgerError: the sum of all balances of a currency changed.
        """
        self.runner.close(today)
        self.diary.today.append(self.teller.stage.happenings.taken())
        self.guard.close_day(self.world, today, self.diary, self.runner, self.teller)
        self.diary.arrive(today.day, self.world.people.left)
        register, postponed = self.register, self.runner.postponed
        self.economy.lay_off(register, self.world, today, self.diary, postponed, self.credit.lines.bankrupt(self.world))
        self.world = self.runner.world = live_on(register, self.world, today, self.diary, postponed, self.files, self.runner.events)
        self.economy.settle(self.world, today, self.runner)
        trade_on(register, self.world, today, self.diary, postponed)
        self.credit.close_day(self.world, today, self.diary, postponed)
        self.close_events(today)
        self.credit.close_books(self.world, today, self.runner.banked, postponed)
        total = self._sums()
        for code, now, then in zip(self.clock.exchange.codes, total, self._total, strict=True):
            if now != then:
                raise LedgerError(f"day {today.index}: the sum of all balances in {code} changed from {then} to {now}")
        self.day = self.series.add(today, self.runner.tally, self.runner.crossed, self.economy.figures())

    def _sums(self) -> list[int]:
        """What there is of each currency, home first, with what is in flight; minor units."""
        layout, exchange = self.world.layout, self.clock.exchange
        held = self.world.accounts[layout.abroad_base : layout.bank_base]
        sums = np.zeros(len(exchange.codes), np.int64)
        np.add.at(sums, np.append(exchange.currency, np.arange(len(sums))), held.book + held.flight)
        sums[0] += money(self.world.accounts) - int((held.book + held.flight).sum())
        return [int(one) for one in sums]

    def close_events(self, today: Today) -> None:
        """Hand the day's events to the recorder, and plan what the banks will answer."""
        events = [*self.runner.events, *self.diary.today]
        clear_hits(self.world, today, events, self.diary)
        hear_disputes(self.world, today, self.runner.new_disputes, self.diary)
        self.recorder.events(partial(in_order, self.world, today.day, events))
        self.happened += sum(map(len, events))
        self.diary.today.clear()

    def emitter(self) -> Emitter:
        """Turns finished rows of this world into tables."""
        names = build_names(self.world, self.settings, self.clock.start)
        countries = [self.settings.country.code, *(country.code for country in self.settings.abroad.countries)]
        return Emitter(names, self.world.people, self.clock.exchange.codes, countries)

    def stream(self, days: int | None = None) -> Iterator[StreamedDay]:
        """Live day by day and hand out each day's payments; memory is bounded, and the caller may stop at any time.

        Args:
            days: how many; the scenario's by default.
        """
        got: dict[str, list[pa.Table]] = {}

        def keep(name: str, month: str, number: int, table: pa.Table) -> str:
            got.setdefault(name, []).append(table)
            return name

        seen, unseen = self.runner.totals[2:4]
        writer = self.recorder = Writer(self.emitter(), keep, threads=0, before=(int(seen), int(unseen)))
        happenings = Happenings(build_names(self.world, self.settings, self.clock.start), self.world.layout, self.settings.seed)
        try:
            for _ in range(days if days is not None else self.settings.period.days):
                told, labelled = self.happened, len(self.teller.labels)
                self.step()
                writer.flush()
                empty = arrow_schema("transactions").empty_table()
                payments, notes = (pa.concat_tables(got.pop(name, [empty])) for name in ("transactions", "truth/unseen"))
                writer.parts.clear()
                yield StreamedDay(payments, notes, happenings.table(writer.take_events(), told), self.labels(labelled))
        finally:
            self.recorder = Silent()

    def labels(self, first: int = 0) -> pa.Table:
        """Labels of the stories' rows so far, from the ``first``-th that was given on; the schema of `truth/labels`."""
        return label_table(self.teller.library, self.teller.labels, float(self.world.rules.unit), first)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"recorder": Silent()}


def _of_today(model: PaymentsModel, name: str) -> Any:
    """A figure of the day that was just lived."""
    return model.day[name]
