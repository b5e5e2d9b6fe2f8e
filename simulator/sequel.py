"""What follows from an approved row on a later day: refunds, returns, captures, reversals, disputes, money that comes back.

What will follow is planned with the payment (`ledger.ATTEMPT.follow`); when, is drawn at the row's own address when it is
cleared. What follows refers to the row by its id, waits in the postponed payments and is decided like any other.
"""

import numpy as np

from simulator.clock import DAY, Today
from simulator.codes import Authentication, Channel, EntryMode, Follow, Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw, scale
from simulator.kernel import kernel, step
from simulator.ledger import BILL, DUPLICATED, FIXED, FORCED, NEW_PAYEE
from simulator.population.accounts import FIRM_ROWS, PERSON_ROWS, Layout, initiator_of
from simulator.population.equipment import TOKEN
from simulator.population.rules import Rules
from simulator.records import Records

REFUND_FIRST, REFUND_SPAN = 2, 20
"""Refunds follow after 2 to 21 days (assumption)."""

RETURN_FIRST, RETURN_SPAN = 2, 2
"""Returns come within two banking days of settlement, which is the next (cheques: the second). Source: Nacha operating
rules, return time frame of most reasons."""

RECALL_SPAN = 5
"""A transfer sent by mistake is recalled within 1 to 5 days (assumption)."""

RECOVER_AFTER = 10
"""Where the payee had spent it, the bank tries once more after so many days (assumption)."""

STAY_SPAN = 5
"""Hotels and car hire capture after 1 to 5 days, pumps the next day (assumption)."""

REVERSE_SPAN = 2
"""A hold that is not used is reversed after 1 or 2 days (assumption)."""

EXPIRE_AFTER = 7
"""Days after which an unused hold lapses (assumption: a week, the usual validity of a card authorisation)."""

DISPUTE_FIRST, DISPUTE_SPAN = 4, 40
"""A customer disputes a purchase after 4 to 43 days (assumption; the schemes allow 120)."""

REPRESENT_FIRST, REPRESENT_SPAN = 10, 20
"""The merchant answers a chargeback within 10 to 29 days (assumption; the schemes allow 30)."""

BACK_FIRST, BACK_SPAN, WIN_SPAN = 1, 60, 6
"""Money put with an exchange or broker, or lent, comes back after 1 to 60 days (typology P17: the gap of in and out), what was
put on a game after 1 to 6 (P16)."""

GAMES = 7995
"""Category code of casinos and betting, ISO 18245."""

LARGE_WIN = 1200
"""Currency units from which a win in notes is paid by cheque. Source: IRS, Form W-2G, is due from $1,200 at machines."""


@kernel
def postpone(due: Records, n: int, day: int, block: Records, i: int, related: int, marks: int) -> None:
    """Repeat an attempt on a later day, as row ``n`` of due."""
    due.day[n] = day
    attempt = due.attempt
    attempt[n] = block[i]
    attempt.related[n] = related
    attempt.origin[n] = -1
    attempt.marks[n] = marks
    attempt.rule[n] = FIXED
    attempt.status[n] = Status.APPROVED
    attempt.reason[n] = Reason.NONE


@step
def _delay(today: Today, follow: int, mcc: int, method: int, word: int) -> int:
    """Days until what follows."""
    if follow == Follow.REFUND:
        return REFUND_FIRST + scale(word, REFUND_SPAN)
    if follow == Follow.RETURN:
        return int(today.ahead[RETURN_FIRST + (1 if method == Method.CHEQUE else 0) + scale(word, RETURN_SPAN)])
    if follow == Follow.RECALL:
        return 1 + scale(word, RECALL_SPAN)
    if follow == Follow.CAPTURE:
        return 1 if mcc == 5541 or mcc == 5542 else 1 + scale(word, STAY_SPAN)
    if follow == Follow.REVERSE:
        return 1 + scale(word, REVERSE_SPAN)
    if follow == Follow.EXPIRE:
        return EXPIRE_AFTER
    if follow == Follow.DISPUTE:
        return DISPUTE_FIRST + scale(word, DISPUTE_SPAN)
    if follow == Follow.REPRESENT:
        return REPRESENT_FIRST + scale(word, REPRESENT_SPAN)
    if follow == Follow.COME_BACK:
        return BACK_FIRST + scale(word, WIN_SPAN if mcc == GAMES else BACK_SPAN)
    return 1


