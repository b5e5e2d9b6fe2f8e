"""What a bank notes as it clears a row: notes beyond the reporting threshold, names on a list, blocked PINs, disputes."""

import numpy as np

from simulator.authorisation import AGAIN
from simulator.clock import DAY, Today
from simulator.codes import Detail, Event, Message, Method, Purpose, Reason, Status
from simulator.draws import Why, draw
from simulator.events import Notes, note
from simulator.kernel import kernel, part, step
from simulator.ledger import DUPLICATED
from simulator.population.accounts import Layout
from simulator.population.rules import Rules
from simulator.records import Records

MOST = 2
"""Events noted of a row at most."""

RESET_AFTER = 1_200_000_000
"""A blocked PIN is set anew through the app twenty minutes later (assumption)."""


@step
def note_dispute(block: Records, i: int, today: Today, row: int, due: int, notes: Notes) -> None:
    """Remember a row that belongs to a dispute; ``due`` is the day of the chargeback where the row is the purchase."""
    n = notes.used[1]
    disputes = notes.disputes
    disputes.row[n] = row
    disputes.related[n] = block.related[i]
    disputes.time[n] = today.day * DAY + block.time[i]
    disputes.amount[n] = block.amount[i]
    disputes.account[n] = block.payee[i] if block.message[i] == Message.CHARGEBACK else block.payer[i]
    disputes.due[n] = due
    disputes.message[n] = block.message[i]
    disputes.status[n] = block.status[i]
    disputes.remote[n] = 1 if block.terminal[i] < 0 else 0
    disputes.said[n] = Detail.DUPLICATE if np.int64(block.marks[i]) & DUPLICATED else Detail.NONE
    notes.used[1] = n + 1


@part
def is_watched(layout: Layout, payer: int, payee: int, method: int, purpose: int, message: int, reason: int) -> bool:
    """Whether a row may make the bank do something: few do."""
    return (
        purpose == Purpose.WITHDRAWAL
        or purpose == Purpose.DEPOSIT
        or purpose == Purpose.REMITTANCE
        or method == Method.WIRE
        or message >= Message.CHARGEBACK
        or reason == Reason.WRONG_PIN
        or payer >= layout.abroad_base
        or payee >= layout.abroad_base
    )


@kernel
def watch(rules: Rules, layout: Layout, today: Today, block: Records, i: int, row: int, notes: Notes) -> None:
    """Note what a cleared row makes the bank do."""
    status, message = np.int64(block.status[i]), np.int64(block.message[i])
    purpose, method = np.int64(block.purpose[i]), np.int64(block.method[i])
    who, payer, payee = np.int64(block.initiator[i]), np.int64(block.payer[i]), np.int64(block.payee[i])
    if message == Message.CHARGEBACK or message == Message.REPRESENTMENT:
        note_dispute(block, i, today, row, 0, notes)
    if status != Status.APPROVED:
        if block.reason[i] == Reason.WRONG_PIN and 2 * AGAIN <= np.int64(block.sequence[i]) < 3 * AGAIN:
            card = 1 + 2 * np.int64(block.card[i]) + (1 if payer % 5 == 2 else 0)
            _note(notes, Event.PIN_BLOCKED, block.time[i], who, payer, card, Detail.THREE_WRONG_TRIES)
            _note(notes, Event.PIN_RESET, min(block.time[i] + RESET_AFTER, DAY - 1), who, payer, card, Detail.CARD_PIN)
        return
    if purpose == Purpose.WITHDRAWAL or purpose == Purpose.DEPOSIT:
        if rules.cash_report > 0 and block.amount[i] > rules.cash_report:
            drawn = purpose == Purpose.WITHDRAWAL
            detail = Detail.WITHDRAWAL if drawn else Detail.DEPOSIT
            _note(notes, Event.CASH_REPORT_FILED, block.time[i], who, payer if drawn else payee, 0, detail)
    elif message == Message.PAYMENT and method != Method.CARD and method != Method.WALLET:
        if method != Method.WIRE and purpose != Purpose.REMITTANCE and not _is_abroad(layout, payer, payee):
            return
        resembles, _, _, _ = draw(rules.key, who, today.day, Why.SCREENING, np.int64(block.sequence[i]))
        if resembles < rules.screened_payment:
            _note(notes, Event.SCREENING_HIT, block.time[i], who, payer if payer < layout.government else payee, 0, Detail.PAYMENT)


@step
def _is_abroad(layout: Layout, payer: int, payee: int) -> bool:
    return layout.abroad_base <= payer < layout.dealer_base or layout.abroad_base <= payee < layout.dealer_base


@kernel
def _note(notes: Notes, kind: int, time: int, who: int, account: int, card: int, detail: int) -> None:
    note(notes.events, notes.used, kind, time, who, account, 0, 0, detail)
    notes.events.card[notes.used[0] - 1] = card
