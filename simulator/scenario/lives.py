"""What a scenario may say of comings and goings: who leaves, parts, moves, changes job or bank; who comes follows from it.

Sources and what runs show are in ``scenarios/RATES.md``.
"""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Share

Yearly = Annotated[Share, Field(le=0.5)]
Bands = tuple[Yearly, Yearly, Yearly, Yearly, Yearly, Yearly, Yearly]


class Lives(Part):
    """Births, deaths, moves, jobs, households, firms; chances are a year unless they say otherwise."""

    changes: bool = Field(True, description="false: nobody comes, goes, ages or changes")
    leave: Bands = Field(
        (0.09, 0.07, 0.04, 0.028, 0.022, 0.018, 0.045),
        description="households that leave the town and its banks, by age of the head 18-24, 25-34, ... 75 and more: "
        "about half of movers (8 % of people a year, CPS 2023) go beyond the county (assumption on ages)",
    )
    part: Bands = Field(
        (0.035, 0.025, 0.02, 0.015, 0.01, 0.005, 0.002),
        description="couples that part, same bands: 14.6 divorces per 1,000 married women in 2022 (ACS, from memory), "
        "more among the unmarried (assumption)",
    )
    tenants_move: Yearly = Field(0.16, description="tenants who move within the region (CPS 2023: renters move about four times as often)")
    owners_move: Yearly = Field(0.03, description="owners who move without a sale in the books (assumption)")
    another_town: Share = Field(0.2, description="share of those moves that go to another town of the world (assumption)")
    switch: Yearly = Field(0.03, description="customers who take their accounts to another bank (assumption: surveys say 2 to 5 %)")
    change_job: Share = Field(
        0.035, description="separations a month as a share of employment (JOLTS total separations 3.4 to 3.7 % in 2022-24, from memory)"
    )
    persistence: Share = Field(
        0.97, description="correlation of a household's income rank from one year to the next (assumption: 0.74 over ten years)"
    )
    fortune: Yearly = Field(0.04, description="adults below 65 whose kind of income is drawn anew (assumption)")
    heirs_here: Share = Field(0.4, description="share of estates without a partner that go to somebody in the town (assumption)")
    close: Yearly = Field(
        0.085,
        description="shops and private employers that close and are replaced (US Census Bureau, Business Dynamics Statistics: exits are "
        "8 to 9 % of establishments a year, entries 9 to 10 %, from memory)",
    )
