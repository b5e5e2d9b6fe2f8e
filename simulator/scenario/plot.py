"""The acts of a story: who pays whom, what happens beside, on what condition, and how it ends."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from simulator.scenario.part import Name, Part, misplaced
from simulator.scenario.quantity import NOW, ONCE, Amount, Count, Span
from simulator.scenario.units import Share

RoleName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-z][a-z0-9_]*(\.[a-z_]+)?$")]


class End(StrEnum):
    """How a story may end where an act says so."""

    COMPLETED = "completed"
    ABANDONED = "abandoned"


class Stage(StrEnum):
    """What an act does to the money."""

    FRAUD = "fraud"
    PLACEMENT = "placement"
    LAYERING = "layering"
    INTEGRATION = "integration"
    NONE = "none"


class PayMethod(StrEnum):
    """By which method an act pays."""

    CARD = "card"
    INSTANT_TRANSFER = "instant_transfer"
    BATCH_TRANSFER = "batch_transfer"
    DIRECT_DEBIT = "direct_debit"
    WIRE = "wire"
    CASH = "cash"
    CHEQUE = "cheque"


class PayChannel(StrEnum):
    """Where an act pays."""

    ONLINE = "online"
    MOBILE = "mobile"
    BRANCH = "branch"
    ATM = "atm"
    PHONE = "phone"
    SHOP = "shop"
    NONE = "none"


class Paid(StrEnum):
    """What a payment is said to be for."""

    PURCHASE = "purchase"
    SALARY = "salary"
    RENT = "rent"
    BILL = "bill"
    SUBSCRIPTION = "subscription"
    TRANSFER = "transfer"
    WITHDRAWAL = "withdrawal"
    DEPOSIT = "deposit"
    LOAN = "loan"
    BENEFIT = "benefit"
    SAVING = "saving"
    SUPPLIES = "supplies"
    INVOICE = "invoice"
    DIVIDEND = "dividend"
    INVESTMENT = "investment"
    REMITTANCE = "remittance"
    GRANT = "grant"
    PROPERTY = "property"
    GAMBLING = "gambling"
    CRYPTO = "crypto"
    DONATION = "donation"
    GIFT_CARD = "gift_card"
    SALE = "sale"


class Hand(StrEnum):
    """On whose device a payment or event is made."""

    OWN = "own"
    CREW = "crew"


class Pay(Part):
    """A payment, or one for each of several payers or payees."""

    payer: RoleName | None = Field(None, description="role that pays, or one of its accounts as role.savings")
    payee: RoleName | None = Field(None, description="role that is paid")
    along: RoleName | None = Field(None, description="role whose members pay each other in order, from the first to the last")
    closed: bool = Field(False, description="along: the last pays the first")
    pairs: Annotated[str, Field(pattern="^(all|zip|some)$")] = Field(
        "all", description="several payers and payees: all pairs, one to one, or some of all"
    )
    shop: list[Name] = Field(default_factory=list, max_length=20, description="categories of shops that are paid instead of a role")
    remote: bool = Field(True, description="shops: remotely rather than in person")
    withdraw: bool = Field(False, description="notes are drawn at a machine into the payer's own purse")
    method: PayMethod = PayMethod.INSTANT_TRANSFER
    channel: PayChannel = PayChannel.MOBILE
    purpose: Paid = Paid.TRANSFER
    amount: Amount
    device: Hand = Field(Hand.OWN, description="whose device it is made from")
    contactless: bool = Field(False, description="shops in person: by a tap, without proof of who pays")
    stripe: bool = Field(False, description="shops in person: by magnetic stripe")
    wrong: Share = Field(0.0, description="share of card payments made with data that do not fit")
    known: bool = Field(False, description="the payee is one of the payer's already, and need not be added")

    @model_validator(mode="after")
    def _whole(self) -> "Pay":
        if self.along is not None and (self.payer is not None or self.payee is not None):
            raise misplaced(("along",), "either `along` or `payer` and `payee`")
        if self.along is None and self.payer is None:
            raise misplaced((), "a role under `payer` or `along`: an act may not pay from nobody")
        targets = sum([self.payee is not None, bool(self.shop), self.withdraw, self.along is not None])
        if targets != 1:
            raise misplaced((), "one of `payee`, `shop`, `withdraw` and `along`")
        if (self.shop or self.withdraw) and self.method is not PayMethod.CARD:
            raise misplaced(("method",), "card, where shops are paid or notes are drawn")
        return self


class Happens(StrEnum):
    """What happens that is not a payment."""

    LOGIN = "login"
    FAILED_LOGIN = "failed_login"
    NEW_DEVICE = "new_device"
    PHONE_CHANGED = "phone_changed"
    EMAIL_CHANGED = "email_changed"
    LIMIT_CHANGED = "limit_changed"
    PAYEE_ADDED = "payee_added"
    PIN_RESET = "pin_reset"
    TOKEN_ADDED = "token_added"
    CARD_LOST = "card_lost"
    CARD_BLOCKED = "card_blocked"
    CARD_ORDERED = "card_ordered"
    """In place of the one there is, which is blocked; the new one comes by post."""
    ACCOUNT_OPENED = "account_opened"
    """A credit card account, by who has none; its card comes by post and is activated within a fortnight."""
    MULE_RECRUITED = "mule_recruited"
    """Somebody of the cast lets the crew use their accounts from now on; no bank sees it."""
    TERMINAL_COMPROMISED = "terminal_compromised"
    """A firm's terminal is tampered with; no bank sees it."""


