"""Derive the joint table of households and its income quantiles from public CPS microdata.

Reads ``cps.csv.gz`` of the public-domain Python package ``taxcalc`` (version 6.8.5, "Tax-Calculator"), which holds tax
units of the Current Population Survey of 2012 to 2014 with the weights of those years. Only aggregates leave this
script: shares of cells and quantiles, no row of the survey.

What it decides, beyond adding up:

- a household is all tax units with one household number in one survey year; its weight is that of its first unit;
- its income is wages, business, farm, interest, dividends, pensions, social security, unemployment benefit, SSI and
  food support of all its units;
- its head is the head of the first unit; its second adult is the head's spouse, else the head of the next unit, else
  an adult dependent; a third adult is whoever comes next;
- of a couple's income that the survey does not split, pensions go in equal parts to those aged 62 or more, else to
  the head, and benefits go to the head (assumption);
- a person's main income is the largest of wages, self-employment, pension and benefit; a person who lives mainly on
  interest and dividends of $2,000 or more counts as a pensioner from 60 and as self-employed before (assumption);
- aged 18 to 24 with less than $8,000 earned and nothing larger, a person is a student (assumption);
- a household with less than $3,000 a year lives on something the survey does not ask for: quantiles are raised to that
  floor (assumption; the top point pays for it, so that the mean stays the survey's);
- an adult dependent without an own unit is a student up to 20 and without own income after that (assumption).

Usage:
    python calibration/derive_households.py taxcalc-6.8.5-py3-none-any.whl scenarios/households us_2012_14
"""

import io
import sys
import zipfile
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

MONEY = {
    "wage": ["e00200"],
    "self_employed": ["e00900", "e02100"],
    "capital": ["e00300", "e00600"],
    "pension": ["e01500", "e02400"],
    "benefit": ["e02300", "ssi_ben", "snap_ben"],
}
AGES = [(18, 24), (25, 34), (35, 44), (45, 54), (55, 64), (65, 74), (75, 90)]
KINDS = ["salaried", "self_employed", "pension", "benefit", "student", "none"]
STUDENT_EARNS = 8000.0
CAPITAL_COUNTS = 2000.0
SMALLEST_CELL = 2e-5
FLOOR = 3000.0
QUANTILES = np.unique(np.round(np.concatenate([
    [0, 0.001, 0.0025, 0.005, 0.0075], np.arange(0.01, 0.05, 0.005), np.arange(0.05, 0.95, 0.01), np.arange(0.95, 0.99, 0.0025),
    np.arange(0.99, 0.999, 0.001), [0.999, 0.9995, 1.0],
]), 6))  # fmt: skip


def read_units(wheel: Path) -> pd.DataFrame:
    """Read the tax units from the wheel and add up their incomes by source."""
    with zipfile.ZipFile(wheel) as archive:
        units = pd.read_csv(io.BytesIO(archive.read("taxcalc/cps.csv.gz")), compression="gzip")
    units["household"] = units["FLPDYR"] * 1_000_000 + units["h_seq"]
    units["weight"] = units["s006"] / 100.0
    units["adults"] = units["n1820"] + units["n21"]
    for source, columns in MONEY.items():
        units[source] = units[columns].sum(axis=1)
    units["income"] = units[list(MONEY)].sum(axis=1)
    return units.sort_values(["household", "a_lineno"], kind="stable").reset_index(drop=True)


def kind_of(age: pd.Series, wage: pd.Series, own: pd.Series, pension: pd.Series, benefit: pd.Series, capital: pd.Series) -> pd.Series:
    """Main income of persons, one of KINDS."""
    sources = pd.DataFrame(
        {
            "salaried": wage,
            "self_employed": own.abs(),
            "pension": pension,
            "benefit": benefit,
            "capital": capital.where(capital >= CAPITAL_COUNTS, 0.0),
        }
    )
    kind = sources.idxmax(axis=1).where(sources.max(axis=1) > 0, "none").astype(str)
    kind[kind.eq("capital") & age.ge(60)] = "pension"
    kind[kind.eq("capital")] = "self_employed"
    earned = wage + own.clip(lower=0)
    student = age.between(18, 24) & (earned < STUDENT_EARNS) & (sources[["pension", "benefit"]].max(axis=1) <= earned.clip(lower=1))
    kind[student] = "student"
    return kind


def people_of(units: pd.DataFrame) -> pd.DataFrame:
    """One row per adult with household, order within it, age, main income and own income."""
    married = units["MARS"].eq(2) & units["age_spouse"].ge(15)
    old_head = units["age_head"].ge(62)
    old_spouse = married & units["age_spouse"].ge(62)
    to_spouse = np.select([old_spouse & old_head, old_spouse], [0.5, 1.0], 0.0)
    head = pd.DataFrame({
        "household": units["household"], "line": units["a_lineno"] * 100.0, "age": units["age_head"],
        "wage": units["e00200p"], "own": units["e00900p"] + units["e02100p"], "pension": units["pension"] * (1 - to_spouse),
        "benefit": units["benefit"], "capital": units["capital"] * np.where(married, 0.5, 1.0),
    })  # fmt: skip
    spouse = pd.DataFrame({
        "household": units["household"], "line": units["a_lineno"] * 100.0 + 1, "age": units["age_spouse"],
        "wage": units["e00200s"], "own": units["e00900s"] + units["e02100s"], "pension": units["pension"] * to_spouse,
        "benefit": 0.0, "capital": units["capital"] * 0.5,
    })[married]  # fmt: skip
    listed = married.astype(int) + (units["age_head"] >= 18).astype(int)
    spare = (units["adults"] - listed).clip(lower=0)
    rows = []
    for extra in range(1, 4):
        more = units[spare >= extra]
        young = more["n1820"] >= extra
        rows.append(
            pd.DataFrame({"household": more["household"], "line": 1e6 + more["a_lineno"] * 100.0 + extra, "age": np.where(young, 19, 30)})
        )
    people = pd.concat([head, spouse, *rows], ignore_index=True).fillna(0.0)
    first = people.groupby("household")["line"].transform("min")
    people = people[(people["age"] >= 18) | (people["line"] == first)].copy()
    people["kind"] = kind_of(people["age"], people["wage"], people["own"], people["pension"], people["benefit"], people["capital"])
    people["earned"] = (people["wage"] + people["own"].clip(lower=0) + people["pension"]).clip(lower=0)
    people = people.sort_values(["household", "line"], kind="stable")
    people["place"] = people.groupby("household").cumcount()
    return people


