"""What a scenario may say of how accounts begin: a bank that grows, whose new customers begin slowly."""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Factor, Money, Share


class Opening(Part):
    """Accounts that are opened during the run."""

    during: Share = Field(0.0, description="share of the customers whose accounts are opened during the run rather than before it")
    within: Share = Field(1.0, description="part of the run, from its first day, over which they are opened evenly")
    idle: Share = Field(
        0.0, description="share of those without an income, or with a pension, benefit or grant in notes, who open no account in the run"
    )
    deposit: Money = Field(
        0.0, description="mean notes with which whoever comes opens an account; at 0 they bring what they had at another bank"
    )
    settles: Annotated[Factor, Field(le=24)] = Field(
        0.0,
        description="months after opening in which orders and the account fee wait, and people live mostly on notes they have elsewhere",
    )
    reserve: Share = Field(
        0.0, description="part of the buffer until which people draw a quarter of the notes they need; the rest comes from elsewhere"
    )
    settles_spread: Annotated[Factor, Field(le=2)] = Field(
        0.0, description="log standard deviation of that time between people: some accounts are soon used for everything, some hardly ever"
    )
