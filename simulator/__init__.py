"""Ledgerfolk: an agent-based simulator of a payments economy."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.model import PaymentsModel
    from simulator.record.read import open_run
    from simulator.scenario.file import load_scenario

__all__ = ["PaymentsModel", "load_scenario", "open_run"]

_HOMES = {"PaymentsModel": "simulator.model", "load_scenario": "simulator.scenario.file", "open_run": "simulator.record.read"}


def __getattr__(name: str) -> Any:
    """Import on first use: the command line must answer before Mesa and numba are loaded."""
    if name not in _HOMES:
        raise AttributeError(f"module 'simulator' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
