"""Tables of credit and banks: each card and loan account by month, each bank by month, and who owes whom."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.clock import EPOCH
from simulator.codes import Purpose
from simulator.draws import Ints
from simulator.economy.months import FLIGHTS, BankMonth, Months
from simulator.economy.sums import CARDS, DEPOSITS, FIRM_DEPOSITS, INSURED, LINES, LOANS, PURSES, TILLS
from simulator.ledger import IN, OUT
from simulator.record.facts import Facts, days, table, word
from simulator.record.lending import empty

SECTORS = ["households", "firms", "banks", "central_bank", "government", "outside"]
INSTRUMENTS = [
    "deposits", "notes", "card_debt", "loans", "reserves", "securities", "equity", "in_flight", "central_bank_loans", "accounts",
]  # fmt: skip


def _first(day: int) -> int:
    """First day of the month of a day."""
    return (EPOCH + timedelta(day)).replace(day=1).toordinal() - EPOCH.toordinal()


def credit_months(facts: Facts, months: Months) -> pa.Table:
    """One row for each card or loan account, or line of a firm, and month."""
    tables = []
    for day, rows in months.credit:
        rows = rows[np.argsort(facts.names.account[rows["account"]], kind="stable")]
        account = rows["account"].astype(np.int64)
        columns: dict[str, object] = {
            "month": days(np.full(len(rows), _first(day))), "account_id": facts.names.account[account],
            "bank": facts.names.bank[account], "days_past_due": rows["days"], "defaulted": rows["defaulted"] > 0,
            **{name: rows[name] / facts.unit for name in ("balance", "credit_limit", "due", "paid")},
            "charged_off": rows["off"] / facts.unit,
        }  # fmt: skip
        tables.append(table("credit_months", columns, len(rows)))
    return pa.concat_tables(tables).combine_chunks() if tables else empty("credit_months")


def payments_by_bank(folder: Path, month: int, banks: int) -> Ints:
    """Rows of the payments of a month that accounts at each bank made."""
    found = np.zeros(banks, np.int64)
    for file in sorted((folder / "transactions" / f"month={EPOCH + timedelta(month):%Y-%m}").glob("*.parquet")):
        bank = pq.read_table(file, columns=["payer_bank"])["payer_bank"].to_numpy()
        found += np.bincount(bank[bank >= 0], minlength=banks)[:banks]
    return found


def bank_months(facts: Facts, months: Months, folder: Path) -> pa.Table:
    """One row for each bank and month."""
    banks = facts.world.layout.banks
    got: dict[str, list[Ints]] = {}
    for one in months.banks:
        for name, values in _bank_month(facts, months, one, folder).items():
            got.setdefault(name, []).append(values)
    if not got:
        return empty("bank_months")
    columns: dict[str, Any] = {name: np.concatenate(values) for name, values in got.items()}
    first = np.repeat([_first(one.day) for one in months.banks], banks)
    whole = ("month", "bank", "currency", "customers", "payments", "liquidity")
    columns |= {name: values / facts.unit for name, values in columns.items() if name not in whole}
    return table("bank_months", {**columns, "month": days(first), "currency": facts.currencies[0]}, len(first))


def _bank_month(facts: Facts, months: Months, one: BankMonth, folder: Path) -> dict[str, Ints]:
    flows, sums = one.flows, one.sums
    lost = flows[:, OUT, Purpose.CHARGE_OFF] + flows[:, OUT, Purpose.WRITE_OFF]
    reserves = months.reserves(sums) + one.central_bank
    deposits = sums.deposits
    return {
        "bank": np.arange(len(flows)),
        "customers": one.customers,
        "payments": payments_by_bank(folder, _first(one.day), len(flows)),
        "deposits": deposits,
        "insured_deposits": sums.banks[:, INSURED],
        "loans": sums.lent,
        "interest_income": flows[:, IN, Purpose.INTEREST],
        "interest_paid": flows[:, OUT, Purpose.INTEREST],
        "fee_income": flows[:, IN, Purpose.FEE] - flows[:, OUT, Purpose.FEE],
        "provisions": one.allowance - one.before + lost,
        "charged_off": lost,
        "fraud_losses": flows[:, OUT, Purpose.REFUND] - flows[:, IN, Purpose.REFUND],
        "paid_out": flows[:, OUT, Purpose.DIVIDEND],
        "insurance": flows[:, IN, Purpose.DEPOSIT_INSURANCE] + flows[:, IN, Purpose.BAIL_IN],
        "reserves": reserves,
        "central_bank_loan": one.central_bank,
        "capital": months.equity(sums, one.since) - (one.allowance - months.opening.allowance),
        "liquidity": np.divide(reserves, deposits, out=np.zeros(len(flows)), where=deposits > 0),
    }


def balance_sheet(facts: Facts, months: Months) -> pa.Table:
    """Who owes whom at the end of each month, in the home currency; each claim is there as that of its owner and of who owes."""
    rows: list[tuple[int, str, str, str, int]] = []
    for one in months.banks:
        for owner, debtor, what, value in claims(months, one):
            rows += [(_first(one.day), owner, debtor, what, value), (_first(one.day), debtor, owner, what, -value)]
    if not rows:
        return empty("truth/balance_sheet")
    month, sector, counterpart, instrument, amount = zip(*rows, strict=True)
    name = "truth/balance_sheet"
    place = {words: np.array([SECTORS.index(one) for one in column]) for words, column in (("s", sector), ("c", counterpart))}
    return table(
        name,
        {
            "month": days(np.array(month)),
            "sector": word(name, "sector", SECTORS, place["s"]),
            "counterpart": word(name, "counterpart", SECTORS, place["c"]),
            "instrument": word(name, "instrument", INSTRUMENTS, np.array([INSTRUMENTS.index(one) for one in instrument])),
            "currency": facts.currencies[0],
            "amount": np.array(amount, np.int64) / facts.unit,
        },
        len(rows),
    )


def claims(months: Months, one: BankMonth) -> list[tuple[str, str, str, int]]:
    """Claims at the end of a month: owner, who owes, instrument, amount in minor units; below 0 where it is owed the other way round.

    Banks hold debts, reserves and securities against deposits and equity; the central bank securities against everything that is
    nobody else's debt. What is on its way lies with the central bank. Loans are before what is set aside for bad ones.
    """
    sums, opening = one.sums, months.opening
    total = sums.banks.sum(axis=0)
    reserves, lent = int(months.reserves(sums).sum()), int(one.central_bank.sum())
    found = [
        ("households", "banks", "deposits", int(total[DEPOSITS])), ("firms", "banks", "deposits", int(total[FIRM_DEPOSITS])),
        ("banks", "households", "card_debt", int(total[CARDS])), ("banks", "households", "loans", int(total[LOANS])),
        ("banks", "firms", "loans", int(total[LINES])),
        ("banks", "outside", "securities", int((opening.securities + months.bought(one.since)).sum())),
        ("banks", "central_bank", "reserves", reserves + lent),
        ("central_bank", "banks", "central_bank_loans", lent),
        ("outside", "banks", "equity", int(months.equity(sums, one.since).sum() + one.flights[2])),
        ("households", "central_bank", "notes", int(sums.notes[PURSES])), ("firms", "central_bank", "notes", int(sums.notes[TILLS])),
        ("government", "central_bank", "accounts", int(one.others[0])), ("outside", "central_bank", "accounts", int(one.others[1])),
        *((sector, "central_bank", "in_flight", int(amount)) for sector, amount in zip(FLIGHTS, one.flights, strict=True)),
        ("central_bank", "outside", "securities", months.issued),
    ]  # fmt: skip
    return [claim for claim in found if claim[3] != 0]
