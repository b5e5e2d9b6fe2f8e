"""Makes the README's picture and its story from a run of the high street: `python notebooks/first_day.py out/demo`."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.dates import ConciseDateFormatter, DayLocator, MonthLocator
from matplotlib.ticker import FuncFormatter

from simulator import open_run
from simulator.record.read import Run

HERE = Path(__file__).parent
CRIME, END_OF_CRIME = "<!-- crime: written by notebooks/first_day.py -->", "<!-- end of crime -->"
OPENING, CLOSING = "<!-- story: written by notebooks/first_day.py -->", "<!-- end of story -->"
WEEKS = 4
COLUMNS = [
    "transaction_id", "timestamp", "settled_at", "payer_account", "payee_account", "amount", "method", "channel", "purpose",
    "merchant_id", "entry_mode", "status", "decline_reason", "message", "payer_balance", "payee_balance",
]  # fmt: skip
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def read_weeks(run: Run) -> pd.DataFrame:
    """Payments of customers in the first whole weeks, a row for each customer at either end, with the customer's week."""
    offset = run.scenario.country.utc_offset
    start = pd.Timestamp(run.scenario.period.start, tz="UTC") - offset
    end = start + timedelta(weeks=WEEKS)
    inside = (pc.field("timestamp") >= start.to_pydatetime()) & (pc.field("timestamp") < end.to_pydatetime())
    tables = {name: run.table(name, COLUMNS, where=inside).to_pandas() for name in ("transactions", "truth/unseen")}
    rows = pd.concat([table.assign(seen=name == "transactions") for name, table in tables.items()], ignore_index=True)
    words = rows.select_dtypes("category").columns
    rows[words] = rows[words].astype(str)
    rows["local"] = rows["timestamp"] + offset
    rows["week"] = (rows["timestamp"] - start) // timedelta(weeks=1)
    accounts = run.accounts(columns=["account_id", "owner_kind", "owner_id", "kind"]).to_pandas().drop_duplicates("account_id")
    own = accounts[accounts["owner_kind"].astype(str) == "customer"].set_index("account_id")
    ends = []
    for end_of_it, sign in (("payer", -1), ("payee", 1)):
        account = rows[f"{end_of_it}_account"]
        ends.append(rows.assign(customer=account.map(own["owner_id"]), sign=sign, kind=account.map(own["kind"].astype(str))))
    return pd.concat(ends).dropna(subset=["customer"]).astype({"customer": int}).sort_values(["timestamp", "transaction_id"], kind="stable")


def choose(weeks: pd.DataFrame) -> tuple[int, int]:
    """The customer and week that show most kinds of payment, a decline, a refund, wages and notes among them, in few rows."""
    rows = weeks.groupby(["customer", "week"])
    shown = pd.DataFrame({"kinds": rows["purpose"].nunique(), "rows": rows["transaction_id"].nunique()})
    for name, these in (
        ("declined", weeks["status"] == "declined"),
        ("refund", weeks["message"] == "refund"),
        ("wages", weeks["purpose"] == "salary"),
        ("notes", ~weeks["seen"]),
        ("purchases", (weeks["purpose"] == "purchase") & (weeks["status"] == "approved")),
        ("friends", (weeks["purpose"] == "transfer") & (weeks["sign"] == 1)),
    ):
        shown[name] = weeks[these].groupby(["customer", "week"]).size()
    shown = shown.fillna(0)
    score = shown["kinds"] + (shown["declined"].between(1, 2)) * 2 + (shown[["refund", "wages", "notes", "friends"]] > 0).sum(axis=1)
    score[(shown["purchases"] < 6) | (shown["rows"] > 20)] = 0
    customer, week = score.idxmax()
    return int(customer), int(week)


def story(run: Run) -> str:
    """One person's week as the README tells it."""
    weeks = read_weeks(run)
    customer, week = choose(weeks)
    mine = weeks[(weeks["customer"] == customer) & (weeks["week"] == week)]
    firms = run.merchants(columns=["merchant_id", "name"]).to_pandas().set_index("merchant_id")["name"]
    accounts = (
        run.accounts(columns=["account_id", "owner_kind", "owner_id"]).to_pandas().drop_duplicates("account_id").set_index("account_id")
    )
    names = accounts[accounts["owner_kind"].isin(["merchant", "employer"])]["owner_id"].map(firms)
    lines = ["| when | what | amount | left on the account | seen by |", "|---|---|--:|--:|---|"]
    for _, ends in mine.groupby(["timestamp", "transaction_id", "seen"], sort=False):
        lines.append(_line(ends, names))
    return "\n".join([_who(run, customer), "", *lines])


