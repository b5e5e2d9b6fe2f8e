"""Lives: whether accounts in guilty stories live like others before, during and after."""

import numpy as np

from simulator.audit.leaks.bounds import LIFETIME, STOPPED
from simulator.audit.leaks.chance import LEVEL, normal
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.order import guilty_entities, independent_entities
from simulator.audit.leaks.sheet import DAY, Floats, Ints, Sheet

WINDOW = 14
"""Days before and after the first guilty payment."""
LEAST = 10
"""Accounts below which there is nothing to say."""


def stopped(sheet: Sheet) -> Finding | None:
    """Innocent payments of payers before and after their first guilty one."""
    payer, time = sheet.column("payer_account").astype(np.int64), sheet.column("timestamp").astype(np.int64)
    rows = np.flatnonzero(sheet.guilty & (payer >= 0))
    own, first = np.unique(payer[rows], return_index=True)
    # Rows may be in any order: the earliest of each account.
    start = np.full(len(own), np.iinfo(np.int64).max)
    np.minimum.at(start, np.searchsorted(own, payer[rows]), time[rows])
    story = sheet.story[rows[first]]
    low, high = int(time.min()), int(time.max())
    reach = np.minimum(np.minimum(start - low, high - start), WINDOW * DAY)
    use = reach >= DAY
    own, start, reach, story = own[use], start[use], reach[use], story[use]
    if len(own) < LEAST:
        return None
    before, after = _around(own, start, reach, payer[~sheet.guilty], time[~sheet.guilty])
    season = _season(start, reach, np.sort(time[~sheet.guilty][:: max(int((~sheet.guilty).sum()) // 1_000_000, 1)]))
    expected = before * season
    if not expected.sum():
        return None
    lost = expected - after
    error = float(lost.std(ddof=1) / np.sqrt(min(len(own), len(np.unique(story)))))
    figure = max((float(lost.mean()) - normal() * error) / float(expected.mean()), 0.0)
    counts = f"share of payers' innocent payments that stops in the {WINDOW} days after the first guilty one"
    return finding("activity_stops", figure, STOPPED, counts, f"{after.sum():.0f} after, {expected.sum():.0f} expected from before")


def _around(own: Ints, start: Ints, reach: Ints, payer: Ints, time: Ints) -> tuple[Floats, Floats]:
    """Payments of each account in its windows before and after."""
    place = np.minimum(np.searchsorted(own, payer), len(own) - 1)
    mine = own[place] == payer
    place, since = place[mine], time[mine] - start[place[mine]]
    before = np.bincount(place[(since < 0) & (since >= -reach[place])], minlength=len(own)).astype(np.float64)
    after = np.bincount(place[(since > 0) & (since <= reach[place])], minlength=len(own)).astype(np.float64)
    return before, after


def _season(start: Ints, reach: Ints, times: Ints) -> Floats:
    """How many more payments everybody makes in the window after than before."""
    at = [np.searchsorted(times, start + step * reach) for step in (-1, 0, 1)]
    season: Floats = (at[2] - at[1]) / np.maximum(at[1] - at[0], 1)
    return season


def lifetime(name: str) -> Check:
    """Innocent payments of accounts at one end over the whole run."""

    def run(sheet: Sheet) -> Finding | None:
        keys = sheet.column(name).astype(np.int64)
        own = guilty_entities(sheet, keys)
        innocent = keys[~sheet.guilty & (keys >= 0)]
        if len(own) < LEAST or not len(innocent):
            return None
        names, many = np.unique(innocent, return_counts=True)
        place = np.minimum(np.searchsorted(names, own), len(names) - 1)
        mine = np.where(names[place] == own, many[place], 0)
        by_account = _apart(mine, many, np.ones(len(many)))
        # Those who pay more are met more: each as likely as one of as many ordinary rows in the cells of guilty rows meets it.
        # Once, however often it is met, as accounts of guilty rows count once: big shops would outweigh all people else.
        # The row that they are met by is left out, as a guilty account's own is.
        by_volume = _apart(mine, many - 1, 1 - np.exp(-_volume(sheet, keys, names)))
        # Or guilty rows are some of what an account does anyway, which leaves it with as many fewer.
        taken = max(round(int(sheet.guilty.sum()) / len(own)), 1)
        enough = many >= taken
        by_part = _apart(mine, many[enough] - taken, np.ones(int(enough.sum())))
        slack = float(np.sqrt(np.log(2 / LEVEL) / (2 * independent_entities(sheet, len(own)))))  # Dvoretzky, Kiefer and Wolfowitz 1956
        figure = max(min(by_account, by_volume, by_part) - slack, 0.0)
        end = name.split("_")[0]
        example = f"median {np.median(mine):.0f} against {np.median(many):.0f}"
        counts = f"distance (KS) between numbers of innocent payments of {end}s in guilty rows and of others, alike or by volume"
        return finding(f"{end}_lifetime", figure, LIFETIME, counts, example)

    return Check(run, (name,))


def _volume(sheet: Sheet, keys: Ints, names: Ints) -> Floats:
    """How often each account would be met, were guilty rows drawn from the ordinary ones of their cells."""
    cell = sheet.cell("method", "purpose")
    asked = np.bincount(cell[sheet.guilty], minlength=int(cell.max()) + 1)
    rows = ~sheet.guilty & ~sheet.lookalike & (keys >= 0) & (asked[cell] > 0)
    met = np.bincount(cell[rows], minlength=len(asked))
    share = asked[cell[rows]] / met[cell[rows]]
    return np.bincount(np.searchsorted(names, keys[rows]), weights=share, minlength=len(names))


def _apart(mine: Ints, many: Ints, weight: Floats) -> float:
    """Kolmogorov-Smirnov distance of numbers from a weighted distribution."""
    if not weight.sum():
        return 1.0
    values = np.unique(np.concatenate([mine, many]))
    theirs = np.bincount(np.searchsorted(values, many), weights=weight, minlength=len(values)) / weight.sum()
    ours = np.bincount(np.searchsorted(values, mine), minlength=len(values)) / len(mine)
    return float(np.abs(np.cumsum(ours) - np.cumsum(theirs)).max())


CHECKS = [Check(stopped, ("payer_account", "timestamp")), lifetime("payer_account"), lifetime("payee_account")]
