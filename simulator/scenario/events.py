"""What a scenario may say of what banks see beside payments: logins, limits, screening, freezes."""

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Factor, Money, PerMonth, Share


class Events(Part):
    """Rates of events that no payment makes."""

    browsing: PerMonth = Field(3.5, description="logins just to look, per adult of average digital habit and month (assumption)")
    failed: Share = Field(0.05, description="share of logins with a wrong password first (assumption)")
    forgotten: Share = Field(0.08, description="share of those that end in a new password (assumption)")
    transfer_limit: Money = Field(2500.0, description="limit of a day by app or site; it is raised before a larger transfer (assumption)")
    limit_changes: Factor = Field(0.06, description="limits changed for no payment at hand, per adult and year (assumption)")
    screened_payments: Share = Field(0.01, description="share of wires and payments abroad that resemble a sanctions list (assumption)")
    screened_payees: Share = Field(0.001, description="share of new payees that resemble one (assumption)")
    screened_customers: Share = Field(0.005, description="share of customers that resemble a renewed list in a year (assumption)")
    frozen: Share = Field(0.002, description="share of customers whose accounts are frozen for some days in a year (assumption)")
