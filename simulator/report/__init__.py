"""The report: pictures and the single-file HTML page of a run."""

from simulator.report.page import write_report

__all__ = ["write_report"]
