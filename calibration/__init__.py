"""Targets and packs of sourced aggregates, fitting to them, and comparison of runs with them."""
