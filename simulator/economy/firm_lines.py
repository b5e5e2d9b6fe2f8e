"""Credit lines of firms: shops and employers may overdraw their current account, on the ladder of delinquency that people's cards are on.

With each month interest and a part of what is drawn fall due. What the account takes in pays it: so far as what is drawn falls below where
it stood when it last fell due, whatever is drawn again later. Nothing here is drawn at random.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.clock import Today
from simulator.codes import Channel, Event, Message, Method, Purpose, Reason, Status
from simulator.draws import Ints
from simulator.economy.months import is_month_end
from simulator.economy.underwriting import Standing, apply_for_line, score_of
from simulator.kernel import kernel
from simulator.ledger import FIXED, FORCED, OWED, OWN
from simulator.lives.diary import Diary
from simulator.lives.estates import HOUR, SECOND, order
from simulator.lives.register import Register
from simulator.population.accounts import CURRENT, FIRM_ROWS, FROZEN, RESERVE, Layout, true_lines
from simulator.population.climate import FIRM
from simulator.population.debts import CHARGED_OFF, CUT, DEFAULTED, FORGIVES, Debts, fall_due, forgive, repay
from simulator.population.firms import EMPLOYER, MERCHANT
from simulator.population.presence import NEVER, trading
from simulator.population.world import World
from simulator.records import Records, records, row_type
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario

MOST = 2
"""Line of a firm at most, against that of the first morning (assumption)."""

NEARLY = 5
"""A firm that has drawn all but a fifth of its line asks for a longer one (assumption)."""

SALES = 1 << Purpose.PAYOUT | 1 << Purpose.DEPOSIT
"""Bits of the purposes by which a firm's own takings reach its current account."""


