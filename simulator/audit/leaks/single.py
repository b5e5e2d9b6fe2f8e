"""Single columns: whether one value, word or range says who is guilty."""

import numpy as np

from simulator.audit.leaks.bounds import CELL_LIFT, INNOCENT, LIFT, METHOD, PRECISION, SHARE, WITHIN_CELL, above_base
from simulator.audit.leaks.chance import LEVEL, contrast, gap, precision, ratios
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.sheet import CELL, DAY, IDS, Column, Flags, Ints, Sheet
from simulator.audit.lot import For, lots

BINS = 50
"""A column of numbers is judged by its ranges with as many rows each."""
FEW = 1000
"""A column with no more values than this is judged by its values."""
"""Of the halves that rows are dealt into; the same at each audit."""
CODES = ("mcc", "payer_bank", "payee_bank")
"""Numbers that are names."""
PROOF = 2
"""Stories in which a word must be met before it counts: what one story has may be its own affair."""


def observable(sheet: Sheet) -> list[str]:
    """Columns that are no keys: what a model would be given of a row alone."""
    return [name for name in sheet.names if name not in IDS and name not in ("timestamp", "settled_at")]


def words(sheet: Sheet) -> list[str]:
    """Columns of words and codes."""
    return [name for name in observable(sheet) if sheet.words(name) is not None or name in CODES]


def kinds(sheet: Sheet, name: str) -> tuple[Ints, list[str]]:
    """Codes of the values that several guilty stories have, with one more for all others, and how they are spelt."""
    column, said = sheet.column(name), sheet.words(name)
    mine = np.unique(np.stack([column[sheet.guilty].astype(np.int64), sheet.story[sheet.guilty]]), axis=1)
    met, stories = np.unique(mine[0], return_counts=True)
    seen = met[stories >= PROOF]
    if not len(seen):
        return np.zeros(len(sheet), np.int64), ["others"]
    place = np.minimum(np.searchsorted(seen, column), len(seen) - 1)
    code = np.where(seen[place] == column, place, len(seen)).astype(np.int64)
    return code, [f"'{said[value]}'" if said is not None else str(value) for value in seen] + ["others"]


