"""The difficulty card: how well plain models find guilty rows, from the row alone, with history, and knowing the stories' state.

Models learn on the past, are kept from the last days before the test as their labels are not known yet, and are measured on every
row of the test, as the Fraud Detection Handbook does (Le Borgne et al. 2022, ch. 5).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import numpy as np

from simulator.audit.history import DELAY, History, Roles, row_features
from simulator.audit.leaks.occurrences import microseconds
from simulator.audit.leaks.sheet import SECOND, Flags, Floats, Ints, Sheet
from simulator.audit.lot import For, some

Scope = Literal["all", "card"]

NEEDS = ("timestamp", "amount", "payer_account", "payee_account")
TEST = 0.25
"""Share of the days that models are measured on, the last ones."""
LEAST = 30
"""Guilty rows below which a test says nothing."""
LEARNT = 200_000
"""Innocent rows that models learn from, drawn by lot and weighted back. The test is never drawn from."""
ALERTS = 100
"""Payers that can be looked into in a day."""
DEPTHS = (2, 3, 4, 5, 6, 8, 10, 15)
"""How deep a tree may be."""
CHUNK = 500_000
"""Rows that are scored at a time."""

SIMPLE = ("logistic_regression", "gradient_boosting")
LEARNERS = {
    "row": SIMPLE,
    "handbook": ("logistic_regression", "decision_tree", "random_forest", "gradient_boosting"),
    "history": SIMPLE,
    "oracle": ("gradient_boosting",),
}
"""Models by what they may look at: the row alone; the Handbook's own features, as on its real data; the row and all its history; and
also which accounts are in a story at the time."""

INSTALL = "not measured: scikit-learn is missing (pip install 'ledgerfolk[audit]')"


def difficulty(sheet: Sheet, scope: Scope = "all", learners: Mapping[str, tuple[str, ...]] = LEARNERS) -> dict[str, Any]:
    """Measure how hard guilty rows are to find.

    Args:
        sheet: Payments with their truth.
        scope: `all` approved attempts, or those by `card` and wallet only.
        learners: Models by what they may look at, some of `LEARNERS`.

    Returns:
        `auc`, `average_precision` and `card_precision_at_100` by model, or `said`: why there are none.
    """
    if not sheet.has(*NEEDS):
        return {"said": f"not measured: needs {', '.join(name for name in NEEDS if not sheet.has(name))}"}
    try:
        import sklearn  # noqa: F401
    except ImportError:
        return {"said": INSTALL}
    rows = used(sheet, scope)
    day = sheet.day()
    begin = int(np.ceil((day.max(initial=0) + 1) * (1 - TEST)))
    learn, test = rows & (day < begin - DELAY), np.flatnonzero(rows & (day >= begin))
    for part, guilty in (("to learn from", sheet.guilty[learn]), ("in the test", sheet.guilty[test])):
        if guilty.sum() < LEAST:
            return {"said": f"not measured: {int(guilty.sum())} guilty rows {part}, fewer than {LEAST}"}
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    # One thread: the same figures on every machine, and no waiting for cores that others use.
    with threadpool_limits(1):
        return _measure(sheet, rows, learn, test, learners)


def used(sheet: Sheet, scope: Scope) -> Flags:
    """Rows that difficulty is measured on: approved payments of the scope."""
    rows = np.ones(len(sheet), bool)
    for name, wanted in (("status", ("approved",)), ("method", ("card", "wallet") if scope == "card" else ())):
        if wanted and sheet.has(name):
            words = sheet.words(name) or []
            rows &= np.isin(sheet.column(name), [code for code, word in enumerate(words) if word in wanted])
    return rows


def _measure(sheet: Sheet, counts: Flags, learn: Flags, test: Ints, learners: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    history, roles = History(sheet, counts), _roles(sheet)

    def row(rows: Ints) -> Floats:
        return row_features(sheet, rows)[1]

    def handbook(rows: Ints) -> Floats:
        return np.hstack([row_features(sheet, rows, words=())[1], history.features(rows)[1]])

    def past(rows: Ints) -> Floats:
        return np.hstack([row(rows), history.features(rows)[1]])

    def oracle(rows: Ints) -> Floats:
        second = sheet.column("timestamp")[rows].astype(np.int64) // SECOND
        accounts = [sheet.column(name)[rows].astype(np.int64) for name in ("payer_account", "payee_account")]
        return np.column_stack([past(rows), *(roles.active(account, second) for account in accounts if roles)]).astype(np.float32)

    mine, others = np.flatnonzero(learn & sheet.guilty), np.flatnonzero(learn & ~sheet.guilty)
    drawn = some(others, LEARNT, For.MODELS)
    rows = np.concatenate([mine, drawn])
    weight = np.concatenate([np.ones(len(mine)), np.full(len(drawn), len(others) / max(len(drawn), 1))])
    said: dict[str, Any] = {}
    for name, features in (("row", row), ("handbook", handbook), ("history", past), *((("oracle", oracle),) if roles else ())):
        if not learners.get(name):
            continue
        known = features(rows)
        made = models(partial(depth_by_validation, known, sheet.guilty[rows], weight, sheet.day()[rows]))
        for model in learners[name]:
            fitted = made[model]()
            fitted.fit(known, sheet.guilty[rows], **_weights(fitted, weight))
            score = np.concatenate([fitted.predict_proba(features(part))[:, 1] for part in _chunks(test)])
            said[f"{model}_{name}"] = _figures(score, sheet.guilty[test], history.payer[test], sheet.day()[test])
    return said


def depth_by_validation(known: Floats, guilty: Flags, weight: Floats, day: Ints) -> int:
    """The depth of a tree that does best on the last days of those learnt from, as the Handbook sets it (ch. 5).

    Args:
        known: Features, a row each.
        guilty: Truth of each row.
        weight: For how many rows each stands.
        day: Of each row.

    Returns:
        One of `DEPTHS`; the middle one where too few rows are guilty to choose by.
    """
    from sklearn.metrics import average_precision_score

    begin = int(day.min(initial=0) + (day.max(initial=0) + 1 - day.min(initial=0)) * (1 - TEST))
    learn, judge = day < begin - DELAY, day >= begin
    if min(guilty[learn].sum(), guilty[judge].sum()) < LEAST:
        return DEPTHS[len(DEPTHS) // 2]

    def reached(depth: int) -> float:
        fitted = _tree(depth).fit(known[learn], guilty[learn], sample_weight=weight[learn])
        score = fitted.predict_proba(known[judge])[:, 1]
        return float(average_precision_score(guilty[judge], score, sample_weight=weight[judge]))

    return max(DEPTHS, key=reached)


def _tree(depth: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=20, random_state=0)


def models(depth: Callable[[], int]) -> dict[str, Callable[[], Any]]:
    """Models by name; what they may do was set on other seeds than those that benchmarks are measured on.

    Args:
        depth: Finds how deep the tree may be.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return {
        "logistic_regression": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "decision_tree": lambda: _tree(depth()),
        "random_forest": lambda: RandomForestClassifier(60, min_samples_leaf=20, max_samples=0.5, random_state=0),
        "gradient_boosting": lambda: HistGradientBoostingClassifier(
            max_iter=200,
            learning_rate=0.05,
            max_leaf_nodes=8,
            l2_regularization=10,
            early_stopping=False,
            random_state=0,
        ),
    }


