"""Contact: who pays whom, how often they did before, and on which islands of the network they live."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from simulator.audit.leaks.bounds import COMPONENT, SHARE
from simulator.audit.leaks.chance import Contrast, contrast, gap, ranking
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import CELL, Flags, Ints, Sheet, cells

ENOUGH = 30
"""Independent look-alike rows from which on guilty rows are held against them, not against ordinary rows of their cells."""
HUB = 100
"""Accounts with more partners join everybody to everybody; components are found without them."""
ENDS = ("payer_account", "payee_account")


def pairs(sheet: Sheet) -> Ints:
    """A code for each pair of payer and payee, dense from 0."""
    return sheet.cell(*ENDS)


def against(sheet: Sheet, flag: Flags, cell: tuple[str, ...] = ("method", "channel", "purpose")) -> tuple[Contrast, str]:
    """Guilty rows against look-alikes where there are enough, else against ordinary rows of their cells."""
    value = flag.astype(np.int64)
    if sheet.independent(sheet.lookalike) >= ENOUGH:
        of = contrast(sheet, value, None, None, sheet.lookalike)
        return of._replace(others=min(of.others, sheet.independent(sheet.lookalike))), "look-alikes"
    return contrast(sheet, value, sheet.cell(*cell)), "others of their cells"


def first_contact(sheet: Sheet) -> Finding:
    """Pairs that were never seen before."""
    return _share(sheet, ~pd.Series(pairs(sheet)).duplicated().to_numpy(), "first_contact", "first payments from a payer to a payee")


def single_contact(sheet: Sheet) -> Finding:
    """Pairs that meet once in the whole run: AMLSim's normal pairs meet 50 times."""
    code = pairs(sheet)
    return _share(sheet, np.bincount(code)[code] == 1, "single_contact", "rows whose payer and payee meet only once")


def duplicates(sheet: Sheet) -> Finding:
    """Rows that are there twice."""
    same = cells([pairs(sheet), sheet.column("timestamp"), sheet.column("amount")], len(sheet))
    return _share(sheet, np.bincount(same)[same] > 1, "duplicates", "rows with the same parties, amount and time as another")


def overwritten(sheet: Sheet) -> Finding:
    """Stories in which no pair pays twice, as in graphs that hold one edge for a pair."""
    code = pairs(sheet)
    story = np.where(sheet.story >= 0, sheet.story, -1)
    again = pd.Series(cells([code, story], len(sheet))).duplicated(keep=False).to_numpy() & (story >= 0)
    if sheet.independent(sheet.lookalike) < ENOUGH:
        again = np.bincount(code)[code] > 1
    return _share(sheet, again, "overwritten_edges", "rows whose payer pays the same payee more than once")


def _share(sheet: Sheet, flag: Flags, check: str, what: str) -> Finding:
    of, whom = against(sheet, flag)
    example = f"{of.found[1]:.1%} against {of.expected[1]:.1%} of {whom}" if len(of.found) > 1 else ""
    return finding(check, gap(of), SHARE, f"difference of the share of {what}, from look-alikes or others of their cells", example)


def _unequal(one: str, other: str) -> Callable[[Sheet], Flags]:
    def flag(sheet: Sheet) -> Flags:
        first, second = sheet.column(one), sheet.column(other)
        said, told = sheet.words(one), sheet.words(other)
        if said is not None and told is not None:
            place = {word: code for code, word in enumerate(told)}
            first = np.array([place.get(word, -1) for word in said], np.int64)[first]
        unequal: Flags = np.not_equal(first, second)
        return unequal

    return flag


def _abroad(sheet: Sheet) -> Flags:
    country = sheet.column("country")
    abroad: Flags = country != np.bincount(country).argmax()
    return abroad


def path(check: str, needs: tuple[str, ...], flag: Callable[[Sheet], Flags], what: str) -> Check:
    """A share of payments that take some way."""

    def run(sheet: Sheet) -> Finding:
        of, whom = against(sheet, flag(sheet), ("method", "purpose"))
        example = f"{of.found[1]:.1%} against {of.expected[1]:.1%} of {whom}" if len(of.found) > 1 else ""
        return finding(check, gap(of), SHARE, f"difference of the share of {what}, from look-alikes or others of their cells", example)

    return Check(run, needs)


def components(sheet: Sheet) -> Finding:
    """Sizes of the components in which payments lie, hubs left out."""
    payer, payee = sheet.column("payer_account").astype(np.int64), sheet.column("payee_account").astype(np.int64)
    there = (payer >= 0) & (payee >= 0)
    names, ends = np.unique(np.concatenate([payer[there], payee[there]]), return_inverse=True)
    first, second = ends[: int(there.sum())], ends[int(there.sum()) :]
    _, once = np.unique(first * len(names) + second, return_index=True)
    partners = np.bincount(first[once], minlength=len(names)) + np.bincount(second[once], minlength=len(names))
    small = (partners[first[once]] <= HUB) & (partners[second[once]] <= HUB)
    label = joined(len(names), first[once][small], second[once][small])
    size = np.bincount(label)[label]
    value = np.full(len(sheet), -1, np.int64)
    value[there] = np.log2(np.minimum(size[first], size[second])).astype(np.int64)
    of = contrast(sheet, value, sheet.cell(*CELL))
    counts = "AUC of the size of the component of accounts that a payment lies in, hubs left out"
    return finding("component_size", ranking(of), COMPONENT, counts)


def joined(count: int, first: Ints, second: Ints) -> Ints:
    """The component of each node: the smallest number in it, handed on along edges until nothing changes."""
    label = np.arange(count)
    while len(first):
        low = np.minimum(label[first], label[second])
        before = label.copy()
        np.minimum.at(label, label[first], low)
        np.minimum.at(label, label[second], low)
        while not np.array_equal(label, label[label]):
            label = label[label]
        if np.array_equal(before, label):
            break
    return label


CHECKS = [
    Check(first_contact, ENDS),
    Check(single_contact, ENDS),
    Check(overwritten, ENDS),
    Check(duplicates, (*ENDS, "timestamp", "amount")),
    path("self_transfers", ENDS, lambda sheet: ~_unequal(*ENDS)(sheet), "payments to oneself"),
    path("cross_bank", ("payer_bank", "payee_bank"), _unequal("payer_bank", "payee_bank"), "payments between banks"),
    path("cross_currency", ("currency", "credited_currency"), _unequal("currency", "credited_currency"), "payments across currencies"),
    path("cross_border", ("country",), _abroad, "payments made abroad"),
    Check(components, ENDS),
]
