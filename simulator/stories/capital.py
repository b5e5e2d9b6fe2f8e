"""Capital: what a story costs before it brings anything, and whether a crew has it."""

from simulator.scenario.story import Family, Source, Typology

STAKE = 2000.0
"""Capital with which a crew begins, currency units (assumption)."""

HOARD = 20
"""What is above so many stakes is shared out among its members (assumption)."""

OUTLAY = {Family.CARD: 15.0, Family.TAKEOVER: 120.0, Family.SCAM: 60.0, Family.FIRST_PARTY: 40.0}
"""Data and tools of a story by family, currency units, where its file says nothing (assumption: prices of card data, log-ins and kits)."""

OTHERWISE = 50.0
"""The same for other families (assumption)."""

MULE = 50.0
"""What it costs to find a mule and pay them in advance, currency units (assumption); the rest is their cut of what they pass on."""


def outlay(typology: Typology) -> float:
    """What a crew spends before a story begins, currency units of the story files."""
    mules = sum(max(1, role.count.least) for role in typology.cast.values() if role.drawn is Source.MULES)
    own = typology.costs if typology.costs is not None else OUTLAY.get(typology.family, OTHERWISE)
    return own + MULE * mules


class Purses:
    """Counts what crews have in minor units of a world.

    Args:
        unit: minor units in a currency unit.
        money: amounts of this world against those of the files.
    """

    def __init__(self, unit: int, money: float) -> None:
        self._scale = unit * money

    @property
    def stake(self) -> int:
        """What a crew begins with."""
        return round(STAKE * self._scale)

    def cost(self, typology: Typology) -> int:
        """What a crew needs to begin a story."""
        return round(outlay(typology) * self._scale)

    def kept(self, capital: int) -> int:
        """What stays of a crew's capital once its members have taken their share."""
        return min(capital, HOARD * self.stake)
