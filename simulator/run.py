"""A scenario lived through, into a run folder."""

import gc
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import xxhash

from simulator.clock import DAY
from simulator.defence.detector import Scores
from simulator.errors import InputError, MachineError
from simulator.interrupt import Interrupt
from simulator.kernel import is_compiled
from simulator.model import PaymentsModel
from simulator.record import checkpoint
from simulator.record.alerts import alerts, all_reports, cases, told_banks
from simulator.record.card import write_card
from simulator.record.credit import balance_sheet, bank_months, credit_months
from simulator.record.digest import run_digest, table_digest
from simulator.record.disputes import reports
from simulator.record.entities import ENTITIES, balances, entity_table
from simulator.record.facts import Facts, build_names
from simulator.record.folder import (
    CHECKPOINT,
    clear_out,
    part_sink,
    prepare,
    read_manifest,
    sweep_parts,
    versions,
    write_manifest,
    write_table,
    write_text,
)  # fmt: skip
from simulator.record.happenings import Happenings, write_events
from simulator.record.lending import applications, loans
from simulator.record.schema import TABLES, arrow_schema
from simulator.record.spool import SPOOL, Spool
from simulator.record.stories import Truth
from simulator.record.writer import Writer
from simulator.scenario import Scenario
from simulator.scenario.file import dump_scenario
from simulator.warm import warm

CHECKPOINT_SECONDS = 120.0
"""A state is saved about this often."""

STATUS_SECONDS = 5.0


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    phase: str
    day: int
    days: int
    payments: int
    seconds: float
    """Since the first simulated day."""


Tell = Callable[[Progress], None]


def run_scenario(
    scenario: Scenario, out: str | Path, *,
    shards: int | None = None, workers: int | None = None, resume: bool = False, force: bool = False,
    progress: Tell | None = None, checkpoint_seconds: float = CHECKPOINT_SECONDS, detector: Scores | None = None, threshold: float = 0.9,
) -> dict[str, Any]:  # fmt: skip
    """Run a scenario into a folder.

    Args:
        scenario: what to run; with ``resume`` it must be the scenario of the unfinished run.
        out: the run folder.
        shards: parts of the world.
        workers: threads.
        resume: go on with an unfinished run.
        force: replace a run.
        progress: told how far the run is.
        checkpoint_seconds: seconds between saved states.
        detector: decides before authorisation, see `simulator.defence.detector`.
        threshold: score from which it refuses.

    Returns:
        The manifest; with ``resume``, a run that is whole already is left as it is.

    Raises:
        InputError: the folder is in use, or holds another scenario's run.
        MachineError: the disk is full, the folder cannot be written.
        KeyboardInterrupt: Ctrl-C was pressed: at the end of the day under way, at once before the first day and after the last.
    """
    folder = Path(out)
    try:
        with Interrupt() as interrupt:
            prepare(folder, resume=resume, force=force)
            return _Run(scenario, folder, progress, checkpoint_seconds, interrupt, detector, threshold).run(shards, workers, resume)
    except OSError as error:
        raise MachineError(f"{out}: {error.strerror or error}; the run is not whole") from error


