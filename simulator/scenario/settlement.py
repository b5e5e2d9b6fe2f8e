"""What a scenario may say of what goes wrong after a payment: disputes, returns, duplicates, holds that are not used."""

from pydantic import Field

from simulator.scenario.part import Part
from simulator.scenario.units import Share


class Disputes(Part):
    """Honest customers' disputes, and other things that follow from a payment."""

    remote: Share = Field(0.0008, description="share of remote card purchases disputed: not delivered, not as described (assumption)")
    in_person: Share = Field(0.0001, description="share of card purchases in person disputed: wrong amount (assumption)")
    duplicates: Share = Field(0.0003, description="share of card purchases charged twice, then refunded or disputed (assumption)")
    represented: Share = Field(0.3, description="share of chargebacks that the merchant answers, and wins (assumption)")
    returned_debits: Share = Field(0.004, description="share of direct debits returned after they were paid (assumption)")
    returned_transfers: Share = Field(0.001, description="share of batch transfers returned: wrong account (assumption)")
    recalled: Share = Field(
        0.001, description="share of instant transfers between people sent by mistake and recalled by the payer's bank (assumption)"
    )
    returned_cheques: Share = Field(0.004, description="share of cheques returned after they were credited (assumption)")
    reversed_holds: Share = Field(0.02, description="share of authorisations that the merchant reverses (assumption)")
    expired_holds: Share = Field(0.01, description="share of authorisations that lapse unused (assumption)")
