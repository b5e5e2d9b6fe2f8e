"""The scalars of a scenario as integers that kernels decide by."""

from typing import NamedTuple

import numpy as np

from simulator.clock import MICROSECONDS
from simulator.draws import WORD
from simulator.scenario import Scenario, Trade


class Rules(NamedTuple):
    """Scalars of the scenario as integers: chances of 2^32, amounts in minor units, yearly rates in parts per million."""

    key: np.uint64
    windows: int
    window_length: int
    """Microseconds."""
    unit: int
    note: int
    withdrawal: int
    """Mean withdrawal against the purse it fills, 1/65536."""
    counter: int
    """Share of withdrawals at the counter, of 2^20."""
    cards: int
    """1 where shops take cards."""
    deposit_above: int
    """Purses above this many 65536ths of their target are banked."""
    earned_in_notes: int
    pensions_in_notes: int
    """Share of people whose pension, benefit or grant is paid in notes, of 2^32."""
    always_in_notes: int
    """1 where takings are paid to a person always in notes or never."""
    own_notes: int
    """1 where only who is paid in notes banks notes, and nobody draws so much that the purse would have to be banked."""
    surplus_in_notes: int
    """Share of people who draw their surplus in notes, of 2^32."""
    settles: int
    """1 where accounts begin slowly."""
    reserve: int
    """Share of the buffer that is put by first, 1/65536."""
    whole_months: int
    """1 where a current account earns nothing in the month of opening."""
    deposit: int
    """Mean notes banked at once, minor units; 0 for all."""
    agents: int
    debits: int
    """Moves from current to savings a day, 1/65536."""
    debit: int
    """Mean amount of such a move."""
    instant: int
    cheque: int
    cash_transfer: int
    strangers: int
    """Share of transfers that go beyond one's contacts, of 65536."""
    sales: int
    """Share of those that buy something second-hand, of 2^32."""
    cars: int
    """Share of those that buy a car, of 2^32, as part of the sales."""
    transfer_limit: int
    browsing: int
    """Logins to look a day, 1/65536."""
    limit_changes: int
    """Share of logins to look at which a limit is changed, of 65536."""
    failed_login: int
    forgotten: int
    """Share of logins after which a new password was needed, of 2^32, as part of the failed ones."""
    screened_payment: int
    screened_payee: int
    screened_customer: int
    frozen: int
    cash_report: int
    """Notes beyond which a report is filed, minor units; 0 for none."""
    account: int
    account_above: int
    contactless: int
    magstripe: int
    wrong_pin: int
    wrong_pin_again: int
    wrong_cvv: int
    expired_card: int
    failed_code: int
    unavailable: int
    outage: int
    """Chance of 2^32 that the card network fails; 0 but for the windows of an outage."""
    tries_again: int
    """Chance of 2^32 that who was refused for it tries again."""
    other_network: int
    """Share of credit cards on a network that no outage befalls, of 2^32."""
    daily_limit: int
    retry: int
    represented: int
    """Share of chargebacks that the merchant answers, of 2^32."""
    reversed_holds: int
    """Parts per million of holds, like the next."""
    expired_holds: int
    returned_debit: int
    returned_transfer: int
    returned_cheque: int
    recalled: int
    minimum: int
    """Minimum payment, parts per million of the statement."""
    minimum_amount: int
    needs: int
    """Share of a month's purchases that people keep before they pay debts, of 65536."""
    lapse: int
    """What they keep beyond it for each month past due."""
    overdue_first: int
    """1 where nobody saves before what is overdue is paid."""
    set_off: int
    """1 where accounts that are frozen pay what falls due to their own bank."""
    card_rate: int
    loan_rate: int
    savings_rate: int
    current_rate: int
    """Parts per million."""
    monthly_fee: int
    month_end: int
    """1 where interest and the account fee are booked on the last day of the month."""
    takings_a_day: int
    """1/65536."""
    acquiring_fee: int
    """Parts per million."""
    sales_tax: int
    """Parts per million of merchants' takings."""
    current_share: int
    """Share of the buffer kept in the current account, of 65536."""
    state_pension: int
    """Share of pensioners whom the government pays, of 2^32."""
    boundary_credits: int
    """Share of declared boundary credits that arrive, of 65536."""
    foreign_fee: int
    """Parts per million of a card payment abroad."""
    machine_fee: int
    fee_free: int
    """Share of cards without the foreign fee, of 2^32."""
    lent: int
    """Share of transfers that are loans, of 1024."""
    gatherings: int
    """Chance that a person collects money for something on a day, of 2^32."""
    gathering_share: int
    home_sales: int
    """Chance that an owner sells on a day, of 2^32."""


