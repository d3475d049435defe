"""The one object a notebook opens: a unit's period with its tables, notes and reader."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cts_lib import store
from cts_lib.costing.trace import READ, Trace, trace
from cts_lib.display import Reader, Shown, holdings, labels_of, names_of, names_of_segments
from cts_lib.errors import CtsError, Problems, SourceError, problems_of
from cts_lib.history import open_history
from cts_lib.params import UnitParams, load
from cts_lib.params.period import Period
from cts_lib.params.scenarios import read_scenario, scenario_file, scenario_names, write_scenario
from cts_lib.params.sections import Unit

if TYPE_CHECKING:
    from cts_lib.panel import Panel
    from cts_lib.run import UnitRun
    from cts_lib.scenarios import Answer

_PRESETS = {
    "unit": ("CTS_UNIT", None),
    "period": ("CTS_PERIOD", None),
    "params": ("CTS_PARAMS", "../params"),
    "out": ("CTS_OUT", "../reports"),
    "language": ("CTS_LANGUAGE", "en"),
}
_ORDERS = 200
"""So many orders, lines and events of each activity the panel tells one by one."""


def preset(params: Path, out: Path, unit: str | None, period: str | None, language: str) -> dict[str, str]:
    """Return the environment in which a notebook left as it is opens this unit and period."""
    given = {"params": str(params.resolve()), "out": str(out.resolve()), "language": language}
    given |= {name: value for name, value in (("unit", unit), ("period", period)) if value}
    return {_PRESETS[name][0]: value for name, value in given.items()}


def _preset(name: str, given: str | None) -> str | None:
    variable, default = _PRESETS[name]
    return os.environ.get(variable, given) if given in (None, default) else given


class Workbook:
    """A unit's period as a notebook sees it.

    Stored tables are read; where none are stored for the same params and input, all stages are computed on demand.
    """

    def __init__(self, unit: UnitParams, period: Period, folder: Path, reader: Reader, trusted: bool) -> None:
        self._unit, self._folder, self._trusted, self._out = unit, folder, trusted, folder.parent.parent
        self._computed: dict[str, pd.DataFrame] | None = None
        self._read = dict[str, pd.DataFrame]()
        self._manifest: dict[str, Any] | None = None
        self._asked: UnitRun | None = None
        self._knows_segments = False
        self.period, self._reader = period, reader

    @classmethod
    def open(
        cls,
        unit: str | None = None,
        period: str | None = None,
        params: str = "../params",
        out: str = "../reports",
        overrides: Sequence[str] = (),
        language: str = "en",
    ) -> Workbook:
        """Open a unit's period; by default the first unit and its newest quarter.

        What is left at its default is taken from the environment that ``cts lab`` presets.
        """
        unit, period = _preset("unit", unit), _preset("period", period)
        params, out = _preset("params", params) or params, _preset("out", out) or out
        language = _preset("language", language) or language
        chosen = load(Path(params), [unit] if unit else None, list(overrides))[0]
        made = os.environ.get(store.FOLDER)
        quarter = Period.parse(period).under(chosen.params.governance.fiscal) if period else _newest_quarter(chosen)
        folder = Path(made) if made else store.unit_folder(Path(out), str(quarter), chosen.name)
        told = store.read_manifest(folder) if made else None
        labels = (told or {}).get("labels") or labels_of(chosen.tree)  # those of a shared edition name no customer
        reader = Reader(language, chosen.params.unit.currency, labels, names_of(chosen.params))
        return cls(chosen, quarter, folder, reader, trusted=made is not None)

    @property
    def unit(self) -> Unit:
        return self._unit.params.unit.model_copy(update={"label": self._unit.label})

    @property
    def currency(self) -> str:
        return self._unit.params.unit.currency

    @property
    def reader(self) -> Reader:
        """Whoever reads, who knows what the names of this period's segments are made of."""
        self._load()
        if not self._knows_segments:
            self._reader = self._reader.knowing(names_of_segments(self.table("segment_names")))
            self._knows_segments = True
        return self._reader

    @property
    def precision(self) -> float:
        """Up to which share of a figure half an interval is narrow: ``evaluation.precision``."""
        return self._unit.params.evaluation.precision

    @property
    def manifest(self) -> dict[str, Any]:
        self._load()
        return self._manifest or {}

    def table(self, name: str) -> pd.DataFrame:
        """Return a table of any stage; an unknown name is told with the known ones."""
        self._load()
        if self._computed is not None:
            if name not in self._computed:
                raise SourceError(f"table {name}", "no such table", f"known are {', '.join(sorted(self._computed))}")
            return self._computed[name]
        if name not in self._read:
            try:
                self._read[name] = store.read_table(self._folder, name)
            except FileNotFoundError as error:
                known = ", ".join(sorted(self._there()))
                raise SourceError(f"table {name}", "no such table", f"known are {known}") from error
        return self._read[name].copy(deep=False)  # what a cell changes of it stays its own

    def notes(self, stage: str) -> list[str]:
        """Return what was assumed and what is missing, in the reader's language."""
        return [self.reader.remark(note) for note in self.manifest["notes"] if note["stage"] == stage]

    def sql(self, stage: str) -> list[tuple[str, str]]:
        """Return the exact queries of a stage, each with a title; the profile is the stage that has them."""
        return [(title, query) for title, query in self.manifest["sql"]] if stage == "profile" else []

    @property
    def costliest(self) -> str:
        """The customer that leaves the least."""
        return str(self.table("customer_profit").sort_values("rank")["customer_id"].iloc[-1])

    def explain(self, customer_id: str | None = None, most: int = 3) -> Trace:
        """Trace a customer's cost to serve to activities, resources and ledger rows; by default the least profitable.

        ``most`` is how many orders, lines and events of each activity are told one by one. Three are stored for that
        customer; for more, and for any other, the source is read.
        """
        chosen = customer_id or self.costliest
        work, drivers = self.table("customer_things"), self.table("customer_drivers")
        work, drivers = (table[table["customer_id"] == chosen] for table in (work, drivers))
        if (work.empty or most != 3) and (self.table("customer_costs")["customer_id"] == chosen).any():
            work, drivers = self._open_run().behind(self.period, chosen, self.table("activities"), most)
        tables = {name: self.table(name) for name in READ}
        try:
            return trace(tables, self._unit.params.cost_model, chosen, work, drivers, str(self.period))
        except CtsError as error:
            raise error.of(self._unit.name) from None

    def _open_run(self) -> UnitRun:
        """Return the unit with its source open, which keeps what it read."""
        from cts_lib.run import UnitRun

        if self._asked is None:
            self._asked = UnitRun(self._unit, out=self._out)
        return self._asked

    def what_if(self, *asked: str) -> Answer:
        """Hold the period against what it would be with another cost model, other levers or other segments.

        ``asked`` is as for ``--set``, of ``cost_model``, ``strategy`` or ``segmentation``, or the name of a kept
        scenario: ``book.what_if("cost_model.activities.order_entry.minutes=6 + 3*lines")``. The first question reads
        the source, the next ones about prices are answered from what was read.
        """
        from cts_lib.scenarios import ask, told_of

        overrides, places = self._overrides(asked)
        try:
            return ask(self._open_run(), self.period, overrides, self.table, self._out, self.reader)
        except CtsError as error:
            raise Problems([told_of(problem, places) for problem in problems_of(error)]) from None

    def _overrides(self, asked: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return what is asked as overrides, and the files of the kept scenarios among it."""
        folder, overrides, places = self._unit.folder, list[str](), list[str]()
        for text in asked:
            if "=" in text:
                overrides.append(text)
            else:
                overrides += read_scenario(folder, text)
                places.append(str(scenario_file(folder, text)))
        return overrides, places

    def keep(self, name: str, *asked: str, replace: bool = False) -> Answer:
        """Answer a question and keep it as ``params/scenarios/NAME.yml``; one that cannot be answered is not kept."""
        answer = self.what_if(*asked)
        write_scenario(self._unit.folder, name, self._overrides(asked)[0], replace)
        return answer

    def scenarios(self) -> pd.DataFrame:
        """Return the kept scenarios: scenario, asked."""
        rows = [
            (name, text)
            for name in scenario_names(self._unit.folder)
            for text in read_scenario(self._unit.folder, name)
        ]
        return pd.DataFrame(rows, columns=["scenario", "asked"], dtype="str")

    def compare(self, *names: str) -> pd.DataFrame:
        """Return figures of today and of kept scenarios, by default all: figure, resource, today, scenario, then."""
        chosen = names or scenario_names(self._unit.folder)
        parts = [self.what_if(name).figures.assign(scenario=name) for name in chosen]
        columns = ["figure", "resource", "today", "scenario", "then"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)

    def panel(self, *names: str, live: bool | None = None) -> Panel:
        """Return sliders for unit times, people, orders and cuts of the segments, and what they would change.

        ``names`` picks groups (``minutes``, ``people``, ``orders``, ``cuts``) or sliders (``minutes.order_entry``).
        Where nobody opened the notebook in a browser it shows the period as it stands; ``live`` says so itself.
        """
        from cts_lib.panel import Drill, Panel, chosen_dials, in_a_browser
        from cts_lib.scenarios.standing import Standing

        standing = Standing(self._unit, self.period, self.table)
        dials = chosen_dials(standing.dials, names)
        drill = Drill(lambda customer: self.explain(customer, _ORDERS), self.reader)
        shown = in_a_browser() and not self._trusted if live is None else live
        return Panel(standing, dials, self.reader, self._rewritten, drill, shown)

    def _rewritten(self, settings: Mapping[str, Mapping[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
        from cts_lib.scenarios.orders import rewritten

        sales = self.table("customer_profit").set_index("customer_id")["net_sales"]
        return rewritten(self._open_run(), self.period, settings, self.table("segments"), sales)

    def calibrate(self, months: int = 24) -> pd.DataFrame:
        """Return table ``unit_times`` over up to so many months that end with the period, read from the source anew."""
        from cts_lib.run import UnitRun

        run = UnitRun(self._unit)
        try:
            return run.calibrate(self.period, months)
        finally:
            run.close()

    def assign(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put customers, also new ones, into this period's segments; ``frame`` holds what is known of each.

        ``book.assign(pd.DataFrame({"customer_id": ["n1"], "orders": [12], "net_sales": [900.0], "rush_share": [0]}))``
        places by behaviour alone; with ``gross_margin`` and ``cost_to_serve`` the matrix decides. A column that nobody
        knows is an error.
        """
        from cts_lib.segment import Model, assign, check_columns

        model = Model.read(self.table("segment_model"))
        check_columns(frame, model, set(self.table("profile")["dimension"]))
        return assign(frame, model)

    def _repr_html_(self) -> str:
        return self._holdings().html

    def __repr__(self) -> str:
        return self._holdings().summary

    def _holdings(self) -> Shown:
        stages = dict.fromkeys(self.manifest["stages"])
        tables = {stage: [name for name in store.stage_tables(stage) if name in self._there()] for stage in stages}
        return holdings(self._unit.label, str(self.period), self.manifest, tables, self.reader)

    def _there(self) -> set[str]:
        """Return the names of the tables that there are."""
        if self._computed is not None:
            return set(self._computed)
        return {path.stem for path in (self._folder / "tables").glob("*.parquet")}

    def _load(self) -> None:
        if self._manifest is not None:
            return
        stored = store.read_manifest(self._folder)
        if self._trusted and stored:
            self._manifest = stored
            return
        from cts_lib.run import STAGES, UnitRun

        run = UnitRun(self._unit, open_history(self._out).read("kpis", self._unit.name), self._out)
        try:
            if stored and set(STAGES) <= run.stored.valid(stored, self.period):
                self._manifest = stored
                return
            results = run.compute(self.period)
        finally:
            run.close()
        tables = results.all_tables
        self._computed = {
            name: store.keyed(table, self._unit.business_unit, str(self.period)) for name, table in tables.items()
        }
        self._manifest = results.manifest


def _newest_quarter(unit: UnitParams) -> Period:
    from cts_lib.run import UnitRun

    run = UnitRun(unit)
    try:
        return run.newest().period
    finally:
        run.close()
