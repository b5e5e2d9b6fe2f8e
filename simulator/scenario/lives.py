"""What a scenario may say of lives: who dies, moves, joins and leaves, changes job, and how long firms last. Rates a year."""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Factor, Rate, Share

Ages = Annotated[list[Rate], Field(min_length=12, max_length=12)]


class Lives(Part):
    """Comings and goings. Bands of age begin at 18, 25, 35, 45, 55, 65, 70, 75, 80, 85, 90 and 95."""

    mortality: Ages = Field(
        [0.001, 0.0015, 0.0025, 0.005, 0.011, 0.018, 0.027, 0.042, 0.068, 0.115, 0.19, 0.30],
        description="deaths a year, by band of age (assumption: the US period life table of the late 2010s in round numbers)",
    )
    leaves: Ages = Field(
        [0.06, 0.05, 0.03, 0.02, 0.018, 0.015, 0.012, 0.012, 0.012, 0.012, 0.012, 0.012],
        description="households that leave town and bank a year, by band of the head's age (assumption: about a third of those who move)",
    )
    moves: Ages = Field(
        [0.16, 0.11, 0.06, 0.045, 0.035, 0.025, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02],
        description="households that move within the town a year (assumption; 8 to 9 % of Americans move a year)",
    )
    births: Rate = Field(0.09, description="births a year to a household with two adults whose head is below 45 (assumption)")
    separations: Rate = Field(0.012, description="couples who part a year; as many singles move together (assumption)")
    switches: Rate = Field(0.03, description="people who change bank a year (assumption)")
    job_changes: Rate = Field(0.3, description="job changes a year of an employed person (assumption; JOLTS separations are 3.5 % a month)")
    retirement: Annotated[Factor, Field(le=1)] = Field(0.6, description="pension over the wage before (assumption)")
    graduation: Rate = Field(0.3, description="students of 21 and more who take up work a year (assumption)")
    closures: Share = Field(
        0.08, description="firms that close a year, each followed by another at its place (assumption; US BDS exits 8 to 9 %)"
    )
    reserve: Factor = Field(1.5, description="households kept for arrival over those expected to arrive in the run")
