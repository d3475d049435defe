"""Strategy: for each segment and channel the supply-chain elements that make profit best within the limits."""

from cts_lib.strategy.stage import run

__all__ = ["run"]
