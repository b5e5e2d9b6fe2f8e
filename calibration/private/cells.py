"""Public cells: the names of the cells that a statistic has, fixed before any row is read, and where a posting or customer falls."""

from itertools import pairwise, product

import numpy as np

from calibration.private.config import Histogram, Profile, Statistic, Where, listed
from calibration.private.postings import MILLI, Flags, Floats, Ints, Postings
from calibration.rhythm import WEEKDAYS

THIRDS = ("early", "middle", "late")
"""Days 1 to 10, 11 to 20 and the rest of a month."""
NONE = "none"
"""The bin of customers without a posting that counts."""


def cells_of(of: Statistic, kinds: list[str]) -> list[str]:
    """Names of the cells of a statistic; the one for customers with nothing, where there is one, last.

    Args:
        of: the statistic.
        kinds: names of the kinds, without other.
    """
    if of.histogram:
        names = bins(of.histogram.edges)
    else:
        assert of.profile is not None
        names = ["_".join(words) for words in product(*(_words(key, of.profile, kinds) for key in of.profile.by))]
    return [*names, NONE] if has_none(of) else names


def has_none(of: Statistic) -> bool:
    """Whether a customer may have nothing that the statistic could say; no posting that counts is no count, value or share of 0."""
    if of.histogram:
        return of.whom == "with_any" or of.histogram.of not in ("count", "value", "share")
    assert of.profile is not None
    return of.whom == "with_any" or of.profile.weigh == "value" or of.where != Where.model_validate({})


def bins(edges: list[float]) -> list[str]:
    """Names of the bins between edges, open at both ends."""
    told = [_spelt(edge) for edge in edges]
    between = [f"{low}_to_{high}" for low, high in pairwise(told)]
    return [f"below_{told[0]}", *between, f"from_{told[-1]}"]


def _spelt(edge: float) -> str:
    return str(int(edge)) if edge == int(edge) else repr(edge)


def cell(postings: Postings, profile: Profile, kinds: list[str]) -> Ints:
    """The cell of each posting."""
    place = np.zeros(len(postings.day), np.int64)
    for key in profile.by:
        place = place * len(_words(key, profile, kinds)) + _place(key, postings, profile)
    return place


def bin_of(values: Floats, histogram: Histogram) -> Ints:
    """The bin of each customer; the last where the value is not a number."""
    edges = np.asarray(histogram.edges)
    found: Ints = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right")).astype(np.int64)
    return found


def counted(postings: Postings, where: Where, kinds: list[str]) -> Flags:
    """Which postings a statistic counts."""
    keep = np.ones(len(postings.day), bool)
    if where.kind is not None:
        named = [*kinds, "other"]
        keep &= np.isin(postings.kind, [named.index(kind) for kind in listed(where.kind)])
    if where.direction is not None:
        keep &= postings.out == (where.direction == "out")
    if where.fraud is not None:
        keep &= postings.fraud == where.fraud
    return keep


def months_of(day: Ints) -> Ints:
    """Months since 1970-01 of days since 1970-01-01."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _words(key: str, profile: Profile, kinds: list[str]) -> list[str]:
    return {
        "kind": lambda: [*kinds, "other"],
        "direction": lambda: ["in", "out"],
        "weekday": lambda: list(WEEKDAYS),
        "third": lambda: list(THIRDS),
        "month_end": lambda: ["last_day", "other_day"],
        "hour": lambda: [f"hour_{hour}" for hour in range(24)],
        "size": lambda: bins(profile.sizes or []),
    }[key]()


def _place(key: str, postings: Postings, profile: Profile) -> Ints:
    place: Ints
    if key == "kind":
        place = postings.kind
    elif key == "direction":
        place = postings.out.astype(np.int64)
    elif key == "weekday":
        # 1970-01-01 was a Thursday.
        place = (postings.day + 3) % 7
    elif key == "hour":
        place = postings.hour
    elif key == "size":
        place = np.searchsorted(np.rint(np.asarray(profile.sizes or []) * MILLI), postings.amount, side="right").astype(np.int64)
    elif key == "month_end":
        place = (months_of(postings.day + 1) == months_of(postings.day)).astype(np.int64)
    else:
        first: Ints = postings.day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
        place = np.minimum((postings.day - first) // 10, 2)
    return place
