"""What a scenario may say of the banks' side: rules that raise alerts, investigators, blocks, reports and what they cost."""

from typing import Annotated

from pydantic import Field, model_validator

from simulator.scenario.part import Part, misplaced
from simulator.scenario.units import Factor, Money, Share

Days = Annotated[int, Field(ge=0, le=365)]
Many = Annotated[int, Field(ge=1, le=1000)]


class Defence(Part):
    """How banks watch, investigate and answer. All are assumptions unless they name a source."""

    alerts: bool = Field(True, description="whether banks watch at all")
    first_payment: Money = Field(2000.0, description="first transfer to a payee by app or site from which an alert is raised")
    remote_purchase: Money = Field(700.0, description="remote card purchase from which one is raised")
    velocity: Many = Field(7, description="card purchases of one card in a window from which one is raised")
    failures: Many = Field(4, description="declined card payments of one customer in a window from which one is raised")
    deposits: Many = Field(3, description="deposits of notes within ten days, each nearly reportable, from which one is raised")
    nearly: Share = Field(0.6, description="share of the reportable amount from which a deposit is nearly reportable")
    passing: Money = Field(2500.0, description="money that came from others and goes on at once from which an alert is raised")
    passed: Share = Field(0.8, description="share of it that has gone on")
    abroad: Money = Field(8000.0, description="transfer across the border from which one is raised")
    blocked: Share = Field(0.35, description="share of alerts on cards and first payments that block the card or account until cleared")
    capacity: Factor = Field(
        25.0, description="alerts that a bank's investigators decide, per 10,000 customers and business day; the others wait"
    )
    found: Share = Field(0.7, description="share of guilty alerts that investigators recognise")
    mistaken: Share = Field(0.01, description="share of innocent alerts that they take for guilty")
    filed: Share = Field(0.8, description="share of confirmed cases in which a suspicious-activity report is filed")
    filed_within: Annotated[list[Days], Field(min_length=2, max_length=2)] = Field(
        [3, 30], description="days from the decision to the filing (31 CFR 1020.320: at most 30 days from detection)"
    )
    decided_within: Annotated[list[Days], Field(min_length=2, max_length=2)] = Field(
        [2, 15], description="days from a victim's report to its decision (Regulation E: 10 business days; PSR: 5)"
    )
    held: Share = Field(0.6, description="share of reports on transfers after which the payee's account is frozen at once")
    recalled: Share = Field(0.2, description="share of frauds by transfer of which the payee's bank sends back what the payee still has")
    reimbursed: Share | None = Field(
        None, description="share of authorised scams on people, told to the bank from now on, of which it makes good what was sent by "
        "transfer; the story's own (`gates.reimbursed`) where left out. A rule such as that of the United Kingdom from 7 October 2024 "
        "sets it (Payment Systems Regulator, PS23/4 and PS24/7, from memory: all but gross negligence, up to 85,000 GBP)"
    )  # fmt: skip
    patience: Share = Field(0.04, description="part of their shopping that customers give up after a block or a fraud (assumption)")
    forgiven: Days = Field(0, description="days after which they take it up again; 0: never (assumption)")
    leave_bothered: Share = Field(
        0.01, description="share of customers who take their accounts to another bank after each block or refusal for nothing (assumption)"
    )
    leave_hurt: Share = Field(0.1, description="share of victims who do so after each fraud that they have told their bank of (assumption)")

    @model_validator(mode="after")
    def _ordered(self) -> "Defence":
        for name in ("filed_within", "decided_within"):
            if getattr(self, name)[0] > getattr(self, name)[1]:
                raise misplaced((name,), "two numbers of days, the smaller first")
        return self
