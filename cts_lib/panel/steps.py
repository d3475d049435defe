"""The way from a segment to the ledger as four lists, each filled by what is chosen in the one before."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from cts_lib.errors import CtsError
from cts_lib.panel.panel import Panel

_WIDE = widgets.Layout(width="98%")
_Choices = list[tuple[str, Any]]


def steps_of(panel: Panel) -> widgets.Widget:
    """Return the lists, folded until somebody opens them."""
    return _Steps(panel).box


class _Steps:
    """Segment, customer, order, resource; and the table of what was chosen last."""

    def __init__(self, panel: Panel) -> None:
        self._panel, reader = panel, panel.reader
        self._shown = widgets.HTML(layout=_WIDE)
        self._segment = self._list(reader.text("Segment"), self._to_segment)
        self._customer = self._list(reader.text("Customer"), self._to_customer)
        self._order = self._list(reader.text("Order"), self._to_order)
        self._resource = self._list(reader.text("Resource"), self._to_resource)
        self._lists = [self._segment, self._customer, self._order, self._resource]
        names = [(reader.word(name, "segment"), name) for name in panel.answer.segments]
        self._offer(self._segment, names)
        inside = widgets.VBox([*self._lists, self._shown])
        self.box = widgets.Accordion(
            children=[inside],
            titles=[reader.text("From a segment to the ledger, at today's prices")],
            selected_index=None,
        )

    def _list(self, name: str, chosen: Callable[[Any], None]) -> Any:
        found = widgets.Dropdown(options=[], description=name, style={"description_width": "8em"}, layout=_WIDE)

        def told(change: dict[str, Any]) -> None:
            if change["new"] is None:
                return
            try:
                chosen(change["new"])
            except CtsError as error:
                self._shown.value = f"<p>{html.escape(str(error))}</p>"

        found.observe(told, "value")
        return found

    def _offer(self, found: Any, choices: _Choices) -> None:
        """Fill a list; those after it wait for what is chosen in it."""
        at = self._lists.index(found)
        for each, own in zip(self._lists[at:], [choices, *[[]] * len(self._lists)], strict=False):
            each.options = [("–", None), *own]

    def _to_segment(self, segment: str) -> None:
        reader = self._panel.reader
        table = self._panel.customers(segment)
        self._offer(
            self._customer,
            [
                (f"{customer} · {name if isinstance(name, str) else ''} · {reader.money(profit)}", customer)
                for customer, name, profit in zip(table["customer_id"], table["name"], table["profit"], strict=True)
            ],
        )

    def _to_customer(self, customer: str) -> None:
        reader = self._panel.reader
        self._shown.value = f"<p>{html.escape(reader.text('The source is read; this takes a few seconds.'))}</p>"
        orders = self._panel.drill.orders(customer)
        self._offer(
            self._order,
            [
                (f"{reader.word(unit, 'per')} {identity} · {reader.money(cost, digits=2)}", (unit, identity))
                for unit, identity, cost in zip(orders["unit"], orders["id"], orders["cost"], strict=True)
            ],
        )
        self._shown.value = ""

    def _to_order(self, order: tuple[str, str]) -> None:
        drill, customer = self._panel.drill, self._customer.value
        self._shown.value = drill.work_shown(customer, *order).html
        resources = drill.work(customer, *order)["resource"].dropna().unique()
        self._offer(self._resource, [(self._panel.reader.word(name, "resource"), name) for name in resources])

    def _to_resource(self, resource: str) -> None:
        work = self._panel.drill.work_shown(self._customer.value, *self._order.value).html
        self._shown.value = work + self._panel.drill.ledger_shown(self._customer.value, resource).html
