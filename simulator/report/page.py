"""The single-file HTML report of a run."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from simulator.pages import fill, write
from simulator.record.read import Run, open_run
from simulator.record.schema import TABLES
from simulator.report import figures
from simulator.report.numbers import Numbers, read_numbers
from simulator.report.shocks import shock_rows
from simulator.report.targets import Group, component, figure, group, verdicts
from simulator.scenario import Period

VERDICT_COLOURS = {"ok": "met", "off": "missed"}
"""Classes of the page by verdict; what decides nothing has no colour."""


def write_report(run: Path, out: Path | None = None, targets: Iterable[Mapping[str, Any]] = ()) -> Path:
    """Writes the report of a run: one HTML file that needs nothing else.

    Args:
        run: The run folder.
        out: The file to write; `report.html` in the run folder by default.
        targets: The run set beside sourced aggregates, as `calibration.compare.compare_run` gives it: rows with
            `id`, `what`, `target`, `unit`, `achieved`, `tolerance`, `misfit`, `verdict`, `source` and `why`.

    Returns:
        The file written.

    Raises:
        InputError: If the folder is no whole run.
        MachineError: If the file cannot be written.
    """
    page = render(open_run(run), list(targets))
    file = out or run / "report.html"
    write(file, page)
    return file


def render(run: Run, targets: list[Mapping[str, Any]]) -> str:
    """The report of an open run as HTML text.

    Args:
        run: An open run.
        targets: The run set beside sourced aggregates; see `write_report`.

    Returns:
        The page.
    """
    numbers = read_numbers(run)
    scenario, manifest = run.scenario, run.manifest
    count = verdicts(targets)
    return fill(
        "simulator.report",
        "page.html",
        title=scenario.name.replace("_", " ").capitalize(),
        about=scenario.about,
        period=_period(scenario.period),
        seed=manifest.get("seed"),
        status=manifest.get("status"),
        digest=manifest.get("digests", {}).get("run", "not known"),
        version=manifest.get("versions", {}).get("ledgerfolk", ""),
        figures=[{"name": name, "value": value} for name, value in headline(numbers).items()],
        pictures=_pictures(numbers),
        shocks=shock_rows(scenario.shocks),
        targets=_targets(targets),
        verdicts=f"{count['ok']} of {count['ok'] + count['off']} figures that the scenario is set to meet are within their tolerance",
        no_targets="no comparison was given" if scenario.targets else "its scenario names no targets",
        tables=[{"name": name, "rows": f"{manifest['rows'].get(name, 0):,}", "meaning": table.meaning} for name, table in TABLES.items()],
        empty=[name for name in TABLES if not manifest["rows"].get(name, 0)],
    )


def headline(numbers: Numbers) -> dict[str, str]:
    """The figures on top of the page, by name.

    Args:
        numbers: The numbers of a run.

    Returns:
        What to show, as text.
    """
    attempts = max(numbers.seen, 1)
    shown = {
        "payments that banks saw": f"{numbers.seen:,}",
        f"value approved, {numbers.currency}": short(numbers.value),
        "customers": f"{numbers.customers:,}",
        "declined": f"{numbers.declined / attempts:.2%}",
        "payments in notes, seen by no bank": f"{numbers.unseen:,}",
        f"value in notes, {numbers.currency}": short(numbers.unseen_value),
    }
    if numbers.others:
        shown[f"payments not in {numbers.currency}, left out below"] = f"{numbers.others:,}"
    return shown


def short(value: float) -> str:
    """A number in at most five characters and a word: 1234567 is `1.23 M`.

    Args:
        value: The number.

    Returns:
        The text.
    """
    for size, word in ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g} {word}"
    return f"{value:.4g}"


def _period(period: Period) -> str:
    return f"{period.start} to {period.start + timedelta(days=period.days - 1)}, {period.days} days"


def _pictures(numbers: Numbers) -> dict[str, list[dict[str, Any]]]:
    def picture(title: str, says: str, svg: str, wide: bool = False) -> dict[str, Any]:
        return {"title": title, "says": says, "svg": svg, "wide": wide}

    over_time = "Approved payments that banks saw, by whole local day."
    declined = (
        [picture("Why payments are declined", "The reasons that the field uses.", figures.reasons(numbers))] if numbers.declined else []
    )
    return {
        "when": [
            picture("Payments over time", over_time, figures.payments_over_time(numbers), wide=True),
            picture("Hours", "Share of payments that banks saw, by hour of the local day.", figures.payments_by_hour(numbers)),
            picture("Weekdays", "Payments of a weekday against the mean of the seven.", figures.payments_by_weekday(numbers)),
        ],
        "what": [
            picture("Categories", "What purchases at merchants are spent on, notes included.", figures.categories(numbers)),
            picture("Purposes", "What money moves for, notes included.", figures.purposes(numbers)),
            picture("Methods", "How money moves, notes included.", figures.methods(numbers)),
            *declined,
        ],
        "shapes": [
            picture("Amounts", "Share of payments by amount, in bins of equal ratio.", figures.amounts(numbers)),
            picture("Merchants by size", "Sales by rank; a straight line is a heavy tail.", figures.merchant_sizes(numbers)),
        ],
    }  # fmt: skip


def _targets(rows: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The targets in three parts: judged, for comparison only, not assessed. A target with a miss comes open."""
    parts = {
        "judged": ("Held to", "Figures that the scenario is set to meet."),
        "report": ("For comparison only", "Figures that the household budget contradicts, or that are held out; they decide nothing."),
        "rest": ("Not assessed", "This run is too short for them, or holds nothing to measure them by."),
    }
    groups = group(rows)
    members = {
        "judged": [one for one in groups if one.judged],
        "report": [one for one in groups if one.verdict == "report"],
        "rest": [one for one in groups if one.verdict == "not assessed"],
    }
    return [
        {"title": title, "says": says, "groups": [_group(one) for one in members[key]]}
        for key, (title, says) in parts.items()
        if members[key]
    ]


def _group(one: Group) -> dict[str, Any]:
    shown = (one.judged or list(one.rows))[0]
    several = len(one.rows) > 1
    unit = str(shown["unit"])
    if several and one.judged:
        about = f"{one.met} met, worst: {component(shown)}"
    else:
        about = f"{component(one.rows[0])} … {component(one.rows[-1])}" if several else ""
    return {
        "what": one.what,
        "about": " · ".join(part for part in ("" if unit in ("share", "factor") or unit in one.what.split() else unit, about) if part),
        "several": several,
        "verdict": one.verdict,
        "colour": VERDICT_COLOURS.get(one.verdict, ""),
        "open": bool(one.missed),
        "shown": _cells(shown) if one.judged or not several else None,
        "rows": [_cells(row) for row in one.rows],
        "source": str(shown.get("source") or "no source given"),
        "why": str(shown.get("why") or ""),
    }


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    unit, verdict = str(row["unit"]), str(row["verdict"])
    return {
        "component": component(row),
        "achieved": figure(row.get("achieved"), unit),
        "target": figure(row.get("target"), unit),
        "tolerance": figure(row.get("tolerance"), ""),
        "verdict": verdict,
        "colour": VERDICT_COLOURS.get(verdict, ""),
    }
