"""Evaluate: the proposed strategy against today's, over simulated periods."""

from cts_lib.evaluate.stage import evaluate

__all__ = ["evaluate"]
