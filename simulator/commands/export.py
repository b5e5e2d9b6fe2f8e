"""`ledgerfolk export`: a run, or what one observer saw of it, in another format."""

import json
from pathlib import Path
from typing import Annotated

import typer


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder.", show_default=False)],
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="The format (ledgerfolk list formats).", show_default=False)],
    out: Annotated[Path, typer.Option("--out", metavar="PATH", help="The folder to write.", show_default=False)],
    view: Annotated[str, typer.Option("--view", metavar="VIEW", help="Whose eyes: all, bank=K or scheme=card.")] = "all",
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="What was known at the end of this UTC day.", show_default=False)
    ] = None,
    story: Annotated[
        int | None, typer.Option("--story", metavar="ID", help="Only this story's payments (graphml).", show_default=False)
    ] = None,
    around: Annotated[
        float | None,
        typer.Option(
            "--around",
            metavar="DAYS",
            help="With --story, its cast's other payments too, so many days before and after.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an export.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Export a run, or what one bank or card network knew of it on a day."""
    from simulator.export.write import export_run
    from simulator.record.read import open_run

    opened = open_run(run, view)
    about = export_run(opened.as_of(as_of) if as_of is not None else opened, to, out, force=force, story=story, around=around)
    if as_json:
        typer.echo(json.dumps(about, indent=2))
        return
    tables = about["tables"]
    what = "files" if about["notes"] else "tables"
    typer.echo(f"{out}: {len(tables)} {what}, {sum(tables.values()):,} rows as {to}, view {opened.viewpoint.name}{_when(as_of)}")


def _when(as_of: str | None) -> str:
    return f" as of {as_of}" if as_of else ""
