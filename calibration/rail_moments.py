"""Moments of how payments are made: at the counter and remotely, by all payers, touched or typed, abroad; and the hours of some of them."""

from calibration.facts import CONSUMER, Facts
from calibration.moments import Measure, moment, per
from calibration.rhythm import WEEKDAYS
from simulator.codes import Method

CARD_WORDS = ("card",)


@moment
def cash_at_counter(facts: Facts) -> Measure:
    """Share of purchases in person in notes, by number and by value."""
    found = {}
    for name, table in (("number", facts.count), ("value", facts.value)):
        total = facts.total(table, ["purchase"], remote=0)
        if total:
            found[name] = facts.total(table, ["purchase"], ["cash"], remote=0) / total
    return found or None


@moment
def card_value_at_counter(facts: Facts) -> Measure:
    """Share of the value of purchases in person by card or app."""
    return per(facts.total(facts.value, ["purchase"], ["card", "wallet"], remote=0), facts.total(facts.value, ["purchase"], remote=0))


@moment
def phone_value_at_counter(facts: Facts) -> Measure:
    """Share of the value of purchases in person by a card in a phone."""
    return per(float(facts.tracks.by_card[1, 4]), facts.total(facts.value, ["purchase"], remote=0))


@moment
def everyday_remote_share(facts: Facts) -> Measure:
    """Share of everyday payments (purchases and payments between people) that are remote purchases, by number and value."""
    total, remote = facts.tracks.everyday.sum(axis=1), (facts.count, facts.value)
    if not total[0]:
        return None
    bought = [facts.total(table, ["purchase"], remote=1) for table in remote]
    return {"number": bought[0] / float(total[0]), "value": bought[1] / float(total[1])}


@moment
def non_cash_shares(facts: Facts) -> Measure:
    """Shares of the number of payments without notes, of all payers, by instrument; wallets stand for e-money."""
    number = facts.tracks.by_method[0]
    groups = {
        "card": (Method.CARD,), "transfer": (Method.INSTANT_TRANSFER, Method.BATCH_TRANSFER, Method.WIRE), "debit": (Method.DIRECT_DEBIT,),
        "e_money": (Method.WALLET,), "cheque": (Method.CHEQUE,),
    }  # fmt: skip
    total = sum(float(number[one]) for members in groups.values() for one in members)
    return {name: sum(float(number[one]) for one in members) / total for name, members in groups.items()} if total else None


@moment
def card_payments_per_adult_month(facts: Facts) -> Measure:
    """Card payments by consumers per adult and month of October."""
    return facts.total(facts.count, CONSUMER, CARD_WORDS) / facts.season / facts.adult_months


@moment
def contactless_share(facts: Facts) -> Measure:
    """Share of the number of card purchases that are contactless."""
    number = facts.tracks.by_card[0]
    return per(float(number[2]), float(number[0] + number[1]))


@moment
def contactless_mean(facts: Facts) -> Measure:
    """Mean contactless card purchase."""
    return per(float(facts.tracks.by_card[1, 2]), float(facts.tracks.by_card[0, 2]))


@moment
def abroad_share(facts: Facts) -> Measure:
    """Share of card purchases made abroad or at merchants abroad, by number and value."""
    number, value = facts.tracks.by_card
    total = number[:2].sum(), value[:2].sum()
    return {"number": float(number[3] / total[0]), "value": float(value[3] / total[1])} if total[0] else None


@moment
def agent_hour_shares(facts: Facts) -> Measure:
    """Share of the actions of an agent-banking economy by local hour."""
    total = facts.tracks.phone_hours.sum()
    return {f"hour_{hour}": float(count / total) for hour, count in enumerate(facts.tracks.phone_hours)} if total else None


@moment
def remote_hour_shares(facts: Facts) -> Measure:
    """Share of remote card purchases by local hour."""
    total = facts.tracks.remote_hours.sum()
    return {f"hour_{hour}": float(count / total) for hour, count in enumerate(facts.tracks.remote_hours)} if total else None


@moment
def remote_weekday_shares(facts: Facts) -> Measure:
    """Share of remote card purchases by weekday; runs of four weeks or more."""
    days = facts.tracks.remote_days
    if facts.days < 28 or not days.sum():
        return None
    return {name: float(count / days.sum()) for name, count in zip(WEEKDAYS, days, strict=True)}
