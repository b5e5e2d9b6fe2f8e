"""Innocent payments in the shapes of guilty ones, counted from the files of a run alone.

A bank that looks for fan-in, fan-out, pass-through, cycles and the rest finds them in ordinary life, and a data set in
which only stories have them would give the stories away. Nothing here knows why a payment was made.

    python -m calibration.shapes RUN
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.facts import Floats, Ints, read_accounts
from calibration.rings import count_cycles
from simulator.record.read import Run, open_run

DAY = 86_400_000_000
PEOPLE, PER_DAYS = 1000, 90
"""Counts are brought to this many customers and days."""
FAN, FAN_DAYS = 5, 30
LARGE_INFLOW, PASSED, PASS_DAYS = 1000.0, 0.85, 4
LARGE, TIMES_OWN = 15_000.0, 10
THRESHOLD, NEAR = 10_000.0, (0.80, 0.99)
BURST = (3, 8)
MUTUAL_DAYS = 60
WARM_UP = 30
FIRMS = ("merchant", "employer", "institution")

type Shapes = dict[str, float]


def read_moves(run: Run) -> pd.DataFrame:
    """Approved payments between different owners that a bank saw, in order of time.

    Returns:
        `time` (microseconds since 1970), `payer`, `payee` (account ids), `amount`, `purpose`, `method`, `mcc`, and for either
        side `payer_kind`, `payer_owner` and so on: the kind of owner and a number of the owner, as the accounts table has them.
    """
    accounts = read_accounts(run)
    columns = ["timestamp", "payer_account", "payee_account", "amount", "purpose", "method", "mcc", "message", "status"]
    rows = run.transactions(columns).to_pandas()
    keep = (rows["status"] == "approved") & ~rows["message"].isin(["authorisation", "reversal"])
    rows = rows[keep].astype({"purpose": str, "method": str})
    owner = accounts.assign(owner=accounts.groupby(["owner_kind", "owner_id"]).ngroup()).set_index("account_id")
    moves = pd.DataFrame({
        "time": rows["timestamp"].astype("int64"), "payer": rows["payer_account"], "payee": rows["payee_account"],
        "amount": rows["amount"], "purpose": rows["purpose"], "method": rows["method"], "mcc": rows["mcc"],
    })  # fmt: skip
    for side in ("payer", "payee"):
        known = owner.reindex(moves[side])
        moves[f"{side}_kind"], moves[f"{side}_owner"] = known["owner_kind"].to_numpy(), known["owner"].to_numpy()
    apart = moves["payer_owner"].to_numpy() != moves["payee_owner"].to_numpy()
    kept: pd.DataFrame = moves[apart | (moves["purpose"] == "deposit").to_numpy()].sort_values("time", kind="stable", ignore_index=True)
    return kept


def count_shapes(run: Run) -> Shapes:
    """Counts per 1,000 customers and 90 days; shares as they are.

    Args:
        run: a finished run of two months or more.
    """
    customers = run.table("customers", ["customer_id"]).num_rows
    scale = PEOPLE / customers * PER_DAYS / run.scenario.period.days
    moves = read_moves(run)
    between = moves[moves["payer_owner"] != moves["payee_owner"]]
    start = int(pd.Timestamp(run.scenario.period.start).value // 1000)
    counts: dict[str, float] = {}
    for count in _COUNTS:
        counts |= {name: value * scale for name, value in count(between, start).items()}
    counts["cash_near_threshold"] = near_threshold(moves) * scale
    counts["first_contacts_share"] = first_contacts(between, start)
    return counts


def _by_kind(name: str, kinds: pd.Series) -> Shapes:
    """Counts split by who stands in the middle: people, institutions, other firms."""
    return {
        f"{name}_people": float((kinds == "customer").sum()), f"{name}_institutions": float((kinds == "institution").sum()),
        f"{name}_firms": float(kinds.isin(["merchant", "employer"]).sum()),
    }  # fmt: skip


def fan_in(moves: pd.DataFrame, start: int) -> Shapes:
    """Accounts that five or more people paid within 30 days, sales by card and in shops aside."""
    paid = moves[(moves["payer_kind"] == "customer") & ~moves["purpose"].isin(["purchase", "refund"]) & (moves["method"] != "card")]
    block = (paid["time"] - start) // (FAN_DAYS * DAY)
    payers = paid.groupby(["payee", "payee_kind", block])["payer_owner"].nunique()
    found = payers[payers >= FAN].reset_index().drop_duplicates("payee")
    return _by_kind("fan_in", found["payee_kind"])


def fan_out(moves: pd.DataFrame, start: int) -> Shapes:
    """Accounts that paid five or more others on one day, refunds and card payments aside."""
    sent = moves[~moves["purpose"].isin(["purchase", "refund"]) & (moves["method"] != "card")]
    payees = sent.groupby(["payer", "payer_kind", (sent["time"] - start) // DAY])["payee_owner"].nunique()
    found = payees[payees >= FAN].reset_index().drop_duplicates("payer")
    return _by_kind("fan_out", found["payer_kind"])


def pass_through(moves: pd.DataFrame, start: int) -> Shapes:
    """Accounts from which most of a large inflow was gone within four days, with no other inflow beside it."""
    codes = pd.factorize(np.concatenate([moves["payer"], moves["payee"]]))[0]
    out, into = codes[: len(moves)].astype(np.int64), codes[len(moves) :].astype(np.int64)
    time, amount = moves["time"].to_numpy() - start, moves["amount"].to_numpy()
    left, came = _Sums(out, time, amount), _Sums(into, time, amount)
    large = np.flatnonzero((amount >= LARGE_INFLOW) & moves["payee_kind"].isin(["customer", *FIRMS]).to_numpy())
    account, when = into[large], time[large]
    gone = left.within(account, when, when + PASS_DAYS * DAY)
    beside = came.within(account, when - PASS_DAYS * DAY, when + PASS_DAYS * DAY) - amount[large]
    passed = (gone >= PASSED * amount[large]) & (beside <= 0.5 * amount[large])
    found = moves.iloc[large[passed]].drop_duplicates("payee")
    return _by_kind("pass_through", found["payee_kind"])


class _Sums:
    """Amounts of each account between two moments."""

    def __init__(self, account: Ints, time: Ints, amount: Floats) -> None:
        self._span = int(time.max(initial=0)) + 20 * DAY
        key = account * self._span + time
        order = np.argsort(key, kind="stable")
        self._key, self._total = key[order], np.concatenate([[0.0], np.cumsum(amount[order])])

    def within(self, account: Ints, after: Ints, until: Ints) -> Floats:
        """Sums over moments after ``after`` and up to ``until``."""
        low = np.searchsorted(self._key, account * self._span + np.maximum(after, -1), side="right")
        high = np.searchsorted(self._key, account * self._span + np.maximum(until, -1), side="right")
        sums: Floats = self._total[high] - self._total[low]
        return sums


def cycles(moves: pd.DataFrame, start: int) -> Shapes:
    """Rings of three to six firms that paid one another round within 60 days, each after it was paid."""
    trade = moves[moves["payer_kind"].isin(FIRMS) & moves["payee_kind"].isin(FIRMS)]
    payer, payee = trade["payer_owner"].to_numpy(np.int64), trade["payee_owner"].to_numpy(np.int64)
    found = count_cycles(payer, payee, trade["time"].to_numpy() - start, MUTUAL_DAYS * DAY)
    return {"cycles": float(sum(found.values()))} | {f"cycles_of_{length}": float(count) for length, count in found.items()}


def bursts(moves: pd.DataFrame, start: int) -> Shapes:
    """Two hours in which a person paid three to eight times."""
    paid = moves[moves["payer_kind"] == "customer"]
    size = paid.groupby([paid["payer_owner"], (paid["time"] - start) // (DAY // 12)]).size()
    return {"bursts": float(size.between(*BURST).sum())}


def mutual(moves: pd.DataFrame, start: int) -> Shapes:
    """Sums that one person sent another and got back in full within 60 days."""
    sent = _between_people(moves)[["payer_owner", "payee_owner", "amount", "time"]]
    back = sent.rename(columns={"payer_owner": "payee_owner", "payee_owner": "payer_owner", "time": "later"})
    pairs = sent.merge(back, on=["payer_owner", "payee_owner", "amount"])
    gap = pairs["later"] - pairs["time"]
    returned = pairs[(gap > 0) & (gap <= MUTUAL_DAYS * DAY)]
    return {"mutual": float(len(returned.drop_duplicates(["payer_owner", "payee_owner", "amount", "time"])))}


def forward(moves: pd.DataFrame, start: int) -> Shapes:
    """Money from one person that another passed on to a third, nearly whole, within four days."""
    sent = _between_people(moves)
    sent = sent[sent["amount"] >= 20]
    first = sent.rename(columns={"payer_owner": "a", "payee_owner": "b"})[["a", "b", "amount", "time"]]
    then = sent.rename(columns={"payer_owner": "b", "payee_owner": "c", "amount": "passed", "time": "later"})[["b", "c", "passed", "later"]]
    chains = first.merge(then, on="b")
    gap, share = chains["later"] - chains["time"], chains["passed"] / chains["amount"]
    found = chains[(chains["a"] != chains["c"]) & (gap > 0) & (gap <= PASS_DAYS * DAY) & share.between(PASSED, 1.0)]
    return {"forward": float(len(found.drop_duplicates(["a", "b", "time"])))}


def periodical(moves: pd.DataFrame, start: int) -> Shapes:
    """Pairs where one paid the other the same sum three times or more, a week, a fortnight or a month apart."""
    paid = moves[moves["payer_kind"].isin(["customer", *FIRMS])]
    gap = paid.groupby(["payer", "payee", "amount"])["time"].diff() / DAY
    regular = gap.between(5, 9) | gap.between(12, 16) | gap.between(26, 35)
    runs = regular.groupby([paid["payer"], paid["payee"], paid["amount"]]).sum()
    return {"periodical": float((runs >= 2).sum())}


def large_one_offs(moves: pd.DataFrame, start: int) -> Shapes:
    """Payments of people above 15,000, and those above ten times what 99 in 100 of their others are."""
    paid = moves[moves["payer_kind"] == "customer"]
    groups = paid.groupby("payer_owner")["amount"]
    usual, many = groups.transform(lambda amounts: amounts.quantile(0.99)), groups.transform("size") >= 30
    second = groups.transform(lambda amounts: amounts.nlargest(2).iloc[-1])
    unusual = many & (paid["amount"] > TIMES_OWN * np.minimum(usual, second))
    return {"over_15k": float((paid["amount"] > LARGE).sum()), "over_ten_times_own": float(unusual.sum())}


def near_threshold(moves: pd.DataFrame) -> float:
    """Deposits of notes at 80 to 99 per cent of the sum from which they are reported."""
    banked = moves[(moves["purpose"] == "deposit") & (moves["method"] == "cash")]["amount"]
    return float(banked.between(NEAR[0] * THRESHOLD, NEAR[1] * THRESHOLD).sum())


def first_contacts(moves: pd.DataFrame, start: int) -> float:
    """Share of transfers between people that are the first of their pair, after the first 30 days of the run."""
    sent = _between_people(moves)
    first = ~sent.duplicated(["payer_owner", "payee_owner"])
    late = sent["time"] - start > WARM_UP * DAY
    return float(first[late].mean()) if late.any() else float("nan")


def _between_people(moves: pd.DataFrame) -> pd.DataFrame:
    people = (moves["payer_kind"] == "customer") & (moves["payee_kind"] == "customer")
    return moves[people & (moves["purpose"] == "transfer")]


_COUNTS: tuple[Callable[[pd.DataFrame, int], Shapes], ...] = (
    fan_in, fan_out, pass_through, cycles, bursts, mutual, forward, periodical, large_one_offs,
)  # fmt: skip


def main() -> None:
    """Print the counts of a run as the rows of a table."""
    for name, value in count_shapes(open_run(Path(sys.argv[1]))).items():
        print(f"| {name.replace('_', ' ')} | {value:,.3g} |" if value < 1 else f"| {name.replace('_', ' ')} | {value:,.1f} |")


if __name__ == "__main__":
    main()