def _who(run: Run, customer: int) -> str:
    traits = run.traits(where=pc.field("customer_id") == customer).to_pylist()[0]
    known = run.customers(where=pc.field("customer_id") == customer).to_pylist()[0]
    frequency = {"weekly": "every week", "biweekly": "every two weeks", "semimonthly": "twice a month", "monthly": "every month"}
    paid = f", paid {frequency[traits['pay_frequency']]}" if traits["pay_frequency"] in frequency else ""
    homes = {"rent": "rents", "mortgage": "pays a mortgage", "owner": "owns the home"}
    home = homes.get(traits["tenure"], "has no home of their own")
    others = [f"{traits['adults'] - 1} other adult{'s' * (traits['adults'] > 2)}"] if traits["adults"] > 1 else []
    others += [f"{traits['children']} child{'ren' * (traits['children'] > 1)}"] if traits["children"] else []
    with_whom = f"with {' and '.join(others)}" if others else "alone"
    return (
        f"Customer {customer}: {traits['age']} years, {known['sex']}, {traits['archetype'].replace('_', ' ')}, "
        f"{traits['income_kind'].replace('_', ' ')} with {traits['gross_income']:,.0f} a year{paid}; {home} and lives {with_whom}."
    )


def _line(ends: pd.DataFrame, names: "pd.Series[str]") -> str:
    """A row of the story: one payment, of which the person may own both ends."""
    current = ends[ends["kind"] == "current"]
    row = ends.iloc[0] if current.empty else current.iloc[0]
    paid = row["sign"] < 0
    said = f"{_what(row)}{_how(row, ends)}"
    firm = names.get(row["payee_account"] if paid else row["payer_account"], "")
    said = f"{said}, {firm}" if firm else said
    amount = f"{'−' if paid else '+'}{row['amount']:,.2f}"
    if row["status"] == "declined":
        said, amount = f"{said}: **declined, {row['decline_reason'].replace('_', ' ')}**", f"~~{row['amount']:,.2f}~~"
    left = "" if current.empty else f"{row['payer_balance' if paid else 'payee_balance']:,.2f}"
    return f"| {row['local']:%a %H:%M} | {said} | {amount} | {left} | {'bank' if row['seen'] else 'nobody'} |"


def _what(row: "pd.Series[Any]") -> str:
    paid = row["sign"] < 0
    if row["message"] == "refund":
        return "refund"
    special = {
        "transfer": "to somebody they know" if paid else "from somebody they know",
        "saving": "to savings" if paid else "from savings",
        "interest": f"interest on {'debt' if paid else 'savings'}",
        "allowance": "allowance to the household" if paid else "allowance from the household",
        "loan": "instalment of a loan",
        "mortgage": "instalment of the mortgage",
        "card_bill": "bill of the credit card",
        "withdrawal": "notes drawn",
        "deposit": "notes paid in",
    }
    return special.get(row["purpose"], row["purpose"].replace("_", " "))


def _how(row: "pd.Series[Any]", ends: pd.DataFrame) -> str:
    if row["purpose"] not in ("purchase", "transfer", "withdrawal", "bill", "rent", "subscription", "insurance"):
        return ""
    method = {"cash": "notes", "card": "credit card" if "credit_card" in set(ends["kind"]) else "debit card"}
    online = ", online" if row["purpose"] == "purchase" and row["channel"] in ("online", "mobile") else ""
    return f" ({method.get(row['method'], row['method'].replace('_', ' '))}{online})"


def picture(run: Run) -> plt.Figure:
    """The town by day, its week by hour, and one account."""
    weeks = read_weeks(run)
    customer, week = choose(weeks)
    figure, (town, hours, person) = plt.subplots(1, 3, figsize=(13, 3.5), width_ratios=[1.25, 1, 1.25], layout="constrained")
    for axes in (town, hours, person):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8, length=0)
    _draw_town(town, run)
    _draw_hours(hours, run)
    _draw_person(person, run, customer, week)
    return figure