@step
def _turn(attempt: Records, n: int, layout: Layout, message: int, marks: int, credited: int) -> None:
    """Send the money the other way; whoever pays now starts it, unless they are beyond the boundary.

    Across currencies what goes back is what was credited, at the rate of the day on which it goes.
    """
    payer, payee = np.int64(attempt.payer[n]), np.int64(attempt.payee[n])
    attempt.payer[n] = payee
    attempt.payee[n] = payer
    starts = initiator_of(layout, payee)
    attempt.initiator[n] = starts if starts >= 0 else initiator_of(layout, payer)
    attempt.message[n] = message
    attempt.marks[n] = marks
    attempt.authentication[n] = 0
    attempt.amount[n] = credited
    attempt.hold[n] = 0


@step
def _come_back(rules: Rules, layout: Layout, attempt: Records, n: int, amount: int) -> None:
    """Money that was put with an institution, or lent to a friend, comes back; a large win in notes as a cheque."""
    attempt.amount[n] = amount
    attempt.hold[n] = 0
    attempt.related[n] = -1
    attempt.entry[n] = EntryMode.NONE
    attempt.authentication[n] = Authentication.NONE
    attempt.terminal[n] = -1
    payer, payee = np.int64(attempt.payer[n]), np.int64(attempt.payee[n])
    if payer < layout.firm_base:
        attempt.marks[n] = BILL | NEW_PAYEE
    if payer < layout.firm_base or payer >= layout.government:
        return
    cash = attempt.method[n] == Method.CASH
    if cash and amount < LARGE_WIN * rules.unit:
        return
    attempt.payer[n] = payer - (payer - layout.firm_base) % FIRM_ROWS
    attempt.payee[n] = payee - payee % PERSON_ROWS
    attempt.channel[n] = Channel.NONE if cash else Channel.ONLINE
    if cash:
        attempt.method[n] = Method.CHEQUE
    elif attempt.method[n] != Method.BATCH_TRANSFER:
        attempt.method[n] = Method.INSTANT_TRANSFER


@step
def _from_current(attempt: Records, n: int, layout: Layout, firm: int) -> None:
    """The firm that sold pays back from its current account, to which card sales are paid out; one abroad has one account."""
    if firm >= 0 and attempt.payer[n] < layout.government:
        attempt.payer[n] = layout.firm_base + firm * FIRM_ROWS
        attempt.initiator[n] = layout.people + firm


