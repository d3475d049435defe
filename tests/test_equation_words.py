"""Every function of an equation is said in words, in both languages: no SQL stands on a manager's page."""

from __future__ import annotations

import re

import pytest

from cts_lib.display import Reader
from cts_lib.display.profile.equation import in_words
from cts_lib.model.equations import FUNCTIONS

TOLD = {
    "ABS(quantity)": ("quantity, without its sign", "cantidad, sin signo"),
    "10 - ABS(quantity)": ("10 − (quantity, without its sign)", "10 − (cantidad, sin signo)"),
    "ROUND(weight_kg)": ("weight, rounded", "peso, redondeado"),
    "ROUND(weight_kg, 1)": ("weight, rounded to 1 decimal", "peso, redondeado a 1 decimal"),
    "ROUND(weight_kg, -2)": ("weight, rounded to 100", "peso, redondeado a múltiplos de 100"),
    "FLOOR(weight_kg/500)*3": ("(weight ÷ 500, rounded down) × 3", "(peso ÷ 500, redondeado hacia abajo) × 3"),
    "distance_km IS NULL": ("distance is not known", "no se conoce distancia"),
    "distance_km IS NOT NULL": ("distance is known", "se conoce distancia"),
    "lines BETWEEN 2 AND 5": ("order lines from 2 to 5", "líneas de pedido de 2 a 5"),
    "channel NOT IN ('a', 'b')": ("channel ≠ a and b", "canal ≠ a y b"),
    "SQRT(lines + 1)": ("the square root of (order lines + 1)", "la raíz cuadrada de (líneas de pedido + 1)"),
    "POWER(lines, 2)": ("order lines to the power of 2", "líneas de pedido elevado a 2"),
    "lines % 4": ("what order lines ÷ 4 leaves", "el resto de líneas de pedido ÷ 4"),
    "NULLIF(lines, 0)": ("order lines, not known where it is 0", "líneas de pedido, desconocido si es 0"),
    "GREATEST(lines, 2, quantity)": ("the largest of order lines, 2, quantity", None),
    "CASE channel WHEN 'a' THEN 1 ELSE 2 END": ("(1 if channel = a, else 2)", None),
}


@pytest.mark.parametrize("text", TOLD)
def test_an_expression_reads_as_words(text: str) -> None:
    english, spanish = TOLD[text]
    assert in_words(text, Reader()) == english
    assert spanish is None or in_words(text, Reader("es")) == spanish


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("call", FUNCTIONS)
def test_no_function_that_there_is_stands_as_sql(call: str, language: str) -> None:
    name = call.partition("(")[0]
    several = call.count(",") or 0
    text = f"{name}({', '.join(['lines', '2', '3'][: 1 + several])})"
    assert not re.search(rf"\b{name}\b\s*\(", in_words(text, Reader(language)))
    assert in_words(text, Reader(language)) != text
