"""Writes what a unit's period yielded: tables, pages, history and the shared edition, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from cts_lib import store
from cts_lib.closing import Record, close, read_record, restatement, write_restatement
from cts_lib.display import Labels, Reader, labels_of, names_of, names_of_segments
from cts_lib.history import open_history, rows_of
from cts_lib.limits import unsearched
from cts_lib.orders import Order
from cts_lib.params import UnitParams
from cts_lib.params.period import Period
from cts_lib.run import Results, UnitRun
from cts_lib.sharing import FOLDER as SHARED
from cts_lib.sharing import Pseudonyms, share
from cts_lib.sheets import write_workbook

Progress = Callable[[str], None]


def is_current(order: Order, unit_run: UnitRun, period: Period) -> bool:
    """Return whether what is published of a period is what a run would publish now."""
    with unsearched():
        from cts_lib.reporting import PAGES, is_there, page_prints

    if not order.resume or order.share or order.restating:
        return False
    unit, period = unit_run.unit, period.under(unit_run.unit.params.governance.fiscal)
    folder, known = store.unit_folder(order.out, str(period), unit.name), unit_run.kpi_history
    manifest = store.read_manifest(folder) or {}
    if "pages" not in manifest or "period" not in known or str(period) not in set(known["period"]):
        return False
    if not unit_run.stored.source.is_digested or not set(order.stages) <= unit_run.stored.valid(manifest, period):
        return False
    prints = page_prints(manifest, _arguments(order, unit, period))
    tables = [f"tables/{name}.parquet" for stage in order.stages for name in store.stage_tables(stage)]
    printed = [f"{page}.pdf" for page in PAGES] if order.pdf else []
    is_all = all((folder / name).is_file() for name in (*tables, *printed, "tables.xlsx"))
    is_same = manifest["pages"] == prints and manifest["chosen"] == _chosen(order, unit_run)
    return is_all and is_same and all(is_there(page, folder) for page in PAGES) and store.is_whole(folder, manifest)


def _keep_in_history(order: Order, folder: Path) -> None:
    open_history(order.out).write(rows_of(folder))


def publish(
    order: Order, unit_run: UnitRun, period: Period, results: Results, report: bool, progress: Callable[[str], None]
) -> None:
    """Write the unit's folder whole; stages that were not asked for are kept where they rest on the same.

    Of a closed period what would change is written beside what is published, which stays unless it is restated.
    """
    unit = unit_run.unit
    folder = store.unit_folder(order.out, str(period), unit.name)
    earlier, closed = store.read_manifest(folder), read_record(folder)
    if closed:
        changes = restatement(folder, results.all_tables, unit.business_unit, str(period))
        write_restatement(folder, changes)
        progress(_told_of_closed(closed, changes))
        if changes.empty or not order.restating:
            published = open_history(order.out).read("kpis", unit.name)
            unit_run.kpi_history = published  # what follows is held to it
            return
    manifest = results.manifest | {"language": order.language, "chosen": _chosen(order, unit_run)}
    if chosen := manifest["chosen"]:
        manifest["assumptions"] = [chosen | {"where": "profile"}, *manifest["assumptions"]]
        manifest["notes"] = [chosen | {"stage": "profile"}, *manifest["notes"]]
    with store.replacing(folder, partial(_keep_in_history, order)) as fresh:
        if earlier and not report:
            manifest |= store.keep(folder, fresh, earlier, manifest, unit_run.stored.valid(earlier, period))
        store.write_tables(fresh / "tables", results.all_tables, unit.business_unit, str(period))
        for stage, result in results.stages.items():
            store.write_stage(fresh, stage, result)
        if results.before:
            store.write_stage(fresh, store.BEFORE, results.before, tables=True)
        if order.xlsx or report:
            _write_workbook(order, unit, period, fresh)
        if report:
            from cts_lib.reporting import Kept, page_prints, print_pages, report_unit

            arguments = _arguments(order, unit, period)
            store.write_manifest(fresh, manifest | {"pages": page_prints(manifest, arguments)})
            kept = Kept([folder, store.kept_folder(folder)], order.pdf) if order.resume else None
            report_unit(fresh, arguments, progress, kept=kept)
            if order.pdf:
                print_pages(fresh, progress)
        else:
            store.write_manifest(fresh, manifest)
        store.seal(fresh)
        if closed:
            write_restatement(fresh, changes)
            close(fresh, order.out, (*closed.restated, closed.replaced(order.restating)))


def _chosen(order: Order, unit_run: UnitRun) -> dict[str, Any] | None:
    """Return the remark on how the period was chosen, where none was asked for."""
    return None if order.periods else unit_run.newest().note.stored


def _arguments(order: Order, unit: UnitParams, period: Period) -> dict[str, Any]:
    """Return the parameters of the notebooks."""
    return {
        "unit": unit.name,
        "period": str(period),
        "params": str(order.params.resolve()),
        "out": str(order.out.resolve()),
        "overrides": list(order.overrides),
        "language": order.language,
    }


def publish_shared(order: Order, unit_run: UnitRun, period: Period, progress: Callable[[str], None]) -> None:
    """Write the edition of a stored period that may be shared: its tables are rewritten before anything is drawn."""
    from cts_lib.reporting import print_pages, report_unit

    unit = unit_run.unit
    folder = store.unit_folder(order.out, str(period), unit.name)
    manifest = store.read_manifest(folder) or {}
    tables, shared = share(store.read_tables(folder), manifest, Pseudonyms.from_environment(unit.business_unit))
    progress("shared edition")
    with store.replacing(store.unit_folder(order.out / SHARED, str(period), unit.name)) as fresh:
        store.write_tables(fresh / "tables", tables, unit.business_unit, str(period))
        _write_workbook(order, unit, period, fresh, shared["labels"])
        store.write_manifest(fresh, shared)
        report_unit(fresh, _arguments(order, unit, period), progress, unit.tree)
        if order.pdf:
            print_pages(fresh, progress)


def _write_workbook(order: Order, unit: UnitParams, period: Period, folder: Path, labels: Labels | None = None) -> None:
    """Write the folder's tables as a workbook in the order's language."""
    names = names_of(unit.params)
    if (folder / "tables" / "segment_names.parquet").exists():
        names = {**names, **names_of_segments(store.read_table(folder, "segment_names"))}
    reader = Reader(order.language, unit.params.unit.currency, labels or labels_of(unit.tree), names)
    write_workbook(folder, reader, f"{unit.label}, {period}")


def _told_of_closed(closed: Record, changes: pd.DataFrame) -> str:
    if changes.empty:
        return f"closed since {closed.closed}: nothing would change"
    return f"closed since {closed.closed}: {len(changes):,} values would change, as restatement.parquet says"
