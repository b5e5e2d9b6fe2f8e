"""One function per statistic of a run.

Each takes the facts of a run and gives a number, numbers by component, or None where the run is too short or has
nothing to measure it by. Those of days and hours are in ``calibration.rhythm``.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from calibration.facts import CONSUMER, SPENDING, Facts

type Measure = float | dict[str, float] | None
type Moment = Callable[[Facts], Measure]

MOMENTS: dict[str, Moment] = {}
YEAR = 365


def moment(function: Moment) -> Moment:
    """Makes a function known under its name."""
    MOMENTS[function.__name__] = function
    return function


def per(value: float, by: float) -> float | None:
    """A share; None of nothing."""
    return value / by if by > 0 else None


def _season_free(facts: Facts, of: str) -> float:
    """Consumer payments of the run with purchases brought to the level of October, when the Diary is kept."""
    table = facts.count if of == "count" else facts.value
    return facts.total(table, ["purchase"]) / facts.season + facts.total(table, [p for p in CONSUMER if p != "purchase"])


@moment
def payments_per_adult_month(facts: Facts) -> Measure:
    """Consumer payments, seen and unseen, per adult and month of October."""
    return _season_free(facts, "count") / facts.adult_months


@moment
def value_per_adult_month(facts: Facts) -> Measure:
    """Value of consumer payments per adult and month of October."""
    return _season_free(facts, "value") / facts.adult_months


@moment
def cash_payments_per_adult_month(facts: Facts) -> Measure:
    """Consumer payments in cash per adult and month of October."""
    return facts.total(facts.count, CONSUMER, ["cash"]) / facts.season / facts.adult_months


@moment
def credit_payments_per_adult_month(facts: Facts) -> Measure:
    """Payments by credit card per adult and month of October."""
    return facts.total(facts.count, CONSUMER, ["card"], credit=1) / facts.season / facts.adult_months


@moment
def shares_by_method(facts: Facts) -> Measure:
    """Shares of the number of consumer payments by credit card, debit card, cash and cheque."""
    total = facts.total(facts.count, CONSUMER)
    if not total:
        return None
    return {
        "credit": facts.total(facts.count, CONSUMER, ["card"], credit=1) / total,
        "debit": facts.total(facts.count, CONSUMER, ["card"], credit=0) / total,
        "cash": facts.total(facts.count, CONSUMER, ["cash"]) / total,
        "cheque": facts.total(facts.count, CONSUMER, ["cheque"]) / total,
    }


@moment
def value_shares_by_method(facts: Facts) -> Measure:
    """Shares of the value of consumer payments from an account without a card, and by card."""
    total = facts.total(facts.value, CONSUMER)
    if not total:
        return None
    account = ["direct_debit", "batch_transfer", "instant_transfer"]
    return {"account": facts.total(facts.value, CONSUMER, account) / total, "card": facts.total(facts.value, CONSUMER, ["card"]) / total}


@moment
def mean_value_by_method(facts: Facts) -> Measure:
    """Mean consumer payment by method; ``other`` is neither card nor cash."""
    methods = {"cash": (["cash"], {}), "credit": (["card"], {"credit": 1}), "debit": (["card"], {"credit": 0}), "card": (["card"], {})}
    found: dict[str, float] = {}
    for name, (words, where) in methods.items():
        count = facts.total(facts.count, CONSUMER, words, **where)
        if count:
            found[name] = facts.total(facts.value, CONSUMER, words, **where) / count
    count = facts.total(facts.count, CONSUMER)
    if not count:
        return None
    found["all"] = facts.total(facts.value, CONSUMER) / count
    cash = facts.total(facts.count, CONSUMER, ["cash"])
    if count > cash:
        found["not_cash"] = (facts.total(facts.value, CONSUMER) - facts.total(facts.value, CONSUMER, ["cash"])) / (count - cash)
    return found


@moment
def remote_share(facts: Facts) -> Measure:
    """Share of purchases made remotely."""
    return per(facts.total(facts.count, ["purchase"], remote=1), facts.total(facts.count, ["purchase"]))


@moment
def cash_in_person(facts: Facts) -> Measure:
    """Share of purchases in person paid in cash."""
    return per(facts.total(facts.count, ["purchase"], ["cash"], remote=0), facts.total(facts.count, ["purchase"], remote=0))


@moment
def cash_share_by_age(facts: Facts) -> Measure:
    """Share of the number of consumer payments in cash, below 55 and from 55."""
    found = {}
    for name, old in (("under_55", 0), ("from_55", 1)):
        total = facts.total(facts.count, CONSUMER, old=old)
        if total:
            found[name] = facts.total(facts.count, CONSUMER, ["cash"], old=old) / total
    return found


@moment
def category_shares(facts: Facts) -> Measure:
    """Share of the value of purchases by category."""
    total = facts.categories["value"].sum()
    return {str(k): float(v) for k, v in (facts.categories["value"] / total).items()} if total else None


GROUPS = {
    "food_at_home": ("groceries",), "eating_out": ("restaurants", "fast_food"), "fuel": ("fuel",), "clothing": ("clothing",),
    "travel_and_leisure": ("recreation", "cinema_arts", "airlines", "hotels", "car_hire", "hobby_books", "pets", "digital_goods"),
}  # fmt: skip


@moment
def category_group_shares(facts: Facts) -> Measure:
    """Share of the value of purchases by group of categories, with the seasons of the scenario removed."""
    seasons = {one.name: one.season or [1.0] * 12 for one in facts.scenario.categories}
    days = pd.date_range(facts.scenario.period.start, periods=facts.days).month.to_numpy() - 1
    value = facts.categories["value"].reindex(list(seasons)).fillna(0.0)
    value /= [np.asarray(season, dtype=float)[days].mean() / np.mean(season) for season in seasons.values()]
    total = float(value.sum())
    return {name: float(value.reindex(members).fillna(0.0).sum()) / total for name, members in GROUPS.items()} if total else None


@moment
def everyday_share(facts: Facts) -> Measure:
    """Share of the number of consumer payments that are for groceries, fuel and shopping."""
    shops = ("groceries", "fuel", "convenience", "general_merchandise", "online_marketplace", "clothing", "electronics", "home_improvement",
             "furniture", "pharmacy", "liquor", "hobby_books")  # fmt: skip
    return per(float(facts.categories["payments"].reindex(shops).sum()), facts.total(facts.count, CONSUMER))


@moment
def yearly_spending(facts: Facts) -> Measure:
    """Expenditure of a household in a year: purchases, rent, mortgage, bills, insurance, subscriptions, loans and property tax."""
    yearly = YEAR / facts.days / facts.households()
    year = facts.season * october(facts)
    bought = facts.total(facts.value, ["purchase"])
    return (bought / year + facts.total(facts.value, [p for p in SPENDING if p != "purchase"])) * yearly


def october(facts: Facts) -> float:
    """Purchases of an October day against those of a mean day, by the calendar's months."""
    months = facts.scenario.calendar.months
    return months[9] / float(np.mean(months))


