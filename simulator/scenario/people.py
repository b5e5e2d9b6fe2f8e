"""What a scenario may say of people: who they are, what they earn, how they differ."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from simulator.scenario.part import Name, Part, misplaced
from simulator.scenario.units import Factor, Money, Months, PerMonth, Rate, Share


class IncomeKind(StrEnum):
    """Where a person's income comes from."""

    SALARIED = "salaried"
    SELF_EMPLOYED = "self_employed"
    PENSION = "pension"
    BENEFIT = "benefit"
    STUDENT = "student"


class Archetype(Part):
    """A kind of person: who may be one, and how one differs from the average customer."""

    name: Name
    weight: Factor = Field(1.0, description="relative frequency among the people who may be one")
    kinds: list[IncomeKind] = Field(default_factory=lambda: list(IncomeKind), min_length=1, description="income kinds that may be one")
    ages: tuple[Annotated[int, Field(ge=18, le=120)], Annotated[int, Field(ge=18, le=120)]] = Field(
        (18, 120), description="first and last age"
    )
    incomes: tuple[Share, Share] = Field((0.0, 1.0), description="lowest and highest rank of household income")
    activity: Factor = Field(1.0, description="purchases against the average customer of the same budget")
    cash: Factor = Field(1.0, description="inclination to cash against the average")
    credit: Factor = Field(1.0, description="inclination to credit cards against the average")
    wallet: Factor = Field(1.0, description="inclination to wallets against the average")
    online: Factor = Field(1.0, description="inclination to remote purchases against the average")
    sociable: Factor = Field(1.0, description="transfers to other people against the average")
    hours: Annotated[int, Field(ge=-12, le=12)] = Field(0, description="hours by which the day is shifted")
    vulnerability: Factor = Field(1.0, description="openness to scams against the average (used by stories)")
    tastes: dict[str, Factor] = Field(default_factory=dict, description="category name: purchases against the average")

    @model_validator(mode="after")
    def _ranges(self) -> "Archetype":
        for name, (low, high) in (("ages", self.ages), ("incomes", self.incomes)):
            if low > high:
                raise misplaced((name,), "the lower bound first")
        return self


class Population(Part):
    """How many people there are and how they are drawn."""

    customers: Annotated[int, Field(ge=10, le=20_000_000)] = Field(10_000, description="adults who bank")
    town_size: Annotated[int, Field(ge=100, le=100_000)] = Field(10_000, description="adults in a town; more customers make more towns")
    households: Name = Field("us_2012_14", description="table of households: size x age x income decile x income kind")
    income_scale: Factor = Field(1.0, description="multiplies the incomes of the table, to bring them to the price year and country")
    flat_pensions: Share = Field(0.0, description="part of pensions and benefits that is `pension` for all; the rest is the table's")
    pension: Money = Field(0.0, description="that pension or benefit before tax, a month")
    income_spread: Annotated[Factor, Field(gt=0, le=2)] = Field(
        1.0, description="power of the table's household incomes that stands for them, their mean unchanged; below 1 they are more alike"
    )
    archetypes: list[Archetype] = Field(default_factory=list, description="the mixture of kinds of person", min_length=1)
    friends: Annotated[int, Field(ge=0, le=20)] = Field(4, description="mean number of friends a person pays (assumption)")
    sociability_spread: Factor = Field(0.6, description="log standard deviation of transfers between people (assumption)")
    activity_spread: Factor = Field(
        0.35, description="log standard deviation of purchases a month between customers of equal budget (assumption)"
    )


class PayFrequency(Part):
    """Share of employers by pay frequency."""

    weekly: Share = 0.324
    biweekly: Share = 0.365
    semimonthly: Share = 0.198
    monthly: Share = 0.113


MonthDay = Annotated[int, Field(ge=1, le=31)]


