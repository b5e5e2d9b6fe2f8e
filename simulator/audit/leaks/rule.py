"""Rules: whether two questions about a row alone find the guilty ones."""

import numpy as np

from simulator.audit.leaks.bounds import RULE, above_base
from simulator.audit.leaks.chance import least
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import Floats, Ints, Sheet
from simulator.audit.leaks.single import halves, measure, observable
from simulator.audit.lot import For, some

DEPTH = 2
SAMPLED = 300_000
"""Rows of others that a tree is fitted to and measured on, drawn by lot and weighted back."""
WORTH = 0.05
"""A rule must find this part of the guilty rows to count."""
LONGEST = 40
"""Words of one column that are asked about; the commonest among guilty rows."""


def rule(sheet: Sheet) -> Finding | None:
    """The most precise leaf of a tree of depth two, learnt on one half of the stories and measured on the other."""
    try:
        from sklearn.tree import DecisionTreeClassifier
    except ImportError:
        return None
    rows, weight = sampled(sheet)
    names, features = _features(sheet, rows)
    if not names:
        return None
    guilty, fold = sheet.guilty[rows], halves(sheet)[rows]
    base = float(sheet.guilty.mean())
    figure, example = 0.0, ""
    for half in (0, 1):
        learn, test = fold == half, fold != half
        if not guilty[learn].any() or not guilty[test].any():
            continue
        tree = DecisionTreeClassifier(max_depth=DEPTH, class_weight="balanced", random_state=0)
        tree.fit(features[learn], guilty[learn], weight[learn])
        leaf = tree.apply(features[test])
        for place in np.unique(leaf):
            inside = np.flatnonzero(test)[leaf == place]
            mine = inside[guilty[inside]]
            if len(mine) < WORTH * guilty[test].sum():
                continue
            share = len(mine) / weight[inside].sum()
            effective = sheet.independent(rows[mine]) / share
            low = float(least(share, effective, 2**DEPTH * 2)) / base
            if low > figure:
                figure, example = low, f"{_questions(tree, names)}: {share:.2%} of its rows are guilty"
    counts = "precision of the best rule of two questions about a row, as a multiple of the share of guilty rows"
    return finding("rule_of_two_questions", figure, above_base(RULE, base), counts, example)


def sampled(sheet: Sheet) -> tuple[Ints, Floats]:
    """All guilty rows and some of the others, with what each stands for."""
    guilty, others = np.flatnonzero(sheet.guilty), np.flatnonzero(~sheet.guilty & ~sheet.lookalike)
    drawn = some(others, SAMPLED, For.RULE)
    weight = np.concatenate([np.ones(len(guilty)), np.full(len(drawn), len(others) / max(len(drawn), 1))])
    return np.concatenate([guilty, drawn]), weight


def _features(sheet: Sheet, rows: Ints) -> tuple[list[str], Floats]:
    """Numbers as they are, words one by one."""
    names: list[str] = []
    columns = []
    for name in [*observable(sheet), *(["hour", "weekday"] if sheet.has("timestamp") else [])]:
        said = None if name in ("hour", "weekday") else sheet.words(name)
        if said is None:
            column = measure(sheet, name) if name in ("hour", "weekday") else sheet.column(name)
            names.append(name)
            columns.append(np.nan_to_num(column[rows].astype(np.float32), nan=-1.0))
            continue
        column = sheet.column(name)[rows]
        common = np.argsort(-np.bincount(column[sheet.guilty[rows]], minlength=len(said)), kind="stable")[:LONGEST]
        for word in common:
            names.append(f"{name} = '{said[word]}'")
            columns.append((column == word).astype(np.float32))
    return names, np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0), np.float32)


def _questions(tree: object, names: list[str]) -> str:
    """The columns that a tree asks about."""
    asked = tree.tree_.feature  # type: ignore[attr-defined]
    return " and ".join(dict.fromkeys(names[place] for place in asked if place >= 0))


CHECKS = [Check(rule)]
