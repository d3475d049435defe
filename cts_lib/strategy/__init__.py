"""Strategy: for each segment and channel the supply-chain elements that make profit best within the limits."""

from cts_lib.strategy.stage import strategy

__all__ = ["strategy"]
