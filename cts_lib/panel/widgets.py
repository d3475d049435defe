"""The panel in a browser: ipywidgets around it, which decide nothing."""

from __future__ import annotations

import html
from typing import Any

import ipywidgets as widgets

from cts_lib.display import Reader
from cts_lib.errors import CtsError
from cts_lib.panel.panel import Panel
from cts_lib.panel.steps import steps_of
from cts_lib.panel.words import group_name, group_note, slider_name
from cts_lib.scenarios.dials import GROUPS, Dial, snapped

_WIDE = widgets.Layout(width="98%")
_FORMATS = {"percent": ".0f", "number": ".1f", "decimal": ".3f", "money": ",.0f"}


def widget_of(panel: Panel) -> widgets.Widget:
    """Return the panel as widgets: its picture, sliders by group, and the way to the ledger."""
    return _Live(panel).box


class _Live:
    """Sliders that move a panel, and what shows where it stands."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        reader = panel.reader
        self._shown, self._said = widgets.HTML(layout=_WIDE), widgets.HTML(layout=_WIDE)
        self._sliders = {dial.name: _slider(dial, reader) for dial in panel.dials}
        for dial in panel.dials:
            self._follow(dial)
        back = widgets.Button(description=reader.text("Back to today"))
        back.on_click(lambda button: self._back())
        self._tell()
        self.box = widgets.VBox([self._shown, self._groups(), back, self._said, steps_of(panel)])

    def _groups(self) -> widgets.Widget:
        reader, tabs = self.panel.reader, dict[str, widgets.Widget]()
        for group in GROUPS:
            own = [self._sliders[dial.name] for dial in self.panel.dials if dial.group == group]
            if own:
                note = widgets.HTML(f"<p>{html.escape(group_note(group, reader))}</p>")
                tabs[group_name(group, reader)] = widgets.VBox([note, *own])
        return widgets.Tab(children=list(tabs.values()), titles=list(tabs))

    def _follow(self, dial: Dial) -> None:
        self._sliders[dial.name].observe(lambda change: self._moved(dial, change["new"]), "value")

    def _moved(self, dial: Dial, place: float) -> None:
        reader, name, to = self.panel.reader, dial.name, snapped(dial, place)
        if to == self.panel.positions.get(name, dial.today):
            return
        if not self.panel.is_known(name, to):
            self._say(reader.text("Orders are rewritten and priced again; this takes a few seconds."))
        try:
            self.panel.move(name, to)
        except CtsError as error:
            self._say(str(error))
            return
        self._tell()

    def _back(self) -> None:
        for dial in self.panel.dials:
            slider = self._sliders[dial.name]
            slider.unobserve_all("value")
            slider.value = dial.today
            self._follow(dial)
        self.panel.back()
        self._tell()

    def _tell(self) -> None:
        self._shown.value = self.panel.picture().html
        asked = self.panel.asked
        self._said.value = f"<pre>book.what_if({', '.join(map(html.escape, map(repr, asked)))})</pre>" if asked else ""

    def _say(self, sentence: str) -> None:
        self._said.value = f"<p>{html.escape(sentence)}</p>"


def _slider(dial: Dial, reader: Reader) -> Any:
    return widgets.FloatSlider(
        value=dial.today,
        min=dial.low,
        max=dial.high,
        step=dial.step,
        description=slider_name(dial, reader),
        continuous_update=dial.group != "orders",
        readout_format=_FORMATS[dial.kind],
        style={"description_width": "22em"},
        layout=_WIDE,
    )
