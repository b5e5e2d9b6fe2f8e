"""What a scenario may say of spending: categories, bills, methods, cash, credit and declines."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.part import Name, Part, misplaced
from simulator.scenario.units import Factor, Money, Months, PerMonth, Rate, Share, not_all_zero

Mcc = Annotated[int, Field(ge=1, le=9999)]


class Category(Part):
    """A category of purchases at merchants."""

    name: Name
    mcc: Mcc = Field(description="merchant category code, ISO 18245")
    share: Share = Field(description="share of the value of all purchases")
    mean: Money = Field(gt=0, description="mean purchase of an average customer")
    spread: Annotated[Factor, Field(le=3)] = Field(0.8, description="log standard deviation of one purchase")
    online: Share = Field(0.0, description="share of purchases made remotely")
    cash: Factor = Field(1.0, description="inclination to cash against the average category")
    elasticity: Factor = Field(1.0, description="income elasticity of spending")
    hours: Name = Field("shop", description="profile of local hours, from calendar.hours")
    opens: Annotated[int, Field(ge=0, le=23)] = Field(8, description="first local hour of opening")
    closes: Annotated[int, Field(ge=1, le=24)] = Field(21, description="local hour of closing")
    merchants: Factor = Field(10.0, description="merchants with premises per 10,000 adults; at least one in each town")
    online_merchants: Factor = Field(1.0, description="remote merchants per 10,000 adults; at least one")
    loyalty: Share = Field(0.7, description="chance that a purchase is made at a place visited before, at the first")
    refunds: Share = Field(0.01, description="share of purchases refunded later")
    whole: Share = Field(0.05, description="share of amounts in whole currency units")
    held: Share = Field(0.0, description="share of card purchases in person that begin with a hold before the amount is known")
    hold: Money = Field(0.0, description="smallest hold")
    hold_over: Factor = Field(1.0, description="hold against the amount that is captured in the end")
    season: Months | None = Field(None, description="purchases by month against the mean month, beside calendar.months")
    attended: bool = Field(
        False, description="what is bought remotely is had in person, as a flight or a night in a hotel: a restriction holds for it too"
    )
    instead: Name | None = Field(None, description="category that is bought in place of this one where it is shut")
    moved: Share = Field(0.4, description="share of purchases here that turn to it then (assumption)")

    @model_validator(mode="after")
    def _somewhere(self) -> "Category":
        if not self.merchants and not self.online_merchants:
            expected = "more than 0 here or in `online_merchants`: there is always one of each; a restriction of 100 % shuts doors"
            raise misplaced(("merchants",), expected)
        return self


class Method(StrEnum):
    """Methods a bill may be paid by."""

    DIRECT_DEBIT = "direct_debit"
    BATCH_TRANSFER = "batch_transfer"
    STANDING_ORDER = "standing_order"
    CARD = "card"
    CHEQUE = "cheque"


class BillKind(StrEnum):
    """What kind of obligation a bill is; rent and mortgage exclude each other."""

    RENT = "rent"
    MORTGAGE = "mortgage"
    LOAN = "loan"
    UTILITY = "bill"
    INSURANCE = "insurance"
    SUBSCRIPTION = "subscription"
    TAX = "tax"


class Bill(Part):
    """An obligation that falls due at regular intervals."""

    name: Name
    kind: BillKind
    mcc: Annotated[int, Field(ge=0, le=9999)] = Field(0, description="merchant category code, 0 where none")
    holders: list[Share] = Field(min_length=5, max_length=5, description="share of households (or adults) that have it, by income quintile")
    adult: bool = Field(False, description="held by each adult rather than by the household")
    mean: Money = Field(gt=0, description="mean amount of one payment for a household of average income")
    elasticity: Factor = Field(0.5, description="income elasticity of the amount")
    spread: Annotated[Factor, Field(le=3)] = Field(0.4, description="log standard deviation between holders")
    varies: Share = Field(0.0, description="month-to-month standard deviation of the amount over its mean")
    every: Annotated[int, Field(ge=1, le=12)] = Field(1, description="months between payments")
    first: Share = Field(0.1, description="share due on the first of the month; the rest are spread over days 2 to 28")
    methods: Annotated[dict[Method, Share], AfterValidator(not_all_zero)] = Field(
        default_factory=lambda: {Method.DIRECT_DEBIT: 1.0}, min_length=1
    )
    billers: Factor = Field(0.2, description="billers per 10,000 adults; landlords for rent")
    season: Months | None = Field(None, description="amount by month against the mean month")


class Methods(Part):
    """How purchases are paid."""

    cash: Share = Field(0.25, description="share of purchases in person that the payer means to pay in cash")
    cards: bool = Field(
        True, description="shops take cards; where none does, purchases in person are paid in notes, and what a purse cannot meet is drawn "
        "at the bank's counter first"
    )  # fmt: skip
    cash_small: Factor = Field(1.6, description="inclination to cash below the median purchase against the average")
    credit: Share = Field(0.53, description="share of card purchases by credit card")
    wallet: Share = Field(0.06, description="share of remote purchases paid from a wallet")
    account: Share = Field(
        0.0, description="share of larger purchases in person that are paid from the account on the spot, by instant transfer"
    )
    account_above: Money = Field(100.0, description="the smallest purchase that is paid so (assumption)")
    contactless: Share = Field(0.45, description="share of card purchases in person that are contactless")
    magstripe: Share = Field(
        0.03, description="share of the others that are swiped: old terminals, chips that fail (assumption: in the United States, where "
        "95 % of card-present payments used a chip in 2023, EMVCo; elsewhere fewer)"
    )  # fmt: skip
    credit_holders: list[Share] = Field(min_length=5, max_length=5, description="share of adults with a credit card, by income quintile")
    concentration: Factor = Field(1.0, description="how strongly people stick to one method: 0 everyone alike, 2 nearly fixed (assumption)")


class Cash(Part):
    """Notes: what purses hold, and how they are filled and emptied."""

    withdrawal: Money = Field(118.0, description="mean cash withdrawal")
    note: Money = Field(20.0, gt=0, description="withdrawals are multiples of this")
    purse: Money = Field(75.0, description="mean notes in a purse")
    purse_spread: Factor = Field(0.3, description="log standard deviation of that between people who spend as much in notes (assumption)")
    deposit_above: Factor = Field(4.0, description="purses above this many times their target are banked")
    earned: Share = Field(0.0, description="share of wages and takings paid in notes")
    pensions: Share = Field(0.0, description="share of those with a pension, benefit or grant who are paid it in notes, as by the post")
    deposit: Money = Field(0.0, description="mean notes banked at once, the rest on later days; at 0 all that is too much comes at once")
    always: bool = Field(False, description="takings are paid to a person in notes always or never, as wages are; otherwise each is drawn")
    own: bool = Field(False, description="only who is paid in notes banks any, and nobody draws what would have to be banked")
    elasticity: Factor = Field(
        0.5, description="power of what is spent in notes by which purses grow: the square-root rule of inventories; at 1 all draw as often"
    )  # fmt: skip
    agents: bool = Field(False, description="cash is drawn and paid in at agents by phone rather than at machines and branches")
    counter: Share = Field(0.0, description="share of withdrawals at the counter of a branch, for which no card is needed")
    machines: Factor = Field(
        18.0, description="cash machines per 10,000 adults (470,135 in the United States; National ATM Council, Location Study 2018)"
    )
    debit_per_month: PerMonth = Field(0.0, description="moves from the current to the savings account per adult and month, beside saving")
    debit: Money = Field(0.0, description="mean amount of such a move")


class Credit(Part):
    """Credit cards, statements, interest and fees."""

    line_months: Factor = Field(1.5, description="credit line in months of net income (assumption)")
    revolvers: Share = Field(0.48, description="share of cardholders who carry a balance")
    unpaid: Money = Field(2500.0, description="median balance carried by revolvers")
    unpaid_spread: Factor = Field(0.9, description="log standard deviation of that balance")
    minimum_payers: Share = Field(0.12, description="share of cardholders who pay the minimum only")
    minimum: Share = Field(0.02, description="minimum payment, share of the statement")
    minimum_amount: Money = Field(30.0, description="smallest minimum payment")
    needs: Share = Field(
        0.4, description="share of a month's purchases that people keep for the coming days before they pay debts (assumption)"
    )
    lapse: Factor = Field(
        4.0, description="what they keep beyond it for each month past due, in months of purchases: the dial of charge-offs, set so that "
        "those of cards are near 3.7 % of balances a year, as in 2019 (assumption)"
    )  # fmt: skip
    overdue_first: bool = Field(
        False, description="who is past due on a card or loan moves nothing to savings or investments until it is paid (assumption)"
    )
    arrears: Annotated[Share, Field(le=0.2)] = Field(
        0.0, description="share of card balances that are 30 days or more past due on the first morning; 0: nobody is late then"
    )
    card_rate: Rate = Field(0.21, description="yearly interest on carried card balances")
    loan_rate: Rate = Field(0.065, description="yearly interest on loans")
    savings_rate: Rate = Field(0.004, description="yearly interest on savings")
    current_rate: Rate = Field(0.0, description="yearly interest on current accounts")
    monthly_fee: Money = Field(5.0, description="account fee a month where one is charged")
    fee_payers: Share = Field(0.25, description="share of current accounts that pay it (assumption)")
    overdraft: Money = Field(0.0, description="arranged overdraft of a current account")
    month_end: bool = Field(
        False, description="accounts are closed on the last day of the month, holidays too: interest is booked and the account fee charged "
        "then, rather than on the first of the next and on the day of the card's statement"
    )  # fmt: skip
    whole_months: bool = Field(False, description="with `month_end`, current accounts earn interest from the first whole month on")


class Declines(Part):
    """Rates of declines that do not come from the payer's books, per card payment."""

    wrong_pin: Share = Field(0.004, description="per card payment with PIN")
    wrong_pin_again: Share = Field(0.35, description="per second and third try after a wrong PIN; three block the card (assumption)")
    wrong_cvv: Share = Field(0.006, description="per remote card payment")
    expired_card: Share = Field(0.002, description="per remote card payment")
    issuer_unavailable: Share = Field(0.0015, description="per card payment")
    daily_limit: Money = Field(5000.0, description="debit-card spending a payment, above which the card refuses")
    retry: Share = Field(0.6, description="share of declined purchases tried again in the next window")
