"""What becomes of a bank that runs dry: it is closed, its depositors wait some days, and what its assets do not cover is made up for.

Who was not insured bears that first, up to a share of what they hold beyond the limit; the insurer pays the rest. Where the assets suffice,
as in a run on a sound bank, nobody pays anything: it lacked money, not worth. It goes on under the insurer's hand with the same customers,
as a bridge bank does, and the central bank goes on lending it what it lacks against its assets; its accounts stay what they are.
"""

from typing import Any

import numpy as np

from simulator.clock import Today
from simulator.codes import Channel, Event, Method, Purpose
from simulator.draws import Ints
from simulator.economy.banks import Treasury
from simulator.ledger import FIXED, FORCED
from simulator.lives.diary import Diary
from simulator.lives.estates import DEAD, HOUR, SECOND, order
from simulator.population.accounts import CLOSED, CURRENT, FIRM_ROWS, FROZEN, PERSON_ROWS, SAVINGS
from simulator.population.presence import here
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario


class Resolution:
    """Closes banks.

    Args:
        scenario: what is insured, and what who is not loses.
        world: its first morning.

    Attributes:
        closed: By bank, the day at whose close it was closed; 0 for none.
    """

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._rule = scenario.lending
        self._insured = round(self._rule.insured * world.rules.unit)
        self.closed: Ints = np.zeros(world.layout.banks, np.int64)
        self._frozen: dict[int, Ints] = {}

    def close_day(self, world: World, today: Today, diary: Diary, postponed: Postponed, treasury: Treasury) -> None:
        """Close the banks that nobody lends to any more, and let depositors have their money again whose days are over.

        Args:
            world: whose accounts are frozen.
            today: the day that closes.
            diary: told of frozen accounts.
            postponed: takes what is paid tomorrow.
            treasury: what each bank owes to the central bank, what it can still borrow, and what its assets do not cover.
        """
        _freeze(world, today, diary, self._frozen.pop(today.day, np.zeros(0, np.int64)), Event.ACCOUNT_UNFROZEN)
        for bank in np.flatnonzero((treasury.owed > treasury.room) & (self.closed == 0)).tolist():
            self.closed[bank] = today.day
            account, owner, held = _depositors(world, bank)
            short = int(treasury.short[bank])
            short -= self._charge(world, today, postponed, bank, account, owner, held, short)
            if short:
                self._insure(world, today, postponed, bank, short)
            account = account[world.accounts.line[account] > FROZEN]
            _freeze(world, today, diary, account, Event.ACCOUNT_FROZEN)
            until = today.day + self._rule.closed_for
            self._frozen[until] = np.append(self._frozen.get(until, np.zeros(0, np.int64)), account)

    @staticmethod
    def _insure(world: World, today: Today, postponed: Postponed, bank: int, amount: int) -> None:
        """The insurer outside pays what is left of the shortfall."""
        own, outside = np.array([world.layout.bank_base + bank]), np.array([world.layout.outside])
        time = (5 * HOUR - today.offset) % (24 * HOUR)
        order(postponed, today.day + 1, np.zeros(1, np.int64), time, outside, own, Method.NONE, Purpose.DEPOSIT_INSURANCE,
              amount=np.array([amount]), rule=FIXED, marks=FORCED, channel=Channel.NONE)  # fmt: skip

    def _charge(
        self, world: World, today: Today, postponed: Postponed, bank: int, account: Ints, owner: Ints, held: Ints, short: int
    ) -> int:  # fmt: skip
        """What is not insured loses a part, of current accounts first, which settle, then of savings; returns what they all lose."""
        total = np.zeros(world.layout.people + world.layout.firms, np.int64)
        np.add.at(total, owner, held)
        beyond = np.maximum(0, total - self._insured)
        share = min(self._rule.uninsured_loss, short / max(1, int(beyond.sum())))
        loss = (beyond * share).astype(np.int64)
        part = np.where(total[owner] > 0, loss[owner] * (held / np.maximum(1, total[owner])), 0).astype(np.int64)
        loses = part > 0
        order(postponed, today.day + 1, owner[loses], (5 * HOUR - today.offset) % (24 * HOUR) + SECOND, account[loses],
              np.full(int(loses.sum()), world.layout.bank_base + bank), Method.NONE, Purpose.BAIL_IN, amount=part[loses], rule=FIXED,
              marks=FORCED, channel=Channel.NONE)  # fmt: skip
        return int(part.sum())

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint."""
        return {"closed": self.closed.tolist(), "frozen": [[day, rows.tolist()] for day, rows in self._frozen.items()]}

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        self.closed = np.array(stored["closed"], np.int64)
        self._frozen = {day: np.array(rows, np.int64) for day, rows in stored["frozen"]}


def _depositors(world: World, bank: int) -> tuple[Ints, Ints, Ints]:
    """Accounts at a bank that hold money: rows, owners (people, then firms), and what they hold."""
    layout = world.layout
    people = np.flatnonzero(world.people.bank == bank)
    firms = np.flatnonzero(world.firms.bank == bank)
    mine = [people * PERSON_ROWS + CURRENT, people * PERSON_ROWS + SAVINGS, layout.firm_base + firms * FIRM_ROWS]
    account = np.concatenate(mine)
    owner = np.concatenate([people, people, layout.people + firms])
    held = np.maximum(0, world.accounts.book[account])
    has = held > 0
    order_ = np.argsort(owner[has], kind="stable")
    return account[has][order_], owner[has][order_], held[has][order_]


def _freeze(world: World, today: Today, diary: Diary, account: Ints, event: Event) -> None:
    """Freeze accounts, or give them their lines back; who is gone is told nothing, and accounts of the dead stay frozen."""
    line, layout = world.accounts.line, world.layout
    frozen = (line[account] <= FROZEN) & (line[account] > CLOSED)
    account = account[frozen] if event == Event.ACCOUNT_UNFROZEN else account[~frozen]
    person = np.minimum(account // PERSON_ROWS, layout.people - 1)
    of_person = account < layout.firm_base
    lives = ~of_person | here(world.people, today.day, person)
    if event == Event.ACCOUNT_FROZEN:
        account, of_person, person = account[lives], of_person[lives], person[lives]
        lives = lives[lives]
    dead = of_person & ~lives & (world.course.why[person] == DEAD)
    line[account[~dead]] = FROZEN - line[account[~dead]]
    owner = np.where(of_person, person, layout.people + (account - layout.firm_base) // FIRM_ROWS)
    diary.note(event, owner[lives], (18 * HOUR - today.offset) % (24 * HOUR), account=account[lives])
