"""The pack `online_cards_2016` from published aggregates of real online card payments; the files themselves are not shipped.

``python -m calibration.derive_online FOLDER`` writes `packs/online_cards_2016.yaml`. FOLDER is `data/simulator_input` of MultiMAuS
(Zintgraf, Lopez-Rojas, Roijers, Nowé, 2017; MIT licence): counts, clocks, countries and amounts of 90,357 payments of 2016, genuine against
fraud.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

PACK = Path(__file__).parent / "packs" / "online_cards_2016.yaml"
SOURCE = "MultiMAuS: aggregates of 90,357 online card payments at seven merchants (Zintgraf, Lopez-Rojas, Roijers, Nowé, 2017)"
COMMON = {"population": "online card payments through one provider", "period": "2016", "source": SOURCE, "status": "derived"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTERS = ("night", "morning", "afternoon", "evening")
POINTS = "points: some hours hold less than a hundredth of the day"
type Frame = Any
"""A data frame: its stubs know too little of its cells."""
type Floats = NDArray[np.float64]


def _named(names: list[str], values: Floats) -> dict[str, float]:
    return {name: round(float(value), 4) for name, value in zip(names, values, strict=True)}


def _error(shares: Floats, count: float) -> list[float]:
    return [float(np.sqrt(share * (1 - share) / count)) for share in shares]


def derive(folder: Path) -> list[dict[str, object]]:
    """The targets, with the standard errors of shares of so many payments."""
    table: Frame = pd.read_csv(folder / "aggregated_data.csv", index_col=0)
    genuine, fraud = (float(table.loc["transactions", kind]) for kind in ("non-fraud", "fraud"))
    hours, days = np.load(folder / "hour_frac.npy"), np.load(folder / "weekday_frac.npy")
    names = [f"hour_{hour}" for hour in range(24)]
    quarters = hours[:, 1].reshape(4, 6).sum(axis=1)
    countries = pd.read_csv(folder / "country_frac.csv", index_col=0)
    top = {kind: countries[kind].astype(float).sort_values(ascending=False) for kind in ("non-fraud", "fraud")}

    def target(name: str, what: str, value: object, unit: str, role: str, measured: str, **more: object) -> dict[str, object]:
        return {"id": name, "what": what, "value": value, "unit": unit, **COMMON, **more, "role": role, "moment": measured}

    def shown(name: str, what: str, value: object, unit: str, why: str) -> dict[str, object]:
        return target(name, what, value, unit, "report", "not_in_world", why=why)

    amount = {"genuine": float(table.loc["avg amount", "non-fraud"]), "fraud": float(table.loc["avg amount", "fraud"])}
    single = {"genuine": float(table.loc["cards, single use", "non-fraud"]) / float(table.loc["cards", "non-fraud"]),
              "fraud": float(table.loc["cards, single use", "fraud"]) / float(table.loc["cards", "fraud"])}  # fmt: skip
    stay = np.load(folder / "prob_stay.npy")
    return [
        target("remote_hour_shares", "share of genuine online payments by local hour", _named(names, hours[:, 0]), "share", "fit",
               "remote_hour_shares", tolerance="1 points", why=POINTS, error=_named(names, np.array(_error(hours[:, 0], genuine)))),
        target("remote_weekday_shares", "share of genuine online payments by weekday", _named(list(WEEKDAYS), days[:, 0]), "share",
               "hold-out", "remote_weekday_shares", error=_named(list(WEEKDAYS), np.array(_error(days[:, 0], genuine))), tolerance="10 %",
               why="a world has one week for all purchases; these are seven merchants in several countries"),
        target("fraud_hour_shares", "share of fraudulent online payments by quarter of the local day", _named(list(QUARTERS), quarters),
               "share", "hold-out", "fraud_hour_shares", error=_named(list(QUARTERS), np.array(_error(quarters, fraud))),
               why="counted from labels, not assessed below a hundred; 1,163 frauds come in bursts, the error is that of single ones"),
        shown("fraud_of_number", "share of online payments that are fraud", round(fraud / (genuine + fraud), 5), "share",
              "seven merchants of one provider that were chosen for their fraud; a hundred times the rate of countries"),
        shown("mean_amount", "mean online payment", {name: round(value, 1) for name, value in amount.items()}, "mixed currencies",
              "five currencies are added up unconverted; most fraud in euros is at one merchant of small amounts"),
        shown("single_use", "share of cards that are seen once", {name: round(value, 3) for name, value in single.items()}, "share",
              "cards as seven merchants saw them; a world knows all purchases of a card"),
        shown("another_payment", "chance of another payment by the same card", {"genuine": round(float(stay[0]), 3),
              "fraud": round(float(stay[1]), 3)}, "share", "as for cards that are seen once"),
        shown("top_countries", "share of the five commonest countries of cards, genuine",
              {str(code).lower(): round(float(share), 3) for code, share in top["non-fraud"].head(5).items()}, "share",
              "a world is one town"),
        shown("top_countries_of_fraud", "share of the five commonest countries of cards, fraud",
              {str(code).lower(): round(float(share), 3) for code, share in top["fraud"].head(5).items()}, "share", "a world is one town"),
    ]  # fmt: skip


def main() -> None:
    """Write the pack."""
    targets = derive(Path(sys.argv[1]))
    direct = [{"path": f"calendar.hours.online.{part}.{hour}", "target": "remote_hour_shares", "component": f"hour_{hour}", "times": 1000}
              for part in ("weekday", "weekend") for hour in range(24)]  # fmt: skip
    pack = {
        "name": "online_cards_2016",
        "about": "Clocks of genuine and fraudulent online card payments, 2016, and what their provider saw of cards and amounts.",
        "notes": [
            "Payments of seven merchants through one provider: their level, growth over the year and countries are theirs alone.",
            "Hours are local to the card's country; a quarter of the payments is made from 21 h to midnight.",
        ],
        "targets": targets, "direct": direct,
    }  # fmt: skip
    head = "# Written by `python -m calibration.derive_online`; the files that it is derived from are not shipped.\n"
    PACK.write_text(head + yaml.safe_dump(pack, sort_keys=False, allow_unicode=True, width=140, default_flow_style=None), encoding="utf-8")


if __name__ == "__main__":
    main()
