"""Tracks of people and days: what the same pass over a run's payments notes beside the counts of `calibration.facts`.

Income by month, notes and cheques, bills that stay unpaid, card spending by day for rich and poor and by category, and the ways in which
all payers, firms among them, pay.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.codes import Channel, Message, Method, Purpose, Reason, Status

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]
type Flags = NDArray[np.bool_]

DAY_US = 86_400_000_000
FIRST_DAYS = 30
"""Days that surveys ask about when they say 'in the last 30 days'."""
WEEKS = 4
"""Whole weeks that are looked at where surveys ask about 'a typical week'."""
BINS = 288
"""Five minutes."""
INCOME = (Purpose.SALARY, Purpose.PENSION, Purpose.BENEFIT, Purpose.TAKINGS, Purpose.DIVIDEND, Purpose.INTEREST)
BILLS = (Purpose.RENT, Purpose.BILL, Purpose.MORTGAGE, Purpose.INSURANCE, Purpose.SUBSCRIPTION, Purpose.LOAN, Purpose.TAX)
GIVEN = (Purpose.GAMBLING, Purpose.DONATION, Purpose.DUES, Purpose.GIFT_CARD)
EVERYDAY = (Purpose.PURCHASE, Purpose.TRANSFER, Purpose.SALE)
OWN_MONEY = (Purpose.WITHDRAWAL, Purpose.DEPOSIT, Purpose.INTEREST, Purpose.FEE, Purpose.SAVING, Purpose.CARD_BILL, Purpose.WRITE_OFF,
             Purpose.CHARGE_OFF)  # fmt: skip
"""What central banks do not count as payments: notes, interest, fees, moves between one's own accounts."""


class Rows(NamedTuple):
    """A batch of payments, decoded; arrays of one length."""

    seen: int
    status: Ints
    message: Ints
    reason: Ints
    purpose: Ints
    method: Ints
    channel: Ints
    remote: Ints
    contactless: Flags
    device: Flags
    """Made with a device of the payer's: a phone, where it is contactless."""
    abroad: Flags
    amount: Floats
    local: Ints
    """Local time, microseconds since 1970."""
    payer: Ints
    """Row of the customer who pays, -1 for others."""
    payee: Ints
    """Row of the customer who is paid, -1 for others."""
    payee_account: Ints
    category: Ints
    """Place of the merchant's category, the last for none."""
    banks: tuple[Ints, Ints]
    """Of payer and payee, -1 for none."""


