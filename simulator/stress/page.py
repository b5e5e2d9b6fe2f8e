"""The single-file HTML report of a stress."""

from pathlib import Path
from typing import Any

import numpy as np

from simulator.pages import fill, write
from simulator.report.page import short
from simulator.report.shocks import shock_rows
from simulator.scenario.expectations import METRICS
from simulator.stress import figures
from simulator.stress.effects import Course, course, narrower, smoothing
from simulator.stress.metrics import HOW, MONEY, RATIO
from simulator.stress.result import Stress
from simulator.stress.variants import onset
from simulator.stress.verdicts import FAILED, MET

FANS = ("income", "saving_rate", "balance", "deposits", "unemployment", "payments", "remote_share", "decline_rate", "withdrawals", "notes",
        "merchants", "delinquency", "defaults", "charge_offs", "card_debt", "central_bank_loans", "outflow", "fraud_attempts",
        "fraud_losses", "detection")  # fmt: skip
"""Metrics that have a fan of their own, beside spending, as far as the world measures them."""

BY = (("spending", "category"), ("spending", "method"), ("spending", "quartile"), ("income", "kind"), ("unemployment", "sector"),
      ("delinquency", "sector"), ("deposits", "bank"), ("balance", "quintile"), ("declines", "reason"),
      ("fraud_losses", "family"))  # fmt: skip
"""Effects that are shown by group."""

APART = ("spending", "income", "saving_rate", "deposits", "charge_offs", "fraud_losses")
"""Metrics that are shown shock by shock."""

type Frame = Any
"""A data frame: its stubs know too little of its columns."""

COLOURS = {MET: "met", FAILED: "missed"}


def write_page(found: Stress, file: Path) -> None:
    """Write the report of a stress: one HTML file that needs nothing else.

    Raises:
        MachineError: the file cannot be written.
    """
    write(file, render(found))


def render(found: Stress) -> str:
    """The report as HTML text."""
    whole, scenario = _whole(found), found.scenario
    judged = [one._asdict() | {"colour": COLOURS.get(one.verdict, "")} for one in found.verdicts]
    return fill(
        "simulator.stress", "page.html",
        title=scenario.name.replace("_", " ").capitalize(), about=scenario.about, baseline=found.baseline.name,
        smoothed=_smoothed(found), summary=found.about, figures=_headline(whole), verdicts=judged,
        pictures=_pictures(found, whole), rows=_rows(whole), turns=_turns(found), shocks=shock_rows(scenario.shocks),
        variables=scenario.variables, correlation=_correlation(found), sensitivity=_sensitivity(found), narrower=_ratio(whole),
        currency=scenario.country.currency,
    )  # fmt: skip


def _smoothed(found: Stress) -> str:
    width = smoothing(found.panel.days)
    return {1: "single days", 7: "seven days"}.get(width, "four weeks")


def _whole(found: Stress) -> Frame:
    """Effects over the whole run."""
    effects: Frame = found.effects
    return effects[effects["period"] == "run"].set_index(["metric", "group"])


def amount(metric: str, value: float) -> str:
    """A level of a metric as text: shares in per cent, large numbers short."""
    if not np.isfinite(value):
        return "–"
    return f"{100 * value:.4g} %" if HOW[metric].unit == RATIO else short(value)


def change(metric: str, effect: float, baseline: float) -> str:
    """An effect as text: shares in percentage points, all else in per cent of the baseline; as it is where that is 0."""
    if not np.isfinite(effect):
        return "–"
    if HOW[metric].unit == RATIO:
        return f"{100 * effect:+.2f} pp"
    return f"{effect / abs(baseline):+.1%}".replace("%", " %") if baseline else f"{effect:+,.4g}"


def between(metric: str, low: float, high: float, baseline: float) -> str:
    """An interval of an effect as text, without its unit."""
    ends = [change(metric, end, baseline).removesuffix(" pp").removesuffix(" %") for end in (low, high)]
    return " to ".join(ends)


def _headline(whole: Frame) -> list[dict[str, str]]:
    """The figures on top of the page."""
    shown = []
    for metric in ("spending", "income", "saving_rate", "deposits", "decline_rate", "charge_offs", "unemployment", "fraud_losses"):
        if (metric, "all") in whole.index:
            row = whole.loc[(metric, "all")]
            shown.append({"name": metric.replace("_", " "), "value": change(metric, row["effect"], row["baseline"])})
    return shown


