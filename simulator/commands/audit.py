"""`ledgerfolk audit`: whether a run holds what it promises, from its files alone."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from simulator.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from simulator.audit.difficulty import Scope


def audit(
    run: Annotated[Path | None, typer.Argument(metavar="RUN", help="A run folder; none with --table.", show_default=False)] = None,
    table: Annotated[Path | None, typer.Option("--table", metavar="FILE", help="Audit another maker's CSV or Parquet file.")] = None,
    columns: Annotated[
        str, typer.Option("--columns", metavar="MAP", help="Its columns by our names: a YAML file, or text such as amount=amt,label=fraud.")
    ] = "",
    only: Annotated[str, typer.Option("--only", metavar="PARTS", help="Some of verifier,ledger,leaks,difficulty; all by default.")] = "",
    scope: Annotated[str, typer.Option("--scope", metavar="all|card", help="Payments that the difficulty is measured on.")] = "all",
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE.html", help="Also write a page of its own.")] = None,
    blind: Annotated[int, typer.Option("--blind", metavar="N", help="Write N guilty and N innocent cases for an expert to judge.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Where the cases are written.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Audit a run: its stories, its books, what gives guilty payments away, how hard they are to find; exit code 1 where a check fails."""
    _fit(run, table, columns, scope, blind, out)
    if blind and run and out:
        _write_cases(run, blind, out, as_json)
        return
    from simulator.audit.parts import OF_TABLES, PARTS, audit_run, audit_table, parts_of
    from simulator.record.read import open_run

    of: Scope = "card" if scope == "card" else "all"
    if table:
        said = audit_table(table, columns, parts_of(only, OF_TABLES), of)
    else:
        assert run
        parts = parts_of(only, PARTS)
        said = audit_run(open_run(run), parts, of)
    if html:
        from simulator.audit.page import write_page

        write_page(said, str(table or run), html)
    if as_json:
        typer.echo(json.dumps(said, indent=2))
    else:
        _print(said, html)
    if not said["passed"]:
        raise typer.Exit(1)


def _fit(run: Path | None, table: Path | None, columns: str, scope: str, blind: int, out: Path | None) -> None:
    """Options that do not go together."""
    if (run is None) == (table is None):
        raise InputError("ledgerfolk audit: found " + ("neither" if run is None else "both") + ", expected either RUN or --table FILE")
    if (table is None) != (not columns):
        raise InputError("ledgerfolk audit: found one of --table and --columns, expected both or none")
    if scope not in ("all", "card"):
        raise InputError(f"--scope: found '{scope}', expected all or card")
    if blind < 0:
        raise InputError(f"--blind: found {blind}, expected 1 or more")
    if (blind > 0) != (out is not None) or (blind and table):
        raise InputError("--blind: expected together with RUN and --out DIR")


def _write_cases(run: Path, blind: int, out: Path, as_json: bool) -> None:
    from simulator.audit.blind import write_cases
    from simulator.record.read import open_run

    made = write_cases(open_run(run), blind, out)
    said = f"{made} guilty and {made} innocent cases in {out}: give cases.csv or cases.html to the expert, and keep key.csv"
    typer.echo(json.dumps({"guilty": made, "innocent": made, "out": str(out)}) if as_json else said)


def _print(said: Mapping[str, Any], html: Path | None) -> None:
    from simulator.commands.console import console

    out = console(160)
    shows: dict[str, Callable[[Any, Console], None]] = {
        "verifier": _print_verifier, "ledger": _print_ledger, "leaks": _print_leaks, "power": _print_power, "difficulty": _print_difficulty,
    }  # fmt: skip
    for part, show in shows.items():
        if part in said:
            show(said[part], out)
    if html:
        out.print(f"written: {html}", highlight=False)


def _table(title: str, headings: Mapping[str, str]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading, side in headings.items():
        table.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    return table


def _print_checks(title: str, checks: list[Mapping[str, Any]], out: "Console") -> None:
    from rich.text import Text

    headings = {"": "left", "check": "left", "found": "right", "what is counted": "left", "first": "left"}
    table = _table(title, headings)
    for check in checks:
        verdict = Text("ok", style="green") if check["passed"] else Text("wrong", style="red")
        table.add_row(verdict, Text(check["check"]), f"{check['figure']:,}", Text(check["counts"]), Text(check.get("example", "")))
    out.print(table)


def _print_verifier(verifier: Mapping[str, Any], out: "Console") -> None:
    _print_checks("the stories, as their files declare them", verifier["checks"], out)
    said = "every story is as its file declares it" if verifier["passed"] else "some stories are not as their files declare them"
    out.print(f"{verifier['labels']:,} labelled rows of {verifier['stories']:,} stories: {said}", highlight=False)


def _print_ledger(ledger: Mapping[str, Any], out: "Console") -> None:
    _print_checks("the ledger, from the files alone", ledger["checks"], out)
    said = "the ledger closes" if ledger["passed"] else "the ledger does not close"
    out.print(f"{ledger['payments']:,} payments of {ledger['accounts']:,} accounts: {said}", highlight=False)


def _print_leaks(leaks: list[Mapping[str, Any]], out: "Console") -> None:
    from rich.text import Text

    table = _table("what gives guilty payments away", {"": "left", "check": "left", "figure": "right", "at most": "right", "where": "left"})
    for one in leaks:
        verdict = Text("ok", style="green") if one["passed"] else Text("leaks", style="red")
        said = one.get("example", "") if one["passed"] else f"{one['counts']}; {one.get('example', '')}".rstrip("; ")
        table.add_row(verdict, Text(one["check"]), f"{one['figure']:.4g}", f"{one['bound']:.4g}", Text(said))
    out.print(table)
    bad = [one for one in leaks if not one["passed"]]
    lone = f": {leaks[0]['counts']}" if len(leaks) == 1 else ""
    out.print(f"{len(leaks) - len(bad)} of {len(leaks)} checks pass{lone}", highlight=False)


def _print_power(power: Mapping[str, Any], out: "Console") -> None:
    if power["guilty"]:
        rows = f"{power['guilty']:,} guilty payments of {power['stories']:,} stories, worth {power['independent']:,.0f} independent ones"
        out.print(f"{rows}: a share has to differ by {power['least_gap']:.0%} to be told from chance", highlight=False)


def _print_difficulty(difficulty: Mapping[str, Any], out: "Console") -> None:
    if "said" in difficulty:
        out.print(f"difficulty: {difficulty['said']}", highlight=False, markup=False)
        return
    table = _table("how hard guilty payments are to find", {"model": "left"} | dict.fromkeys(next(iter(difficulty.values())), "right"))
    for model, figures in difficulty.items():
        table.add_row(model, *(f"{figure:.3f}" for figure in figures.values()))
    out.print(table)