class Tracks:
    """What is noted, batch by batch.

    Args:
        people: as `calibration.facts` has them; `quarter` is 0 to 3 by household income.
        categories: how many there are.
        first_day: local day before the first of the run, since 1970.
        days: of the run.
        banks: how many there are.
    """

    def __init__(self, people: pd.DataFrame, categories: int, first_day: int, days: int, banks: int) -> None:
        self.first_day, self.days = first_day, days + 3
        self.quarter = people["quarter"].to_numpy(np.int64)
        self.by_quarter = np.zeros((4, self.days))
        """Value of card purchases by fourth of household income and local day."""
        self.by_category = np.zeros((categories + 1, self.days))
        """The same by category."""
        first, last = (np.datetime64(day, "D").astype("datetime64[M]").astype(int) for day in (first_day, first_day + self.days))
        self.first_month = int(first)
        self.income = np.zeros((len(people), int(last - first) + 1))
        """What each person was paid by others for work, or as pension or benefit, by local month."""
        self.used = np.zeros((2, len(people)), np.bool_)
        """Whether each person paid in notes, and by cheque, in the first 30 days."""
        self.bought_in_notes = np.zeros((WEEKS, len(people)), np.bool_)
        """Whether each person paid for a purchase in notes, in each of the first weeks."""
        self.phone = 0.0
        """Consumer payments by app or wallet."""
        self.everyday = np.zeros((2, 2))
        """Number and value of purchases and payments between people, in person and remotely."""
        self.by_card = np.zeros((2, 5))
        """Number and value of card purchases: in person, remote, contactless, abroad, by a phone that touches."""
        self.by_method = np.zeros((2, len(Method)))
        """Number and value of payments of all payers that banks see, by method."""
        self.actions = np.zeros((2, len(people)))
        """Payments without notes and cash-outs of each person in the first 30 days."""
        self.phone_hours, self.remote_hours, self.remote_days = np.zeros(24), np.zeros(24), np.zeros(7)
        """Actions of an agent-banking economy, and remote card purchases, by local hour and weekday."""
        self.asked = np.zeros((2, self.days * BINS))
        """Card payments asked for, and failed for the network, by five minutes."""
        self.flows = np.zeros((banks, self.days))
        """What left each bank for others, less what came, by local day."""
        self._unpaid: list[Ints] = []
        self._paid: list[Ints] = []

    def add(self, rows: Rows) -> None:
        """Notes a batch."""
        approved = (rows.status == Status.APPROVED) & np.isin(rows.message, [Message.PAYMENT, Message.CAPTURE])
        day = np.clip(rows.local // DAY_US - self.first_day, 0, self.days - 1)
        own = approved & (rows.payer >= 0)
        self._note_cards(rows, own & (rows.purpose == Purpose.PURCHASE) & (rows.method == Method.CARD), day)
        self._note_people(rows, approved, own, day)
        self._note_bills(rows, own)
        everyday = own & np.isin(rows.purpose, EVERYDAY)
        for place, value in enumerate((None, rows.amount)):
            self.everyday[place] += np.bincount(rows.remote[everyday], None if value is None else value[everyday], 2)
        counted = approved & (rows.seen == 1) & ~np.isin(rows.purpose, OWN_MONEY) & (rows.method != Method.NONE)
        self.by_method[0] += np.bincount(rows.method[counted], minlength=len(Method))
        self.by_method[1] += np.bincount(rows.method[counted], rows.amount[counted], len(Method))
        self._note_networks(rows, approved, day)

    def _note_cards(self, rows: Rows, card: Flags, day: Ints) -> None:
        value, at = rows.amount[card], day[card]
        np.add.at(self.by_quarter, (self.quarter[rows.payer[card]], at), value)
        np.add.at(self.by_category, (rows.category[card], at), value)
        remote = rows.remote[card] == 1
        touched = rows.contactless[card]
        for place, part in enumerate((~remote, remote, touched, rows.abroad[card], touched & rows.device[card])):
            self.by_card[0, place] += part.sum()
            self.by_card[1, place] += value[part].sum()
        when = rows.local[card][remote]
        self.remote_hours += np.bincount(when % DAY_US // (DAY_US // 24), minlength=24)
        self.remote_days += np.bincount((when // DAY_US + 3) % 7, minlength=7)  # 1 January 1970 was a Thursday

    def _note_people(self, rows: Rows, approved: Flags, own: Flags, day: Ints) -> None:
        paid = approved & (rows.payee >= 0) & np.isin(rows.purpose, INCOME)
        month = rows.local[paid].astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) - self.first_month
        np.add.at(self.income, (rows.payee[paid], np.clip(month, 0, self.income.shape[1] - 1)), rows.amount[paid])
        early = own & (day >= 1) & (day <= FIRST_DAYS) & (rows.purpose != Purpose.WITHDRAWAL) & (rows.purpose != Purpose.DEPOSIT)
        for place, method in enumerate((Method.CASH, Method.CHEQUE)):
            self.used[place, rows.payer[early & (rows.method == method)]] = True
        notes = early & (day <= 7 * WEEKS) & (rows.purpose == Purpose.PURCHASE) & (rows.method == Method.CASH)
        self.bought_in_notes[(day[notes] - 1) // 7, rows.payer[notes]] = True
        plain = rows.method != Method.CASH
        paid_plain = early & plain & np.isin(rows.purpose, [*BILLS, Purpose.PURCHASE])
        drawn = own & (day >= 1) & (day <= FIRST_DAYS) & (rows.purpose == Purpose.WITHDRAWAL)
        for place, part in enumerate((paid_plain, drawn)):
            self.actions[place] += np.bincount(rows.payer[part], minlength=self.actions.shape[1])
        by_phone = (rows.channel == Channel.MOBILE) | (rows.method == Method.WALLET)
        self.phone += float((own & by_phone & ~np.isin(rows.purpose, OWN_MONEY)).sum())
        action = own & plain & np.isin(rows.purpose, [*BILLS, *GIVEN, Purpose.PURCHASE, Purpose.TRANSFER])
        action |= own & np.isin(rows.purpose, [Purpose.WITHDRAWAL, Purpose.DEPOSIT])
        action |= own & (rows.purpose == Purpose.SAVING) & (rows.method == Method.WALLET)
        self.phone_hours += np.bincount(rows.local[action] % DAY_US // (DAY_US // 24), minlength=24)

    def _note_bills(self, rows: Rows, own: Flags) -> None:
        bill = (rows.payer >= 0) & np.isin(rows.purpose, BILLS) & (rows.seen == 1)
        short = bill & (rows.status == Status.DECLINED) & (rows.reason == Reason.INSUFFICIENT_FUNDS)
        for part, found in ((short, self._unpaid), (bill & own, self._paid)):
            found.append(np.stack([rows.payer[part], rows.payee_account[part], rows.local[part] // DAY_US], axis=1))

    def _note_networks(self, rows: Rows, approved: Flags, day: Ints) -> None:
        ask = (rows.method == Method.CARD) & np.isin(rows.message, [Message.PAYMENT, Message.AUTHORISATION]) & (rows.payer >= 0)
        ask &= rows.purpose == Purpose.PURCHASE
        bins = day * BINS + rows.local % DAY_US // (DAY_US // BINS)
        self.asked[0] += np.bincount(bins[ask], minlength=self.asked.shape[1])
        self.asked[1] += np.bincount(bins[ask & (rows.reason == Reason.NETWORK_UNAVAILABLE)], minlength=self.asked.shape[1])
        payer, payee = rows.banks
        moved = approved & (payer != payee)
        for bank, sign in ((payer, 1.0), (payee, -1.0)):
            known = moved & (bank >= 0) & (bank < len(self.flows))
            np.add.at(self.flows, (bank[known], day[known]), sign * rows.amount[known])

    def unpaid(self) -> pd.DataFrame:
        """Bills declined for want of money and not paid within the 30 days after: row of the person, local day since 1970."""
        columns = ["person", "payee", "day"]
        empty = np.empty((0, 3), np.int64)
        asked, paid = (pd.DataFrame(np.concatenate([empty, *found]), columns=columns) for found in (self._unpaid, self._paid))
        both = asked.reset_index().merge(paid, on=["person", "payee"], suffixes=("", "_paid"))
        met = both.loc[(both["day_paid"] >= both["day"]) & (both["day_paid"] <= both["day"] + FIRST_DAYS), "index"].unique()
        left: pd.DataFrame = asked.loc[~asked.index.isin(met), ["person", "day"]]
        return left
