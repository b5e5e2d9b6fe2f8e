"""`ledgerfolk list` and `ledgerfolk show`: what comes with the package."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from simulator.errors import InputError


class Kind(StrEnum):
    """What kinds of thing are shipped."""

    SCENARIOS = "scenarios"
    STORIES = "stories"
    PACKS = "packs"
    FORMATS = "formats"


def list_shipped(
    kind: Annotated[Kind | None, typer.Argument(help="One kind only.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """List the scenarios, stories and target packs that are shipped, and the formats to export to."""
    listed = {each.value: _described(each) for each in ([kind] if kind else Kind)}
    if as_json:
        typer.echo(json.dumps(listed, indent=2))
        return

    from rich.table import Table
    from rich.text import Text

    from simulator.commands.console import console

    for each, rows in listed.items():
        table = Table(title=each, title_justify="left")
        for key in rows[0] if rows else ():
            table.add_column(key, justify="right" if isinstance(rows[0][key], int) else "left")
        for row in rows:
            table.add_row(*(Text(f"{value:,}" if isinstance(value, int) else value) for value in row.values()))
        console().print(table)


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A shipped scenario, story or pack, or a file.", show_default=False)],
    resolved: Annotated[bool, typer.Option("--resolved", help="After extends and defaults.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The resolved scenario as JSON.")] = False,
) -> None:
    """Show a shipped file as it is, or a scenario after everything it extends."""
    from simulator.scenario.extend import locate, shipped
    from simulator.scenario.file import dump_scenario, load_scenario

    if resolved or as_json:
        scenario = load_scenario(name)
        typer.echo(json.dumps(read_back(dump_scenario(scenario)), indent=2) if as_json else dump_scenario(scenario).rstrip("\n"))
        return
    beside = shipped("packs") | shipped("stories")
    path, shown = (beside[name], name) if name in beside and name not in shipped() else locate(name)
    if not path.is_file():
        raise InputError(f"{shown}: found no such file, expected a file or a shipped name (ledgerfolk list)")
    typer.echo(path.read_text(encoding="utf-8", errors="replace").rstrip("\n"))


def read_back(text: str) -> Any:
    """The plain data of YAML that this program wrote."""
    from simulator.scenario.source import read_text

    return read_text(text, "resolved scenario").plain()


def _described(kind: Kind) -> list[dict[str, Any]]:
    from calibration.pack import read_pack
    from simulator.scenario.extend import shipped
    from simulator.scenario.file import load_scenario

    if kind is Kind.SCENARIOS:
        scenarios = [load_scenario(name) for name in shipped()]
        return [{"name": s.name, "customers": s.population.customers, "days": s.period.days, "about": s.about} for s in scenarios]
    if kind is Kind.STORIES:
        from simulator.scenario.tales import read_story

        told = sorted((read_story(name) for name in shipped("stories")), key=lambda story: (story.family, story.typology, story.name))
        return [{"name": s.name, "id": s.typology, "family": s.family.value, "acts": len(s.acts), "title": s.title} for s in told]
    if kind is Kind.FORMATS:
        from simulator.export.write import formats

        return [{"name": name, "about": module.ABOUT} for name, module in formats().items()]
    packs = [read_pack(name) for name in shipped("packs")]
    return [{"name": pack.name, **pack.sizes, "about": pack.about} for pack in packs]
