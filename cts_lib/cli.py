"""The command line: one line per error, exit status 0, 1 (a unit failed) or 2 (nothing was run)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cts_lib.bundle import bundled
from cts_lib.errors import CtsError, ParamsError, SourceError
from cts_lib.limits import size_of, unsearched
from cts_lib.stopping import Stopped, ended_by_signal

if TYPE_CHECKING:
    from cts_lib.orders import Order

_STORAGE = "check the name, the space that is left and who may write there"
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
        help="2026, 2026-H1, 2026-Q3 or 2026-07, or by a fiscal calendar FY2026, FY2026-Q1 or FY2026-P07; "
        "repeatable; default each unit's newest quarter whose last day is at most seven days after its newest "
        "posting date.",
    ),
]
Out = Annotated[Path, typer.Option("--out", help="Folder of the results.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="dotted.key=value, over the params files; repeatable.")
]
Language = Annotated[str, typer.Option("--language", help="en or es.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Units at once.")]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=1, help="Seconds that a unit may take for a period; then it fails. Default 3600."),
]
Memory = Annotated[
    str | None,
    typer.Option(
        "--memory",
        help="What a unit's process may hold with all that it starts, as 4GB; then it fails. Default the machine's, "
        "shared out by --jobs.",
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="A Dask cluster whose workers do the units, as many at once as there are workers.",
    ),
]
DEFAULT_PARAMS, DEFAULT_OUT = Path("params"), Path("reports")


def _order(
    params: Path,
    out: Path,
    units: list[str] | None,
    periods: list[str] | None,
    overrides: list[str] | None,
    language: str = "en",
    jobs: int = 2,
    memory: str | None = None,
) -> Order:
    """Return what the options ask for that commands share."""
    from cts_lib.orders import Order

    limit = size_of(memory, "--memory") if memory else None
    return Order(params, out, units or [], periods or [], overrides or [], language, jobs, memory=limit)


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
    share: Annotated[
        bool,
        typer.Option(
            "--share",
            help="Also write OUT/shared: pseudonyms for customers (by the key in CTS_SHARE_KEY), coarse places, no "
            "group of fewer than five, no rows.",
        ),
    ] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also write each page as PDF, printed by Chromium.")] = False,
    timeout: Timeout = None,
    memory: Memory = None,
    scheduler: Scheduler = None,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="Do all again, also what is up to date by input, params, notebooks and code."),
    ] = False,
) -> None:
    """Compute every stage, run the notebooks, write tables, reports and the portal.

    What is up to date is not done again, and a run that was ended goes on where it was.
    """
    with unsearched():
        from cts_lib import jobs

    order = _order(params, out, unit, period, overrides, language, jobs_, memory)
    order = replace(order, share=share, pdf=pdf, timeout=timeout, resume=not fresh, scheduler=scheduler)
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
    timeout: Timeout = None,
    memory: Memory = None,
    scheduler: Scheduler = None,
) -> None:
    """Compute the tables without notebooks and reports."""
    with unsearched():
        from cts_lib import jobs

    chosen = jobs.choose_stages(until, stages)
    order = _order(params, out, unit, period, overrides, language, jobs_, memory)
    order = replace(order, stages=chosen, xlsx=xlsx, timeout=timeout, scheduler=scheduler)
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

    jobs.check(_order(params, out, unit, period, overrides, language, jobs_))


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

    jobs.explain(_order(params, out, unit, period, overrides, language, jobs_), customer)


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

    jobs.replay(_order(params, out, unit, period, overrides), plan, to)


kept = typer.Typer(help="List the actions that people keep and those proposed; add and move them.")
app.add_typer(kept, name="actions")
Id = Annotated[str, typer.Argument(metavar="ID", help="The action's id, as cts actions lists it.")]
StoredPeriod = Annotated[
    str | None, typer.Option("--period", help="The stored period whose proposals count; default the newest.")
]
Since = Annotated[str | None, typer.Option("--since", help="The first period in which it works.")]
NoteText = Annotated[str | None, typer.Option("--note", help="What is to be remarked.")]


@kept.callback(invoke_without_command=True)
def _actions(
    context: typer.Context,
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    period: StoredPeriod = None,
    out: Out = DEFAULT_OUT,
) -> None:
    """List the actions that people keep and those proposed; add and move them."""
    from cts_lib.params import load

    context.obj = load(params, unit), out, period
    if context.invoked_subcommand is None:
        _listed(context)


@kept.command("list")
def _listed(context: typer.Context) -> None:
    """List them, with state, day and what is overdue."""
    from datetime import date

    from cts_lib.actions import agenda

    units, out, period = context.obj
    for line in agenda(units, out, period, date.today()):
        typer.echo(line)


@kept.command("add")
def _added(
    context: typer.Context,
    action: Annotated[str, typer.Argument(metavar="ACTION", help="What is to be done.")],
    name: Annotated[str | None, typer.Option("--id", help="Its id; default from what it is about.")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Resource to relieve or keep, or indicator to bring to target.")
    ] = None,
    segment: Annotated[str | None, typer.Option(help="The segment it is for; default all.")] = None,
    channel: Annotated[str | None, typer.Option(help="The channel it is for; default all.")] = None,
    customer: Annotated[str | None, typer.Option(help="The customer it is for; default all.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who does it.")] = None,
    due: Annotated[str | None, typer.Option(help="Day by which it is to be done.")] = None,
    state: Annotated[str | None, typer.Option(help="Where it stands; default proposed.")] = None,
    since: Since = None,
    expected_saving: Annotated[float | None, typer.Option(help="Gain at full cost, a period.")] = None,
    expected_cash: Annotated[float | None, typer.Option(help="Gain in cash, a period.")] = None,
    note: NoteText = None,
) -> None:
    """Add one to the file of the chosen unit."""
    from cts_lib.actions import add

    units, *_ = context.obj
    if len(units) > 1:
        known = ", ".join(each.name for each in units)
        raise ParamsError("--unit", f"{len(units)} units", f"write cts actions --unit NAME add …, one of {known}")
    values = {"id": name, "action": action, "subject": subject, "segment": segment, "channel": channel}
    values |= {"customer_id": customer, "owner": owner, "due": due, "state": state, "since": since}
    money = {"expected_saving": expected_saving, "expected_cash": expected_cash}
    typer.echo(add(units[0], values | money | {"note": note}))


def _move(context: typer.Context, name: str, verb: str, since: str | None, note: str | None) -> None:
    from cts_lib.actions import move

    units, out, period = context.obj
    typer.echo(move(units, out, period, name, verb, {"since": since, "note": note}))


@kept.command("agree")
def _agreed(context: typer.Context, name: Id, since: Since = None, note: NoteText = None) -> None:
    """Agree to one that is proposed, in the file or by a stored period."""
    _move(context, name, "agree", since, note)


@kept.command("start")
def _started(context: typer.Context, name: Id, since: Since = None, note: NoteText = None) -> None:
    """Say that one works from a period on; of a stored period's proposal, by default the next."""
    _move(context, name, "start", since, note)


