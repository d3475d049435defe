"""The workbook of tables, ``tables.xlsx``: contents, the tables that people use in words, every table as stored."""

from cts_lib.sheets.book import write_workbook

__all__ = ["write_workbook"]
