"""The observer: stands in the recorder's place and adds up each day, so that a run of a pair writes no payments."""

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Channel, Method, Purpose, Reason, words
from simulator.draws import Ints
from simulator.model import PaymentsModel
from simulator.record.writer import Silent
from simulator.stress.sums import (
    COUNT,
    IN,
    KINDS,
    NOTES,
    OUT,
    QUARTILES,
    QUINTILES,
    VALUE,
    add_books,
    add_rows,
    make_sums,
    unspent,
)

type Key = tuple[str, str]
"""A metric, or a part of one, and a group."""

ALL = "all"
VIRTUAL = (int(Channel.ONLINE), int(Channel.MOBILE))
"""Channels of remote purchases."""


class Observer(Silent):
    """Adds up what a world does, day by day.

    Args:
        model: whose rows and books are added up; nothing of it is changed but its recorder.
    """

    def __init__(self, model: PaymentsModel) -> None:
        super().__init__()
        self._model = model
        settings = model.settings
        self._categories = [*(category.name for category in settings.categories), "other"]
        self._banks = [bank.name for bank in settings.banks]
        self._buffer, self._sums = make_sums(len(settings.categories), len(self._banks))
        self._flat = unspent()
        self._days: list[Ints] = []
        self._status: list[NDArray[np.int8]] = []
        model.recorder = self

    def open_day(self, day: int) -> None:
        """A day begins with nothing."""
        self._buffer[:] = 0
        self._status.clear()

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        """Add the rows of a window."""
        world = self._model.world
        for rows, count, known in ((self._seen, seen, 1), (self._unseen, unseen, 0)):
            if count:
                add_rows(rows, count, known, world.layout, world.people, world.firms, self._flat, self._sums)
        self._status.append(self._seen.status[:seen].copy())

    @property
    def status(self) -> NDArray[np.int8]:
        """Status of the day's transactions, in order of their ids."""
        return np.concatenate([np.zeros(0, np.int8), *self._status])

    def close_day(self, day: int) -> None:
        """Add the books at the day's end, and keep the day; ``day`` is since 1970."""
        world = self._model.world
        add_books(world.accounts, day, world.layout, world.people, world.firms, self._sums)
        self._days.append(self._buffer.copy())

    def parts(self) -> dict[Key, Ints]:
        """Every sum by day, as parts of metrics by group; money in minor units."""
        days = np.array(self._days, np.int64).reshape(len(self._days), len(self._buffer))
        found: dict[Key, Ints] = {}
        used = 0
        for name, view in zip(self._sums._fields, self._sums, strict=True):
            column = days[:, used : used + view.size].reshape(len(days), *view.shape)
            used += view.size
            found |= getattr(self, f"_{name}")(column)
        return found

    def _two(self, metrics: tuple[str, str], key: str, names: list[str], column: Ints, whole: bool = False) -> dict[Key, Ints]:
        """Counts and values by one thing, with the sum over all where it is ``whole``."""
        found: dict[Key, Ints] = {}
        for which, metric in zip((COUNT, VALUE), metrics, strict=True):
            found |= _by(metric, key, names, column[:, which])
            if whole:
                found[metric, ALL] = column[:, which].sum(axis=1)
        return found

    def _method(self, column: Ints) -> dict[Key, Ints]:
        return self._two(("payments", "value"), "method", words(Method), column, whole=True)

    def _channel(self, column: Ints) -> dict[Key, Ints]:
        return self._two(("payments", "value"), "channel", words(Channel), column)

    def _purpose(self, column: Ints) -> dict[Key, Ints]:
        drawn = {("withdrawals", ALL): column[:, VALUE, Purpose.WITHDRAWAL]}
        return drawn | self._two(("payments", "value"), "purpose", words(Purpose), column)

    def _paid_by(self, column: Ints) -> dict[Key, Ints]:
        return self._two(("payments", "value"), "quartile", [str(quartile + 1) for quartile in range(QUARTILES)], column)

    def _paid_to(self, column: Ints) -> dict[Key, Ints]:
        return self._two(("payments", "value"), "category", self._categories, column)

    def _bought(self, column: Ints) -> dict[Key, Ints]:
        found: dict[Key, Ints] = {}
        quartiles = [str(quartile + 1) for quartile in range(QUARTILES)]
        for which, metric in ((COUNT, "purchases"), (VALUE, "spending")):
            found[metric, ALL] = column[:, which].sum(axis=(1, 2))
            found |= _by(metric, "category", self._categories, column[:, which].sum(axis=2))
            found |= _by(metric, "quartile", quartiles, column[:, which].sum(axis=1))
            for place, category in enumerate(self._categories):
                found |= _by(metric, f"category={category},quartile", quartiles, column[:, which, place])
        return found

    def _bought_by(self, column: Ints) -> dict[Key, Ints]:
        return self._two(("purchases", "spending"), "method", words(Method), column)

    def _bought_at(self, column: Ints) -> dict[Key, Ints]:
        remote = {("remote_spending", ALL): column[:, VALUE, VIRTUAL].sum(axis=1)}
        return remote | self._two(("purchases", "spending"), "channel", words(Channel), column)

    def _asked(self, column: Ints) -> dict[Key, Ints]:
        return {("attempts", ALL): column.sum(axis=1)} | _by("attempts", "method", words(Method), column)

    def _refused(self, column: Ints) -> dict[Key, Ints]:
        return {("declines", ALL): column.sum(axis=1)} | _by("declines", "method", words(Method), column)

    def _reasons(self, column: Ints) -> dict[Key, Ints]:
        return _by("declines", "reason", words(Reason), column)

    def _income(self, column: Ints) -> dict[Key, Ints]:
        found = {("income", ALL): column.sum(axis=(1, 2))} | _by("income", "kind", list(KINDS), column.sum(axis=2))
        return found | _numbered("income", "quartile", column.sum(axis=1))

    def _outlay(self, column: Ints) -> dict[Key, Ints]:
        return {("outlays", ALL): column.sum(axis=1)} | _numbered("outlays", "quartile", column)

    def _tax(self, column: Ints) -> dict[Key, Ints]:
        return {("taxes", ALL): column.sum(axis=1)} | _numbered("taxes", "quartile", column)

    def _off(self, column: Ints) -> dict[Key, Ints]:
        return {("charge_offs", ALL): column.sum(axis=1)} | _by("charge_offs", "product", ["card", "loan"], column)

    def _bank(self, column: Ints) -> dict[Key, Ints]:
        found: dict[Key, Ints] = {}
        for way, metric in ((OUT, "outflow"), (IN, "inflow"), (NOTES, "withdrawals")):
            found |= _by(metric, "bank", self._banks, column[:, way])
        return found | {("outflow", ALL): column[:, OUT].sum(axis=1), ("inflow", ALL): column[:, IN].sum(axis=1)}

    def _liquid(self, column: Ints) -> dict[Key, Ints]:
        return {("liquid", ALL): column.sum(axis=1)} | _numbered("liquid", "quintile", column) | _numbered("deposits", "quintile", column)

    def _card(self, column: Ints) -> dict[Key, Ints]:
        return {("card_debt", ALL): -column.sum(axis=1)} | _numbered("card_debt", "quintile", -column)

    def _people(self, column: Ints) -> dict[Key, Ints]:
        return {("customers", ALL): column.sum(axis=1)} | _numbered("customers", "quintile", column)

    def _held(self, column: Ints) -> dict[Key, Ints]:
        return {("deposits", ALL): column.sum(axis=1)} | _by("deposits", "bank", self._banks, column)

    def _notes(self, column: Ints) -> dict[Key, Ints]:
        return {("notes", ALL): column[:, 0]}


def _by(metric: str, key: str, names: list[str], column: Ints) -> dict[Key, Ints]:
    return {(metric, f"{key}={name}"): column[:, place] for place, name in enumerate(names)}


def _numbered(metric: str, key: str, column: Ints) -> dict[Key, Ints]:
    assert column.shape[1] <= QUINTILES
    return _by(metric, key, [str(place + 1) for place in range(column.shape[1])], column)
