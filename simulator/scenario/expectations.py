"""What a scenario expects of its effect against the baseline, and what it makes of the variables that a regulator publishes.

`ledgerfolk stress` judges the expectations; nothing in a run reads them.
"""

import re
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from simulator.codes import Channel, Method, Purpose, Reason, words
from simulator.scenario.part import Name, Part, misplaced, nearest
from simulator.scenario.story import Family

if TYPE_CHECKING:
    from simulator.scenario import Scenario

METRICS: dict[str, str] = {
    "payments": "payments that moved money, by anyone; by method, channel, purpose, category (of the shop paid), quartile (of the payer)",
    "value": "value of payments, by anyone; by method, channel, purpose, category (of the shop paid), quartile (of the payer)",
    "purchases": "purchases of people at merchants; by category, quartile, both, method, channel",
    "spending": "value of purchases of people at merchants; by category, quartile, both, method, channel",
    "remote_share": "share of the value of purchases that is paid online or by phone app",
    "income": "wages, benefits, pensions and other income paid to people; by kind, quartile",
    "taxes": "taxes that people pay themselves; by quartile",
    "outlays": "purchases, bills, rent, interest, fees, gifts and transfers abroad, less refunds; by quartile",
    "saving_rate": "share of income after tax that is not outlays; by quartile",
    "balance": "mean of current and savings balances for each customer; by quintile",
    "deposits": "balances of people and firms at banks; by bank, quintile (people)",
    "card_debt": "owed on credit cards; by quintile",
    "notes": "notes in circulation",
    "withdrawals": "value of notes drawn by anyone; by bank",
    "outflow": "value paid from a bank's accounts to other banks and abroad; by bank",
    "inflow": "value paid to a bank's accounts from elsewhere; by bank",
    "attempts": "payments that a bank was asked for; by method",
    "declines": "payments that a bank was asked for and that were declined; by method, reason",
    "decline_rate": "share of attempts that are declined; by method",
    "customers": "people who bank here; by quintile",
    "unemployed": "people who lost a job and look for another; by sector",
    "unemployment": "share of the labour force, employees and those laid off, that is out of work; by sector",
    "merchants": "merchants that are open; by category",
    "closures": "merchants that closed; by category",
    "borrowers": "people's cards and loans on which something is owed to a bank; by product, sector",
    "delinquent": "people's cards and loans 30 or more days past due; by product, sector, bucket (30, 60, 90 days)",
    "delinquency": "share of borrowers that is 30 or more days past due; by product, sector, bucket",
    "defaults": "cards and loans that came into default for the first time; by product, sector",
    "charge_offs": "value charged off; by product",
    "charge_off_rate": "charged off, as a share of what is owed, a year; by product",
    "owed": "owed on cards and loans; by product",
    "central_bank_loans": "owed by banks to the central bank; by bank",
    "fraud_attempts": "payments attempted by acts of fraud; by family",
    "fraud_losses": "value that acts of fraud took; by family",
    "fraud_declined": "fraudulent attempts that were declined; by family",
    "fraud_alerted": "fraudulent attempts on which a bank's rule raised an alert; by family",
    "fraud_reported": "reports of fraud by victims; by family",
    "fraud_recovered": "value that victims got back; by family",
    "detection": "share of fraudulent attempts that were declined or raised an alert; by family",
    "fraud_rate": "fraud losses as a share of the value of payments",
}
"""What `ledgerfolk stress` measures, and by what."""

GROUP_KEYS = ("bank", "bucket", "category", "channel", "family", "kind", "method", "product", "purpose", "quartile", "quintile", "reason",
              "sector")  # fmt: skip
"""What groups are named by."""


def keys_of(metric: str) -> list[str]:
    """What the groups of a metric are named by, as `METRICS` says after "by"; two keys at once go with a comma."""
    by = re.findall(r"[a-z]+", METRICS[metric].partition("; by ")[2])
    return [*(key for key in by if key in GROUP_KEYS), *(["category,quartile"] if "both" in by else [])]


Group = Annotated[str, Field(max_length=120, pattern=r"^(all|[a-z]+=[a-z0-9_]+(,[a-z]+=[a-z0-9_]+)*)$")]
"""``all``, or keys and values such as ``category=groceries,quartile=1``."""


class Sign(StrEnum):
    """Which way an effect goes; the whole 90 % interval must lie there."""

    RISES = "rises"
    FALLS = "falls"