def _ratio(whole: Frame) -> str:
    """How many times narrower pairing makes intervals: the median over metrics of everybody."""
    ratios = narrower(whole.loc[[key for key in whole.index if key[1] == "all"]]).replace(np.inf, np.nan).dropna()
    return f"{ratios.median():.1f}" if len(ratios) else "–"


def _pictures(found: Stress, whole: Frame) -> dict[str, list[dict[str, Any]]]:
    return {"over_time": _over_time(found, whole), "by_group": _by_group(found), "apart": _apart(found, whole)}


def _card(title: str, says: str, svg: str, wide: bool = False) -> dict[str, Any]:
    return {"title": title[:1].upper() + title[1:].replace("_", " "), "says": says, "svg": svg, "wide": wide}


def _over_time(found: Stress, whole: Frame) -> list[dict[str, Any]]:
    """Fans of effects by day."""
    start, first = found.panel.start, onset(found.scenario)

    def one(metric: str, groups: list[str], names: list[str], wide: bool = False) -> str:
        courses: list[Course] = [course(found.panel, metric, group) for group in groups]
        return figures.fan(courses, names, start, first, wide)

    cards = []
    if ("spending", "all") in whole.index:
        says = "Value of people's purchases at merchants. Line: mean over pairs; dark: its 90 % interval; light: all pairs."
        cards.append(_card("spending", says, one("spending", ["all"], ["all"], wide=True), wide=True))
        ends = [group for group in ("quartile=1", "quartile=4") if ("spending", group) in whole.index]
        if len(ends) == 2:
            svg = one("spending", ends, ["lowest", "highest"])
            cards.append(_card("spending, poor and rich", "Lowest and highest fourth of household income.", svg))
    for metric in FANS:
        if (metric, "all") in whole.index and whole.loc[(metric, "all"), "effect"] != 0:
            cards.append(_card(metric, _says(metric), one(metric, ["all"], ["all"])))
    return cards


def _says(metric: str) -> str:
    text = METRICS[metric].partition(";")[0]
    return text[:1].upper() + text[1:] + "."


FOURTHS = ("lowest fourth", "second fourth", "third fourth", "highest fourth")
FIFTHS = ("lowest fifth", "second fifth", "middle fifth", "fourth fifth", "highest fifth")


def called(key: str, value: str) -> str:
    """A group in words: quartiles and quintiles, of household income, are numbered."""
    names = {"quartile": FOURTHS, "quintile": FIFTHS}.get(key)
    return names[int(value) - 1] if names else value


def _by_group(found: Stress) -> list[dict[str, Any]]:
    """Effects by group over the whole run, and in the month in which spending differs most."""
    effects: Frame = found.effects
    cards = []
    mine = (effects["metric"] == "spending") & (effects["group"] == "all")
    months = effects[mine & (effects["period"] == "month") & (effects["days"] > 20)]
    worst = months.loc[months["effect"].abs().idxmax(), "date"] if len(months) > 1 else None
    for metric, key in BY:
        rows = effects[(effects["metric"] == metric) & effects["group"].str.fullmatch(f"{key}=[a-z0-9_]+") & (effects["baseline"] != 0)]
        if key == "sector":  # of employers; those of shops are too many for a picture
            rows = rows[rows["group"].isin([f"sector={sector.name}" for sector in found.scenario.income.sectors])]
        rows = rows.assign(name=[called(*group.split("=")) for group in rows["group"]])
        frames = {"whole run": rows[rows["period"] == "run"].set_index("name")}
        if worst is not None:
            frames[f"{worst:%B %Y}"] = rows[(rows["period"] == "month") & (rows["date"] == worst)].set_index("name")
        if len(frames["whole run"]) > 1:
            svg = figures.bars(frames, metric, ranked=key not in ("quartile", "quintile"))
            cards.append(_card(f"{metric} by {key}", _says(metric), svg))
    return cards


