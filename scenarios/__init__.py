"""Shipped scenario files: worlds, crises and the tables of households they draw from."""
