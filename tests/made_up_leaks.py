"""Marks that planting may leave, each put into a made-up world, and the check that is meant for it."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from made_up_crime import DAYS, PAYERS, START, World

from simulator.audit.leaks.sheet import DAY

Spoil = Callable[[World], object]


def _id_block(of: World) -> None:
    """Guilty rows have the last ids."""
    of["transaction_id"][:] = np.argsort(np.argsort(of.guilty, kind="stable"))


def _file_end(of: World) -> None:
    of.keep(np.argsort(of.guilty, kind="stable"))


def _together(of: World) -> None:
    """All guilty rows of a day in one block, in the middle of the day."""
    time = of["timestamp"]
    noon = time - time % DAY + DAY // 2 + np.random.default_rng(0).integers(0, 10**7, len(time))
    of["timestamp"][:] = np.where(of.guilty, noon, time)
    of.keep(np.argsort(of["timestamp"], kind="stable"))


def _fixed_amount(of: World) -> None:
    of["amount"][of.guilty] = 9999.37


def _no_cents(of: World) -> None:
    of["amount"][of.guilty] = np.ceil(of["amount"][of.guilty])


def _nines(of: World) -> None:
    cents = np.rint(of["amount"][of.guilty] * 100)
    of["amount"][of.guilty] = (cents - cents % 10 + 9) / 100


def _round(of: World) -> None:
    of["amount"][of.guilty] = np.ceil(of["amount"][of.guilty] / 100) * 100


def _one_device(of: World) -> None:
    of["device_id"][of.guilty] = 42


def _one_address(of: World) -> None:
    of["ip_id"][of.guilty] = 99_999


def _own_merchants(of: World) -> None:
    shops = of.guilty & (of["merchant_id"] >= 0)
    of["merchant_id"][shops] = 7000 + np.arange(int(shops.sum())) % 12


def _own_bank(of: World) -> None:
    of["payee_bank"][of.guilty] = 77


def _own_payees(of: World) -> None:
    of["payee_account"][of.guilty] = 80_000 + of.story[of.guilty]


def _full_minutes(of: World) -> None:
    of["timestamp"][of.guilty] -= of["timestamp"][of.guilty] % 60_000_000


def _whole_seconds(of: World) -> None:
    of["timestamp"][of.guilty] -= of["timestamp"][of.guilty] % 1_000_000


def _full_hours(of: World) -> None:
    """The background has a schedule that planted rows do not follow."""
    others = np.flatnonzero(~of.guilty)[::3]
    of["timestamp"][others] -= of["timestamp"][others] % 3_600_000_000


def _night(of: World) -> None:
    time = of["timestamp"][of.guilty]
    of["timestamp"][of.guilty] = time - time % DAY + 3 * 3_600_000_000 + time % 3_600_000_000


def _own_days(of: World) -> None:
    """The world ends and the guilty go on."""
    late = np.flatnonzero(of.guilty)[::2]
    of["timestamp"][late] = START + DAYS * DAY + of["timestamp"][late] % DAY + DAY * (of.story[late] % 3)


def _campaign(of: World) -> None:
    of["timestamp"][of.guilty] = START + 20 * DAY + of["timestamp"][of.guilty] % DAY


def _no_device(of: World) -> None:
    of["device_id"][of.guilty] = -1


def _own_word(of: World) -> None:
    of.columns["purpose"] = of["purpose"].astype(object)
    of["purpose"][of.guilty & (of["method"] == "wire")] = "crypto"


def _rare_word(of: World) -> None:
    of.columns["entry_mode"] = of["entry_mode"].astype(object)
    of["entry_mode"][of.guilty & (of["method"] == "card")] = "manual"
    of["entry_mode"][np.flatnonzero(~of.guilty & (of["method"] == "card"))[:60]] = "manual"


def _one_method(of: World) -> None:
    of.columns["method"] = np.where(of.guilty & (of["method"] != "card"), "wire", of["method"])


def _unmoved(of: World) -> None:
    """The payer's balance does not fall."""
    of.columns["payer_balance_before"] = of["payer_balance"] + of["amount"] * ~of.guilty


def _whole_balance(of: World) -> None:
    of["payer_balance"][of.guilty] = 0.0


