"""`ledgerfolk explain`: one story told in words, with its payments, events, alerts and reports in order."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer


def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    story: Annotated[
        str | None, typer.Argument(metavar="STORY", help="A story's id, or a typology; all are listed where left out.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Tell one story of a run: what happened in plain sentences, then its payments, events, alerts and reports in order."""
    from simulator.record.read import open_run
    from simulator.report.case import find_case, list_stories

    opened = open_run(run)
    if story is None:
        stories = list_stories(opened)
        if as_json:
            typer.echo(json.dumps(stories, indent=2, default=str))
        else:
            _list(stories)
        return
    case = find_case(opened, story)
    if as_json:
        typer.echo(json.dumps(case, indent=2, default=str))
    else:
        _tell(case)


def _list(stories: list[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from simulator.commands.console import console

    table = Table(title="stories of this run", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("story", "typology", "start", "outcome", "taken", "rows"):
        table.add_column(heading, justify="right" if heading in ("taken", "rows") else "left")
    for one in stories[:40]:
        table.add_row(
            str(one["story_id"]),
            one["typology"],
            f"{one['start']:%Y-%m-%d %H:%M}",
            one["outcome"],
            f"{one['amount_taken']:,.2f}",
            str(one["rows"]),
        )
    out = console(140)
    out.print(table)
    if len(stories) > 40:
        out.print(f"and {len(stories) - 40:,} more; `ledgerfolk explain RUN S7` tells the first of a typology", highlight=False)
    if not stories:
        out.print("no story was told in this run", highlight=False)


def _tell(case: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    from simulator.commands.console import console

    out = console(140)
    out.print(Text(f"story {case['story_id']}: {case['typology']} ({case['family']}), {case['outcome']}", style="bold"))
    out.print(Padding(Text(case["text"]), (0, 0, 1, 2)))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("when", "what", "from", "to", "amount", "how", "act"):
        table.add_column(heading, justify="right" if heading == "amount" else "left", overflow="fold")
    for line in case["timeline"]:
        amount = f"{line['amount']:,.2f} {line['currency']}" if line.get("amount") is not None else ""
        table.add_row(
            f"{line['when']:%Y-%m-%d %H:%M:%S}", line["what"], str(line.get("payer", "")), str(line.get("payee", "")), amount,
            line.get("how", ""), line.get("act", ""),
        )  # fmt: skip
    out.print(table)
