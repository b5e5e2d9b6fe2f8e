"""How stories end is counted by typology, and what does not end as it is stated is named."""

import pandas as pd

from calibration.outcomes import ENDS, LEAST, complaints, stated
from simulator.scenario.extend import shipped
from simulator.scenario.tales import read_story


def _table(**counts: tuple[int, int]) -> pd.DataFrame:
    rows = {typology: {**dict.fromkeys(ENDS, 0), "told": told, "completed": done} for typology, (told, done) in counts.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def test_a_share_is_stated_for_every_shipped_typology() -> None:
    shares = stated()
    assert set(shares) == {read_story(name).typology for name in shipped("stories")}
    assert all(0.1 <= share < 1 for share in shares.values())


def test_what_ends_otherwise_is_named() -> None:
    """Catches a story that can no longer be completed, one that nothing stops any more, and one that is hardly told."""
    shares = {"A1": 0.7, "S1": 0.8, "L01": 0.9}
    assert complaints(_table(A1=(100, 71), S1=(100, 75), L01=(40, 37)), shares) == []
    found = complaints(_table(A1=(100, 30), S1=(100, 99), L01=(LEAST - 1, 26), X=(50, 50)), shares)
    assert [text.partition(":")[0] for text in found] == ["X", "A1", "S1", "L01"]
    assert complaints(_table(A1=(100, 71), S1=(100, 75)), shares) == [f"L01: told 0 times, at least {LEAST} are needed"]
