"""How Sphinx builds the docs; ``make docs`` runs it."""

from importlib.metadata import version as version_of

project = "Cost-to-serve workbook"
version = release = version_of("cost-to-serve-workbook")
extensions = ["myst_parser"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = project
html_copy_source = html_show_sourcelink = html_show_sphinx = html_show_copyright = False
