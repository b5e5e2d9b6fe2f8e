"""The single-file HTML report of a run."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from simulator.errors import MachineError
from simulator.record.read import Run, open_run
from simulator.record.schema import TABLES
from simulator.report import figures
from simulator.report.numbers import Numbers, read_numbers
from simulator.scenario import Period

VERDICT_COLOURS = {"ok": "met", "off": "missed"}
"""Classes of the page by verdict; a target that decides nothing has no colour."""


def write_report(run: Path, out: Path | None = None, targets: Iterable[Mapping[str, Any]] = ()) -> Path:
    """Writes the report of a run: one HTML file that needs nothing else.

    Args:
        run: The run folder.
        out: The file to write; `report.html` in the run folder by default.
        targets: The run set beside sourced aggregates, as `calibration.compare.compare_run` gives it: rows with
            `what`, `target`, `unit`, `achieved`, `tolerance`, `verdict`, `role` and `source`.

    Returns:
        The file written.

    Raises:
        InputError: If the folder is no whole run.
        MachineError: If the file cannot be written.
    """
    page = render(open_run(run), list(targets))
    file = out or run / "report.html"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise MachineError(f"{file}: cannot be written: {error.strerror}") from None
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
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    template = environment.from_string(files("simulator.report").joinpath("page.html").read_text(encoding="utf-8"))
    scenario, manifest = run.scenario, run.manifest
    verdicts = [str(row["verdict"]) for row in targets]
    return template.render(
        title=scenario.name.replace("_", " ").capitalize(),
        about=scenario.about,
        period=_period(scenario.period),
        seed=manifest.get("seed"),
        status=manifest.get("status"),
        digest=manifest.get("digests", {}).get("run", "not known"),
        version=manifest.get("versions", {}).get("ledgerfolk", ""),
        figures=[{"name": name, "value": value} for name, value in headline(numbers).items()],
        pictures=_pictures(numbers),
        targets=[_target(row) for row in targets],
        verdicts=", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in sorted(set(verdicts)) if verdict),
        no_targets="no comparison was given" if scenario.targets else "its scenario names no targets",
        tables=[{"name": name, "rows": f"{manifest['rows'].get(name, 0):,}", "meaning": table.meaning} for name, table in TABLES.items()],
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
            picture("Hours", "Share of payments by hour of the local day.", figures.payments_by_hour(numbers)),
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


def _target(row: Mapping[str, Any]) -> dict[str, str]:
    unit, role, verdict = (str(row.get(name) or "") for name in ("unit", "role", "verdict"))
    return {
        "what": str(row["what"]),
        "unit": unit,
        "achieved": _figure(row.get("achieved"), unit),
        "target": _figure(row.get("target"), unit),
        "tolerance": _figure(row.get("tolerance"), ""),
        "verdict": verdict,
        "colour": VERDICT_COLOURS.get(verdict, "") if role == "fit" else "",
        "role": role,
        "source": str(row.get("source") or ""),
    }


def _figure(value: object, unit: str) -> str:
    if value is None:
        return "-"
    if not isinstance(value, int | float):
        return str(value)
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