@step
def plan_sequel(
    rules: Rules, layout: Layout, due: Records, n: int, today: Today, block: Records, i: int, row: int, value: int, credited: int
) -> int:
    """Plan what follows from an approved attempt.

    Args:
        rules: the scenario's scalars.
        layout: account rows.
        due: what falls due later.
        n: used rows of due.
        today: the day.
        block: the window's attempts.
        i: row of the block.
        row: its transaction.
        value: its value date, microseconds since 1970.
        credited: what the payee got.

    Returns:
        The used rows of due.
    """
    follow = np.int64(block.follow[i])
    delay, when, chance, _ = draw(rules.key, np.int64(block.initiator[i]), today.day, Why.SEQUEL, np.int64(block.sequence[i]))
    day = today.day + _delay(today, follow, np.int64(block.mcc[i]), np.int64(block.method[i]), delay)
    if follow == Follow.RETURN or follow == Follow.RECALL:
        day = max(day, value // DAY + 1)  # nothing is returned before it has arrived
    postpone(due, n, day, block, i, row, 0)
    attempt = due.attempt
    attempt.time[n] = (block.time[i] + when // 2) % 86_400_000_000
    attempt.follow[n] = Follow.NONE
    # The merchant's message, not the customer's: the card is known, the phone that held it is not.
    attempt.card[n] = np.int64(block.card[i]) & ~TOKEN
    attempt.device_kind[n] = 0
    attempt.network[n] = 0
    attempt.place[n] = -1
    attempt.check[n] = 0
    if follow == Follow.CAPTURE:
        attempt.message[n] = Message.CAPTURE
        attempt.amount[n] = block.hold[i]
        attempt.hold[n] = block.amount[i]
        attempt.marks[n] = FORCED
    elif follow == Follow.REVERSE or follow == Follow.EXPIRE:
        attempt.message[n] = Message.REVERSAL
        attempt.hold[n] = block.amount[i]
        attempt.marks[n] = FORCED
        if follow == Follow.EXPIRE:
            attempt.status[n] = Status.EXPIRED
    elif follow == Follow.DUPLICATE:
        attempt.related[n] = -1
        attempt.marks[n] = DUPLICATED
        attempt.follow[n] = Follow.REFUND if chance & 1 else Follow.DISPUTE
    elif follow == Follow.REFUND:
        _turn(attempt, n, layout, Message.REFUND, 0, credited)
        _from_current(attempt, n, layout, np.int64(block.firm[i]))
        attempt.purpose[n] = Purpose.REFUND
    elif follow == Follow.RETURN:
        _turn(attempt, n, layout, Message.RETURN, FORCED, credited)
    elif follow == Follow.RECALL:
        _turn(attempt, n, layout, Message.RECALL, 0, credited)
    elif follow == Follow.DISPUTE:
        _turn(attempt, n, layout, Message.CHARGEBACK, BILL | (np.int64(block.marks[i]) & DUPLICATED), credited)
        _from_current(attempt, n, layout, np.int64(block.firm[i]))
        attempt.purpose[n] = Purpose.REFUND
        attempt.follow[n] = Follow.REPRESENT if chance < rules.represented else Follow.NONE
    elif follow == Follow.REPRESENT:
        _turn(attempt, n, layout, Message.REPRESENTMENT, FORCED, credited)
        attempt.purpose[n] = Purpose.PURCHASE
    elif follow == Follow.COME_BACK:
        _turn(attempt, n, layout, Message.PAYMENT, BILL, credited)
        _come_back(rules, layout, attempt, n, block.hold[i])
    return n + 1


@step
def plan_foreign_fees(rules: Rules, due: Records, n: int, today: Today, block: Records, i: int, row: int, bank: int) -> int:
    """Plan what the payer's bank charges the next day for the card payment ``i`` abroad, which became transaction ``row``.

    Two rows at most: a share of the payment, unless the card is free of it, and a fee for a machine. Returns the used rows of due.
    """
    person, credit = np.int64(block.initiator[i]), np.int64(block.payer[i]) % PERSON_ROWS
    free, _, _, _ = draw(rules.key, person, 0, Why.FOREIGN_FEE, credit)
    fee = block.amount[i] * rules.foreign_fee // 1_000_000
    if fee > 0 and free >= rules.fee_free:
        n = _charge(due, n, today, block, i, row, bank, fee, 0)
    if np.int64(block.purpose[i]) == Purpose.WITHDRAWAL and rules.machine_fee > 0:
        n = _charge(due, n, today, block, i, row, bank, rules.machine_fee, 1_000_000)
    return n


@step
def _charge(due: Records, n: int, today: Today, block: Records, i: int, row: int, bank: int, fee: int, later: int) -> int:
    """A fee of the own bank at home, on the account that paid."""
    postpone(due, n, today.day + 1, block, i, row, FORCED)
    attempt = due.attempt
    attempt.time[n] = (block.time[i] + later) % 86_400_000_000
    attempt.payee[n] = bank
    attempt.amount[n] = fee
    attempt.hold[n] = 0
    attempt.firm[n] = -1
    attempt.mcc[n] = 0
    attempt.terminal[n] = -1
    attempt.method[n] = Method.NONE
    attempt.channel[n] = Channel.NONE
    attempt.purpose[n] = Purpose.FEE
    attempt.entry[n] = EntryMode.NONE
    attempt.authentication[n] = Authentication.NONE
    attempt.follow[n] = Follow.NONE
    attempt.country[n] = 0
    attempt.network[n] = 0
    attempt.device_kind[n] = 0
    return n + 1
