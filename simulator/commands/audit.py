"""`ledgerfolk audit`: whether a run holds what it promises, from its files alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer


def audit(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Keep the books of a run once more from its rows alone, and compare every balance; exit code 1 where one differs."""
    from simulator.audit.ledger import reconcile
    from simulator.record.read import open_run

    ledger = reconcile(open_run(run))
    if as_json:
        typer.echo(json.dumps({"passed": ledger["passed"], "ledger": ledger}, indent=2))
    else:
        _print(ledger)
    if not ledger["passed"]:
        raise typer.Exit(1)


def _print(ledger: Mapping[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from simulator.commands.console import console

    table = Table(title="the ledger, from the files alone", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "check", "found", "what is counted", "first"):
        table.add_column(heading, justify="right" if heading == "found" else "left", overflow="fold")
    for check in ledger["checks"]:
        verdict = Text("ok", style="green") if check["passed"] else Text("wrong", style="red")
        table.add_row(verdict, Text(check["check"]), f"{check['figure']:,}", Text(check["counts"]), Text(check.get("example", "")))
    out = console(140)
    out.print(table)
    said = "the ledger closes" if ledger["passed"] else "the ledger does not close"
    out.print(f"{ledger['payments']:,} payments of {ledger['accounts']:,} accounts: {said}", highlight=False)
