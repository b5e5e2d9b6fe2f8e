"""A blind sheet: guilty and innocent cases, shuffled, as a bank would see them, for an expert who is to tell them apart."""

from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from simulator.audit.lot import SEED, For, lots, some
from simulator.errors import InputError, MachineError
from simulator.pages import fill, write
from simulator.record.read import Run

BEFORE, AFTER = 30, 14
"""Days that are shown before the first and after the last payment of a story."""
MOST = 60
"""Payments shown of a case: those nearest in time to the story's."""

SHOWN = [
    "timestamp", "amount", "currency", "method", "channel", "purpose", "entry_mode", "authentication", "payee_check", "mcc", "country",
    "status", "decline_reason",
]  # fmt: skip
"""Columns shown as they are."""
MASKED = {"card_id": "card", "device_id": "device", "ip_id": "address", "terminal_id": "terminal"}
"""Keys shown as a number of their own in each case, so that nothing can be looked up."""
HELD = ["customer", "merchant", "employer"]
"""Owners whose account a case may be: the one that most of the story passed through, a customer's where there is one."""
ENDS = ["payer_account", "payee_account", "payer_bank", "payee_bank", "payer_balance", "payee_balance"]


def write_cases(run: Run, number: int, out: Path) -> int:
    """Write cases for an expert, and the key apart.

    Args:
        run: A whole run with stories, as everything of it.
        number: Guilty cases wanted, and as many innocent look-alikes; fewer where the run has fewer of either.
        out: A folder that is empty or not there: `cases.csv` and `cases.html` without the truth, `key.csv` with it.

    Returns:
        How many of each there are.

    Raises:
        InputError: The run has no guilty or no look-alike stories, or the folder is not empty.
        MachineError: The folder cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"{out}: found something, expected an empty folder, or none")
    seed = SEED << 32 ^ int(run.manifest.get("seed") or 0)
    chosen = _choose(run, number, seed)
    key = _key(run, chosen, seed)
    cases = _cases(run, key, chosen)
    try:
        out.mkdir(parents=True, exist_ok=True)
        cases.to_csv(out / "cases.csv", index=False)
        key.drop(columns=["first", "last"]).to_csv(out / "key.csv", index=False)
    except OSError as error:
        raise MachineError(f"{out}: cannot be written: {error.strerror}") from None
    pages = [(name, rows.drop(columns="case").to_dict("records")) for name, rows in cases.groupby("case", sort=True)]
    headings = [name for name in cases.columns if name != "case"]
    write(out / "cases.html", fill("simulator.audit", "blind.html", cases=pages, headings=headings))
    return int(key["guilty"].sum())


def _choose(run: Run, number: int, seed: int) -> pd.DataFrame:
    """Labels of as many guilty as look-alike stories, drawn by lot."""
    labels = run.true_labels(["transaction_id", "story_id", "typology", "is_fraud", "is_laundering", "lookalike_of"]).to_pandas()
    labels["lookalike_of"] = labels["lookalike_of"].astype(object)
    labels["typology"] = labels["typology"].astype(object)
    labels["guilty"] = (labels["is_fraud"] | labels["is_laundering"]) & labels["lookalike_of"].isna()
    kinds = [
        np.sort(labels.loc[mine, "story_id"].unique())
        for mine in (labels["guilty"], labels["lookalike_of"].notna() & ~labels["story_id"].isin(labels.loc[labels["guilty"], "story_id"]))
    ]
    few = min(number, *map(len, kinds))
    if not few:
        raise InputError(f"{run.path}: found {len(kinds[0])} guilty and {len(kinds[1])} look-alike stories, expected some of each")
    purposes = (For.GUILTY_CASES, For.INNOCENT_CASES)
    stories = np.concatenate([some(kind, few, purpose, seed) for kind, purpose in zip(kinds, purposes, strict=True)])
    chosen: pd.DataFrame = labels[labels["story_id"].isin(stories)]
    return chosen


def _key(run: Run, labels: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The case of each story in a shuffled order, its account, and its first and last payment."""
    wanted = pc.field("transaction_id").isin(labels["transaction_id"].tolist())
    rows = run.transactions(["transaction_id", "timestamp", "payer_account", "payee_account"], wanted).to_pandas()
    rows = labels.merge(rows, on="transaction_id")
    owned = run.accounts(["account_id", "owner_kind"]).to_pandas().drop_duplicates("account_id").set_index("account_id")["owner_kind"]
    found = []
    lot = lots(rows["story_id"].nunique(), For.ACCOUNTS, seed)
    for word, (story, mine) in zip(lot.tolist(), rows.groupby("story_id", sort=True), strict=True):
        accounts = pd.concat([mine["payer_account"], mine["payee_account"]])
        many = pd.DataFrame({"rows": accounts[accounts >= 0].value_counts()})
        many["owner"] = many.index.map(lambda one: str(owned.get(one)))
        held = many[many["owner"].isin(HELD)] if many["owner"].isin(HELD).any() else many
        most = held[held["rows"] == held["rows"].max()]
        busiest = np.sort((most[most["owner"] == "customer"] if (most["owner"] == "customer").any() else most).index.to_numpy())
        account = int(busiest[word * len(busiest) >> 32])
        first, time = mine.iloc[0], mine["timestamp"]
        found.append((story, account, bool(mine["guilty"].any()), first["typology"], first["lookalike_of"], time.min(), time.max()))
    key = pd.DataFrame(found, columns=["story_id", "account_id", "guilty", "typology", "lookalike_of", "first", "last"])
    key.insert(0, "case", np.argsort(np.argsort(lots(len(key), For.ORDER, seed), kind="stable")) + 1)
    return key.sort_values("case", ignore_index=True)