@kernel
def hear(block: Records, count: int, layout: Layout, debts: Records, lowest: Ints, takings: Ints, short: Ints) -> None:
    """What a window's block did to firms' current accounts.

    Args:
        block: as decided.
        count: its rows.
        layout: account rows.
        debts: by firm; what the bank gives up is due no more.
        lowest: see `FirmLines`; changed.
        takings: what came in is added; payments from abroad, in another currency, are not.
        short: 1 for firms that had not enough for a payment.
    """
    for i in range(count):
        status, message = np.int64(block.status[i]), np.int64(block.message[i])
        if status == Status.DECLINED and block.reason[i] == Reason.INSUFFICIENT_FUNDS:
            place = np.int64(block.payer[i]) - layout.firm_base
            if 0 <= place < debts.shape[0] * FIRM_ROWS and place % FIRM_ROWS == CURRENT:
                short[place // FIRM_ROWS] = 1
        if status != Status.APPROVED or message == Message.AUTHORISATION or message == Message.REVERSAL:
            continue
        place = np.int64(block.payee[i]) - layout.firm_base
        if place < 0 or place >= debts.shape[0] * FIRM_ROWS or place % FIRM_ROWS != CURRENT:
            continue
        firm, purpose, amount = place // FIRM_ROWS, np.int64(block.purpose[i]), np.int64(block.amount[i])
        abroad = layout.abroad_base <= block.payer[i] < layout.bank_base
        if FORGIVES >> purpose & 1:
            forgive(debts, firm, amount, purpose)
            lowest[firm] = max(0, lowest[firm] - amount)
        elif not abroad and (np.int64(block.marks[i]) & OWN == 0 or SALES >> purpose & 1):
            takings[firm] += amount


@kernel
def pay_down(debts: Records, drawn: Ints, lowest: Ints) -> None:
    """What is drawn fell to a new low since it last fell due: that is paid."""
    for firm in range(debts.shape[0]):
        if drawn[firm] < lowest[firm]:
            repay(debts, firm, lowest[firm] - drawn[firm])
            lowest[firm] = drawn[firm]


@kernel
def all_fall_due(debts: Records, rows: Ints, amount: Ints, day: int) -> None:
    """An amount falls due from each of some firms."""
    for i in range(rows.shape[0]):
        fall_due(debts, rows[i], amount[i], amount[i], day)


class FirmLines:
    """Lines of firms and what is owed on them.

    Args:
        scenario: how long lines are.
        world: its first morning; lines of accounts are set.
        day: the first day, since 1970.

    Attributes:
        debts: Rows of `Debts`, by firm; none where firms have no lines.
    """

    def __init__(self, scenario: Scenario, world: World, day: int) -> None:
        firms, self._months = world.firms, scenario.lending.firm_line
        size = len(firms) if self._months else 0
        self.debts: Records = records(row_type(Debts), size)
        self._account = world.layout.firm_base + np.arange(size, dtype=np.int64) * FIRM_ROWS
        self._lowest, self._takings, self._short = (np.zeros(size, np.int64) for _ in range(3))
        if size:
            rows = np.flatnonzero(self._able(world, day))
            world.accounts.line[self._account[rows]] = self._usual(world, rows)

    def _able(self, world: World, day: int) -> NDArray[np.bool_]:
        """Private shops and employers that do business on a day: banks lend to no others."""
        firms = world.firms
        found: NDArray[np.bool_] = (firms.kind == MERCHANT) & (firms.trade == 0) | (firms.kind == EMPLOYER) & (firms.public == 0)
        return found & trading(firms, day)

    def _usual(self, world: World, rows: Ints) -> Ints:
        """The line of the first morning: so many months of wages, in whole hundreds."""
        step = 100 * int(world.rules.unit)
        found: Ints = np.rint(world.firms.wages[rows] * self._months).astype(np.int64) // step * step
        return found

    def _drawn(self, world: World) -> Ints:
        found: Ints = np.maximum(0, -world.accounts.book[self._account])
        return found

    def _lines(self, world: World) -> Ints:
        found: Ints = np.maximum(0, true_lines(world.accounts.line[self._account]))
        return found

    def note(self, world: World, block: Records, count: int) -> None:
        """Hear of a window that was cleared."""
        if len(self.debts):
            hear(block, count, world.layout, self.debts, self._lowest, self._takings, self._short)

    def bankrupt(self, world: World) -> Ints:
        """Shops whose debt the bank has given up: they close. Employers, whom nobody succeeds, go on without a line."""
        firms = world.firms[: len(self.debts)]
        lost = (self.debts.standing & CHARGED_OFF > 0) & (firms.kind == MERCHANT) & (firms.closed == NEVER)
        return np.flatnonzero(lost)

    def close_day(self, register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
        """Debts are paid or grow older; with a month, firms that run short ask for a line, and what is drawn falls due.

        Args:
            register: the scenario.
            world: lines change.
            today: the day that closes.
            diary: told of applications and lines.
            postponed: takes interest and what is charged off.
        """
        if not len(self.debts):
            return
        drawn = self._drawn(world)
        pay_down(self.debts, drawn, self._lowest)
        self._climb(register, world, today, diary, postponed)
        if is_month_end(today.day):
            self._seek(register, world, today, diary, drawn)
            self._fall_due(register, world, today, postponed, drawn)
            self._takings[:], self._short[:] = 0, 0

    def _climb(self, register: Register, world: World, today: Today, diary: Diary, postponed: Postponed) -> None:
        """The ladder: lines are cut, debts are in default, banks give them up. Who closed draws no more, and is settled in time."""
        rule, standing, since = register.scenario.lending, self.debts.standing, self.debts.since.astype(np.int64)
        days, trades = np.where(since > 0, today.day - since, 0), trading(world.firms, today.day + 1)
        cut = np.flatnonzero((self._lines(world) > 0) & ((days >= rule.cut_after) | ~trades))
        self._set(world, today, diary, cut, np.zeros(len(cut), np.int64))
        standing[cut] |= CUT
        standing[days >= rule.default_after] |= DEFAULTED
        lost = np.flatnonzero(trades & (days >= rule.card_charged_off))
        bank = world.layout.bank_base + world.firms.bank[lost].astype(np.int64)
        order(postponed, today.day + 1, world.layout.people + lost, (3 * HOUR - today.offset) % (24 * HOUR) + SECOND, bank,
              self._account[lost], Method.NONE, Purpose.CHARGE_OFF, rule=OWED, marks=FORCED, channel=Channel.NONE)  # fmt: skip

    def _set(self, world: World, today: Today, diary: Diary, rows: Ints, line: Ints) -> None:
        """Banks change lines; a frozen account keeps its line behind the freeze."""
        account, lines = self._account[rows], world.accounts.line
        diary.change("limit", today.day + 1, account, limit=self._lines(world)[rows])
        diary.note(Event.LIMIT_CHANGED, world.layout.people + rows, (17 * HOUR - today.offset) % (24 * HOUR), account=account, amount=line)
        lines[account] = np.where(lines[account] <= FROZEN, FROZEN - line, line)

    def _seek(self, register: Register, world: World, today: Today, diary: Diary, drawn: Ints) -> None:
        """Firms that could not pay in the month, or have nearly used their line up, ask for a line or a longer one."""
        line, firms = self._lines(world), world.firms
        runs_out = (self._short > 0) | (line > 0) & (drawn * NEARLY >= line * (NEARLY - 1))
        able = self._able(world, today.day) & self._able(world, today.day + 1) & (world.accounts.line[self._account] > FROZEN)
        rows = np.flatnonzero(able & runs_out)
        usual = self._usual(world, rows)
        step = 100 * register.unit
        asked = np.where(line[rows] > 0, np.maximum(usual, line[rows]) * 5 // 4 // step * step, usual)
        rows, asked, usual = rows[asked > 0], asked[asked > 0], usual[asked > 0]
        if not len(rows):
            return
        mine, book, account = self.debts.view(np.ndarray)[rows], world.accounts.book, self._account[rows]
        since = mine["since"].astype(np.int64)
        days, spoilt = np.where(since > 0, today.day - since, 0), mine["standing"] & (DEFAULTED | CHARGED_OFF) > 0
        years = 18 + (today.day - firms.opened[rows].astype(np.int64)) // 365  # of business, in place of years of a grown-up life
        liquid = np.maximum(0, book[account]) + book[account + RESERVE]
        score = score_of(days, spoilt, drawn[rows], line[rows], years, liquid, np.maximum(1, firms.wages[rows]))
        known = Standing(days, spoilt, score, self._takings[rows], np.zeros(len(rows), np.int64))
        found = apply_for_line(register, world, today, diary, rows, asked, known, np.maximum(MOST * usual, line[rows]))
        given = found.granted > line[rows]
        self._set(world, today, diary, rows[given], found.granted[given])
        self.debts.margin[rows[given]], self.debts.standing[rows[given]] = found.margin[given], 0

    def _fall_due(self, register: Register, world: World, today: Today, postponed: Postponed, drawn: Ints) -> None:
        """Interest and the minimum fall due on what is drawn; the interest is charged tomorrow."""
        rows = np.flatnonzero(self._able(world, today.day + 1) & (drawn > 0))
        owed, debts = drawn[rows], self.debts
        rate = int(world.climate.rate[FIRM]) + debts.margin[rows].astype(np.int64)
        interest = owed * rate // 12_000_000
        part = np.minimum(owed * round(register.scenario.credit.minimum * 1_000_000) // 1_000_000, np.maximum(0, owed - debts.due[rows]))
        due = part + interest
        all_fall_due(debts, rows[due > 0], due[due > 0], today.day)
        self._lowest[rows] = owed + interest
        pays = interest > 0
        rows, interest = rows[pays], interest[pays]
        bank = world.layout.bank_base + world.firms.bank[rows].astype(np.int64)
        order(postponed, today.day + 1, world.layout.people + rows, (2 * HOUR - today.offset) % (24 * HOUR), self._account[rows], bank,
              Method.NONE, Purpose.INTEREST, amount=interest, rule=FIXED, marks=FORCED, channel=Channel.NONE)  # fmt: skip

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint."""
        debts = {name: self.debts[name].tolist() for name in Debts._fields}
        return debts | {name: getattr(self, name).tolist() for name in _KEPT}

    def load(self, stored: dict[str, Any]) -> None:
        """What `dump` gave, taken up again."""
        for name in Debts._fields:
            self.debts[name][:] = stored[name]
        for name in _KEPT:
            getattr(self, name)[:] = stored[name]


_KEPT = ("_lowest", "_takings", "_short")
