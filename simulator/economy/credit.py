"""Credit and banks at the day's close: the ladder of delinquency, who asks for credit, what banks do, and the months of it all."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.draws import Ints
from simulator.economy.banks import Treasury
from simulator.economy.delinquency import begin_late, climb
from simulator.economy.demand import first_loans, review_lines, seek_credit
from simulator.economy.firm_lines import FirmLines
from simulator.economy.months import Months, is_month_end
from simulator.economy.resolution import Resolution
from simulator.lives.diary import Diary
from simulator.lives.register import Register
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.runner.runner import Runner


class Credit:
    """Credit and banks.

    Args:
        register: the scenario.
        world: its first morning.
        diary: told of the loans that there are.
        day: the first day, since 1970.

    Attributes:
        lines: Credit lines of firms.
        months: What happened by month.
        treasury: The banks' own money.
        resolution: Closes banks that run dry.
    """

    def __init__(self, register: Register, world: World, diary: Diary, day: int) -> None:
        self._register = register
        if register.scenario.credit.arrears:
            begin_late(register, world, day)
        self.lines = FirmLines(register.scenario, world, day)
        self.months = Months(register.scenario, world, day, self.lines.debts)
        self.treasury = Treasury(register.scenario, self.months)
        self.resolution = Resolution(register.scenario, world)
        first_loans(register, world, diary, day)

    def watch(self, world: World, runner: Runner) -> None:
        """Hear what firms were paid in a window, and what they could not pay."""
        block, _, count = runner.cleared
        self.lines.note(world, block, count)

    def close_day(self, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
        """Debts grow older; with a month, people ask for credit and banks look at their lines."""
        climb(self._register, world, today, diary, postponed)
        self.resolution.close_day(world, today, diary, postponed, self.treasury)
        if is_month_end(today.day):
            seek_credit(self._register, world, today, diary)
            review_lines(self._register, world, today, diary)
        self.lines.close_day(self._register, world, today, diary, postponed)

    def close_books(self, world: World, today: Today, banked: Ints, postponed: Postponed) -> None:
        """The banks' books of the day; ``banked`` is what they paid and were paid since the start, see `simulator.clearing.clear`."""
        self.months.close_day(world, today, banked, self.treasury.owed)
        self.treasury.close_day(world, today, banked, postponed)

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint, apart from the months of debts."""
        return {"months": self.months.dump(), "treasury": self.treasury.dump(), "resolution": self.resolution.dump(),
                "lines": self.lines.dump()}  # fmt: skip

    def dump_months(self) -> NDArray[np.uint8]:
        """The months of debts for a checkpoint."""
        return self.months.dump_credit()

    def load(self, stored: dict[str, Any], months: NDArray[np.uint8]) -> None:
        """What `dump` and `dump_months` gave, taken up again."""
        self.months.load(stored["months"], months)
        self.treasury.load(stored["treasury"])
        self.resolution.load(stored["resolution"])
        self.lines.load(stored["lines"])
