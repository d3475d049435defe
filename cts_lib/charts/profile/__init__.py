"""Figures of the profile."""
