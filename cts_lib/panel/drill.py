"""From a segment to its customers, one's orders, the work behind an order, and the ledger rows that paid for it."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from cts_lib.costing.trace import Trace
from cts_lib.display import Reader, Shown, table

_UNITS = {"order_id": "order", "shipment_id": "shipment", "event": "event"}
"""The keys by which units of work are told apart, and what each is of."""


class Drill:
    """Answers one step after the other; ``explain`` traces a customer."""

    def __init__(self, explain: Callable[[str], Trace], reader: Reader) -> None:
        self._explain, self._reader = explain, reader
        self._last: tuple[str, Trace] | None = None

    def trace(self, customer_id: str) -> Trace:
        """Return what stands behind a customer's cost; the last one asked about is kept."""
        if self._last is None or customer_id != self._last[0]:
            self._last = customer_id, self._explain(customer_id)
        return self._last[1]

    def orders(self, customer_id: str) -> pd.DataFrame:
        """Return the customer's units of work, the costliest first: unit (order, shipment or event), id, cost."""
        work = _told_apart(self.trace(customer_id).work)
        costs = work.groupby(["unit", "id"], sort=False)["cost"].sum().reset_index()
        return costs.sort_values(["cost", "unit", "id"], ascending=[False, True, True], ignore_index=True)

    def work(self, customer_id: str, unit: str, identity: str) -> pd.DataFrame:
        """Return what was done for an order, shipment or event: activity, line_no, calculation, resource, cost."""
        trace = self.trace(customer_id)
        work = _told_apart(trace.work)
        mine = work[(work["unit"] == unit) & (work["id"] == identity)]
        resources = trace.activities.drop_duplicates("activity")[["activity", "resource"]].astype("object")
        joined = mine.astype({"activity": "object"}).merge(resources, on="activity", how="left")
        return joined[["activity", "line_no", "calculation", "quantity", "cost", "resource"]]

    def ledger(self, customer_id: str, resource: str) -> pd.DataFrame:
        """Return the ledger rows behind a resource: resource, ledger_period, account, amount."""
        rows = self.trace(customer_id).ledger
        return rows[rows["resource"] == resource].reset_index(drop=True)

    def work_shown(self, customer_id: str, unit: str, identity: str) -> Shown:
        """Return the work behind an order as a table to read."""
        columns = {"activity": "text", "line_no": "code", "calculation": "code", "cost": "cents", "resource": "text"}
        title = self._reader.text("What was done: {name}", name=identity)
        rows = self.work(customer_id, unit, identity)
        return table(rows, self._reader, columns, title, rows=len(rows), sums=("cost",))

    def ledger_shown(self, customer_id: str, resource: str) -> Shown:
        """Return the ledger rows behind a resource as a table to read."""
        columns = {"ledger_period": "code", "account": "code", "amount": "cents"}
        title = self._reader.text("Ledger rows: {name}", name=self._reader.word(resource, "resource"))
        rows = self.ledger(customer_id, resource)
        return table(rows, self._reader, columns, title, rows=len(rows), sums=("amount",))


def _told_apart(work: pd.DataFrame) -> pd.DataFrame:
    """Return the units of work that are shown one by one, each with what it is of and by which name."""
    found = work.assign(unit=None, id=None).astype({"unit": "object", "id": "object"})
    for key, unit in _UNITS.items():
        here = found["unit"].isna() & found[key].notna()
        found.loc[here, "unit"] = unit
        found.loc[here, "id"] = found.loc[here, key].astype("str")
    return found[found["unit"].notna()].reset_index(drop=True)