def _first_contact(of: World) -> None:
    """Every guilty row goes to someone the payer never paid."""
    guilty = np.flatnonzero(of.guilty)
    of["payee_account"][guilty] = 50_000 + (of["payee_account"][guilty] + 211 + 97 * np.arange(len(guilty))) % 600
    pair = of["payer_account"] * 100_000 + of["payee_account"]
    clash = ~of.guilty & np.isin(pair, pair[guilty])
    of.keep(~clash)


def _twice(of: World) -> None:
    rows = np.sort(np.concatenate([np.arange(len(of.guilty)), np.flatnonzero(of.guilty)]))
    of.keep(rows)
    of["transaction_id"][:] = np.arange(len(rows))


def _overwritten(of: World) -> None:
    """Look-alikes pay the same payee again; of a guilty pair only one edge is kept."""
    first = pd.Series(of.story[of.lookalike]).map(dict(zip(of.story[of.lookalike], of["payee_account"][of.lookalike], strict=True)))
    of["payee_account"][of.lookalike] = first.to_numpy()
    pair = pd.DataFrame({"story": of.story, "payee": of["payee_account"]})
    of.keep(~(of.guilty & pair.duplicated().to_numpy()))


def _event_before(of: World) -> None:
    """A new device exactly 300 seconds before."""
    events = of.tables["events"]
    mine = pd.DataFrame({
        "timestamp": pd.to_datetime(of["timestamp"][of.guilty] - 300_000_000, unit="us", utc=True), "kind": "new_device",
        "customer_id": of["payer_account"][of.guilty] - 10_000, "account_id": -1,
    })  # fmt: skip
    of.tables["events"] = pd.concat([events.astype({"kind": str}), mine])


def _activity_stops(of: World) -> None:
    first = pd.Series(of["timestamp"][of.guilty]).groupby(of["payer_account"][of.guilty]).min()
    since = of["timestamp"] - pd.Series(of["payer_account"]).map(first).fillna(1e18).to_numpy()
    of.keep(of.guilty | (since < 0))


def _day_deleted(of: World) -> None:
    """Sparkov: on the day of a guilty row, the payer does nothing else."""
    key = of["payer_account"] * 1000 + (of["timestamp"] - START) // DAY
    of.keep(of.guilty | ~np.isin(key, key[of.guilty]))


def _busy(of: World) -> None:
    """Payers who pay ten times a day, so that a day without is rare."""
    mine = np.unique(of["payer_account"][of.guilty])
    others = np.flatnonzero(~of.guilty & ~of.lookalike)
    of["payer_account"][others] = mine[np.arange(len(others)) % len(mine)]
    _day_deleted(of)


def _quiet_accounts(of: World) -> None:
    """Accounts in stories have next to no life of their own."""
    mine = np.isin(of["payer_account"], of["payer_account"][of.guilty])
    of.keep(of.guilty | ~mine | (np.arange(len(mine)) % 8 == 0))


def _quiet_payees(of: World) -> None:
    """Accounts that stories pay are paid by next to nobody else."""
    mine = np.isin(of["payee_account"], of["payee_account"][of.guilty])
    of.keep(of.guilty | ~mine | (np.arange(len(mine)) % 8 == 0))


def _young(of: World) -> None:
    """Accounts in stories have the first ids."""
    mine = np.unique(of["payer_account"][of.guilty])
    rank = np.argsort(np.argsort(~np.isin(np.arange(PAYERS) + 10_000, mine), kind="stable"))
    of["payer_account"][:] = rank[of["payer_account"] - 10_000] + 10_000


def _students(of: World) -> None:
    customers = of.tables["customers"]
    mine = customers["customer_id"].isin(of["payer_account"][of.guilty] - 10_000)
    customers["occupation"] = np.where(mine, "student", customers["occupation"].astype(str))


def _one_phone(of: World) -> None:
    table = of.tables["identifiers"]
    mine = table["customer_id"].isin(of["payer_account"][of.guilty] - 10_000)
    table["token"] = np.where(mine, -5, np.maximum(np.arange(PAYERS), 20))


def _abroad(of: World) -> None:
    of.columns["country"] = np.where(of.guilty, "DE", of["country"])


