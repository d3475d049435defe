from pathlib import Path

import pandas as pd
import pytest

from cts_lib.errors import DataError
from cts_lib.tables import TABLES, conform, document

ROOT = Path(__file__).parent.parent


def test_the_document_of_tables_is_that_of_the_declarations() -> None:
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == document()


def test_every_table_is_declared_once() -> None:
    names = [table.name for table in TABLES]
    assert len(names) == len(set(names))


def test_a_table_without_a_declared_column_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"iberia, table statement: column 'amount' not in dataframe"):
        conform("statement", pd.DataFrame({"line": ["net_sales"]}), "iberia")


def test_an_empty_table_gets_its_declared_kinds() -> None:
    table = conform("statement", pd.DataFrame({"line": [], "amount": []}), "iberia")
    assert table.dtypes.astype(str).to_dict() == {"line": "str", "amount": "float64"}
