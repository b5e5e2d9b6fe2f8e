"""`make evidence`: measures the full-size claims and writes them down, with the digest of the sources that made them.

It writes `EVIDENCE.json`, `EVIDENCE.md` and the block that the README quotes, all at the project's root.
"""

import hashlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined

from simulator.bench import bench
from simulator.commands.bench import speed_lines
from simulator.errors import MachineError
from simulator.kernel import source_digest
from simulator.model import PaymentsModel
from simulator.record.read import open_run
from simulator.report.claims import all_claims, claims_table, targets_table
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

ROOT = Path(__file__).parents[1]
OPENING, CLOSING = "<!-- evidence: written by make evidence -->", "<!-- end of evidence -->"
"""Lines of the README between which the claims stand."""


DECADE = 3653
"""Days of ten years, leap years among them."""

BROAD = "us_town"
"""Pack that the town is set beside: more of what is published than it is fitted to, with wider tolerances."""


class Size(NamedTuple):
    """How much is measured: full size by default, less in the tests."""

    benched: tuple[str, ...] = ("high_street", "metropolis")
    town: str = "high_street"
    customers: int = 10_000
    quarter: int = 90
    year: int = 365
    watched: int = 730
    lived: int = 2_000
    seeds: int = 4
    large: int = 1_000_000
    large_days: int = 2


def gather(size: Size, tell: Callable[[str], None]) -> dict[str, Any]:
    """Measures everything.

    Args:
        size: how much.
        tell: is told what is being measured.

    Returns:
        The figures, ready for JSON.

    Raises:
        MachineError: the sources changed meanwhile, so that no digest stands for all figures.
    """
    from calibration.compare import compare_run
    from calibration.decade import judge, live_years
    from calibration.drift import watch, yearly_change
    from calibration.habits import measure_habits

    began, sources, machine = time.monotonic(), source_digest(), _machine()
    found: dict[str, Any] = {"sources": sources, "data": data_digest(), "machine": machine}
    found["bench"] = bench(size.benched, tell=tell)
    found["habits"] = {}
    with tempfile.TemporaryDirectory(prefix="ledgerfolk-evidence-") as scratch:
        place = Path(scratch) / "run"
        for name, days in (("quarter", size.quarter), ("year", size.year)):
            tell(f"{size.town}: {days} days beside the sourced aggregates, and habits")
            scenario = load_scenario(size.town, {"population.customers": size.customers, "period.days": days})
            run_scenario(scenario, place, force=True)
            found[name] = compare_run(place, BROAD)
            if name == "quarter":
                found["fitted"] = compare_run(place)
            found["habits"][name] = measure_habits(open_run(place))
        tell(f"{size.town}: what is held over {size.watched} days")
        model = PaymentsModel(size.town, customers=size.customers, days=size.watched)
        found["drift"] = yearly_change(watch(model, size.watched)).to_dict(orient="index")
        decades = []
        for seed in range(1, size.seeds + 1):
            tell(f"hamlet: ten years of {size.lived:,} customers, seed {seed}")
            decades.append(live_years(PaymentsModel("hamlet", customers=size.lived, days=DECADE, rng=seed), 10))
        found["decade"] = judge(decades).to_dict(orient="index")
        found["digests"] = _digests(size, place, tell)
    if source_digest() != sources:
        raise MachineError("evidence: the sources changed while they were measured; measure again")
    return found | {"minutes": round((time.monotonic() - began) / 60, 1)}


def _digests(size: Size, place: Path, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """Digests of runs of the same world under several runners, and of another seed."""
    carriers = ((1, 1), (2, 2), (7, 1), (7, 2))
    town = [(size.town, size.customers, size.quarter, 1, *carrier) for carrier in carriers]
    again = [(size.town, size.customers, size.quarter, seed, 1, 1) for seed in (1, 2)]
    large = [("metropolis", size.large, size.large_days, 1, *carrier) for carrier in carriers[:3]]
    rows = []
    for world, customers, days, seed, shards, workers in (*town, *again, *large):
        tell(f"digest of {world}: {customers:,} customers, {days} days, seed {seed}, {shards} shards, {workers} threads")
        scenario = load_scenario(world, {"population.customers": customers, "period.days": days, "seed": seed})
        run = run_scenario(scenario, place, shards=shards, workers=workers, force=True)["digests"]["run"]
        about = {"world": world, "customers": customers, "days": days, "seed": seed, "shards": shards, "threads": workers}
        rows.append({**about, "run": run})
    return rows


def data_digest() -> str:
    """Digest of what figures depend on beside the simulator's sources: scenarios, packs and measures."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in ("scenarios", "calibration") for path in (ROOT / folder).rglob("*")):
        if path.suffix in (".yaml", ".csv", ".py"):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _machine() -> dict[str, Any]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8", "replace").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.system(),
        "python": platform.python_version(),
        **{package: version(package) for package in ("mesa", "numba", "numpy", "pyarrow")},
    }


def page(found: Mapping[str, Any]) -> str:
    """The figures as a page of Markdown."""
    template = files("simulator.report").joinpath("evidence.md.j2").read_text(encoding="utf-8")
    return Environment(undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True).from_string(template).render(
        found,
        claims="\n".join(claims_table(all_claims(found))),
        speed=speed_lines(found["bench"]),
        targets="\n".join(targets_table(found["quarter"], found["year"])),
        number=lambda value: f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}",
    )  # fmt: skip


def quote(found: Mapping[str, Any]) -> str:
    """The block that the README quotes."""
    machine = found["machine"]
    told = f"Measured on {machine['cores']} cores ({machine['processor']}), sources `{found['sources']}`; all figures are in `EVIDENCE.md`."
    return "\n".join([OPENING, *claims_table(all_claims(found)), "", told, CLOSING])


def write(found: Mapping[str, Any], root: Path) -> None:
    """Writes the figures, the page, and the README's block.

    Args:
        found: what `gather` gives.
        root: the project's folder.
    """
    (root / "EVIDENCE.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (root / "EVIDENCE.md").write_text(page(found), encoding="utf-8")
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    if OPENING in text and CLOSING in text:
        before, rest = text.split(OPENING, 1)
        readme.write_text(before + quote(found) + rest.split(CLOSING, 1)[1], encoding="utf-8")


def main() -> None:
    """Measures and writes; ends with exit code 1 where a claim is missed."""
    found = gather(Size(), lambda what: print(f"measuring {what}", file=sys.stderr, flush=True))
    write(found, ROOT)
    missed = [claim for claim in all_claims(found) if not claim.met]
    for claim in missed:
        print(f"missed: {claim.about}: {claim.figure}, expected {claim.bound}")
    print(f"{len(all_claims(found)) - len(missed)} claims met, {len(missed)} missed, in {found['minutes']} minutes: {ROOT / 'EVIDENCE.md'}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
