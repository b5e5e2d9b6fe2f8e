"""Whether ten years leave a town as they found it: what its people are, hold and do, year by year.

A town whose people come and go is right when years 9 and 10 look like years 2 to 4.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from calibration.facts import Ints
from simulator.codes import Method, Purpose, Status
from simulator.model import PaymentsModel
from simulator.population.accounts import LOAN, PERSON_ROWS
from simulator.population.budget import MORTGAGED, OWNED, RENTED
from simulator.population.households import PENSION, SALARIED, STUDENT
from simulator.population.presence import here
from simulator.population.renewal import EDGES

EVERY = 7
"""Days from one look at the town to the next."""

EARLY, LATE = slice(1, 4), slice(8, 10)
"""Years 2 to 4, and years 9 and 10."""

SPREADS, LEAST = 4.0, 0.02
"""The band reaches so many standard errors of a yearly mean beyond the least and the greatest of the early years, and at least
this share of them. Two years far apart know little of each other: their difference has 1.4 standard errors, so that four are
2.8 of its standard deviations, which chance alone passes once in two hundred times."""


def live_years(model: PaymentsModel, years: int) -> pd.DataFrame:
    """Live some calendar years and note what a town looked like in each.

    Args:
        model: a world on a first of January; it moves on.
        years: how many to live.

    Returns:
        One row a year, one column a moment: means over looks once a week of shares, ages (years) and holdings
        (currency units of the whole town), and what was paid, a customer and month.
    """
    rows = []
    for _ in range(years):
        begun = (model.settings.period.start + timedelta(model.days_lived)).year
        before, looks, lived = model.runner.tally.copy(), [], 0.0
        for _ in range((date(begun + 1, 1, 1) - date(begun, 1, 1)).days):
            model.run_for(1)
            lived += float(model.day["customers"])
            if model.days_lived % EVERY == 0:
                looks.append(look(model))
        rows.append(pd.DataFrame(looks).mean().to_dict() | paid(model.runner.tally - before, model.world.rules.unit, lived))
    return pd.DataFrame(rows)


def paid(tally: Ints, unit: int, customer_days: float) -> dict[str, float]:
    """Payments a customer and month.

    Args:
        tally: counts and values of approved and other payments, shape (2, purposes, methods, statuses).
        unit: minor units in a currency unit.
        customer_days: days lived, summed over customers.
    """
    count, value = tally[:, :, :, Status.APPROVED]
    months = customer_days / (365.25 / 12)
    bought, sent = Purpose.PURCHASE, [Purpose.TRANSFER, Purpose.SALE]
    return {
        "purchases": float(count[bought].sum()) / months,
        "value_of_purchases": float(value[bought].sum()) / unit / months,
        "transfers": float(count[sent].sum()) / months,
        "value_of_transfers": float(value[sent].sum()) / unit / months,
        "purchases_in_notes": float(count[bought, Method.CASH].sum()) / months,
        "wages": float(value[Purpose.SALARY].sum()) / unit / months,
        "bills": float(value[[Purpose.BILL, Purpose.INSURANCE, Purpose.SUBSCRIPTION, Purpose.RENT, Purpose.MORTGAGE, Purpose.LOAN]].sum())
        / unit / months,
    }  # fmt: skip


def look(model: PaymentsModel) -> dict[str, float]:
    """What a town looks like at the end of a day."""
    world, day = model.world, model.clock.start + model.days_lived
    rows = np.flatnonzero(here(world.people, day))
    people = world.people[rows]
    head, age = people.head == 1, people.age.astype(np.int64)
    tenure, known = people.tenure[head], np.diff(world.knows)[rows]
    band = np.bincount(np.searchsorted(EDGES, age, side="right") - 1, minlength=len(EDGES)) / len(rows)
    last = [*(f"{EDGES[place + 1] - 1}" for place in range(len(EDGES) - 1)), "older"]
    found = {"customers": float(len(rows)), "age": float(age.mean())}
    found |= {f"aged_{first}_{until}": float(share) for first, until, share in zip(EDGES, last, band, strict=True)}
    found |= {
        "years_with_the_bank": float((day - people.joined).mean() / 365.25),
        "households": float(head.sum()),
        "couples": float((people.adults[head] >= 2).mean()),
        "with_children": float((people.children[head] > 0).mean()),
        "owners": float((tenure == OWNED).mean()),
        "mortgaged": float((tenure == MORTGAGED).mean()),
        "tenants": float((tenure == RENTED).mean()),
        "employed": float((people.employer >= 0).mean()),
        "salaried": float((people.kind == SALARIED).mean()),
        "pensioners": float((people.kind == PENSION).mean()),
        "students": float((people.kind == STUDENT).mean()),
        "with_credit_card": float((people.line > 0).mean()),
        "income": float(people.gross.mean()) / world.rules.unit,
        "contacts": float(known.mean()),
        "indebted": float((world.accounts.book[rows * PERSON_ROWS + LOAN] < 0).mean()),
    }  # fmt: skip
    return found | _held(model, people.decile.astype(np.int64) // 2)


def _held(model: PaymentsModel, fifth: Ints) -> dict[str, float]:
    customers = model.customers
    deposits = np.bincount(fifth, customers.get("balance") + customers.get("savings"), 5)
    found = {f"deposits_q{place + 1}": float(held) for place, held in enumerate(deposits)}
    found |= {"card_debt": -float(customers.get("card_balance").sum()), "loan_debt": -float(customers.get("loan_balance").sum())}
    found["notes"] = float(customers.get("notes").sum())
    for name, group in (("merchants", model.merchants), ("employers", model.employers)):
        found[name] = float(sum(group.get(account).sum() for account in ("balance", "acquiring", "till", "reserve_balance")))
    return found


def judge(runs: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Hold years 9 and 10 against the band of years 2 to 4.

    A moment is judged by its mean over runs of the same town with other seeds: years are drawn anew by each, and what
    drifts does so in all of them. The standard error of a yearly mean comes from how much runs differ within a year.

    Args:
        runs: what `live_years` gives, two runs or more of ten years or more.

    Returns:
        By moment: `early`, the mean of years 2 to 4; `low` and `high`, the band; `late`, the mean of years 9 and 10;
        `error`, the standard error of a yearly mean; and `within`.
    """
    years = np.stack([run.to_numpy(np.float64) for run in runs])
    mean = years.mean(axis=0)
    error = np.sqrt(years.var(axis=0, ddof=1).mean(axis=0) / len(runs))
    early, late = mean[EARLY], mean[LATE].mean(axis=0)
    room = np.maximum(SPREADS * error, LEAST * np.abs(early.mean(axis=0)))
    low, high = early.min(axis=0) - room, early.max(axis=0) + room
    columns = {
        "early": early.mean(axis=0),
        "low": low,
        "high": high,
        "late": late,
        "error": error,
        "within": (low <= late) & (late <= high),
    }
    return pd.DataFrame(columns, index=runs[0].columns)
