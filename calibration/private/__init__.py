"""The bank's side: differentially private aggregates of a real table, their ledger, and the same statistics of a run."""