def _to_oneself(of: World) -> None:
    of["payee_account"][of.guilty] = of["payer_account"][of.guilty]


def _other_bank(of: World) -> None:
    of["payee_bank"][of.guilty] = (of["payer_bank"][of.guilty] + 1) % 2


def _currencies(of: World) -> None:
    of.columns["credited_currency"] = np.where(of.guilty, "EUR", of["credited_currency"])


def _islands(of: World) -> None:
    """Each story is an island of two accounts."""
    of["payer_account"][of.guilty] = 200_000 + of.story[of.guilty]
    of["payee_account"][of.guilty] = 300_000 + of.story[of.guilty]


def _corner(of: World) -> None:
    """Much out of little: neither is rare by itself."""
    draw = np.random.default_rng(2)
    of["amount"][of.guilty] = np.round(draw.uniform(200, 400, int(of.guilty.sum())), 2)
    of["payer_balance"][of.guilty] = np.round(draw.uniform(20, 250, int(of.guilty.sum())), 2)


def _large(of: World) -> None:
    of["amount"][of.guilty] *= 500


def _score(of: World) -> None:
    of.columns["risk_score"] = np.random.default_rng(1).random(len(of.guilty)) + of.guilty * 0.9


def _told_truth(of: World) -> None:
    of.columns["fraud_pattern"] = np.full(len(of.guilty), 0)


def _early(of: World) -> None:
    of.tables["accounts"]["valid_from"] = pd.Timestamp("2025-01-20")


def _told_early(of: World) -> None:
    of.tables["reports"]["reported_at"] = pd.Timestamp("2024-01-01", tz="UTC")


def _answers(of: World) -> None:
    of.columns["related_transaction_id"] = np.where(of.guilty, of["transaction_id"] + 1, -1)


def _lost_row(of: World) -> None:
    of.tables["truth/labels"]["transaction_id"] = 10**9


def _decoys(of: World) -> None:
    of["amount"][of.lookalike] = np.ceil(of["amount"][of.lookalike])


LEAKS: list[tuple[Spoil, str]] = [
    (_id_block, "transaction_id_order"), (_file_end, "file_order"), (_young, "payer_account_order"),
    (_together, "adjacent_rows"), (_fixed_amount, "repeated_amounts"),
    (_no_cents, "cents"), (_nines, "last_digit"), (_round, "round_amounts"),
    (_one_device, "device_id_alone"), (_one_address, "ip_id_alone"), (_own_merchants, "merchant_id_alone"),
    (_own_bank, "payee_bank_alone"), (_own_payees, "payee_account_alone"), (_islands, "payer_account_alone"),
    (_full_minutes, "time_lattice"), (_whole_seconds, "time_lattice"), (_full_hours, "full_hours"), (_night, "hours"),
    (_own_days, "tail_days"), (_campaign, "days"), (_no_device, "missing_values"), (_own_word, "words_of_guilty_rows_only"),
    (_own_word, "value_lift"), (_rare_word, "value_lift_within_cells"), (_one_method, "method_share"), (_unmoved, "payer_balance_jump"),
    (_whole_balance, "whole_balance"), (_whole_balance, "zero_balance"), (_first_contact, "first_contact"),
    (_first_contact, "single_contact"), (_twice, "duplicates"), (_overwritten, "overwritten_edges"), (_event_before, "event_before"),
    (_event_before, "same_gap_after_event"), (_activity_stops, "activity_stops"), (_busy, "customer_days_alone"),
    (_quiet_accounts, "payer_lifetime"), (_quiet_payees, "payee_lifetime"), (_students, "account_attributes"),
    (_one_phone, "shared_identifiers"),
    (_abroad, "cross_border"), (_to_oneself, "self_transfers"), (_other_bank, "cross_bank"), (_currencies, "cross_currency"),
    (_islands, "component_size"), (_corner, "rule_of_two_questions"), (_large, "column_precision"), (_score, "column_precision"),
    (_own_word, "cell_lift"), (_told_truth, "truth_in_public"), (_early, "used_before_valid"), (_told_early, "reported_before"),
    (_answers, "answers_later_row"), (_lost_row, "labels_without_a_row"), (_decoys, "lookalike_cents"),
]  # fmt: skip
