"""Govern: indicators, why profit changed, and what to do."""

from cts_lib.govern.stage import govern

__all__ = ["govern"]
