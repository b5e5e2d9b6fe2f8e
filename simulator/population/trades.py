"""Trades of institutions: what their clients pay for, whose money they hold, how they pay it out."""

from enum import IntEnum

import numpy as np

from simulator.codes import Method, Purpose
from simulator.draws import Ints
from simulator.scenario import Trade as Word


class Trade(IntEnum):
    """The special trade of a firm; the words are those of `simulator.scenario.Trade`."""

    NONE = 0
    CRYPTO_EXCHANGE = 1
    CASINO = 2
    BETTING = 3
    REMITTER = 4
    MARKETPLACE = 5
    PAYMENT_PROVIDER = 6
    CONVEYANCER = 7
    GIFT_CARDS = 8
    CHARITY = 9
    BROKER = 10
    CLUB = 11
    LETTING_AGENT = 12
    IMPORTER = 13


WHOLE = 1 << 24
"""Shares of payees are in units of 1/WHOLE."""

CLIENT_MONEY = (Trade.PAYMENT_PROVIDER, Trade.CONVEYANCER, Trade.LETTING_AGENT)
"""Trades that keep their clients' money in an account of its own, the fourth of their rows."""

_TERMS: dict[Trade, tuple[int, Purpose, Method, Purpose, Method, int]] = {
    Trade.CRYPTO_EXCHANGE: (0, Purpose.NONE, Method.NONE, Purpose.INVESTMENT, Method.WIRE, 1),
    Trade.CASINO: (0, Purpose.NONE, Method.NONE, Purpose.SUPPLIES, Method.BATCH_TRANSFER, 1),
    Trade.BETTING: (0, Purpose.NONE, Method.NONE, Purpose.SUPPLIES, Method.BATCH_TRANSFER, 1),
    Trade.REMITTER: (0, Purpose.NONE, Method.NONE, Purpose.REMITTANCE, Method.WIRE, 3),
    Trade.MARKETPLACE: (0, Purpose.PAYOUT, Method.BATCH_TRANSFER, Purpose.SUPPLIES, Method.BATCH_TRANSFER, 1),
    Trade.PAYMENT_PROVIDER: (0, Purpose.NONE, Method.NONE, Purpose.DIVIDEND, Method.BATCH_TRANSFER, 1),
    Trade.CONVEYANCER: (0, Purpose.NONE, Method.NONE, Purpose.DIVIDEND, Method.BATCH_TRANSFER, 1),
    Trade.GIFT_CARDS: (0, Purpose.PAYOUT, Method.BATCH_TRANSFER, Purpose.SUPPLIES, Method.BATCH_TRANSFER, 1),
    Trade.CHARITY: (0, Purpose.NONE, Method.NONE, Purpose.DONATION, Method.WIRE, 1),
    Trade.BROKER: (0, Purpose.NONE, Method.NONE, Purpose.INVESTMENT, Method.WIRE, 2),
    Trade.CLUB: (1, Purpose.SUPPLIES, Method.BATCH_TRANSFER, Purpose.SUPPLIES, Method.BATCH_TRANSFER, 1),
    Trade.LETTING_AGENT: (1, Purpose.RENT, Method.BATCH_TRANSFER, Purpose.RENT, Method.BATCH_TRANSFER, 1),
    Trade.IMPORTER: (0, Purpose.NONE, Method.NONE, Purpose.SUPPLIES, Method.WIRE, 2),
}
"""How a trade pays out what it holds: monthly or weekly; purpose and method to its payees; purpose, method and number of
payments to the rest of the world."""

PURPOSES: dict[Trade, Purpose] = {
    Trade.CRYPTO_EXCHANGE: Purpose.CRYPTO, Trade.CASINO: Purpose.GAMBLING, Trade.BETTING: Purpose.GAMBLING,
    Trade.GIFT_CARDS: Purpose.GIFT_CARD, Trade.CHARITY: Purpose.DONATION, Trade.BROKER: Purpose.INVESTMENT, Trade.CLUB: Purpose.DUES,
}  # fmt: skip
"""What clients pay a trade for."""


def code_of(trade: Word) -> Trade:
    """The code of a trade that a scenario names."""
    return Trade[trade.name]


def payout_terms() -> Ints:
    """How each trade pays out, shape (trades, 6)."""
    table = np.zeros((len(Trade), 6), np.int64)
    for trade, terms in _TERMS.items():
        table[trade] = [int(term) for term in terms]
    return table
