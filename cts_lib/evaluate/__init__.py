"""Evaluate: the proposed strategy against today's, over simulated periods."""

from cts_lib.evaluate.stage import run

__all__ = ["run"]
