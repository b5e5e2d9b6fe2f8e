"""What tests of several modules share."""

from pathlib import Path

import pytest
from hypothesis import settings

# Examples are found anew on every machine alike, and a slow machine is no failure.
settings.register_profile("ledgerfolk", deadline=None, derandomize=True)
settings.load_profile("ledgerfolk")


@pytest.fixture(scope="session")
def tiny_town() -> Path:
    """A complete scenario file of few words that extends nothing."""
    return Path(__file__).with_name("tiny_town.yaml")
