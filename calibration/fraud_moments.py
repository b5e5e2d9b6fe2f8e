"""Moments of fraud.

What is rare is not counted in a small world: cases, mean losses and their mix are what the story files and the dials of the scenario add
up to in closed form (`calibration.expected`), for the people of that scenario. What depends on payments (how much of it is declined, given
back, made abroad) is counted from labels and reports, and not assessed below a hundred payments.
"""

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import pandas as pd
import pyarrow.compute as pc

from calibration.facts import CONSUMER, REMOTE, Facts
from calibration.moments import Measure, moment, october, per
from calibration.response import count, response
from simulator.record.read import Run
from simulator.scenario import Scenario
from simulator.scenario.story import Family
from simulator.stories.library import Library

if TYPE_CHECKING:
    from calibration.expected import Expected

CARD = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
BANKING = ("A1", "A2", "A3")
PUSHED = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8")
GROUPS: dict[str, tuple[str, ...]] = {"card": CARD, "remote_card": ("C4", "C5"), "banking": BANKING, "unauthorised": (*CARD, *BANKING),
                                      "push": PUSHED}  # fmt: skip
"""Families as sources count them, by typology."""
PUSH_TYPES: dict[str, tuple[str, ...]] = {
    "purchase": ("S1",), "investment": ("S2",), "romance": ("S3",), "advance_fee": ("S4",), "invoice": ("S5",), "chief_executive": ("S6",),
    "police_or_bank": ("S7",), "impersonation": ("S8",),
}  # fmt: skip
CARD_TYPES: dict[str, tuple[str, ...]] = {
    "remote": ("C4", "C5"), "lost_or_stolen": ("C1",), "identity": ("C6", "C7"), "counterfeit": ("C3",), "not_received": ("C2",),
}  # fmt: skip
OTHER_TYPES = tuple(name for name in PUSH_TYPES if name not in ("purchase", "investment"))
FEWEST = 100
"""Payments of fraud below which shares of them are not assessed."""

_EXPECTED: "dict[str, list[Expected]]" = {}
_COUNTED: "WeakKeyDictionary[Run, dict[str, float]]" = WeakKeyDictionary()


def expected_of(scenario: Scenario) -> "list[Expected]":
    """What the story files add up to in a scenario; the world is built once for all dials of how often and for how much."""
    from calibration.expected import ADULTS, expect  # builds worlds, which takes long to import

    dials = scenario.stories
    plain = dials.model_copy(update={"mix": {}, "intensity": 1.0, "money": 1.0})
    still = scenario.model_copy(update={"stories": plain, "seed": 1})
    key = still.model_dump_json(exclude={"name", "about", "targets", "seed", "calendar"})
    if key not in _EXPECTED:
        while len(_EXPECTED) >= 8:
            del _EXPECTED[next(iter(_EXPECTED))]
        _EXPECTED[key] = expect(still, ADULTS)
    often = {told.name: told.often for told in Library(dials).told}
    ones = {told.name: told.often for told in Library(plain).told}
    return [
        one._replace(begins=one.begins * often[one.name] / ones[one.name], loss=one.loss * dials.money)
        for one in _EXPECTED[key] if ones[one.name] > 0
    ]  # fmt: skip


def _parts(of: dict[str, float]) -> Measure:
    """Each as a share of all; None where there is nothing."""
    total = sum(of.values())
    return {name: one / total for name, one in of.items()} if total else None


def _sums(facts: Facts, groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[float, float]]:
    """Reported cases for each adult and year, and what they lose, by group."""
    found = [one for one in expected_of(facts.scenario) if not one.innocent]
    return {
        name: (sum(one.cases("reported") for one in found if one.typology in ids),
               sum(one.cases("reported") * one.loss for one in found if one.typology in ids))
        for name, ids in groups.items()
    }  # fmt: skip


@moment
def fraud_cases(facts: Facts) -> Measure:
    """Reported cases for each 1,000 adults and year, in closed form."""
    found = {name: 1000 * cases for name, (cases, _) in _sums(facts, GROUPS).items() if cases}
    return found or None


@moment
def fraud_mean_loss(facts: Facts) -> Measure:
    """Mean loss of a reported case by family and type, currency units, in closed form."""
    return {name: lost / cases for name, (cases, lost) in _sums(facts, GROUPS | PUSH_TYPES).items() if cases} or None


@moment
def push_case_shares(facts: Facts) -> Measure:
    """Share of the reported cases of authorised push payments by type, in closed form."""
    return _parts({name: cases for name, (cases, _) in _sums(facts, PUSH_TYPES).items()})