class Sector(Part):
    """A sector of employers beyond retail."""

    name: Name
    share: Share = Field(description="share of salaried people outside shops who work in it")
    size: Factor = Field(20.0, description="median employees of an employer")
    public: bool = Field(False, description="paid for by the government")
    season: Months | None = Field(None, description="turnover by month against the mean month")


class Income(Part):
    """What people are paid, when, and what is withheld."""

    frequency: PayFrequency = PayFrequency()
    paydays: tuple[MonthDay, MonthDay, MonthDay, MonthDay] = Field(
        (31, 1, 15, 25), description="days of the month on which monthly pay, pensions and grants fall, a quarter each; 31 is the last"
    )
    sectors: list[Sector] = Field(default_factory=list, min_length=1)
    withheld: list[Share] = Field(
        min_length=5, max_length=5, description="income and payroll tax withheld, by quintile of household income"
    )
    takings_per_month: PerMonth = Field(6.0, description="payments received by a self-employed person in a month (assumption)")
    net_takings: bool = Field(
        False, description="takings come after tax, which is settled where no bank looks; otherwise the self-employed transfer it"
    )
    takings_spread: Factor = Field(0.6, description="log standard deviation of one of them (assumption)")
    saving: list[Rate] = Field(
        min_length=5, max_length=5, description="share of net income that leaves deposits for investments, by quintile"
    )
    buffer_months: list[Factor] = Field(min_length=5, max_length=5, description="median liquid assets in months of net income, by quintile")
    buffer_spread: Factor = Field(1.0, description="log standard deviation of that buffer")
    flat_buffers: Share = Field(0.0, description="part of the buffer that is `buffer` for all; the rest is in months of one's income")
    buffer: Money = Field(0.0, description="that buffer")
    surplus_in_notes: Share = Field(
        0.0, description="share of people who draw the surplus on their current account in notes once a month and keep or spend it "
        "where no bank looks; the others move it to savings"
    )  # fmt: skip
    current_share: Share = Field(0.6, description="share of the buffer kept in the current account")
    state_pension: Share = Field(0.65, description="share of pension income that the government pays; funds outside pay the rest")


class Transfers(Part):
    """Payments between people."""

    per_month: PerMonth = Field(2.2, description="payments to friends and relatives per adult and month")
    mean: Money = Field(45.0, description="mean amount of a split or gift")
    spread: Factor = Field(1.0, description="log standard deviation of the amount")
    instant: Share = Field(
        0.75, description="share by instant transfer, the rest by batch transfer, cheque, notes; at 0 no standing order is instant either"
    )
    cheque: Share = Field(0.08, description="share by cheque")
    cash: Share = Field(0.07, description="share in notes, which no bank sees")
    strangers: Share = Field(0.08, description="share that goes to people one has never paid: sellers, tradesmen, flatmates (assumption)")
    sales: Share = Field(0.6, description="share of those that buy something second-hand (assumption)")
    sale: Money = Field(80.0, description="mean price of something second-hand (assumption)")
    sale_spread: Factor = Field(1.0, description="log standard deviation of that price (assumption)")
    cars: Factor = Field(0.04, description="cars bought from other people, per adult and year, as far as the money is there (assumption)")
    car: Money = Field(7500.0, description="mean price of such a car; prices reach from a quarter to twice as much (assumption)")
    allowance: Share = Field(0.5, description="how far partners level what each may spend: 0 not at all, 1 fully")
    flatmates: Share = Field(0.5, description="share of unmarried sharers who pay a flatmate part of the rent")
    lent: Share = Field(0.06, description="share of transfers that are loans and come back in full within two months (assumption)")
    gatherings: PerMonth = Field(0.03, description="presents, trips and parties that an adult collects money for, a month (assumption)")
    gathering_share: Money = Field(30.0, description="mean share of one who takes part (assumption)")
    remitters: Share = Field(0.03, description="share of adults who send money abroad every month")
    remittance: Money = Field(300.0, description="mean monthly remittance")