def _weights(model: Any, weight: Floats) -> dict[str, Floats]:
    steps = getattr(model, "steps", None)
    return {f"{steps[-1][0]}__sample_weight" if steps else "sample_weight": weight}


def _chunks(rows: Ints) -> list[Ints]:
    return [rows[first : first + CHUNK] for first in range(0, len(rows), CHUNK)]


def _figures(score: Floats, guilty: Flags, payer: Ints, day: Ints) -> dict[str, float]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    return {
        "auc": round(float(roc_auc_score(guilty, score)), 4),
        "average_precision": round(float(average_precision_score(guilty, score)), 4),
        "card_precision_at_100": round(card_precision(score, guilty, payer, day), 4),
    }


def card_precision(score: Floats, guilty: Flags, payer: Ints, day: Ints) -> float:
    """Share of guilty payers among those looked into: each day the 100 with the highest score, found ones left out from then on.

    Args:
        score: Of each row.
        guilty: Truth of each row.
        payer: Code of each row's payer, dense; -1 for unknown instruments, which are left out.
        day: Of each row.

    Returns:
        The mean over the days.
    """
    found = np.zeros(int(payer.max(initial=0)) + 1, bool)
    shares = []
    for today in np.unique(day):
        rows = np.flatnonzero((day == today) & (payer >= 0))
        rows = rows[~found[payer[rows]]]
        if not len(rows):
            continue
        order = rows[np.argsort(-score[rows], kind="stable")]
        who, first = np.unique(payer[order], return_index=True)
        looked = who[np.argsort(first)][:ALERTS]
        bad = np.isin(looked, payer[rows][guilty[rows]])
        shares.append(float(bad.mean()))
        found[looked[bad]] = True
    return float(np.mean(shares)) if shares else 0.0


def _roles(sheet: Sheet) -> Roles | None:
    """Roles in guilty stories; None where the table has no such truth."""
    table, stories = sheet.table("truth/accounts"), sheet.table("truth/stories")
    if table is None or not len(table):
        return None
    if stories is not None and len(stories):
        guilty = stories.loc[stories["lookalike_of"].isna(), "story_id"]
        table = table[table["story_id"].isin(guilty)]
    first, last = (microseconds(table[name]) // SECOND for name in ("first", "last"))
    return Roles(table["account_id"].to_numpy().astype(np.int64), first, last)
