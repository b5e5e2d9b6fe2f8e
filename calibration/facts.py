"""What the moments are computed from: one pass over a run's payments, counted by what matters.

A *consumer payment* is an approved payment whose payer is a customer, to somebody else, seen by a bank or not:
purchases, rent, bills, mortgage, insurance, subscriptions, loan instalments, taxes, gifts, dues, bets and gift cards,
payments to people and abroad, and payments of card bills, which the Diary of Consumer Payment Choice counts too. Moves
between one's own accounts, withdrawals, deposits, interest, fees, investments, homes and allowances within a household
are none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from calibration.tracks import Rows, Tracks
from simulator.clock import EPOCH, Clock
from simulator.codes import Channel, EntryMode, Message, Method, Purpose, Reason, Status, words
from simulator.record.read import Run
from simulator.scenario import Scenario

PURPOSES, METHODS = words(Purpose), words(Method)
REMOTE = {"online", "mobile", "phone"}
SPENDING = ("purchase", "rent", "bill", "mortgage", "insurance", "subscription", "loan", "tax", "gambling", "donation", "dues",
            "gift_card")  # fmt: skip
"""Consumer payments that are expenditure."""
CONSUMER = (*SPENDING, "transfer", "sale", "remittance", "card_bill")
COLUMNS = ["timestamp", "message", "amount", "method", "channel", "purpose", "merchant_id", "payer_account", "payee_account", "status",
           "decline_reason", "entry_mode", "device_id", "country", "payer_bank", "payee_bank"]  # fmt: skip
OLD = 55
DAY_US = 86_400_000_000
SHAPE = (len(PURPOSES), len(METHODS), 2, 2, 2, 5, 2)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Payers(NamedTuple):
    """Accounts in order of their number, with what a payment needs to know of the payer."""

    account: Ints
    customer: Ints
    """Row of the customer, -1 for others."""
    credit: Ints
    """1 for a credit card's account."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts of a run.

    Attributes:
        scenario: the resolved scenario.
        people: one row for everyone who ever was a customer: household, gross_income, income_kind, pay_frequency, quintile
            (1 to 5), quarter (0 to 3, of household income), age, share (of the days of the run as a customer), first and last
            (whether on its first and last day).
        accounts: accounts with opening and closing balance.
        count: payments by customers, by purpose, method, credit card, remote, seen, quintile, aged 55 or more.
        value: their value.
        categories: purchases by consumers: payments and value by category.
        daily: value of purchases by card by whole local day; the index is the date.
        hours: payments by consumers, withdrawals and deposits by local hour.
        interest_accounts: credit-card accounts that were charged interest.
        card_accounts: credit-card accounts of customers.
        employers: pay frequency of each employer that paid a wage, as most of its people are paid.
        tracks: what the pass noted of people and days.
        categories_known: names of the categories, in the order of ``tracks.by_category``.
        run: the run itself, for what is read apart (labels and stories).
    """

    scenario: Scenario
    people: pd.DataFrame
    accounts: pd.DataFrame
    count: Floats
    value: Floats
    categories: pd.DataFrame
    daily: "pd.Series[float]"
    hours: Floats
    interest_accounts: int
    card_accounts: int
    employers: "pd.Series[str]"
    tracks: Tracks
    categories_known: list[str]
    run: Run

    @property
    def days(self) -> int:
        """Days of the run."""
        return self.scenario.period.days

    @property
    def adult_months(self) -> float:
        """Months that people were customers."""
        return float(self.people["share"].sum()) * self.days / 30.4375

    @property
    def residents(self) -> pd.DataFrame:
        """The people who are customers at the end."""
        return self.people[self.people["last"]]

    def households(self, quintile: int | None = None) -> float:
        """Households of the customers, on the mean of the days; of a fifth by income, or all."""
        people = self.people if quintile is None else self.people[self.people["quintile"] == quintile + 1]
        return float(people.groupby("household")["share"].max().sum())

    def value_of(self, quintile: int) -> float:
        """Expenditure of a fifth by income over the run, currency units."""
        return self.total(self.value, SPENDING, quintile=quintile)

    @property
    def season(self) -> float:
        """Expected purchases on the days run against a mean October day, when the Diary is kept."""
        clock, start = Clock(self.scenario), self.scenario.period.start
        run = np.mean([clock.factor(start + timedelta(i)) for i in range(min(self.days, 3660))])
        october = np.mean([clock.factor(date(start.year, 10, 1) + timedelta(i)) for i in range(31)])
        return float(run / october)

    def total(self, of: Floats, purposes: Iterable[str], methods: Iterable[str] | None = None, **where: int) -> float:
        """Payments or value with one of these purposes and methods.

        Args:
            of: ``count`` or ``value``.
            purposes: words.
            methods: words, all by default.
            where: ``credit``, ``remote``, ``seen``, ``quintile`` (0 to 4) or ``old`` and the wanted place on that axis.
        """
        axes = ("credit", "remote", "seen", "quintile", "old")
        part = of[[PURPOSES.index(p) for p in purposes]]
        part = part[:, [METHODS.index(m) for m in (METHODS if methods is None else methods)]]
        return float(part[(slice(None), slice(None), *(where.get(axis, slice(None)) for axis in axes))].sum())


def read_accounts(run: Run) -> pd.DataFrame:
    """Accounts of a run, one row each, whatever versions it has: `account_id`, `owner_kind`, `owner_id`, `kind`."""
    accounts: pd.DataFrame = run.table("accounts", ["account_id", "owner_kind", "owner_id", "kind"]).to_pandas()
    return accounts.drop_duplicates("account_id").astype({"owner_kind": str, "kind": str})


def read_facts(run: Run) -> Facts:
    """Counts a run in one pass over its payments."""
    people = _people(run)
    accounts = read_accounts(run)
    payers = _payers(accounts, people)
    merchants = run.table("merchants", ["merchant_id", "category"]).to_pandas().astype({"category": str})
    offset = int(run.scenario.country.utc_offset.total_seconds()) * 1_000_000
    counter = Counter(run.scenario, people, payers, merchants, offset)
    for name, seen in (("transactions", 1), ("truth/unseen", 0)):
        for batch in run.batches(name, COLUMNS):
            counter.add(batch, seen)
    balances = run.table("truth/balances", ["account_id", "opening_balance", "closing_balance"]).to_pandas()
    own = (accounts["owner_kind"] == "customer") & (accounts["kind"] == "credit_card")
    return Facts(
        scenario=run.scenario, people=people, accounts=accounts.merge(balances, on="account_id", how="left"),
        count=counter.count.reshape(SHAPE), value=counter.value.reshape(SHAPE), categories=counter.by_category(), daily=counter.by_day(),
        hours=counter.hours, interest_accounts=len(np.unique(np.concatenate([np.empty(0, np.int64), *counter.interest]))),
        card_accounts=int(own.sum()), employers=counter.by_employer(), tracks=counter.tracks, categories_known=counter.names, run=run,
    )  # fmt: skip


def _people(run: Run) -> pd.DataFrame:
    traits = run.table("truth/traits", ["customer_id", "income_kind", "pay_frequency", "gross_income", "quintile", "age"]).to_pandas()
    versions = run.table("customers", ["customer_id", "household", "valid_from", "valid_to"]).to_pandas()
    start, days = run.scenario.period.start, run.scenario.period.days
    begins = (pd.to_datetime(versions["valid_from"]) - pd.Timestamp(start)).dt.days.clip(lower=0)
    ends = (pd.to_datetime(versions["valid_to"]) - pd.Timestamp(start)).dt.days.fillna(days - 1).clip(upper=days - 1)
    versions["share"] = (ends - begins + 1).clip(lower=0) / days
    versions["first"], versions["last"] = (begins == 0) & (ends >= 0), ends == days - 1
    spans = versions.groupby("customer_id").agg({"household": "last", "share": "sum", "first": "any", "last": "any"})
    people: pd.DataFrame = traits.merge(spans, on="customer_id", how="left").astype({"income_kind": str, "pay_frequency": str})
    home = people.groupby("household")["gross_income"].transform("sum")
    people["quarter"] = np.clip((home.rank(pct=True, method="average") * 4).to_numpy() // 1, 0, 3).astype(np.int64)
    return people


def _payers(accounts: pd.DataFrame, people: pd.DataFrame) -> Payers:
    ordered = accounts.sort_values("account_id")
    row = pd.Series(np.arange(len(people)), index=people["customer_id"])
    # What a bank pays out on a loan is no spending of the customer's: the instalments are.
    own = (ordered["owner_kind"] == "customer") & (ordered["kind"] != "loan")
    customer = ordered["owner_id"].where(own).map(row).fillna(-1).astype(np.int64)
    credit = (ordered["kind"] == "credit_card").astype(np.int64)
    return Payers(ordered["account_id"].to_numpy(np.int64), np.asarray(customer, np.int64), np.asarray(credit, np.int64))


def _codes(column: pa.DictionaryArray, known: list[str]) -> Ints:
    place = np.array([known.index(str(word)) for word in column.dictionary.to_pylist()] or [0], np.int64)
    codes: Ints = place[column.indices.to_numpy(zero_copy_only=False).astype(np.int64)]
    return codes


class Counter:
    """Counts batches of payments."""

    def __init__(self, scenario: Scenario, people: pd.DataFrame, payers: Payers, merchants: pd.DataFrame, offset: int) -> None:
        self.people, self.payers, self.offset = people, payers, offset
        self.quintile = np.clip(people["quintile"].to_numpy(np.int64) - 1, 0, 4)
        self.old = (people["age"].to_numpy(np.int64) >= OLD).astype(np.int64)
        self.names = sorted(set(merchants["category"]))
        # Merchants' numbers carry no order and are far apart: they are looked up.
        ordered = merchants.sort_values("merchant_id")
        self.merchant = np.append(ordered["merchant_id"].to_numpy(np.int64), np.iinfo(np.int64).max)
        self.category = np.array([*(self.names.index(name) for name in ordered["category"]), len(self.names)], np.int64)
        self.first_day = (scenario.period.start - EPOCH).days - 1
        self.by_local_day = np.zeros(scenario.period.days + 3)
        self.count, self.value = np.zeros(int(np.prod(SHAPE))), np.zeros(int(np.prod(SHAPE)))
        self.category_count, self.category_value = np.zeros(len(self.names) + 1), np.zeros(len(self.names) + 1)
        self.hours = np.zeros(24)
        banks = len(scenario.banks)
        self.tracks = Tracks(people, len(self.names), self.first_day, scenario.period.days, banks)
        self.home = scenario.country.code
        self.interest: list[Ints] = []
        self.wages: list[Ints] = []

    def add(self, batch: pa.RecordBatch, seen: int) -> None:
        """Adds a batch."""
        rows = self._decode(batch, seen)
        approved = rows.status == Status.APPROVED
        moved = np.isin(rows.message, [Message.PAYMENT, Message.CAPTURE])
        payer, amount = batch["payer_account"].to_numpy(), rows.amount
        salary = approved & moved & (rows.purpose == Purpose.SALARY)
        if salary.any():
            self._add_wages(payer[salary], rows.payee_account[salary])
        keep = approved & moved & (rows.payer >= 0)
        credit = self.payers.credit[self._place(payer)]
        charged = keep & (credit == 1) & (rows.purpose == Purpose.INTEREST)
        self.interest.append(np.unique(payer[charged]))
        who = rows.payer[keep]
        key = np.ravel_multi_index(
            (rows.purpose[keep], rows.method[keep], credit[keep], rows.remote[keep], np.full(len(who), seen), self.quintile[who],
             self.old[who]), SHAPE,
        )  # fmt: skip
        self.count += np.bincount(key, minlength=len(self.count))
        self.value += np.bincount(key, amount[keep], len(self.value))
        listed = keep & np.isin(rows.purpose, [PURPOSES.index(p) for p in (*CONSUMER, "withdrawal", "deposit")])
        self.hours += np.bincount(rows.local[listed] % DAY_US // (DAY_US // 24), minlength=24)
        bought = keep & (rows.purpose == Purpose.PURCHASE)
        self.category_count += np.bincount(rows.category[bought], minlength=len(self.category_count))
        self.category_value += np.bincount(rows.category[bought], amount[bought], len(self.category_value))
        card = bought & (rows.method == Method.CARD)
        day = np.clip(rows.local[card] // DAY_US - self.first_day, 0, len(self.by_local_day) - 1)
        self.by_local_day += np.bincount(day, amount[card], len(self.by_local_day))
        self.tracks.add(rows)

    def _place(self, account: Ints) -> Ints:
        return np.minimum(np.searchsorted(self.payers.account, account), len(self.payers.account) - 1)

    def _customer(self, account: Ints) -> Ints:
        place = self._place(account)
        return np.where(self.payers.account[place] == account, self.payers.customer[place], -1)

    def _decode(self, batch: pa.RecordBatch, seen: int) -> Rows:
        channel = _codes(batch["channel"], words(Channel))
        channels = words(Channel)
        merchant = batch["merchant_id"].to_numpy()
        shop = np.searchsorted(self.merchant, merchant)
        country = np.array([str(word) for word in batch["country"].dictionary.to_pylist()] or [""])
        where = country[batch["country"].indices.to_numpy(zero_copy_only=False).astype(np.int64)]
        payee = batch["payee_account"].to_numpy()
        return Rows(
            seen=seen, status=_codes(batch["status"], words(Status)), message=_codes(batch["message"], words(Message)),
            reason=_codes(batch["decline_reason"], words(Reason)), purpose=_codes(batch["purpose"], PURPOSES),
            method=_codes(batch["method"], METHODS), channel=channel,
            remote=np.isin(channel, [channels.index(word) for word in sorted(REMOTE)]).astype(np.int64),
            contactless=_codes(batch["entry_mode"], words(EntryMode)) == EntryMode.CONTACTLESS,
            device=batch["device_id"].to_numpy() >= 0,
            abroad=(where != self.home) & ~np.isin(where, ["", "none"]), amount=batch["amount"].to_numpy(),
            local=batch["timestamp"].cast(pa.int64()).to_numpy() + self.offset, payer=self._customer(batch["payer_account"].to_numpy()),
            payee=self._customer(payee), payee_account=payee,
            category=np.where(self.merchant[shop] == merchant, self.category[shop], len(self.names)),
            banks=(batch["payer_bank"].to_numpy().astype(np.int64), batch["payee_bank"].to_numpy().astype(np.int64)),
        )  # fmt: skip

    def _add_wages(self, payer: Ints, payee: Ints) -> None:
        place = np.minimum(np.searchsorted(self.payers.account, payee), len(self.payers.account) - 1)
        customer = self.payers.customer[place]
        self.wages.append(np.unique(np.stack([payer, customer], axis=1)[customer >= 0], axis=0))

    def by_category(self) -> pd.DataFrame:
        """Purchases by category."""
        return pd.DataFrame({"payments": self.category_count[:-1], "value": self.category_value[:-1]}, index=self.names)

    def by_day(self) -> "pd.Series[float]":
        """Value of card purchases by whole local day."""
        whole = self.by_local_day[1:-2] if self.offset == 0 else self.by_local_day[1:-3]
        first = self.first_day + 1
        if self.offset > 0:
            whole, first = self.by_local_day[2:-2], first + 1
        return pd.Series(whole, index=[EPOCH + timedelta(first + i) for i in range(len(whole))], dtype=float)

    def by_employer(self) -> "pd.Series[str]":
        """Pay frequency by employer's account."""
        if not self.wages:
            return pd.Series([], dtype=str)
        pairs = np.unique(np.concatenate(self.wages), axis=0)
        frame = pd.DataFrame({"payer": pairs[:, 0], "frequency": self.people["pay_frequency"].to_numpy()[pairs[:, 1]]})
        return frame.groupby("payer")["frequency"].agg(lambda values: str(values.mode().iloc[0]))