@moment
def yearly_rent(facts: Facts) -> Measure:
    """Rent of a household in a year, over all households."""
    return facts.total(facts.value, ["rent"]) * YEAR / facts.days / facts.households()


@moment
def spending_by_quintile(facts: Facts) -> Measure:
    """Expenditure of a household in a year by quintile of income."""
    found = {}
    for place in range(5):
        homes = facts.households(place)
        if homes > 0:
            bought = facts.total(facts.value, ["purchase"], quintile=place) / (facts.season * october(facts))
            rest = facts.total(facts.value, [p for p in SPENDING if p != "purchase"], quintile=place)
            found[f"q{place + 1}"] = (bought + rest) * YEAR / facts.days / homes
    return found


@moment
def yearly_food_and_fuel(facts: Facts) -> Measure:
    """Value of purchases of a household in a year: food at home, food away, fuel, clothing."""
    value = facts.categories["value"].reindex(["groceries", "restaurants", "fast_food", "fuel", "clothing"]).fillna(0.0)
    yearly = YEAR / facts.days / facts.households() / (facts.season * october(facts))
    groups = {"food_at_home": ["groceries"], "food_away": ["restaurants", "fast_food"], "fuel": ["fuel"], "clothing": ["clothing"]}
    return {name: float(value[members].sum()) * yearly for name, members in groups.items()}


