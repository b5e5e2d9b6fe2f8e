"""Where fitted parameters are from: `ledgerfolk calibrate` writes it, runs carry it on."""

from pydantic import Field

from simulator.scenario.part import Name, Part


class FittedTo(Part):
    """A fit, and which of the parameter sets that it left possible."""

    pack: Name
    draw: int | None = Field(None, ge=1, description="number of the draw; none for the set that fits best")
