"""What a scenario may say of what banks know of their customers, and how it changes."""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Share

Code = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Knowledge(Part):
    """Know your customer: contact details, residency, risk, rights to other people's accounts."""

    non_residents: Share = Field(0.01, description="share of customers resident abroad (assumption)")
    residencies: list[Code] = Field(
        default_factory=lambda: ["MX", "CA", "GB", "IN", "CN", "DE", "FR", "BR", "NG", "AE"], min_length=1,
        description="countries of residence of non-residents, the most frequent first (assumption)",
    )  # fmt: skip
    politically_exposed: Share = Field(0.001, description="share of customers flagged as politically exposed (assumption)")
    phone_changes: Share = Field(0.08, description="share of customers whose phone number changes in a year (assumption)")
    email_changes: Share = Field(0.05, description="share of customers whose e-mail changes in a year (assumption)")
    landlines: tuple[Share, Share] = Field(
        (0.15, 0.5), description="share of households with a landline, head below 60 and above (assumption)"
    )
    shared_emails: Share = Field(0.1, description="share of couples who give one e-mail (assumption)")
    flats: Share = Field(0.3, description="share of households in buildings with several homes (assumption)")
    flats_a_building: Annotated[int, Field(ge=2, le=200)] = Field(8, description="homes of such a building, mean (assumption)")
    joint_accounts: Share = Field(
        0.7, description="share of couples at one bank who hold an account jointly (77 % of married couples, 16 % of others; "
        "Census Bureau, Survey of Income and Program Participation 2023)"
    )  # fmt: skip
    authorised_users: Share = Field(
        0.2, description="share of couples with a credit card on which the partner is authorised user (assumption)"
    )
    attorneys: Share = Field(0.06, description="share of customers of 80 and over for whom somebody else may sign (assumption)")
    owned_firms: Share = Field(0.04, description="share of firms that another firm owns (assumption)")
    owners_home: Share = Field(0.4, description="share of firms below ten employees at an owner's address (assumption)")
