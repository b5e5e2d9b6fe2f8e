"""What a scenario may say of its economy: jobs, benefits, interest, and how households and firms answer when they change."""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Factor, Money, Share

Weeks = Annotated[int, Field(ge=0, le=520)]


class Economy(Part):
    """Jobs are lost and found, benefits run out, firms follow their takings; sources and what runs show are in ``scenarios/ECONOMY.md``."""

    layoffs: Annotated[Share, Field(le=0.2)] = Field(
        0.0,
        description="chance a month that somebody employed loses the job; 0: nobody is ever out of work for more than a week",
    )
    together: Share = Field(
        0.5, description="share of those laid off who are laid off with others of their employer (assumption: most layoffs are at "
        "establishments that contract by more than a tenth in a quarter, Davis, Faberman and Haltiwanger 2012; from memory)"
    )  # fmt: skip
    cut: Share = Field(0.3, description="share of an employer's staff that goes then (assumption; a third is a mass layoff: WARN Act)")
    finding: Share = Field(
        0.27, description="chance a month that who lost a job finds another, in a usual year (CPS flows: 25 to 30 %, from memory)"
    )
    crowding: Factor = Field(
        0.9, description="how fast that chance falls as unemployment rises, a power: twice the share of vacancies in matching functions "
        "(0.3 to 0.5: Petrongolo and Pissarides 2001), for vacancies fall as unemployment rises (Beveridge curve); set by how long people "
        "had looked in 2010, half of them 20 to 25 weeks (`economics` of ggplot2)"
    )  # fmt: skip
    replacement: Share = Field(0.45, description="weekly benefit as a share of the wage before tax (US Labor Department, from memory)")
    highest_benefit: Money = Field(500.0, description="weekly benefit at most (assumption: about the mean of the states' maxima in 2019)")
    benefit_weeks: Weeks = Field(26, description="weeks for which it is paid (most states of the US)")
    take_up: Share = Field(0.7, description="share of those laid off who draw it (assumption)")
    hand_to_mouth: Share = Field(
        0.33, description="share of people who do not look ahead (Kaplan, Violante and Weidner 2014: about a third of US households)"
    )
    horizon: Annotated[int, Field(ge=1, le=120)] = Field(
        12, description="months over which who looks ahead spreads what is left (assumption)"
    )
    precaution: Factor = Field(
        1.0, description="points by which who looks ahead spends less for each point of unemployment above the usual in their sector "
        "(assumption)"
    )  # fmt: skip
    feedback: bool = Field(True, description="whether shops lay off and close for want of takings")
    hoarding: Share = Field(0.08, description="fall of a line's takings that its shops bear before they lay off (assumption)")
    adjustment: Share = Field(0.35, description="share of what is beyond it that they lay off in a month (assumption)")
    failing: Weeks = Field(
        8, description="weeks in a row with less than a week's wages on its account after which a shop closes (assumption); 0 for never"
    )
    vacant: Weeks = Field(
        0, description="weeks after which another shop opens in the place of one that failed, once takings are back but for `hoarding`; "
        "0: none opens, and the last shop of its kind in a town does not close"
    )  # fmt: skip
    pass_through: Share = Field(
        0.5, description="share of a change of the policy rate that reaches savings accounts (assumption: deposit betas of 0.3 to 0.6)"
    )
    price_response: Factor = Field(
        0.5, description="fall of purchases with their price, a power (assumption: between necessities and the rest)"
    )
    variable_loans: Share = Field(0.1, description="share of loans whose rate follows the policy rate (assumption: ARMs and lines)")
    new_loans: Share = Field(
        0.5, description="share of a change of the policy rate that reaches new loans and mortgages, which keep their rate (assumption: "
        "long rates move about half as much as short ones)"
    )  # fmt: skip
    rivals: Share = Field(
        0.0, description="share of people in a bank run whose partner is with another bank who send their money there, not out of the town "
        "(assumption)"
    )  # fmt: skip
    tried_later: Share = Field(0.5, description="share of purchases lost to an outage that are made on the next day (assumption)")
    other_network: Share = Field(
        0.0, description="share of credit cards on another card network than the one that outages befall; all debit cards are on that one"
    )
