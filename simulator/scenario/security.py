"""What a scenario may say of how payers are recognised and payees confirmed. What is left out follows the region and year."""

from enum import StrEnum

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Money, Share


class PayeeChecks(StrEnum):
    """Which transfers go through confirmation of payee."""

    NONE = "none"
    NEW = "new"
    ALL = "all"


class Security(Part):
    """Authentication and confirmation of payee."""

    cvv: Share | None = Field(
        None, description="share of remote card purchases with the card's CVV only; by region and year where left out"
    )
    one_time_code: Share | None = Field(None, description="share with a one-time code (3-D Secure); by region and year where left out")
    sca_result: Share | None = Field(None, description="share with a result of strong authentication; by region and year where left out")
    sca_exemption: Share | None = Field(None, description="share exempt from strong authentication; by region and year where left out")
    relayed: Share = Field(
        1.0,
        description="share of thieves with codes who can answer a challenge of strong authentication: it is bound to one amount and payee "
        "(article 5 of Delegated Regulation 2018/389), so that the holder must be on the line. All of them where rates of stories count "
        "cases that got past it, as published ones do",
    )
    low_value: Money | None = Field(
        None,
        description="remote purchases below it are mostly exempt; by region and year where left out (EUR 30 under PSD2, article 16 RTS)",
    )
    pin_debit: Share | None = Field(None, description="share of chip purchases by debit card with PIN; by region where left out")
    pin_credit: Share | None = Field(None, description="share of chip purchases by credit card with PIN; by region where left out")
    contactless_limit: Money | None = Field(
        None, description="contactless card payments above it need the PIN; 0 for no limit; by region and year where left out"
    )
    failed_codes: Share = Field(0.02, description="share of one-time codes and challenges that fail (assumption)")
    codes_on_transfers: Share | None = Field(
        None, description="share of transfers to known payees confirmed by a one-time code or strong authentication; by region"
    )
    payee_checks: PayeeChecks | None = Field(
        None, description="transfers with confirmation of payee: none, new payees, all; by region and year"
    )
    close_match: Share = Field(0.06, description="share of checks with a close match (assumption)")
    no_match: Share = Field(0.03, description="share of checks without a match, innocent ones (assumption)")
