"""What a scenario may say of firms, banks, the government and the rest of the world."""

from typing import Annotated

from pydantic import Field

from simulator.scenario.part import Name, Part
from simulator.scenario.units import Factor, Money, Share


class Bank(Part):
    """A bank and its share of customers."""

    name: Name
    share: Factor = Field(1.0, description="relative share of customers")


class Firms(Part):
    """Merchants and employers."""

    popularity: Annotated[Factor, Field(ge=1.01, le=5)] = Field(
        1.3, description="Pareto exponent of merchants' pull on customers (assumption)"
    )
    price_spread: Annotated[Factor, Field(le=1)] = Field(
        0.15, description="log standard deviation of price levels between merchants (assumption)"
    )
    reach: Annotated[Factor, Field(ge=0.05, le=20)] = Field(
        1.5, description="distance in zones at which a shop's pull falls to 1/e (assumption)"
    )
    away: Share = Field(0.06, description="share of purchases in person made in another town (assumption)")
    labour: Share = Field(0.18, description="wages and withheld tax as a share of merchants' sales")
    sales_tax: Share = Field(0.035, description="tax on merchants' takings, remitted monthly")
    acquiring_fee: Share = Field(0.018, description="merchants' fee on card sales")
    rent: Share = Field(
        0.0, description="rent of shops' premises, paid monthly to owners outside, share of expected sales (6 % in the crises: assumption)"
    )  # fmt: skip
    reserve_months: Factor = Field(1.5, description="months of costs that a firm keeps before it pays owners")
    local_suppliers: Share = Field(0.3, description="share of merchants' supplies bought from firms of the world, on invoice")
    imported: Share = Field(0.15, description="share of merchants' supplies bought from importers, where there are any (assumption)")
    local_purchases: Share = Field(0.1, description="what employers buy from firms of the world, share of their wage bill (assumption)")
    suppliers: Annotated[Factor, Field(ge=1, le=8)] = Field(2.5, description="suppliers of a firm, mean (assumption)")
    terms: list[Share] = Field(
        default_factory=lambda: [0.35, 0.5, 0.15], min_length=3, max_length=3,
        description="share of invoices due after 14, 30 and 45 days (assumption)",
    )  # fmt: skip
    invoice_spread: Annotated[Factor, Field(le=2)] = Field(0.25, description="log standard deviation of a supplier's invoices (assumption)")
    approval: Factor = Field(0.25, description="payments above this share of a firm's reserve need a second signatory (assumption)")
    owned: Share = Field(0.6, description="share of small firms that belong to people of the town; a third of that of large (assumption)")
    treasury: Share = Field(0.3, description="share of firms, the largest, that keep a reserve account and sweep it weekly (assumption)")
    bank_takings: Factor = Field(3.0, description="days of cash sales a till holds before it is banked (assumption)")
    safes: Share = Field(0.4, description="share of shops with many notes that bank only when the safe is nearly full (assumption)")
    safe: Money = Field(10_000.0, description="what a safe may hold by its insurance, which is also the cash-report threshold (assumption)")


class Boundary(Part):
    """Flows across the boundary of the world: the rest of the world and the government."""

    credits: Share = Field(1.0, description="share of the declared boundary credits that arrive; below 1 the world runs short")
