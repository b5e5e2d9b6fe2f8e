"""Parameters of a scenario fitted to a pack of targets: `fit.py` names the stages in order."""
