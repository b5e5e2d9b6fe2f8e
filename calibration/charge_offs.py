"""What cards were charged off for: the cause of each charge-off of a run, from its files and its truth.

``python -m calibration.charge_offs RUN`` prints a table. A cause is what had happened to the customer by the day on which they fell behind,
the first of `CAUSES` that fits; thresholds are assumptions. Nothing is fitted here.
"""

import sys
from collections import Counter
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from calibration.crisis_responses import header
from simulator import open_run
from simulator.record.read import Run

LADDER = 181
"""Days from falling behind to the charge-off."""

CAUSES = (
    "late on the first morning", "an account was frozen", "drawn by a thief", "own fraud", "scam", "out of work or paid less",
    "look-alike story", "other",
)  # fmt: skip
WEEKS_FROZEN = 15
"""Days of a freeze beyond which a payment is missed for it."""

LOST = 0.67
"""Pay around the day against the best quarter of the year before, below which it has been lost."""


class Known(NamedTuple):
    """What the files say of everybody, with times in days of the run."""

    offs: pd.DataFrame
    """Charge-offs of cards: who, day, amount."""
    frozen: pd.DataFrame
    """Freezes: who, day, until."""
    paid: pd.DataFrame
    """Wages: who, day, amount."""
    told: pd.DataFrame
    """Payments of stories: who, day, amount (below 0 what was paid), card, family, lookalike, authorised."""
    budget: pd.Series
    """A month's purchases, by customer."""


def read(run: Run) -> Known:
    """Read a run folder."""
    accounts = run.table("accounts", ["account_id", "owner_id", "owner_kind", "kind"]).to_pandas().drop_duplicates("account_id")
    accounts = accounts[accounts.owner_kind == "customer"].set_index("account_id")
    owner, cards = accounts.owner_id, set(accounts.index[accounts.kind == "credit_card"])
    start = pd.Timestamp(run.scenario.period.start, tz="UTC")

    def days(times: pd.Series) -> pd.Series:
        return (times - start).dt.days

    columns = ["transaction_id", "timestamp", "payer_account", "payee_account", "amount", "purpose"]
    moved = (pc.field("status") == "approved") & ~pc.field("message").isin(["authorisation", "reversal"])

    def payments(which: pc.Expression) -> pd.DataFrame:
        found = run.table("transactions", columns, moved & which).to_pandas()
        told: pd.DataFrame = found.assign(day=days(found.timestamp))
        return told.assign(payer=told.payer_account.map(owner), payee=told.payee_account.map(owner))

    offs = payments(pc.field("purpose") == "charge_off")
    offs = offs[offs.payee_account.isin(cards)]
    paid = payments(pc.field("purpose") == "salary").dropna(subset="payee")
    events = run.table("events", ["timestamp", "kind", "customer_id", "account_id"]).to_pandas()
    events = events.assign(day=days(events.timestamp))
    thaws = events[events.kind == "account_unfrozen"].groupby("account_id").day.apply(np.array)
    frozen = events[events.kind == "account_frozen"]
    ice = zip(frozen.account_id, frozen.day, strict=True)
    until = [next((end for end in thaws.get(account, ()) if end >= day), np.inf) for account, day in ice]
    labels = run.table("truth/labels", ["transaction_id", "story_id", "lookalike_of", "authorised"]).to_pandas()
    family = run.table("truth/stories", ["story_id", "family"]).to_pandas()
    told = payments(pc.field("transaction_id").isin(labels.transaction_id.to_list())).merge(labels.merge(family), on="transaction_id")
    one = told.payer.isna() | told.payee.isna() | (told.payer != told.payee)
    ways = [told[one & told[who].notna()].assign(who=told[who], sign=sign) for who, sign in (("payer", -1), ("payee", 1))]
    told = pd.concat(ways)
    told = told.assign(amount=told.amount * told.sign, card=told.payer_account.isin(cards) & (told.sign < 0))
    budget = run.table("truth/traits", ["customer_id", "spending_budget"]).to_pandas().set_index("customer_id").spending_budget
    return Known(
        offs.assign(who=offs.payee)[["who", "day", "amount"]],
        pd.DataFrame({"who": frozen.customer_id, "day": frozen.day, "until": until}),
        paid.assign(who=paid.payee)[["who", "day", "amount"]],
        told[["who", "day", "amount", "card", "family", "lookalike_of", "authorised"]],
        budget,
    )


def cause(known: Known, who: float, day: int, amount: float) -> str:
    """Why a customer was charged off on a day."""
    late = day - LADDER

    def mine(table: pd.DataFrame, first: int, last: int) -> pd.DataFrame:
        return table[(table.who == who) & (table.day >= first) & (table.day < last)]

    ice = mine(known.frozen, late - 75, late + 30)
    story = mine(known.told, late - 120, late + 60)
    lost = story[story.amount < 0]
    wages = mine(known.paid, late - 365, late).groupby("day").amount.sum()
    best = wages.reindex(range(max(0, late - 365), max(1, late)), fill_value=0.0).rolling(90, min_periods=30).mean().max()
    now = mine(known.paid, late - 45, late + 90).amount.sum() / 135
    budget = float(known.budget.get(who, np.inf))
    holds = (
        late < 0,
        bool((ice.until - ice.day > WEEKS_FROZEN).any()),
        -lost.amount[lost.card & ~lost.authorised.astype(bool)].sum() > amount / 2,
        -lost.amount[lost.family == "first_party"].sum() > amount / 3,
        -lost.amount[lost.family == "scam"].sum() > budget / 2,
        bool(best > 0) and now < LOST * best,
        -story.amount[story.lookalike_of.notna()].sum() > budget,
        True,
    )
    return CAUSES[holds.index(True)]


def main(words: list[str]) -> None:
    """Print the causes."""
    known = read(open_run(words[0]))
    count, value = Counter[str](), Counter[str]()
    for who, day, amount in known.offs.itertuples(index=False):
        why = cause(known, who, int(day), float(amount))
        count[why] += 1
        value[why] += amount
    beside = sum(value.values()) - value[CAUSES[0]]
    print("\n".join(header("cause", "charge-offs", "amount", "of what was not late on the first morning")))
    for why in CAUSES:
        share = f"{100 * value[why] / max(beside, 1e-9):.0f} %" if why != CAUSES[0] else ""
        print(f"| {why} | {count[why]} | {value[why]:,.0f} | {share} |")


if __name__ == "__main__":
    main(sys.argv[1:])
