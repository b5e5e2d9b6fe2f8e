"""Chargebacks: disputes of stories go the way of everybody's, with the same delays, rows, representments and reports."""

import numpy as np

from simulator.clock import DAY, Today
from simulator.codes import Detail, Follow, Message, Purpose, Status
from simulator.defence.lot import For, lot
from simulator.ledger import BILL
from simulator.lives.answers import TOLD_BEFORE
from simulator.population.accounts import FIRM_ROWS
from simulator.population.equipment import TOKEN
from simulator.population.world import World
from simulator.runner.runner import Runner
from simulator.scenario.plot import Claim
from simulator.stories.instance import Purchase

SAID = {
    Claim.NOT_RECEIVED: Detail.NON_DELIVERY, Claim.NOT_AS_DESCRIBED: Detail.NOT_AS_DESCRIBED, Claim.WRONG_AMOUNT: Detail.WRONG_AMOUNT,
    Claim.DUPLICATE: Detail.DUPLICATE,
}  # fmt: skip
"""What the bank notes of a claim."""


def charge_back(world: World, today: Today, runner: Runner, key: np.uint64, claim: Claim, purchase: Purchase) -> None:
    """A customer disputes a purchase: the bank hears of it within three days, and then charges it back.

    Args:
        world: whose firm sold.
        today: the day that closes.
        runner: takes the chargeback, and remembers the dispute.
        key: the seed.
        claim: what the customer says.
        purchase: an approved payment by card.
    """
    layout = world.layout
    firm = (purchase.payee - layout.firm_base) // FIRM_ROWS
    due, about = today.day + TOLD_BEFORE + 1, purchase.transaction
    runner.dispute(
        row=about, related=-1, time=purchase.time, amount=purchase.amount, account=purchase.payer, due=due, message=int(Message.PAYMENT),
        status=int(Status.APPROVED), remote=int(purchase.terminal < 0), said=int(SAID[claim]),
    )  # fmt: skip
    answered = lot(key, about, For.REPRESENTED) * 2**32 < int(world.rules.represented)
    runner.postponed.plan(
        due, 1, time=(purchase.time + int(lot(key, about, For.CHARGED_BACK) * DAY)) % DAY, amount=purchase.amount, related=about,
        initiator=layout.people + firm, payer=layout.firm_base + firm * FIRM_ROWS, payee=purchase.payer, firm=firm,
        mcc=int(world.firms.mcc[firm]), terminal=purchase.terminal, method=purchase.method, channel=purchase.channel,
        entry=purchase.entry, card=purchase.card & ~TOKEN, purpose=int(Purpose.REFUND), message=int(Message.CHARGEBACK), marks=BILL,
        follow=int(Follow.REPRESENT if answered else Follow.NONE),
    )  # fmt: skip