def households_of(units: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One row per household with what the cells are cut by."""
    groups = units.groupby("household")
    table = groups.agg(weight=("weight", "first"), income=("income", "sum"), under_18=("nu18", "sum"), status=("MARS", "first"))
    for place in range(3):
        adult = people[people["place"] == place].set_index("household")
        table[f"age_{place}"] = adult["age"]
        table[f"kind_{place}"] = adult["kind"]
        table[f"earned_{place}"] = adult["earned"]
    table["adults"] = table[["age_0", "age_1", "age_2"]].notna().sum(axis=1)
    table["children"] = (table["under_18"] > 0).astype(int)
    table["couple"] = table["status"].eq(2).astype(float)
    total = table[["earned_0", "earned_1", "earned_2"]].fillna(0.0).sum(axis=1)
    for place in (1, 2):
        table[f"share_{place}"] = (table[f"earned_{place}"].fillna(0.0) / total.where(total > 0)).fillna(0.0)
    table["band"] = np.clip(np.searchsorted([high for _, high in AGES], table["age_0"]), 0, len(AGES) - 1)
    ranked = table.sort_values("income", kind="stable")
    middle = ranked["weight"].cumsum() - ranked["weight"] / 2
    table["decile"] = np.clip((middle / ranked["weight"].sum() * 10).astype(int), 0, 9)
    return table


def cells_of(table: pd.DataFrame) -> pd.DataFrame:
    """Shares of households by cell, with the main incomes of their adults."""
    rows = []
    whole = table["weight"].sum()
    for key, cell in table.groupby(["adults", "children", "band", "decile"]):
        adults, children, band, decile = (int(part) for part in cast("tuple[int, int, int, int]", key))
        weight = cell["weight"].sum() / whole
        if weight < SMALLEST_CELL:
            continue
        low, high = AGES[band]
        row: dict[str, float] = {
            "adults": adults,
            "children": children,
            "age_low": low,
            "age_high": high,
            "decile": decile,
            "weight": weight,
        }
        shares = cell["weight"] / cell["weight"].sum()
        head = cell["kind_0"].replace("none", "student" if band == 0 else "benefit")
        row.update({f"head_{kind}": shares[head == kind].sum() for kind in KINDS[:5]})
        for place, who in ((1, "partner"), (2, "third")):
            row.update({f"{who}_{kind}": shares[cell[f"kind_{place}"] == kind].sum() for kind in KINDS})
            row[f"{who}_share"] = float(np.average(cell[f"share_{place}"], weights=cell["weight"]))
        row["couple"] = float((shares * cell["couple"]).sum()) if adults > 1 else 0.0
        rows.append(row)
    cells = pd.DataFrame(rows)
    cells["weight"] *= 0.1 / cells.groupby("decile")["weight"].transform("sum")
    return cells.round({column: 5 for column in cells.columns if column != "weight"}).round({"weight": 14})


def quantiles_of(table: pd.DataFrame) -> pd.DataFrame:
    """Quantiles of income; the top point keeps the mean of the piecewise-linear function at the mean of the data."""
    ranked = table.sort_values("income", kind="stable")
    weight = ranked["weight"].to_numpy()
    income = ranked["income"].to_numpy().astype(float)
    place = (np.cumsum(weight) - weight / 2) / weight.sum()
    values = np.maximum.accumulate(np.maximum(np.interp(QUANTILES, place, income), FLOOR + QUANTILES * 100))
    mean = float(np.average(income, weights=weight))
    steps = np.diff(QUANTILES)
    below = float(np.sum(steps[:-1] * (values[:-2] + values[1:-1]) / 2))
    values[-1] = max((mean - below) / steps[-1] * 2 - values[-2], values[-2] * 1.1)
    reached = below + steps[-1] * (values[-2] + values[-1]) / 2
    print(f"households {weight.sum() / 1e6:.1f} m, mean income {mean:.0f}, of the function {reached:.0f}")
    return pd.DataFrame({"quantile": QUANTILES, "income": np.round(values).astype(int)})


def main(wheel: Path, folder: Path, name: str) -> None:
    """Write the two tables."""
    units = read_units(wheel)
    table = households_of(units, people_of(units))
    folder.mkdir(parents=True, exist_ok=True)
    cells_of(table).to_csv(folder / f"{name}.csv", index=False)
    quantiles_of(table).to_csv(folder / f"{name}_income.csv", index=False)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python calibration/derive_households.py WHEEL FOLDER NAME")
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