@moment
def push_value_shares(facts: Facts) -> Measure:
    """Share by type of what authorised push payments take beyond purchase and investment scams, in closed form."""
    sums = _sums(facts, PUSH_TYPES)
    return _parts({name: sums[name][1] for name in OTHER_TYPES})


@moment
def card_fraud_value_shares(facts: Facts) -> Measure:
    """Share by type of what fraud by card takes, in closed form."""
    return _parts({name: lost for name, (_, lost) in _sums(facts, CARD_TYPES).items()})


@moment
def remote_card_fraud(facts: Facts) -> Measure:
    """Share of what fraud by card takes that is remote, in closed form."""
    sums = _sums(facts, GROUPS)
    return per(sums["remote_card"][1], sums["card"][1])


@moment
def card_fraud_rate(facts: Facts) -> Measure:
    """Fraud by card over card payments, by value: losses in closed form over what the run pays by card in a year."""
    paid = facts.total(facts.value, CONSUMER, ["card"]) / (facts.season * october(facts)) / facts.adult_months * 12
    return per(_sums(facts, GROUPS)["card"][1], paid)


def _frauds(run: Run) -> pd.DataFrame:
    """Payments by card that are acts of fraud and were approved: amount, channel, country."""
    labels = run.true_labels(["transaction_id", "story_id", "is_fraud"]).to_pandas()
    stories = run.stories(["story_id", "family"]).to_pandas().astype({"family": str})
    labels = labels[labels["is_fraud"]].merge(stories[stories["family"] == str(Family.CARD)], on="story_id")
    ids = pc.field("transaction_id").isin(labels["transaction_id"].tolist())
    rows = run.transactions(["transaction_id", "amount", "channel", "country", "status", "timestamp"], ids).to_pandas()
    approved: pd.DataFrame = rows[rows["status"].astype(str) == "approved"].astype({"channel": str, "country": str})
    return approved


def _counted(facts: Facts) -> dict[str, float]:
    if facts.run not in _COUNTED:
        rows = _frauds(facts.run)
        found: dict[str, float] = {}
        if len(rows) >= FEWEST:
            value, abroad = rows["amount"].sum(), rows["country"] != facts.scenario.country.code
            remote = rows["channel"].isin(sorted(REMOTE))
            card = facts.tracks.by_card[1]
            found = {"remote": rows.loc[remote, "amount"].sum() / value, "abroad": rows.loc[abroad, "amount"].sum() / value,
                     "mean": value / len(rows), "number": len(rows) / facts.total(facts.count, CONSUMER, ["card"])}  # fmt: skip
            if 0 < card[3] < card[:2].sum():
                at_home = (value - rows.loc[abroad, "amount"].sum()) / (card[:2].sum() - card[3])
                found["abroad_ratio"] = rows.loc[abroad, "amount"].sum() / card[3] / max(at_home, 1e-12)
            if facts.scenario.stories.intensity != 1:
                del found["number"]
        _COUNTED[facts.run] = {name: float(one) for name, one in found.items()}
    return _COUNTED[facts.run]


@moment
def counted_card_fraud(facts: Facts) -> Measure:
    """Of fraudulent payments by card: shares of value that are remote and abroad, rate abroad over that at home, mean, share of number."""
    return _counted(facts) or None


@moment
def fraud_hour_shares(facts: Facts) -> Measure:
    """Share of the number of fraudulent remote card payments by quarter of the local day."""
    rows = _frauds(facts.run)
    rows = rows[rows["channel"].isin(sorted(REMOTE))]
    if len(rows) < FEWEST:
        return None
    hour = (rows["timestamp"] + pd.Timedelta(facts.scenario.country.utc_offset)).dt.hour // 6
    share = hour.value_counts(normalize=True)
    return {name: float(share.get(place, 0.0)) for place, name in enumerate(("night", "morning", "afternoon", "evening"))}


@moment
def bank_response(facts: Facts) -> Measure:
    """Share of the value of unauthorised fraud that was declined, and of what victims of scams told of that was given back."""
    found = response([count(facts.run)])
    return {name: found[name] for name in ("prevented", "given_back") if found[name] == found[name]} or None


@moment
def borne_by_users(facts: Facts) -> Measure:
    """Share of what victims of scams told of that they did not get back, of decided reports."""
    found = response([count(facts.run)])["given_back"]
    return 1 - found if found == found else None


@moment
def not_in_world(facts: Facts) -> Measure:
    """Nothing: what a source counts and no world holds; such targets stand for the report and say what is missing."""
    return None
