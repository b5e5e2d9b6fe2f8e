"""The `ledgerfolk` command."""

import errno
from typing import Any

import typer
from typer.core import TyperGroup

from simulator.commands import aggregate, audit, author, bench, explain, export, report, run, shipped, stress
from simulator.errors import InputError, MachineError

_ADVICE = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
    errno.EROFS: "the disk is read-only",
    errno.EMFILE: "too many open files",
}


class Commands(TyperGroup):
    """The group of commands; says in one message, and with the exit code, what went wrong."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            _stop(str(error), 2)
        except MachineError as error:
            _stop(str(error), 3)
        except KeyboardInterrupt:
            _stop("interrupted; what was written so far is marked as unfinished", 3)
        except MemoryError:
            _stop("out of memory: fewer customers or days, or a larger machine", 3)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _stop(where + _ADVICE.get(error.errno or 0, error.strerror or str(error)), 3)


def _stop(message: str, code: int) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(code) from None


app = typer.Typer(
    cls=Commands,
    name="ledgerfolk",
    help="Simulate a payments economy: customers, merchants and banks whose money is conserved to the minor unit.",
    epilog="Exit codes: 0 done, 1 a check failed, 2 the input is wrong, 3 the environment is (disk, permission, interrupt).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("list")(shipped.list_shipped)
app.command("show")(shipped.show)
app.command("new")(author.new)
app.command("check")(author.check)
app.command("schema")(author.schema)
app.command("report")(report.report)
app.command("export")(export.export)
app.command("explain")(explain.explain)
app.command("audit")(audit.audit)
app.command("stress")(stress.stress)
app.command("aggregate")(aggregate.aggregate)
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command line."""
    app()