@moment
def household_income_quantiles(facts: Facts) -> Measure:
    """Quantiles of household income before tax."""
    income = facts.residents.groupby("household")["gross_income"].sum()
    return {f"p{round(100 * q)}": float(income.quantile(q)) for q in (0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9, 0.95, 0.99)}


@moment
def household_income_mean(facts: Facts) -> Measure:
    """Mean household income before tax."""
    return float(facts.residents.groupby("household")["gross_income"].sum().mean())


@moment
def pay_frequency(facts: Facts) -> Measure:
    """Share of employers that paid a wage by pay frequency."""
    if facts.employers.empty:
        return None
    shares = facts.employers.value_counts(normalize=True)
    return {name: float(shares.get(name, 0.0)) for name in ("weekly", "biweekly", "semimonthly", "monthly")}


@moment
def transaction_accounts_median(facts: Facts) -> Measure:
    """Median over households of what current and savings accounts hold at the start."""
    own = facts.accounts[(facts.accounts["owner_kind"] == "customer") & facts.accounts["kind"].isin(["current", "savings"])]
    homes = facts.people[facts.people["first"]].set_index("customer_id")["household"]
    held = own.groupby(own["owner_id"].map(homes))["opening_balance"].sum()
    return float(held.median()) if len(held) else None


@moment
def revolver_share(facts: Facts) -> Measure:
    """Share of credit cards that were charged interest."""
    if facts.days < 60 or not facts.card_accounts:
        return None
    return facts.interest_accounts / facts.card_accounts


@moment
def mean_withdrawal(facts: Facts) -> Measure:
    """Mean cash withdrawal."""
    return per(facts.total(facts.value, ["withdrawal"]), facts.total(facts.count, ["withdrawal"]))


@moment
def transfers_per_adult_month(facts: Facts) -> Measure:
    """Payments to other people per adult and month."""
    return facts.total(facts.count, ["transfer", "sale"]) / facts.adult_months


def agent_actions(facts: Facts, table: str) -> dict[str, float]:
    """Actions of an agent-banking economy: cash-in and cash-out at agents, transfers, payments by phone, moves to savings."""
    of = facts.count if table == "count" else facts.value
    paid = facts.total(of, SPENDING) - facts.total(of, SPENDING, ["cash"])
    sent = facts.total(of, ["transfer"]) - facts.total(of, ["transfer"], ["cash"])
    return {
        "cash_out": facts.total(of, ["withdrawal"]), "payment": paid, "cash_in": facts.total(of, ["deposit"]),
        "transfer": sent, "debit": facts.total(of, ["saving"], ["wallet"]),
    }  # fmt: skip


@moment
def agent_action_shares(facts: Facts) -> Measure:
    """Shares of the number of agent-banking actions."""
    count = agent_actions(facts, "count")
    total = sum(count.values())
    return {name: value / total for name, value in count.items()} if total else None


@moment
def agent_action_value_shares(facts: Facts) -> Measure:
    """Shares of the value of agent-banking actions."""
    value = agent_actions(facts, "value")
    total = sum(value.values())
    return {name: one / total for name, one in value.items()} if total else None


@moment
def agent_action_means(facts: Facts) -> Measure:
    """Mean amounts of agent-banking actions."""
    count, value = agent_actions(facts, "count"), agent_actions(facts, "value")
    return {name: value[name] / count[name] for name in count if count[name]}
