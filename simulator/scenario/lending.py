"""What a scenario may say of lending: when what is not paid becomes a default, whom banks lend to, what they keep."""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Factor, Money, Rate, Share

PastDue = Annotated[int, Field(ge=1, le=3650)]


class Lending(Part):
    """Delinquency, underwriting, and the books of banks."""

    late_fee: Money = Field(
        30.0, description="fee for a card payment missed, at most the minimum due (safe harbour of 12 CFR 1026.52(b), 2023)"
    )
    cut_after: PastDue = Field(60, description="days past due from which a card lends no more (usual practice; assumption)")
    default_after: PastDue = Field(90, description="days past due from which a debt is in default (Basel Committee: 90 days)")
    card_charged_off: PastDue = Field(180, description="days past due at which a card is charged off (FFIEC, 65 FR 36903, 2000)")
    closes: bool = Field(False, description="whether a card's account is closed once it is charged off (usual practice; assumption)")
    loan_charged_off: PastDue = Field(120, description="days past due at which a loan without a home is (FFIEC, 65 FR 36903, 2000)")
    foreclosed: PastDue = Field(
        180, description="days past due at which a home is sold for its mortgage: the write-down to its value of FFIEC, 65 FR 36903; "
        "a sale takes longer (assumption)"
    )  # fmt: skip
    foreclosure_discount: Share = Field(
        0.27, description="below the usual price (Campbell, Giglio, Pathak, Forced Sales and House Prices, 2011)"
    )
    set_off: bool = Field(
        False, description="what falls due on a bank's own cards and loans is taken from an account that is frozen as well (a right of "
        "set-off is usual in account agreements)"
    )  # fmt: skip
    lowest_score: Annotated[int, Field(ge=0, le=1000)] = Field(500, description="score below which nothing is lent (assumption)")
    debt_to_income: Share = Field(
        0.43, description="payments on debts over gross income beyond which nothing more is lent (12 CFR 1026.43(e), until 2021)"
    )
    asks: Share = Field(
        0.04, description="chance a month that who is short of money, or lost a line, asks for one (assumption: four in ten adults apply "
        "for some credit in a year, SCE Credit Access Survey, New York Fed)"
    )  # fmt: skip
    margin: Rate = Field(0.06, description="interest above the rate for the lowest score lent to; none from 750 points on (assumption)")
    firm_line: Factor = Field(
        0.0, description="months of its wages that a shop or employer may overdraw its account by; 0 for no lines (1 in the crises: "
        "assumption)"
    )  # fmt: skip
    firm_rate: Rate = Field(0.09, description="yearly interest on what firms overdraw, the policy rate on top (assumption)")
    lines_reviewed: Share = Field(
        0.0, description="share of cards that owe less than a quarter of their line whose line a bank takes back in a year (open card "
        "accounts fell by 23 % from 2008 to 2010: New York Fed)"
    )  # fmt: skip
    insured: Money = Field(250_000.0, description="deposits of one customer at one bank that are insured (FDIC)")
    reserves: Share = Field(
        0.12, description="reserves on the first day over deposits (United States at the end of 2019, H.6; from memory)"
    )
    capital: Share = Field(0.11, description="capital on the first day over assets (United States at the end of 2019, FDIC; from memory)")
    paid_out: Share = Field(
        0.85, description="share of a month's income less losses that banks pay to staff, suppliers, the state and owners outside "
        "(efficiency ratio near 57 %, a third of the rest kept: FDIC Quarterly Banking Profile, 2019; from memory)"
    )  # fmt: skip
    allowances: list[Share] = Field(
        default_factory=lambda: [0.02, 0.25, 0.50, 0.75], min_length=4, max_length=4,
        description="expected loss of cards less than 30, 60 and 90 days past due, and beyond (assumption, after usual roll rates)",
    )  # fmt: skip
    secured: Share = Field(0.15, description="expected loss of loan accounts against that of cards: most are secured (assumption)")
    liquidity_floor: Share = Field(0.0, description="reserves over deposits below which a bank borrows from the central bank")
    central_bank_limit: Factor = Field(
        1.0, description="of the deposits at the end of last month: what the central bank lends beyond what markets do, before a bank is "
        "closed (assumption: against good loans, as much as is asked for; a bank that has pledged little, as in 2023, has much less)"
    )  # fmt: skip
    closed_for: Annotated[int, Field(ge=1, le=60)] = Field(
        3, description="days for which depositors of a closed bank wait (two business days is usual: FDIC)"
    )
    uninsured_loss: Share = Field(
        0.1, description="what is not insured loses at most when a bank is closed whose assets do not cover what it owes (assumption)"
    )  # fmt: skip