@kept.command("finish")
def _finished(context: typer.Context, name: Id, note: NoteText = None) -> None:
    """Say that one that runs is done; it goes on working."""
    _move(context, name, "finish", None, note)


@kept.command("drop")
def _dropped(context: typer.Context, name: Id, note: NoteText = None) -> None:
    """Give one up."""
    _move(context, name, "drop", None, note)


PeriodText = Annotated[str, typer.Argument(metavar="PERIOD", help="2026, 2026-H1, 2026-Q3, 2026-07 or FY2026-P07.")]


@app.command("close")
def close_period(
    period: PeriodText,
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
    language: Language = "en",
    jobs_: Jobs = 2,
    restate: Annotated[
        bool, typer.Option("--restate", help="Compute a closed period again, publish it and close it anew.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why what is published changes.")] = "",
) -> None:
    """Freeze a period: what is published stays, and a later run says beside it what would change."""
    from cts_lib import audit

    order = _order(params, out, unit, [audit.period_of(period)], overrides, language, jobs_)
    if not restate:
        raise typer.Exit(audit.close_periods(order))
    raise typer.Exit(audit.restate_periods(replace(order, restating=reason)))


@app.command("verify")
def verify_period(
    period: PeriodText,
    params: Params = DEFAULT_PARAMS,
    unit: Units = None,
    out: Out = DEFAULT_OUT,
    overrides: Overrides = None,
) -> None:
    """Say what was touched since a period was closed; 1 where that is of what was published."""
    from cts_lib import audit

    raise typer.Exit(audit.verify_periods(_order(params, out, unit, [audit.period_of(period)], overrides)))


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

    jobs.simulate(_order(params, out, unit, period, overrides), plan, replication, to)


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
        with ended_by_signal():
            status = app(standalone_mode=False)
    except CtsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except OSError as error:  # a full disk, a name that is too long, a folder that may not be written
        print(SourceError(str(error.filename or "storage"), str(error.strerror or error), _STORAGE), file=sys.stderr)
        sys.exit(2)
    except MemoryError:
        print(SourceError("memory", "there is not enough", "give the machine more, or the run less"), file=sys.stderr)
        sys.exit(2)
    except _UsageError as error:
        print(ParamsError("command line", str(error), "see cts --help"), file=sys.stderr)
        sys.exit(2)
    except (typer.Abort, KeyboardInterrupt, Stopped) as stop:
        print("stopped; what was finished is kept", file=sys.stderr)
        sys.exit(stop.status if isinstance(stop, Stopped) else 130)
    sys.exit(status or 0)


if __name__ == "__main__":
    main()