def _apart(found: Stress, whole: Frame) -> list[dict[str, Any]]:
    """What each shock does."""
    apart: Frame = found.decomposition
    if apart is None:
        return []
    cards = []
    for metric in APART:
        rows = apart[(apart["metric"] == metric) & (apart["group"] == "all") & (apart["period"] == "run")]
        if len(rows):
            cards.append(_card(metric, _says(metric), figures.shock_bars(rows, metric, float(whole.loc[(metric, "all"), "baseline"]))))
    return cards


def _rows(whole: Frame) -> list[dict[str, str]]:
    """The table of effects of everybody over the whole run."""
    rows = []
    for (metric, group), row in whole.iterrows():
        if group != "all":
            continue
        base = row["baseline"]
        ratio = (row["unpaired_high"] - row["unpaired_low"]) / (row["high"] - row["low"]) if row["high"] > row["low"] else np.nan
        rows.append({
            "metric": metric.replace("_", " "), "meaning": METRICS[metric], "baseline": amount(metric, base),
            "scenario": amount(metric, row["scenario"]), "effect": change(metric, row["effect"], base),
            "interval": between(metric, row["low"], row["high"], base), "narrower": f"{ratio:.1f}" if np.isfinite(ratio) else "–",
            "sure": "sure" if row["low"] > 0 or row["high"] < 0 else "", "money": "1" if HOW[metric].unit == MONEY else "",
        })  # fmt: skip
    return rows


def _missing(value: Any) -> bool:
    """Whether a cell of a table is empty: no number is unlike itself, and pandas' own nothing is no number."""
    return value is None or not isinstance(value, int | float | np.number) or bool(np.isnan(value))


def _records(frame: Frame) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = frame.to_dict("records")
    return found


def _turns(found: Stress) -> list[dict[str, str]]:
    """Troughs and recoveries, of everybody, and of spending by category and quartile."""
    frame: Frame = found.turns
    mine = frame[(frame["group"] == "all") | ((frame["metric"] == "spending") & frame["group"].str.match("category|quartile"))]
    rows = []
    for row in _records(mine):
        group = " · ".join(called(*part.split("=")).replace("_", " ") for part in row["group"].split(",") if part != "all")
        base = abs(row["effect"] / row["relative"]) if row["relative"] else 0.0
        rows.append({
            "what": row["metric"].replace("_", " ") + (f" · {group}" if group else ""), "trough": str(row["trough"]),
            "effect": change(row["metric"], row["effect"], base), "days": f"{row['days_to_trough']:,}",
            "recovery": "not within the run" if _missing(row["days_to_recovery"]) else f"{row['days_to_recovery']:,}",
        })  # fmt: skip
    return rows


def _correlation(found: Stress) -> list[dict[str, str]]:
    return [
        {"world": row["world"], "group": row["group"].replace("=", " ").replace("_", " "),
         "period": f"{row['period']} from {row['date']}" if row["period"] != "run" else "whole run",
         "rate": f"{row['rate']:.2%}", "correlation": "–" if _missing(row["correlation"]) else f"{row['correlation']:.4f}",
         "interval": "–" if _missing(row["low"]) else f"{row['low']:.4f} to {row['high']:.4f}"}
        for row in _records(found.correlation)
    ]  # fmt: skip


def _sensitivity(found: Stress) -> dict[str, Any] | None:
    """What was varied: the picture and the table for spending, and which assumption leads for every other metric."""
    if found.points is None:
        return None
    rows: Frame = found.sensitivity
    count = int(found.points["point"].max())
    if rows is None or not len(rows):
        return {"picture": "", "rows": [], "leads": [], "points": count}
    mine = rows[(rows["group"] == "all") & (rows["result"] == "relative")].sort_values("mu_star", ascending=False)
    shown = mine[mine["metric"] == "spending"]
    leads = mine[mine["mu_star"] > 0].drop_duplicates("metric")
    return {
        "picture": figures.screening(shown) if len(shown) else "", "points": count,
        "rows": [{"path": row["path"], "mu": f"{row['mu']:+.3%}", "mu_star": f"{row['mu_star']:.3%}", "sigma": f"{row['sigma']:.3%}",
                  "interval": f"± {row['mu_star_interval']:.3%}"} for row in _records(shown)],
        "leads": [{"metric": row["metric"].replace("_", " "), "path": row["path"], "mu_star": f"{row['mu_star']:.2%}"}
                  for row in _records(leads)],
    }  # fmt: skip
