"""An executed notebook as a page of the report, in the reader's language and the workbook's theme."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from functools import cache

from markupsafe import Markup
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from traitlets.config import Config

from cts_lib.charts import Chart
from cts_lib.display import Reader, Shown
from cts_lib.reporting.outline import outline
from cts_lib.reporting.page import THEME, Page

_TABLE_STYLE = re.compile(r'(<div class="table">.*?)<style>.*?</style>', re.DOTALL)


@cache
def _exporter() -> HTMLExporter:
    """Return the one exporter: building it takes longer than using it."""
    settings = Config()
    settings.HTMLExporter.template_name = "cts"
    settings.HTMLExporter.extra_template_basedirs = [str(THEME)]
    settings.HTMLExporter.exclude_input = True
    settings.HTMLExporter.exclude_input_prompt = True
    settings.HTMLExporter.exclude_output_prompt = True
    settings.HTMLExporter.exclude_anchor_links = True
    settings.HTMLExporter.optimistic_validation = True  # once, not after each preprocessor
    make: Callable[..., HTMLExporter] = HTMLExporter
    return make(config=settings)


def render(notebook: NotebookNode, page: Page, reader: Reader) -> str:
    """Return the page of an executed notebook.

    Markdown is translated cell by cell; a cell edited since its translation stays English.
    The style that a table carries for Jupyter is taken out, the theme has its own.
    """
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        if cell.cell_type == "markdown":
            cell.source = reader.text(cell.source)
            continue
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):
                output["data"]["text/html"] = plain_tables(output["data"]["text/html"])
    contents = outline(copied.cells)
    body, _ = _exporter().from_notebook_node(copied, resources={"page": page, "contents": contents})
    return str(body)


def on_page(piece: Chart | Shown) -> Markup:
    """Return a figure or table as it stands on a page that is no notebook; its own texts are escaped already."""
    return Markup(plain_tables(piece.__html__()))  # noqa: S704


def plain_tables(html: str) -> str:
    """Return ``html`` with its tables free of their own style sheets, and within reach of the keyboard to scroll."""
    return _TABLE_STYLE.sub(r"\1", html).replace('<div class="table">', '<div class="table" tabindex="0">')
