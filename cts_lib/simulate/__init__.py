"""Simulated periods: canonical transactions that the cost engine prices like any others."""