class _Run:
    """One run under way."""

    def __init__(
        self, scenario: Scenario, out: Path, tell: Tell | None, checkpoint_seconds: float, interrupt: Interrupt,
        detector: Scores | None, threshold: float,
    ) -> None:  # fmt: skip
        self._detector, self._threshold = detector, threshold
        self._scenario, self._out, self._tell, self._interrupt = scenario, out, tell, interrupt
        self._checkpoint_seconds = checkpoint_seconds
        self._text = dump_scenario(scenario)
        self._scenario_digest = xxhash.xxh3_128_hexdigest(self._text.encode())
        self._timings: dict[str, float] = {}

    def run(self, shards: int | None, workers: int | None, resume: bool) -> dict[str, Any]:
        state = None
        if resume:
            begun = self._begun()
            if begun["status"] == "complete":
                return begun
            state = checkpoint.load(self._out)
        # A folder that is being replaced stops looking complete before anything in it goes.
        self._manifest(None, state["about"]["day"] if state is not None else 0)
        if not resume:
            clear_out(self._out)
        write_text(self._out, "scenario.yaml", self._text)
        self._say("building the world" if is_compiled() else "compiling kernels", 0, 0, 0.0)
        model = self._build(shards, workers)
        spool = Spool(self._out / SPOOL)
        writer = Writer(model.emitter(), part_sink(self._out), spool=spool)
        model.recorder = writer
        try:
            if state is not None:
                checkpoint.restore(model, writer, state)
            sweep_parts(self._out, {part.file for part in writer.parts})
            self._live(model, writer, state["about"]["seconds"] if state is not None else 0.0)
            return self._finish(model, writer, spool)
        finally:
            writer.abandon()
            gc.unfreeze()

    def _begun(self) -> dict[str, Any]:
        """The manifest of the run that is to go on."""
        begun = read_manifest(self._out)
        if begun is None or begun["digests"]["scenario"] != self._scenario_digest:
            raise InputError(
                f"--resume: {self._out} holds the run of another scenario; give the one it was begun with, seed and days included"
            )
        return begun

    def _build(self, shards: int | None, workers: int | None) -> PaymentsModel:
        started = time.perf_counter()
        warm()
        self._timings["compiling"] = time.perf_counter() - started
        self._say("building the world", 0, 0, 0.0)
        started = time.perf_counter()
        model = PaymentsModel(self._scenario, shards=shards, workers=workers, detector=self._detector, threshold=self._threshold)
        self._timings["building"] = time.perf_counter() - started
        gc.freeze()  # what is built stays to the end: the collector need not look at it again and again
        return model

    def _live(self, model: PaymentsModel, writer: Writer, before: float) -> None:
        days, whole = self._scenario.period.days, model.days_lived
        told = saved = time.perf_counter()
        started = told - before
        self._manifest(model, whole)
        self._interrupt.waits = True
        while model.days_lived < days:
            self._interrupt.check()
            model.run_for(1)
            now = time.perf_counter()
            self._say("running", model.days_lived, int(model.runner.totals[2:4].sum()), now - started)
            if now - saved >= self._checkpoint_seconds and model.days_lived < days:
                checkpoint.save(self._out, model, writer, now - started)
                saved, whole = time.perf_counter(), model.days_lived
            if now - told >= STATUS_SECONDS or whole == model.days_lived:
                self._manifest(model, whole)
                told = now
        self._interrupt.waits = False
        self._interrupt.check()
        self._say("writing", days, int(model.runner.totals[2:4].sum()), time.perf_counter() - started)
        writer.close()
        self._timings["running"] = time.perf_counter() - started

    def _finish(self, model: PaymentsModel, writer: Writer, spool: Spool) -> dict[str, Any]:
        started = time.perf_counter()
        start = model.clock.start
        facts = Facts(self._scenario, model.world, build_names(model.world, self._scenario, start), start, model.diary, model.files)
        end = (model.clock.start + model.days_lived) * DAY
        tables: dict[str, Callable[[], pa.Table]] = {
            name: arrow_schema(name).empty_table for name, table in TABLES.items() if not table.partitioned
        }
        tables |= {name: partial(entity_table, name, facts) for name in ENTITIES}
        tables |= {
            "daily": model.series.table,
            "truth/balances": partial(balances, facts, model.opening),
            "applications": partial(applications, facts),
            "loans": partial(loans, facts),
            "credit_months": partial(credit_months, facts, model.credit.months),
            "bank_months": partial(bank_months, facts, model.credit.months, self._out),
            "truth/balance_sheet": partial(balance_sheet, facts, model.credit.months),
            "reports": lambda: all_reports(facts, reports(facts, model.runner.disputes, model.clock.offset, end), model.guard.reports, end),
            "alerts": partial(alerts, facts, model.guard.bank, end),
            "cases": partial(cases, facts, model.guard.bank, end),
        }
        truth = Truth(facts, model.teller.library, model.teller.whole(), model.teller.labels, told_banks(facts, model.guard.reports, end))
        tables |= {"truth/labels": truth.labels, "truth/stories": truth.stories, "truth/accounts": truth.accounts}
        happenings = Happenings(facts.names, model.world.layout, self._scenario.seed)
        rows, digests = {}, {}
        rows["events"], digests["events"] = write_events(self._out, spool, happenings)
        del tables["events"]
        for name, make in tables.items():
            table = make()
            write_table(self._out, name, table)
            rows[name], digests[name] = table.num_rows, table_digest(table)
        for name, (count, digest) in writer.totals().items():
            (self._out / name).mkdir(parents=True, exist_ok=True)
            rows[name], digests[name] = count, digest
        self._timings["writing"] = time.perf_counter() - started
        self._interrupt.check()
        manifest = self._manifest(model, self._scenario.period.days, rows, digests)
        write_card(self._out, manifest, self._scenario.name, self._scenario.about)
        write_manifest(self._out, manifest)
        for kept in (CHECKPOINT, SPOOL):
            (self._out / kept).unlink(missing_ok=True)
        return manifest

    def _manifest(
        self, model: PaymentsModel | None, whole: int, rows: dict[str, int] | None = None, digests: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The manifest; without rows it is written at once and says that the run is under way.

        Args:
            model: what runs, once there is a model.
            whole: days of which every row is on disk and known to the checkpoint.
            rows: of each table.
            digests: of each table.
        """
        manifest: dict[str, Any] = {
            "status": "running" if rows is None else "complete",
            "last_whole_day": whole,
            "days_lived": model.days_lived if model is not None else whole,
            "days": self._scenario.period.days,
            "seed": self._scenario.seed,
            "scenario": self._scenario.name,
            "versions": versions(),
            "digests": {
                "scenario": self._scenario_digest,
                **({"lookup": model.lookup} if model is not None else {}),
                **(digests or {}),
                **({"run": run_digest(digests)} if digests else {}),
            },
            "rows": {name: rows[name] for name in TABLES} if rows is not None else {},
            "value": sum(day["value"] + day["unseen_value"] for day in model.series.days) if model is not None else 0.0,
            "shards": model.runner.shards if model is not None else None,
            "timings": {phase: round(seconds, 3) for phase, seconds in self._timings.items()},
            "peak_rss_bytes": peak_memory(),
            "lineage": {
                "packs": [self._scenario.targets] if self._scenario.targets else [],
                "privacy_ledger": None,
                "calibration_draw": self._scenario.fitted.model_dump() if self._scenario.fitted is not None else None,
                "detector": model.detector.fingerprint() if model is not None and model.detector is not None else None,
            },
        }
        if rows is None:
            write_manifest(self._out, manifest)
        return manifest

    def _say(self, phase: str, day: int, payments: int, seconds: float) -> None:
        if self._tell is not None:
            self._tell(Progress(phase, day, self._scenario.period.days, payments, seconds))


def peak_memory() -> int:
    """Peak resident memory of this process, bytes."""
    status = Path("/proc/self/status")
    if status.is_file():  # ru_maxrss there counts the process that this one was forked from, too
        for line in status.read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


BYTES_A_ROW, ROWS_A_SECOND, BUILD_SECONDS = 40, 700_000, 12e-6
"""Measured on two cores, see `ledgerfolk bench`: bytes of a payment on disk, payments a second, seconds a customer at the start."""


def estimate(scenario: Scenario) -> dict[str, float]:
    """About how many rows, bytes and seconds a run takes, from the scenario's own rates."""
    adult = sum(sum(bill.holders) / 5 / bill.every * (1.0 if bill.adult else 0.6) for bill in scenario.bills)
    month = scenario.purchases_per_month + adult + scenario.transfers.per_month + 7.5
    customers = scenario.population.customers
    rows = customers * scenario.period.days / 30.44 * month
    seconds = 3 + customers * BUILD_SECONDS + rows / ROWS_A_SECOND
    return {"rows": round(rows), "bytes": round(rows * BYTES_A_ROW + customers * 120), "seconds": round(seconds, 1)}
