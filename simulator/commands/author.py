"""`ledgerfolk new`, `check` and `schema`: writing a scenario of one's own."""

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simulator.errors import InputError

_SCHEMA_FILE = "ledgerfolk.schema.json"
_PAGE = """\
# yaml-language-server: $schema=./{schema}
# {name}: a world that differs from {base} in what stands below. Everything else is as there:
#     ledgerfolk show {base} --resolved
# Check it with `ledgerfolk check {file}`, run it with `ledgerfolk run {file} --out out/{name}`.
extends: {base}
name: {name}
about: what this world is for, in one line

# The key of every draw: the same seed gives the same run, bit for bit.
seed: 1

period:
  # start: 2025-01-01      # first UTC day
  days: {days}

population:
  customers: {customers}

# Items of lists are changed by name, new names are added, and `remove: true` leaves one out:
# categories:
#   - name: {category}
#     mean: {mean}         # amounts are in currency units
#     online: 25 %         # shares as per cent or as numbers
"""


class Kind(StrEnum):
    """Kinds of file that have a schema."""

    SCENARIO = "scenario"
    STORY = "story"
    PACK = "pack"
    RELEASE = "release"


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not exist.", show_default=False)],
    base: Annotated[str, typer.Option("--from", metavar="NAME", help="Scenario it starts from: a shipped name or a file.")] = "high_street",
) -> None:
    """Write a commented scenario file to start from, and the schema beside it for editors."""
    from simulator.scenario.extend import shipped
    from simulator.scenario.file import load_scenario

    if file.exists():
        raise InputError(f"{file}: found an existing file, expected a new name")
    if file.suffix not in (".yaml", ".yml"):
        raise InputError(f"{file}: found the ending {file.suffix!r}, expected .yaml")
    if not file.parent.is_dir():
        raise InputError(f"{file.parent}: found no such folder, expected one to write {file.name} to")
    scenario = load_scenario(base)
    extended = base if base in shipped() else _relative(Path(base), file.parent)
    name = re.sub(r"[^a-z0-9_]+", "_", file.stem.lower()).strip("_")[:60]
    page = _PAGE.format(
        schema=_SCHEMA_FILE,
        file=file.name,
        base=extended,
        name=name if name[:1].isalpha() and name.isascii() else f"world_{name}"[:60].rstrip("_"),
        days=scenario.period.days,
        customers=scenario.population.customers,
        category=scenario.categories[0].name,
        mean=scenario.categories[0].mean,
    )
    file.write_text(page, encoding="utf-8")
    (file.parent / _SCHEMA_FILE).write_text(_schema_text(), encoding="utf-8")
    typer.echo(f"wrote {file} and {file.parent / _SCHEMA_FILE}")


def check(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A scenario, story, pack or release file, or a shipped name.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON only.")] = False,
) -> None:
    """Validate a scenario, a story, a pack of targets or a private release without running it."""
    from simulator.scenario.extend import shipped
    from simulator.scenario.file import load_scenario

    told = file in shipped("stories")
    if not told and (file in shipped("packs") or _holds(file, "targets")):
        from calibration.measure import check_moments
        from calibration.pack import read_pack

        pack = read_pack(file)
        check_moments(pack.targets, file)
        kind, name, size = "pack", pack.name, pack.sizes
    elif not told and _holds(file, "statistics"):
        from calibration.private.config import read_config

        release = read_config(file)
        kind, name, size = "release", release.name, {"statistics": len(release.statistics), "kinds": len(release.table.kinds)}
    elif told or _holds(file, "acts"):
        from simulator.scenario.tales import read_story

        story = read_story(file)
        kind, name, size = "story", story.name, {"roles": len(story.cast), "acts": len(story.acts)}
    else:
        scenario = load_scenario(file)
        kind, name, size = "scenario", scenario.name, {"customers": scenario.population.customers, "days": scenario.period.days}
    if as_json:
        typer.echo(json.dumps({"valid": True, "kind": kind, "name": name, **size}))
    else:
        typer.echo(f"{file}: {kind} '{name}' is valid: {', '.join(f'{count:,} {what}' for what, count in size.items())}")


def schema(kind: Annotated[Kind, typer.Argument(help="What kind of file.")] = Kind.SCENARIO) -> None:
    """Print the JSON Schema of a file, for editors."""
    if kind is Kind.PACK:
        from calibration.pack import pack_schema

        typer.echo(json.dumps(pack_schema(), indent=2))
    elif kind is Kind.RELEASE:
        from calibration.private.config import release_schema

        typer.echo(json.dumps(release_schema(), indent=2))
    elif kind is Kind.STORY:
        from simulator.scenario.schema import story_schema

        typer.echo(json.dumps(story_schema(), indent=2))
    else:
        typer.echo(_schema_text().rstrip("\n"))


def _holds(file: str, key: str) -> bool:
    """Whether a file has a list under a key: a pack's targets, a release's statistics, a story's acts; a scenario's targets name a pack."""
    from simulator.scenario.extend import locate
    from simulator.scenario.source import read_file

    found = read_file(*locate(file)).child(key)
    return found is not None and isinstance(found.value, list)


def _relative(base: Path, folder: Path) -> str:
    path = base.resolve().relative_to(folder.resolve(), walk_up=True).as_posix()
    return json.dumps(path, ensure_ascii=False)


def _schema_text() -> str:
    from simulator.scenario.schema import scenario_schema

    return json.dumps(scenario_schema(), indent=2) + "\n"
