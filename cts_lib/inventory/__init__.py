"""Formulas of stock: how much to keep and order, and what service that gives.

Pure functions of numbers, element by element where they are given arrays; a time unit is any, as long as it is the same
in all arguments.
"""