def build_rules(scenario: Scenario, unit: int) -> Rules:
    """The scenario's scalars as integers."""

    def chance(share: float) -> int:
        return round(share * (WORD - 1))

    def money(value: float) -> int:
        return round(value * unit)

    def million(rate: float) -> int:
        return round(rate * 1_000_000)

    cash, credit, declines, transfers = scenario.cash, scenario.credit, scenario.declines, scenario.transfers
    events, disputes = scenario.events, scenario.disputes
    strange = transfers.per_month * 12 * transfers.strangers  # payments beyond one's contacts, a year
    return Rules(
        key=np.uint64(scenario.seed), windows=scenario.period.windows, window_length=86400 * MICROSECONDS // scenario.period.windows,
        unit=unit, note=max(1, money(cash.note)), withdrawal=round(cash.withdrawal / max(cash.purse, 1 / unit) * 65536),
        counter=round(cash.counter * 2**20), cards=int(scenario.methods.cards),
        deposit_above=round(cash.deposit_above * 65536), earned_in_notes=chance(cash.earned), agents=int(cash.agents),
        pensions_in_notes=chance(cash.pensions), always_in_notes=int(cash.always), own_notes=int(cash.own),
        surplus_in_notes=chance(scenario.income.surplus_in_notes), settles=int(scenario.opening.settles > 0),
        reserve=round(scenario.opening.reserve * 65536), whole_months=int(credit.whole_months), deposit=money(cash.deposit),
        debits=round(cash.debit_per_month * 12 / 365.25 * 65536), debit=money(cash.debit),
        instant=chance(transfers.instant), cheque=chance(transfers.cheque), cash_transfer=chance(transfers.cash),
        strangers=round(transfers.strangers * 65536), sales=chance(transfers.sales),
        cars=chance(min(transfers.sales, transfers.cars / strange)) if strange else 0,
        transfer_limit=money(events.transfer_limit), browsing=round(events.browsing * 12 / 365.25 * 65536),
        limit_changes=round(min(1.0, events.limit_changes / (12 * events.browsing)) * 65536) if events.browsing else 0,
        failed_login=chance(events.failed), forgotten=chance(events.failed * events.forgotten),
        screened_payment=chance(events.screened_payments), screened_payee=chance(events.screened_payees),
        screened_customer=chance(events.screened_customers), frozen=chance(events.frozen), cash_report=money(scenario.country.cash_report),
        account=chance(scenario.methods.account), account_above=money(scenario.methods.account_above),
        contactless=chance(scenario.methods.contactless), magstripe=chance(scenario.methods.magstripe),
        wrong_pin=chance(declines.wrong_pin),
        wrong_pin_again=chance(declines.wrong_pin_again), wrong_cvv=chance(declines.wrong_cvv),
        expired_card=chance(declines.expired_card), failed_code=chance(scenario.security.failed_codes),
        unavailable=chance(declines.issuer_unavailable), outage=0, tries_again=chance(declines.retry),
        other_network=chance(scenario.economy.other_network),
        daily_limit=money(declines.daily_limit), retry=chance(declines.retry),
        represented=chance(disputes.represented), reversed_holds=million(disputes.reversed_holds),
        expired_holds=million(disputes.expired_holds),
        returned_debit=chance(disputes.returned_debits),
        returned_transfer=chance(disputes.returned_transfers), returned_cheque=chance(disputes.returned_cheques),
        recalled=chance(disputes.recalled),
        minimum=million(credit.minimum),
        minimum_amount=money(credit.minimum_amount), needs=round(credit.needs * 65536), lapse=round(credit.lapse * 65536),
        overdue_first=int(credit.overdue_first), set_off=int(scenario.lending.set_off),
        card_rate=million(credit.card_rate),
        loan_rate=million(credit.loan_rate), savings_rate=million(credit.savings_rate),
        current_rate=million(credit.current_rate), monthly_fee=money(credit.monthly_fee), month_end=int(credit.month_end),
        takings_a_day=round(scenario.income.takings_per_month * 12 / 365.25 * 65536), acquiring_fee=million(scenario.firms.acquiring_fee),
        sales_tax=million(scenario.firms.sales_tax),
        current_share=round(scenario.income.current_share * 65536), state_pension=chance(scenario.income.state_pension),
        boundary_credits=round(scenario.boundary.credits * 65536), foreign_fee=million(scenario.abroad.fee),
        machine_fee=money(scenario.abroad.machine_fee), fee_free=chance(scenario.abroad.fee_free),
        lent=round(scenario.transfers.lent * 1024),
        gatherings=chance(min(1.0, scenario.transfers.gatherings * 12 / 365.25)), gathering_share=money(scenario.transfers.gathering_share),
        home_sales=chance(min(1.0, sum(e.per_month for e in scenario.institutions if e.trade is Trade.CONVEYANCER) * 12 / 365.25)),
    )  # fmt: skip