def _draw_town(axes: Axes, run: Run) -> None:
    daily = run.daily(columns=["date", "currency", "payments", "purchases"]).to_pandas()
    daily = daily[daily["currency"] == run.scenario.country.currency]
    days = pd.to_datetime(daily["date"])
    weekend = days.dt.day_of_week >= 5
    axes.bar(days, daily["payments"], width=1.0, color=np.where(weekend, "#9cc0dd", "#20639b"))
    axes.bar(days, daily["payments"] - daily["purchases"], width=1.0, color=np.where(weekend, "#f3c2b3", "#d1603d"))
    axes.set_title("payments a day: purchases (blue) and all else (red)", loc="left", fontsize=9.5)
    axes.xaxis.set_major_locator(MonthLocator())
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator(), show_offset=False))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1000:.0f}k" if value else "0"))


def _draw_hours(axes: Axes, run: Run) -> None:
    bought = (pc.field("purpose") == "purchase") & (pc.field("status") == "approved")
    times = pd.concat([run.table(name, ["timestamp"], where=bought).to_pandas() for name in ("transactions", "truth/unseen")])
    local = times["timestamp"] + run.scenario.country.utc_offset
    grid = np.bincount(local.dt.day_of_week * 24 + local.dt.hour, minlength=168).reshape(7, 24)
    axes.imshow(grid, aspect="auto", cmap="Blues", interpolation="nearest")
    axes.set_yticks(range(7), WEEKDAYS)
    axes.set_xticks(range(0, 24, 4), [f"{hour}h" for hour in range(0, 24, 4)])
    axes.set_title("purchases by weekday and hour", loc="left", fontsize=9.5)


def _draw_person(axes: Axes, run: Run, customer: int, week: int) -> None:
    accounts = run.accounts(where=(pc.field("owner_id") == customer) & (pc.field("kind") == "current")).to_pandas()
    account = int(accounts[accounts["owner_kind"].astype(str) == "customer"]["account_id"].iloc[0])
    ends = []
    for end, when in (("payer", "timestamp"), ("payee", "settled_at")):
        chosen = (pc.field(f"{end}_account") == account) & (pc.field("status") == "approved")
        rows = run.transactions([when, "purpose", f"{end}_balance"], where=chosen).to_pandas()
        ends.append(rows.set_axis(["time", "purpose", "balance"], axis=1).assign(paid=end == "payee"))
    steps = pd.concat(ends).sort_values("time", kind="stable")
    steps["time"] += run.scenario.country.utc_offset
    wages = steps[steps["paid"] & (steps["purpose"].astype(str) == "salary")]
    start = pd.Timestamp(run.scenario.period.start, tz="UTC") + timedelta(weeks=week)
    axes.axvspan(start, start + timedelta(weeks=1), color="#eceae4", lw=0)
    axes.plot(steps["time"], steps["balance"], drawstyle="steps-post", color="#20639b", lw=1.2)
    axes.plot(wages["time"], wages["balance"], "o", color="#3c8d6e", ms=4)
    axes.set_ylim(bottom=0)
    axes.set_title("one person's account: wages (green), their week below (grey)", loc="left", fontsize=9.5)
    axes.xaxis.set_major_locator(MonthLocator())
    axes.xaxis.set_minor_locator(DayLocator(interval=7))
    axes.xaxis.set_major_formatter(ConciseDateFormatter(axes.xaxis.get_major_locator(), show_offset=False))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def crime(run: Run) -> str:
    """One told story of fraud and the laundering that it fed, of those that paid on the one whose victim told the bank first."""
    stories = run.stories().to_pandas()
    mules = set(stories["parent_story_id"])
    fraud = stories[stories["story_id"].isin(mules) & (stories["family"] == "scam") & stories["text"].str.contains("told bank")]
    first = fraud.sort_values(["start", "story_id"]).iloc[0]
    after = stories[stories["parent_story_id"] == first["story_id"]].sort_values(["start", "story_id"]).iloc[0]
    return f"> {first['text']}\n>\n> {after['text']}"


def main() -> None:
    """Writes all three."""
    run = open_run(sys.argv[1] if len(sys.argv) > 1 else "out/demo")
    picture(run).savefig(HERE / "first_day.png", dpi=110, metadata={"Software": None})
    readme = HERE.parent / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(OPENING, 1)
    readme.write_text(f"{before}{OPENING}\n{story(run)}\n{CLOSING}{rest.split(CLOSING, 1)[1]}", encoding="utf-8")
    before, rest = readme.read_text(encoding="utf-8").split(CRIME, 1)
    readme.write_text(f"{before}{CRIME}\n{crime(run)}\n{END_OF_CRIME}{rest.split(END_OF_CRIME, 1)[1]}", encoding="utf-8")
    print(story(run))
    print(crime(run))


if __name__ == "__main__":
    main()
