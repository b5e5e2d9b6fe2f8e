"""Ledgerfolk: an agent-based simulator of a payments economy."""
