"""Figures of the segments."""
