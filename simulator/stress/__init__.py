"""Stress: what a scenario does, compared with the same world without it, over pairs of runs that share their seeds."""

from simulator.stress.pairs import Stress, run_pairs

__all__ = ["Stress", "run_pairs"]
