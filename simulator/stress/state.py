"""What is read of a world's state at the end of each day, beside its payments: fraud, firms, jobs, credit.

Each function gives parts of metrics by group as whole numbers; a part that is missing on a day is 0. Money is in minor units.
A part that a world does not know is left out, and with it the metrics that need it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.codes import Status
from simulator.defence.reports import UNDECIDED, Report
from simulator.economy.lines import last_firm, line_names, line_of
from simulator.model import PaymentsModel
from simulator.population.firms import MERCHANT
from simulator.population.households import SALARIED
from simulator.population.presence import here, trading
from simulator.stories.library import is_fraud
from simulator.stress.observer import ALL, Key, Observer

type Parts = dict[Key, int]


class Fraud:
    """Fraud by family, from the labels: what only the world knows, and what its banks made of it.

    Args:
        model: whose stories are read.
        observer: that knows the status of the day's rows.
    """

    def __init__(self, model: PaymentsModel, observer: Observer) -> None:
        self._model, self._observer = model, observer
        self._labels = self._alerts = self._reports = self._transactions = 0
        self._family: dict[int, str] = {}
        self._open: list[Report] = []

    def day(self) -> Parts:
        """The day's figures."""
        teller, guard = self._model.teller, self._model.guard
        library, status, first = teller.library, self._observer.status, self._transactions
        columns = teller.labels.columns(self._labels)
        alerted = {alert.transaction for alert in guard.bank.alerts[self._alerts :]}
        found: Parts = {}
        rows = zip(*(columns[name].tolist() for name in ("transaction", "story", "typology", "act", "illicit")), strict=True)
        for transaction, story, typology, act, illicit in rows:
            told = library[typology]
            if not is_fraud(told, told.acts[act]):
                continue
            family = self._family[story] = told.typology.family.value
            declined = status[transaction - first] != Status.APPROVED
            _add(found, "fraud_attempts", family)
            _add(found, "fraud_declined", family, int(declined))
            _add(found, "fraud_alerted", family, int(transaction in alerted))
            _add(found, "fraud_noticed", family, int(declined or transaction in alerted))
            _add(found, "fraud_losses", family, 0 if declined else illicit)
        self._hear(found)
        self._labels, self._alerts, self._transactions = len(teller.labels), len(guard.bank.alerts), first + len(status)
        return found

    def _hear(self, found: Parts) -> None:
        """Reports of the day, and what became of earlier ones."""
        told = self._model.guard.reports.all[self._reports :]
        self._reports += len(told)
        for report in told:
            _add(found, "fraud_reported", self._family.get(report.story, "other"))
        still = []
        for report in [*self._open, *told]:
            if report.status == UNDECIDED:
                still.append(report)
            else:
                _add(found, "fraud_recovered", self._family.get(report.story, "other"), report.recovered)
        self._open = still


def _add(found: Parts, metric: str, family: str, value: int = 1) -> None:
    for group in (ALL, f"family={family}"):
        found[metric, group] = found.get((metric, group), 0) + value


def firms(model: PaymentsModel, day: int) -> Parts:
    """Merchants that are open, and those whose last day it was; ``day`` is since 1970."""
    table = model.world.firms
    shops = table.kind == MERCHANT
    found: Parts = {}
    for metric, those in (("merchants", shops & trading(table, day)), ("closures", shops & (table.closed == day + 1))):
        count = np.bincount(table.category[those], minlength=len(model.settings.categories))
        found[metric, ALL] = int(count.sum())
        for category, number in zip(model.settings.categories, count.tolist(), strict=True):
            found[metric, f"category={category.name}"] = number
    return found


def jobs(model: PaymentsModel, day: int) -> Parts:
    """People out of work and the labour force, by the line that they work in or last did; nothing where no jobs are lost."""
    if not model.economy.labour.active:
        return {}
    world, settings = model.world, model.settings
    names = line_names(settings)
    force = np.flatnonzero((world.people.kind == SALARIED) & here(world.people, day))
    firm = last_firm(world.people.employer[force].astype(np.int64))
    line = line_of(world.firms, len(settings.income.sectors), len(settings.categories))[np.maximum(firm, 0)]
    line[firm < 0] = len(names) - 1
    without = world.course.jobless[force] > 0
    found: Parts = {}
    for part, those in (("labour_force", line), ("unemployed", line[without])):
        count = np.bincount(those, minlength=len(names)).tolist()
        found[part, ALL] = sum(count)
        for name, number in zip(names, count, strict=True):
            found[part, f"sector={name}"] = found.get((part, f"sector={name}"), 0) + number
    return found


def banks(model: PaymentsModel, day: int) -> Parts:
    """What banks owe to the central bank at the day's end."""
    owed = model.credit.treasury.owed.tolist()
    found: Parts = {("central_bank_loans", ALL): sum(owed)}
    return found | {("central_bank_loans", f"bank={bank.name}"): one for bank, one in zip(model.settings.banks, owed, strict=True)}


STATE: tuple[Callable[[Any, int], Parts], ...] = (firms, jobs, banks)
"""What is asked at the end of each day."""