def _cases(run: Run, key: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """What a bank saw of each account around the time, its keys masked."""
    accounts = key["account_id"].tolist()
    theirs = pc.field("payer_account").isin(accounts) | pc.field("payee_account").isin(accounts)
    rows = run.transactions(["transaction_id", *SHOWN, *MASKED, *ENDS], theirs).to_pandas()
    parts = []
    told = labels.groupby("story_id")["transaction_id"].agg(set)
    for case, story, account, first, last in key[["case", "story_id", "account_id", "first", "last"]].itertuples(index=False):
        mine = rows[(rows["payer_account"] == account) | (rows["payee_account"] == account)]
        mine = mine[mine["timestamp"].between(first - pd.Timedelta(days=BEFORE), last + pd.Timedelta(days=AFTER))]
        times = mine["timestamp"].to_numpy(dtype="datetime64[us]")
        near = mine.index[np.argsort(_apart(times, times[mine["transaction_id"].isin(told[story]).to_numpy()]), kind="stable")[:MOST]]
        parts.append(_case(int(case), account, mine.loc[near].sort_index()))
    return pd.concat(parts, ignore_index=True)


def _apart(times: np.ndarray, told: np.ndarray) -> np.ndarray:
    """How long each payment lies from the nearest of the story, which has one at least."""
    return reduce(np.minimum, (np.abs(times - one) for one in told))


def _case(case: int, account: int, rows: pd.DataFrame) -> pd.DataFrame:
    """One case as seen from its account."""
    pays = (rows["payer_account"] == account).to_numpy()
    shown = pd.DataFrame({"case": case, "direction": np.where(pays, "out", "in")}, index=rows.index)
    shown["timestamp"] = rows["timestamp"].dt.strftime("%Y-%m-%d %H:%M:%S")
    for name in SHOWN[1:]:
        shown[name] = rows[name]
    shown["other_party"] = _numbered(np.where(pays, rows["payee_account"], rows["payer_account"]), "party")
    shown["other_bank"] = _numbered(np.where(pays, rows["payee_bank"], rows["payer_bank"]), "bank")
    for name, word in MASKED.items():
        shown[word] = _numbered(rows[name].to_numpy(), word)
    shown["balance"] = np.where(pays, rows["payer_balance"], rows["payee_balance"])
    return shown


def _numbered(keys: np.ndarray, word: str) -> list[str]:
    """Keys as numbers in the order in which they come, nothing where there is none."""
    known = pd.Series(keys).where(keys >= 0)
    return ["" if code < 0 else f"{word} {code + 1}" for code in pd.factorize(known)[0]]
