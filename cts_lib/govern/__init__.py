"""Govern: indicators, why profit changed, and what to do."""

from cts_lib.govern.stage import run

__all__ = ["run"]
