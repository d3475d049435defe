"""Transactions as a strategy rewrites them, priced by the same cost engine."""