def binned(column: Column) -> Ints:
    """A column as small codes in the order of its values: each value where they are few, else ranges of as many rows."""
    known = np.where(np.isfinite(column), column, -np.inf) if column.dtype.kind == "f" else column
    # Values are few or many in any part of the column alike, so that a part is looked at first.
    if len(np.unique(known[:: max(len(known) // 100_000, 1)])) <= FEW:
        values = np.unique(known)
        if len(values) <= FEW:
            return np.searchsorted(values, known).astype(np.int64)
    part = known[:: max(len(known) // 1_000_000, 1)]
    edges = np.unique(np.quantile(part[part > -np.inf] if part.dtype.kind == "f" else part, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, known, side="right").astype(np.int64) + (known > -np.inf)


def halves(sheet: Sheet) -> Ints:
    """Two halves: guilty rows by story, so that none is in both, others by lot."""
    return np.where(sheet.guilty, sheet.story % 2, lots(len(sheet), For.HALVES) & 1).astype(np.int64)


def _measures(sheet: Sheet) -> list[str]:
    return observable(sheet) + (["hour", "weekday"] if sheet.has("timestamp") else []) + (["delay"] if sheet.has("settled_at") else [])


def measure(sheet: Sheet, name: str) -> Ints:
    """A column, or what a model makes of the clock, as small codes."""
    if name == "hour":
        return sheet.hour()
    if name == "weekday":
        return (sheet.column("timestamp").astype(np.int64) + sheet.offset) // DAY % 7
    if name == "delay":
        return binned(sheet.column("settled_at") - sheet.column("timestamp"))
    if name in CODES:
        return np.unique(sheet.column(name), return_inverse=True)[1].astype(np.int64)
    return binned(sheet.column(name)) if sheet.words(name) is None else sheet.column(name).astype(np.int64)


def precisions(sheet: Sheet) -> Finding | None:
    """The column with the highest average precision."""
    rows, names = ~sheet.lookalike, _measures(sheet)
    if not names:
        return None
    fold, size, base = halves(sheet), sheet.independent(sheet.guilty), 0.0
    found = {}
    for name in names:
        reached, base = precision(measure(sheet, name)[rows], sheet.guilty[rows], fold[rows], size, len(names))
        found[name] = reached / base
    worst = max(found, key=found.__getitem__)
    counts = "average precision of the best single column, as a multiple of the share of guilty rows"
    return finding("column_precision", found[worst], above_base(PRECISION, base), counts, f"{worst} (base rate {base:.4%})")


def value_lift(sheet: Sheet) -> Finding:
    """The word that is most over-represented."""
    return _worst_ratio(sheet, (), LIFT, "value_lift", "times that a value is as common among guilty rows as among others")


def within_cell(sheet: Sheet) -> Finding:
    """The same within cells of method, purpose, country and MCC."""
    counts = "times that a value is as common among guilty rows as among others of its method, purpose, country and MCC"
    return _worst_ratio(sheet, CELL, WITHIN_CELL, "value_lift_within_cells", counts)


def _worst_ratio(sheet: Sheet, cell: tuple[str, ...], bound: float, check: str, counts: str) -> Finding:
    where = sheet.cell(*cell) if cell else None
    found = {}
    for name in words(sheet):
        if name not in cell:
            code, said = kinds(sheet, name)
            found[name] = (contrast(sheet, code, where), said)
    tests = sum(int((of.found > 0).sum()) for of, _ in found.values())
    figure, example = 0.0, ""
    for name, (of, said) in found.items():
        ratio = ratios(of, tests)
        worst = int(np.argmax(ratio))
        if ratio[worst] > figure:
            figure = float(ratio[worst])
            example = f"{name} = {said[worst]}: {of.found[worst]:.1%} against {of.expected[worst]:.2%}"
    return finding(check, figure, bound, counts, example)


def cell_lift(sheet: Sheet) -> Finding:
    """The cell that is most over-represented."""
    cell = sheet.cell(*CELL)
    of = contrast(sheet, cell)
    ratio = ratios(of)
    worst = int(np.argmax(ratio))
    first = int(np.argmax(cell == worst))
    there = [name for name in CELL if sheet.has(name)]
    example = ", ".join(f"{name} {_said(sheet, name, first)}" for name in there)
    example += f": {of.found[worst]:.1%} against {of.expected[worst]:.2%}"
    counts = "times that a cell of method, purpose, country and MCC is as common among guilty rows"
    return finding("cell_lift", float(ratio[worst]), CELL_LIFT, counts, example)


def method_share(sheet: Sheet) -> Finding:
    """The share of payment methods, purpose by purpose."""
    code, said = kinds(sheet, "method")
    of = contrast(sheet, code, sheet.cell("purpose") if sheet.has("purpose") else None)
    ratio = ratios(of)
    worst = int(np.argmax(ratio))
    example = f"{said[worst]}: {of.found[worst]:.1%} against {of.expected[worst]:.1%}"
    return finding("method_share", float(ratio[worst]), METHOD, "times that a method is as common among guilty rows of a purpose", example)


def guilty_words(sheet: Sheet) -> Finding:
    """Words whose rows are nearly all guilty."""
    base, figure, example = float(sheet.guilty.mean()), 0.0, ""
    names = words(sheet)
    many = sum(len(kinds(sheet, name)[1]) for name in names)
    for name in names:
        value, said = kinds(sheet, name)
        count = np.bincount(value)
        mine = np.bincount(value[sheet.guilty], minlength=len(count))
        pairs = np.unique(value[sheet.guilty] * (int(sheet.story.max()) + 1) + sheet.story[sheet.guilty]) // (int(sheet.story.max()) + 1)
        stories = np.bincount(pairs, minlength=len(count))
        # Met by luck alone, in as many words as there are, less than once in a hundred worlds.
        proven = (stories >= PROOF) & (base ** stories.astype(np.float64) * many < LEVEL)
        share = np.where(proven, mine / np.maximum(count, 1), 0.0)
        worst = int(np.argmax(share))
        if share[worst] > figure:
            figure, example = float(share[worst]), f"{name} = {said[worst]}"
    return finding("words_of_guilty_rows_only", figure, INNOCENT, "guilty share of the rows of a word, worst word", example)


def missing(sheet: Sheet) -> Finding | None:
    """Where a column is empty."""
    cell = sheet.cell("method", "channel", "purpose")
    names = [name for name in sheet.names if name != "timestamp"]
    figure, example = 0.0, ""
    for name in names:
        empty = _empty(sheet, name)
        if not empty.any() or empty.all():
            continue
        of = contrast(sheet, empty.astype(np.int64), cell)
        found = gap(of, 1, len(names))
        if found > figure:
            figure, example = found, f"{name}: empty in {of.found[1]:.1%} against {of.expected[1]:.1%}"
    counts = "difference of the share of empty values in a column, within method, channel and purpose"
    return finding("missing_values", figure, SHARE, counts, example)


def _empty(sheet: Sheet, name: str) -> Flags:
    column, said = sheet.column(name), sheet.words(name)
    if said is not None:
        empty: Flags = np.isin(column, [code for code, word in enumerate(said) if word in ("", "none")])
        return empty
    if column.dtype.kind == "f":
        return np.isnan(column)
    nothing = 0 if name == "mcc" else -1 if name in IDS or name.endswith("_bank") else None
    return np.zeros(len(column), bool) if nothing is None else np.equal(column, nothing)


def _said(sheet: Sheet, name: str, row: int) -> str:
    """The value of a row as its file spells it."""
    value, said = sheet.column(name)[row], sheet.words(name)
    return f"'{said[value]}'" if said is not None else str(value)


CHECKS = [
    Check(precisions),
    Check(value_lift),
    Check(within_cell, ("method",)),
    Check(cell_lift, ("method",)),
    Check(method_share, ("method",)),
    Check(guilty_words, marks=True),
    Check(missing, marks=True),
]
