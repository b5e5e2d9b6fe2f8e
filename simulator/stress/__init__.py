"""Stress: what a scenario does, compared with the same world without it, over pairs of runs that share their seeds."""

from simulator.stress.pairs import run_pairs
from simulator.stress.result import Stress

__all__ = ["Stress", "run_pairs"]