class Figure(StrEnum):
    """Which number of a comparison is meant."""

    RELATIVE = "relative"
    EFFECT = "effect"
    SCENARIO = "scenario"
    BASELINE = "baseline"


class Expectation(Part):
    """One thing that must come true for `ledgerfolk stress` to end well."""

    name: Name
    says: str = Field("", max_length=300, description="in words, for the report")
    metric: Name = Field(description="what is measured, see `METRICS`")
    group: Group = Field("all", description="of whom or what, such as category=groceries or category=groceries,quartile=1")
    since: date | None = Field(None, description="first day that counts; the first of the run where it is not given")
    until: date | None = Field(None, description="last day that counts; the last of the run where it is not given")
    sign: Sign | None = Field(None, description="rises or falls: the 90 % interval of the effect lies on that side of nothing")
    within: list[float] | None = Field(None, min_length=2, max_length=2, description="bounds of the mean of `figure`")
    figure: Figure = Field(Figure.RELATIVE, description="of `within`: relative effect, effect, or level in one of the two worlds")
    order: list[Group] | None = Field(None, min_length=2, max_length=60, description="groups by relative effect, from the lowest")
    at_least: Annotated[float, Field(gt=0, le=1)] = Field(1.0, description="of `order`: Spearman's rank correlation with it")
    source: str = Field("assumption", max_length=400, description="where the expectation comes from")

    @model_validator(mode="after")
    def _whole(self) -> "Expectation":
        if sum(one is not None for one in (self.sign, self.within, self.order)) != 1:
            raise misplaced((), "one of `sign`, `within` and `order`")
        if self.metric not in METRICS:
            raise misplaced(("metric",), f"one of {', '.join(METRICS)}", nearest(self.metric, METRICS))
        if self.within is not None and self.within[0] > self.within[1]:
            raise misplaced(("within",), "two bounds, the lower first")
        if self.since is not None and self.until is not None and self.since > self.until:
            raise misplaced(("until",), f"a date from {self.since} on")
        if self.order is not None and len(set(self.order)) < len(self.order):
            raise misplaced(("order",), "different groups")
        return self


class Treatment(StrEnum):
    """What a scenario makes of a published variable."""

    USED = "used"
    APPROXIMATED = "approximated"
    IGNORED = "ignored"


class Variable(Part):
    """A variable that a regulator's scenario publishes."""

    name: str = Field(min_length=1, max_length=120)
    treatment: Treatment
    by: str = Field("", max_length=300, description="what uses or approximates it, or why it is ignored")


def names_of_groups(scenario: "Scenario") -> dict[str, list[str]]:
    """What each key of a group may be, in the words of `ledgerfolk stress`."""
    categories = [category.name for category in scenario.categories]
    return {
        "category": [*categories, "other"], "sector": [*(sector.name for sector in scenario.income.sectors), *categories, "other"],
        "bank": [bank.name for bank in scenario.banks], "family": [*Family, "other"], "kind": ["wages", "benefits", "pensions", "other"],
        "method": words(Method), "channel": words(Channel), "purpose": words(Purpose), "reason": words(Reason),
        "product": ["card", "loan"], "bucket": ["30", "60", "90"], "quartile": list("1234"), "quintile": list("12345"),
    }  # fmt: skip


def check_expectations(scenario: "Scenario") -> None:
    """Refuse groups that nothing in the scenario is named by, or that their metric is not told by.

    Raises:
        PydanticCustomError: where, and what was expected.
    """
    known = names_of_groups(scenario)
    for position, one in enumerate(scenario.expect):
        places = [(("group",), one.group), *((("order", place), group) for place, group in enumerate(one.order or []))]
        for steps, group in places:
            where = ("expect", position, *steps)
            parts = [part.partition("=") for part in group.split(",")] if group != "all" else []
            for name, _, value in parts:
                if name not in known:
                    raise misplaced(where, f"one of {', '.join(GROUP_KEYS)} before =", nearest(name, GROUP_KEYS))
                if value not in known[name]:
                    raise misplaced(where, f"{name}=, and one of {', '.join(known[name])}", nearest(value, known[name]))
            keys = keys_of(one.metric)
            if parts and ",".join(name for name, _, _ in parts) not in keys:
                by = " or ".join(f"{key.replace(',', '=…,')}=…" for key in keys)
                raise misplaced(where, f"all{', or ' + by if by else ''}: {one.metric} is not measured by anything else")
