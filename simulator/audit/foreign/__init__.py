"""Payments of other makers, under their own names, as a sheet that the audit reads."""

from simulator.audit.foreign.mapping import Mapping, read_mapping
from simulator.audit.foreign.table import read_table

__all__ = ["Mapping", "read_mapping", "read_table"]
