"""Profile: who the customers are, and what each really costs to serve.

Reads accepted lines, events and ledger of the engine and the cost model; writes the tables of stage ``profile``.
Method: time-driven activity-based costing (Kaplan and Anderson, Harvard Business Review, November 2004) and the
customer profitability whale curve (Kaplan and Narayanan, Measuring and Managing Customer Profitability, 2001).
"""

from cts_lib.profile.stage import run

__all__ = ["run"]