class Happening(Part):
    """An event that the bank of somebody sees, or that nobody sees."""

    kind: Happens
    who: Name = Field(description="role whose account it concerns")
    device: Hand = Field(Hand.CREW, description="on whose device")


class Claim(StrEnum):
    """What a customer says of a purchase: families of the card networks' dispute reasons."""

    NOT_MINE = "not_mine"
    """Visa 10.4 and 10.3, Mastercard 4837: fraud."""
    NOT_RECEIVED = "not_received"
    """Visa 13.1, Mastercard 4853: goods or services not provided."""
    NOT_AS_DESCRIBED = "not_as_described"
    """Visa 13.3, Mastercard 4853."""
    WRONG_AMOUNT = "wrong_amount"
    """Visa 12.5, Mastercard 4834."""
    DUPLICATE = "duplicate"
    """Visa 12.6, Mastercard 4834."""


class Dispute(Part):
    """A customer disputes with the bank what they bought; the report and the chargeback follow from it."""

    of: Name = Field(description="act whose purchases by card are disputed: those that were approved and are not disputed yet")
    reason: Claim = Field(description="what the customer says; `not_mine` is heard as a report of fraud, the rest are charged back")


class Known(StrEnum):
    """What may have become of an act."""

    APPROVED = "approved"
    DECLINED = "declined"
    BLOCKED = "blocked"
    NOTICED = "noticed"
    ALERTED = "alerted"


class When(Part):
    """On what condition an act takes place."""

    chance: Share = Field(1.0, description="share of stories in which it does")
    act: Name | None = Field(None, description="an earlier act that must have become of `became`")
    became: Known = Known.APPROVED
    no: bool = Field(False, description="turned round: what must not have become of it")


class Act(Part):
    """One act: a payment or several, an event, or only time that passes."""

    name: Name
    says: Annotated[str, Field(min_length=3, max_length=160)] = Field(description="what happens, in a few words, for the told story")
    after: Span = Field(NOW, description="time since the act before")
    hours: list[Annotated[int, Field(ge=0, le=24)]] | None = Field(None, min_length=2, max_length=2, description="local hours: from, until")
    stage: Stage = Stage.NONE
    authorised: bool | None = Field(None, description="whether the true customer authorises it; as the story where left out")
    pay: Pay | None = None
    event: Happening | None = None
    dispute: Dispute | None = None
    times: Count = Field(ONCE, description="how often; for each pair of payer and payee")
    gap: Span = Field(NOW, description="time from one payment of the act to the next")
    when: When | None = None
    otherwise: Name | None = Field(None, description="act, or end, where the condition does not hold; the next act where left out")
    declined: Name | None = Field(None, description="act, or end, after a payment was declined; the rest of the act where left out")
    blocked: Name | None = Field(None, description="act, or end, after a card or account was found blocked; the story stops where left out")
    smaller: Share = Field(0.0, description="a declined payment is tried again for so much less, once")
    goto: Name | None = Field(None, description="act, or end, that follows; the next one where left out")
    at_most: Annotated[int, Field(ge=0, le=50)] = Field(0, description="how often a story may be sent back from here")

    @model_validator(mode="after")
    def _whole(self) -> "Act":
        for key in ("event", "dispute"):
            if getattr(self, key) is not None and sum(one is not None for one in (self.pay, self.event, self.dispute)) > 1:
                raise misplaced((key,), "one of a payment, an event and a dispute: an act for each where there are several")
        if self.hours is not None and self.hours[0] >= self.hours[1]:
            raise misplaced(("hours",), "two hours of the day, the earlier first")
        return self


class Gates(Part):
    """The four gates between the truth and what a bank knows, beside authorisation: reporting, delay, corruption."""

    reported: Share = Field(0.0, description="share of stories whose victim tells the bank, once they notice")
    noticed: Span = Field(NOW, description="time from the first payment until the victim notices")
    stops: Share = Field(0.0, description="share of stories in which the victim begins to doubt before the next payment and stops")
    mistaken: Share = Field(0.02, description="share of reports that give a wrong reason")
    reimbursed: Share = Field(0.0, description="share of reported losses that the bank makes good")
    source: str = Field("assumption", max_length=400)
