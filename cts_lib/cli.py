"""The command line: one line per error, exit status 0, 1 (a unit failed) or 2 (nothing was run)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from cts_lib.bundle import bundled
from cts_lib.errors import CtsError, ParamsError

_UsageError: type[Exception] = typer.BadParameter.__bases__[
    0
]  # the base of every usage error; typer exports it under no name

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Params = Annotated[Path, typer.Option("--params", help="Folder of defaults.yml and units/.")]
Units = Annotated[list[str] | None, typer.Option("--unit", help="A unit; repeatable; default all.")]
Periods = Annotated[
    list[str] | None,
    typer.Option(
        "--period",
        help="2026, 2026-H1, 2026-Q3 or 2026-07; repeatable; default each unit's newest quarter whose last day is at "
        "most seven days after its newest posting date.",
    ),
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the results.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="dotted.key=value, over the params files; repeatable.")
]
Language = Annotated[str, typer.Option("--language", help="en or es.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Units at once.")]
DEFAULT_PARAMS, DEFAULT_OUT = Path("params"), Path("reports")


@app.callback()
def _workbook() -> None:
    """What it costs to serve each customer, and what to do about it."""


@app.command()
def run(
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    period: Periods = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
    language: Language = "en",
    jobs_: Jobs = 2,
) -> None:
    """Compute every stage, run the notebooks, write tables, reports and the portal."""
    from cts_lib import jobs

    order = jobs.Order(params, out, unit or [], period or [], overrides or [], language, jobs_)
    raise typer.Exit(jobs.work(order, report=True))


@app.command()
def compute(
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    period: Periods = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
    language: Language = "en",
    jobs_: Jobs = 2,
    until: Annotated[str | None, typer.Option(help="The last stage.")] = None,
    stages: Annotated[str | None, typer.Option(help="Some stages, with commas between.")] = None,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="Also write tables.xlsx.")] = False,
) -> None:
    """Compute the tables without notebooks and reports."""
    from cts_lib import jobs

    chosen = jobs.choose_stages(until, stages)
    order = jobs.Order(params, out, unit or [], period or [], overrides or [], language, jobs_, chosen, xlsx)
    raise typer.Exit(jobs.work(order, report=False))


@app.command()
def check(
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    period: Periods = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
    language: Language = "en",
    jobs_: Jobs = 2,
) -> None:
    """Look at params, source and every table without computing: what they hold, what they lack, all that is wrong."""
    from cts_lib import jobs

    jobs.check(jobs.Order(params, out, unit or [], period or [], overrides or [], language, jobs_))


@app.command()
def explain(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="A customer_id.")],
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    period: Periods = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
    language: Language = "en",
    jobs_: Jobs = 2,
) -> None:
    """Trace a customer's cost to serve back to activities, resources and ledger rows."""
    from cts_lib import jobs

    order = jobs.Order(params, out, unit or [], period or [], overrides or [], language, jobs_)
    jobs.explain(order, customer)


@app.command()
def replay(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A new folder for the tables and params.")],
    plan: Annotated[str, typer.Option(help="proposed, current, or the name of an option.")] = "proposed",
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    period: Periods = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
) -> None:
    """Write the transactions as a plan rewrites them, as tables and params that price them as the plan was priced."""
    from cts_lib import jobs

    jobs.replay(jobs.Order(params, out, unit or [], period or [], overrides or []), plan, to)


@app.command()
def simulate(
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="A new folder for the tables and params.")],
    plan: Annotated[str, typer.Option(help="proposed or current.")] = "proposed",
    replication: Annotated[int, typer.Option(help="Which of the simulated periods, from 0.")] = 0,
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    period: Periods = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
) -> None:
    """Write the transactions of one simulated period, as tables and params that price them as evaluate did."""
    from cts_lib import jobs

    order = jobs.Order(params, out, unit or [], period or [], overrides or [])
    jobs.simulate(order, plan, replication, to)


@app.command()
def lab(
    params: Params = DEFAULT_PARAMS,
    unit: Annotated[str | None, typer.Option("--unit", help="The unit the notebooks open; default the first.")] = None,
    period: Annotated[
        str | None,
        typer.Option(
            "--period",
            help="The period they open; default the newest quarter whose last day is at most seven days after the "
            "newest posting date.",
        ),
    ] = None,
    out: Out = DEFAULT_OUT,
    language: Language = "en",
) -> None:
    """Open JupyterLab on the notebooks with a unit and period preset."""
    from cts_lib.params import load
    from cts_lib.workbook import preset

    load(params, [unit] if unit else None)
    folder = Path("notebooks")
    if not folder.exists():
        shutil.copytree(bundled("notebooks"), folder)
    environment = os.environ | preset(params, out, unit, period, language)
    command = [sys.executable, "-m", "jupyterlab", str(folder)]
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where data/sample and params are written.")],
    lines: Annotated[int, typer.Option(min=1_000, help="Order lines, about.")] = 200_000,
    units: Annotated[int, typer.Option(min=1, max=8, help="Business units.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 7,
) -> None:
    """Write a made-up distributor: tables, params and the truth it was made from."""
    from cts_lib.sample import write_sample

    write_sample(folder, lines, units, seed)
    typer.echo(f"{folder / 'data' / 'sample'}: about {lines:,} order lines of {units} business units")


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of the new workbook.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILES", help="CSV, Excel or Parquet files, or folders of them.")
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", metavar="SCHEMA", help="A PostgreSQL schema instead of files.")
    ] = None,
    url_env: Annotated[
        str, typer.Option("--url-env", metavar="NAME", help="Environment variable that holds the database's address.")
    ] = "CTS_SOURCE_URL",
) -> None:
    """Start a workbook from your own files: mappings, params and notebooks; without files, templates of them."""
    from cts_lib.start import start
    from cts_lib.start.database import Database

    started = start(folder, files or [], Database(database, url_env) if database else None)
    for line in started.lines:
        typer.echo(line)
    for error in started.errors:
        typer.echo(str(error), err=True)


def main() -> None:
    """Run the command line; every expected error is one line on standard error."""
    try:
        status = app(standalone_mode=False)
    except CtsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except _UsageError as error:
        print(ParamsError("command line", str(error), "see cts --help"), file=sys.stderr)
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt):
        print("stopped; what was finished is kept", file=sys.stderr)
        sys.exit(130)
    sys.exit(status or 0)


if __name__ == "__main__":
    main()
