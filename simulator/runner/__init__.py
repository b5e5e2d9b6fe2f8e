"""Runs a day: shards plan and authorise side by side, clearing books each window once, in one order."""
