"""Audits: a run judged from its files alone, by code that shares nothing with what made them."""
