"""`aggregate`: a real table in, a pack of noised aggregates out, with what it cost in the owner's ledger."""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import yaml

from calibration.pack import Pack
from calibration.private.config import Config, read_config
from calibration.private.from_table import TablePostings
from calibration.private.ledger import spend
from calibration.private.measured import Of
from calibration.private.profile import Tally
from calibration.private.release import Figures, Spent, deviation, figures, grids, noised, spent, summed
from calibration.targets import Target
from simulator.errors import InputError

MOST_RHO = 10.0
"""More hides nobody: a test for a customer's presence may be right in 97 of 100 cases more than it is wrong."""


@dataclass(frozen=True, slots=True)
class Released:
    """What came of a release.

    Attributes:
        pack: as written.
        line: of the ledger.
        cells: how many numbers were asked for.
        suppressed: how many were left out, for they hold too few customers after noise.
        not_assessable: how many are too noisy to judge a world by.
    """

    pack: Pack
    line: dict[str, Any]
    cells: int
    suppressed: int
    not_assessable: int


def aggregate(table: Path, config_file: Path, rho: float, out: Path, ledger: Path | None = None) -> Released:
    """Releases what the config asks of a table.

    The table is read and added up, the ledger pays, noise is drawn and the pack is written, in this order: what cannot be
    read costs nothing, and nothing noised is ever unpaid.

    Args:
        table: Parquet or CSV, one row for each posting.
        config_file: see `calibration.private.config`.
        rho: what the release may cost.
        out: the pack to write.
        ledger: the owner's ledger; the one the config names, beside it, by default.

    Raises:
        InputError: the config, the table or rho will not do, or the ledger refuses; the text shows no value of a row.
        MachineError: OpenDP is not installed.
    """
    if not (math.isfinite(rho) and 0 < rho <= MOST_RHO):
        raise InputError(f"--rho: found {rho:g}, expected more than 0 and at most {MOST_RHO:g}")
    config = read_config(config_file)
    _check_out(out, [table, config_file])
    cost = spent(rho, config.delta)
    statistics, kinds = [one.of for one in config.statistics], list(config.table.kinds)
    tally = Tally(TablePostings(table, config), statistics, kinds, config.least_days)
    parts = grids([config.customers, *(one.budget for one in config.statistics)])
    total = summed(tally, parts[0], parts[1:])
    book = ledger or config_file.parent / (config.owner.ledger or f"{config.owner.name}.ledger.jsonl")
    line = spend(book, config.owner.name, config.owner.allowance, rho, _said(config, config_file, cost))
    people, found = figures(noised(total, rho), statistics, kinds, parts[0], parts[1:], deviation(rho))
    kept = [_suppressed(one, config.least_customers) for one in found]
    targets = [_number(config, people), *_targets(config, kept)]
    pack = Pack.model_validate(
        {
            "name": config.name, "about": config.about, "notes": config.notes, "targets": [target.model_dump() for target in targets],
            "ledger": line,
        }
    )  # fmt: skip
    _write(out, pack)
    cells = sum(len(one.value) for one in found)
    noisy = sum(not target.is_assessable(component) for target in targets[1:] for component in target.components)
    return Released(pack, line, cells, cells - sum(len(one.value) for one in kept), noisy)


def _check_out(out: Path, inputs: Sequence[Path]) -> None:
    if out.suffix not in (".yaml", ".yml"):
        raise InputError(f"--out: found the ending {out.suffix!r}, expected .yaml")
    if not out.parent.is_dir():
        raise InputError(f"--out: found no folder {out.parent}, expected one")
    if any(out.resolve() == one.resolve() for one in inputs):
        raise InputError("--out: found a file that is read, expected another")


def _said(config: Config, file: Path, cost: Spent) -> dict[str, Any]:
    try:
        code = version("ledgerfolk")
    except PackageNotFoundError:
        code = "source"
    return {
        "pack": config.name, "unit": f"one {config.table.unit} more or less, with all its rows", "epsilon": _short(cost.epsilon),
        "delta": cost.delta, "membership_advantage_at_most": _short(cost.bound), "statistics": len(config.statistics),
        "noise": f"discrete Gaussian, {cost.library}", "code": f"ledgerfolk {code}", "config": sha256(file.read_bytes()).hexdigest(),
    }  # fmt: skip


def _suppressed(one: Figures, least: int) -> Figures:
    kept = [name for name in one.value if one.customers[name] >= least]
    return Figures(*({name: numbers[name] for name in kept} for numbers in (one.value, one.error, one.customers)))


def _number(config: Config, people: tuple[float, float]) -> Target:
    number, error = people
    if number < config.least_customers:
        raise InputError(
            f"{config.name}: found fewer customers than {config.least_customers} after noise, expected more: nothing is released"
        )
    over = Of(reading=config.run, amounts=config.amounts, least_days=config.least_days)
    why = "a run says how many there are"
    return _target(config, "customers", f"number of {config.population}", float(round(number)), _short(error), "customers", "report",
                   "5 %", over, why)  # fmt: skip


def _targets(config: Config, kept: Sequence[Figures]) -> list[Target]:
    made = []
    for asked, one in zip(config.statistics, kept, strict=True):
        if not one.value:
            continue
        value = {name: _short(number) for name, number in one.value.items()}
        error = {name: _short(number) for name, number in one.error.items()}
        over = Of(reading=config.run, amounts=config.amounts, least_days=config.least_days, statistic=asked.of)
        unit = "length" if asked.of.profile and asked.of.profile.scale == "length" else "share"
        made.append(_target(config, asked.id, asked.what, value, error, unit, asked.role, asked.tolerance, over, asked.why))
    return made


def _target(
    config: Config, name: str, what: str, value: Any, error: Any, unit: str, role: str, tolerance: str, over: Of, why: str
) -> Target:  # fmt: skip
    return Target.model_validate(
        {
            "id": name, "what": what, "value": value, "unit": unit, "population": config.population,
            "period": f"{config.period.start} to {config.period.end}", "source": config.source, "status": "released",
            "tolerance": tolerance, "error": error, "role": role, "why": why,
            "moment": "customer_statistic" if over.statistic else "customers",
            "of": over.model_dump(mode="json", exclude_none=True, exclude_defaults=True),
        }
    )  # fmt: skip


def _short(number: float) -> float:
    return float(f"{number:.6g}")


class _Dumper(yaml.SafeDumper):
    """Writes what targets share once."""

    def generate_anchor(self, node: Any) -> str:
        self.named = getattr(self, "named", 0) + 1
        return f"reading{self.named if self.named > 1 else ''}"


def _write(out: Path, pack: Pack) -> None:
    """Writes a pack whole or not at all."""
    reading: Any = None
    plain = pack.model_dump(mode="json", exclude_defaults=True)
    for target in plain["targets"]:
        reading = reading or target["of"]["reading"]
        target["of"]["reading"] = reading
    head = "# Private aggregates of a real table, noised by `ledgerfolk aggregate`; `ledger` says what they cost.\n"
    head += "# The targets are not to be edited; parameters to fit may be added below, for that costs nothing.\n"
    text = head + yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=130)
    waiting = out.with_name(f".{out.name}.tmp")
    waiting.write_text(text, encoding="utf-8")
    os.replace(waiting, out)


__all__ = ["Released", "aggregate"]
