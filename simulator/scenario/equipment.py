"""What a scenario may say of what people pay with: devices and cards."""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Factor, Share


class Devices(Part):
    """Phones, tablets and computers, and the networks they are on."""

    phones: list[Share] = Field(
        default_factory=lambda: [0.96, 0.95, 0.83, 0.61], min_length=4, max_length=4,
        description="share with a smartphone at 18-29, 30-49, 50-64, 65 and over (Pew Research Center, survey of January 2021)",
    )  # fmt: skip
    computers: Share = Field(0.75, description="share of households with a computer (about three quarters of adults; Pew, 2021)")
    tablets: Share = Field(0.5, description="share of people with a tablet (about half of adults; Pew, 2021)")
    years: Annotated[Factor, Field(ge=2, le=10)] = Field(
        2.75, description="mean years until a device is replaced (33 months; Strategy Analytics, 2019, phones)"
    )
    token_holders: Share = Field(0.5, description="share of phone owners with their cards in the phone (assumption)")
    tokens: Share = Field(
        0.5, description="share of a token holder's contactless payments that are made by phone (assumption; in shops 5.8 % of "
        "payments are by phone, 14 % by contactless card, PYMNTS 2022)"
    )  # fmt: skip
    apple: Share = Field(0.55, description="share of phones and tablets that run iOS (assumption)")


class Cards(Part):
    """The life of a card: issue, post, activation, expiry, loss, reissue."""

    years: Annotated[int, Field(ge=1, le=10)] = Field(4, description="years from issue to expiry (assumption: three to five are usual)")
    lost: Share = Field(0.035, description="share of cards lost or stolen by accident in a year (assumption)")
    forgotten: Share = Field(0.04, description="share of new cards that lie unactivated for one to two months (assumption)")
    stale: Share = Field(
        0.25, description="share of stored credentials that fail in the month after a reissue; updater services cover the rest (assumption)"
    )
    pin_resets: Share = Field(0.03, description="share of debit cards whose PIN is reset in a year (assumption)")
