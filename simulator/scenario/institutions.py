"""What a scenario may say of institutions: businesses with a special trade, and who deals with them."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.part import Name, Part, misplaced
from simulator.scenario.units import Factor, Money, Months, PerMonth, Share, not_all_zero


class Trade(StrEnum):
    """What an institution does; its clients pay it for what its trade is."""

    CRYPTO_EXCHANGE = "crypto_exchange"
    CASINO = "casino"
    BETTING = "betting"
    REMITTER = "remitter"
    MARKETPLACE = "marketplace"
    PAYMENT_PROVIDER = "payment_provider"
    CONVEYANCER = "conveyancer"
    GIFT_CARDS = "gift_cards"
    CHARITY = "charity"
    BROKER = "broker"
    CLUB = "club"
    LETTING_AGENT = "letting_agent"
    IMPORTER = "importer"


class DealMethod(StrEnum):
    """Methods by which clients pay an institution."""

    CARD = "card"
    INSTANT_TRANSFER = "instant_transfer"
    BATCH_TRANSFER = "batch_transfer"
    DIRECT_DEBIT = "direct_debit"
    WIRE = "wire"
    CASH = "cash"
    CHEQUE = "cheque"
    WALLET = "wallet"


class Institution(Part):
    """Institutions of one trade, and their clients."""

    name: Name
    trade: Trade
    mcc: Annotated[int, Field(ge=0, le=9999)] = Field(0, description="merchant category code, 0 where none")
    count: Factor = Field(1.0, description="institutions per 10,000 adults, at least one; sizes are heavy-tailed")
    local: bool = Field(False, description="one or more in every town, for people of that town")
    online: bool = Field(True, description="dealt with remotely rather than on its premises")
    category: Name | None = Field(
        None, description="category whose remote merchants have this trade, instead of firms of their own (marketplaces)"
    )
    clients: list[Share] = Field(
        default_factory=lambda: [0.0] * 5, min_length=5, max_length=5,
        description="share of adults that are clients, by income quintile; of rents for a letting agent, of remittances for a remitter",
    )  # fmt: skip
    regular: bool = Field(False, description="paid on a fixed day every month rather than at random times")
    per_month: PerMonth = Field(1.0, description="dealings of a client in a month; home sales of an owner for a conveyancer")
    mean: Money = Field(0.0, description="mean dealing of a client of average household income; price of a home for a conveyancer")
    elasticity: Factor = Field(0.5, description="income elasticity of the amount")
    spread: Annotated[Factor, Field(le=3)] = Field(0.5, description="log standard deviation of one dealing of a client")
    differs: Annotated[Factor, Field(le=3)] = Field(0.5, description="log standard deviation between clients")
    methods: Annotated[dict[DealMethod, Share], AfterValidator(not_all_zero)] = Field(
        default_factory=lambda: {DealMethod.INSTANT_TRANSFER: 1.0}, min_length=1
    )
    back: Share = Field(0.0, description="share of dealings that come back in money, after days to two months")
    ratio: Annotated[Factor, Field(le=10)] = Field(1.0, description="mean of what comes back over what was paid")
    ratio_spread: Annotated[Factor, Field(le=3)] = Field(0.3, description="log standard deviation of that ratio")
    fee: Share = Field(0.0, description="share of what passes through that the institution keeps")
    members: Share = Field(
        0.0, description="who is paid by it: share of adults who sell (marketplace) or let (letting agent), of shops served (provider)"
    )
    paid_on: Share = Field(0.0, description="share of a marketplace's takings that goes to sellers who bank here")
    staff: Factor = Field(0.0, description="people it employs, mean")
    season: Months | None = Field(None, description="dealings by month against the mean month")
    hours: Name | None = Field(None, description="profile of local hours, from calendar.hours; office hours and evenings by default")

    @model_validator(mode="after")
    def _regular(self) -> "Institution":
        if self.regular and self.methods.get(DealMethod.CASH):
            raise misplaced(("methods", "cash"), "a method that runs by itself, for dealings are regular")
        return self
