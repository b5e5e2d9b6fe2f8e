"""The classifier two-sample test on months of customers (Lopez-Paz and Oquab, 2017): can boosting tell a world from a bank?

Row by row hardly anything shows: what gives a simulated customer away is how a month hangs together, so a month is the unit, and
no customer's months are learnt from and judged by at the same time.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from calibration.private.postings import MILLI, Source

FOLDS = 5
SHOWN = 8
"""Features that are named."""
ROUND = 100 * MILLI
"""An amount that is a multiple of this counts as round."""


class Told(NamedTuple):
    """How well months were told apart.

    Attributes:
        accuracy: share of months put on the right side, the sides being as large; 0.5 is chance.
        low: of the exact 95 % interval, which takes months as independent and is too narrow for customers of many months.
        high: of the same.
        auc: area under the receiver's curve.
        months: on each side.
        features: name, accuracy lost when it is shuffled, AUC of it alone; those that give most away first.
    """

    accuracy: float
    low: float
    high: float
    auc: float
    months: int
    features: list[tuple[str, float, float]]


def customer_months(source: Source, kinds: list[str]) -> pd.DataFrame:
    """What each customer did in each whole month after the one of opening.

    Args:
        source: of postings.
        kinds: names of the kinds.

    Returns:
        A row for each customer and month with a posting: `customer`, then the features.
    """
    parts = [_summed(batch._asdict(), kinds) for batch in source.batches()]
    sums = pd.concat(parts).groupby(level=[0, 1]).agg({**dict.fromkeys(parts[0].columns, "sum"), "largest": "max", "opened": "min"})
    month = sums.index.get_level_values(1)
    # Where a table does not say when an account was opened, it was with its first posting.
    opened = sums["opened"].groupby(level=0).transform("min")
    whole = (month > opened) & (month >= _next_month(source.first)) & (month < _month(np.array([source.last + 1]))[0])
    sums = sums[whole]
    count = sums["count"].clip(lower=1)
    found = pd.DataFrame({
        "customer": sums.index.get_level_values(0),
        "postings": sums["count"], "credited": _log(sums["credited"]), "debited": _log(sums["debited"]), "largest": _log(sums["largest"]),
        "on the last day": sums["last_day"] / count, "round amounts": sums["round"] / count,
    }, index=sums.index)  # fmt: skip
    for kind in (*kinds, "other"):
        found[f"number: {kind}"], found[f"value: {kind}"] = sums[f"number: {kind}"], _log(sums[f"value: {kind}"])
    return found.reset_index(drop=True)


def tell_apart(real: pd.DataFrame, made: pd.DataFrame, seed: int) -> Told:
    """Learn to tell two sets of months apart, on sides of the same size and folds of whole customers.

    Args:
        real: months of the bank.
        made: of the other.
        seed: of the folds and of who is drawn.
    """
    real, made = _alike(real, made, seed), _alike(made, real, seed)
    features = real.columns.drop("customer")
    both = pd.concat([real.assign(side=0), made.assign(side=1)], ignore_index=True)
    group = both["customer"] * 2 + both["side"]
    wanted, given = both["side"].to_numpy(), both[features].to_numpy(np.float64)
    score, lost = np.zeros(len(both)), np.zeros(len(features))
    for learn, judge in GroupKFold(FOLDS, shuffle=True, random_state=seed).split(given, wanted, group):
        model = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.1, max_leaf_nodes=15, random_state=seed)
        model.fit(given[learn], wanted[learn])
        score[judge] = model.predict_proba(given[judge])[:, 1]
        lost += permutation_importance(model, given[judge], wanted[judge], n_repeats=2, random_state=seed).importances_mean / FOLDS
    right = int(((score > 0.5) == wanted).sum())
    exact = binomtest(right, len(wanted)).proportion_ci()
    alone = [max(auc, 1 - auc) for auc in (float(roc_auc_score(wanted, given[:, place])) for place in range(len(features)))]
    order = np.argsort(-lost)[:SHOWN]
    return Told(
        right / len(wanted), float(exact.low), float(exact.high), float(roc_auc_score(wanted, score)), len(real),
        [(str(features[place]), float(lost[place]), float(alone[place])) for place in order],
    )  # fmt: skip


def _alike(months: pd.DataFrame, other: pd.DataFrame, seed: int) -> pd.DataFrame:
    return months.sample(min(len(months), len(other)), random_state=seed)


def _summed(batch: "dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]", kinds: list[str]) -> pd.DataFrame:
    amount, out, month = batch["amount"], batch["out"], _month(batch["day"])
    columns = {
        "count": np.ones_like(amount), "credited": np.where(out, 0, amount), "debited": np.where(out, amount, 0), "largest": amount,
        "last_day": (_month(batch["day"] + 1) != month).astype(np.int64), "round": (amount % ROUND == 0).astype(np.int64),
        "opened": _month(batch["opened"]),
    }  # fmt: skip
    for place, kind in enumerate((*kinds, "other")):
        columns[f"number: {kind}"] = (batch["kind"] == place).astype(np.int64)
        columns[f"value: {kind}"] = np.where(batch["kind"] == place, amount, 0)
    frame = pd.DataFrame(columns, index=pd.MultiIndex.from_arrays([batch["customer"], month]))
    return frame.groupby(level=[0, 1]).agg({**dict.fromkeys(frame.columns, "sum"), "largest": "max", "opened": "min"})


def _month(day: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _next_month(day: int) -> int:
    """The first whole month from a day on."""
    return int(_month(np.array([day - 1]))[0]) + 1


def _log(milli: "pd.Series[int]") -> "pd.Series[float]":
    found: pd.Series[float] = np.log1p(milli / MILLI)  # type: ignore[assignment]
    return found
