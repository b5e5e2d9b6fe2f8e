"""The desk: orders written out as attempts of the ledger, with the card, device and channel that they are made with."""

from typing import TYPE_CHECKING

import numpy as np

from simulator.clock import MICROSECONDS, Today
from simulator.codes import Authentication, Channel, Device, EntryMode, Method, Purpose, Reason
from simulator.events import EVENT
from simulator.exchange import bought
from simulator.ledger import AFTER, ATTEMPT, NEW_PAYEE, ORDERED, OWN
from simulator.population.accounts import ACQUIRING, CREDIT_CARD, FIRM_ROWS, PERSON_ROWS, initiator_of
from simulator.population.world import World
from simulator.records import Records, records
from simulator.scenario import Scenario
from simulator.scenario.plot import Hand, PayChannel, PayMethod
from simulator.scenario.story import Own
from simulator.stories.cast import FIRM_ACCOUNT, PERSON_ACCOUNT, crew_device
from simulator.stories.crews import Crews
from simulator.stories.dice import CONDITION, SHOP, Dice
from simulator.stories.library import Dials
from simulator.stories.orders import IMPOSTOR, MACHINE, OWNER, THIEF, WANT, complete
from simulator.stories.orders import SHOP as SHOPPING

if TYPE_CHECKING:
    from simulator.stories.order import Order

CHANNELS = {
    PayChannel.ONLINE: Channel.ONLINE, PayChannel.MOBILE: Channel.MOBILE, PayChannel.BRANCH: Channel.BRANCH, PayChannel.ATM: Channel.ATM,
    PayChannel.PHONE: Channel.PHONE, PayChannel.SHOP: Channel.POINT_OF_SALE, PayChannel.NONE: Channel.NONE,
}  # fmt: skip


BY_PHONE = 0.37
"""Share of remote card payments that thieves make on a phone, as everybody does (measured in `high_street`)."""


class Desk:
    """Writes orders out.

    Args:
        settings: of the world.
        dials: how far thieves buy as their victims do.
    """

    def __init__(self, settings: Scenario, dials: Dials) -> None:
        self._dials = dials
        self._seed = settings.seed
        self._category = {category.name: place for place, category in enumerate(settings.categories)}
        self.offset = int(settings.country.utc_offset.total_seconds()) * MICROSECONDS
        self.lost: list[int] = []
        """Account rows whose card will be found missing."""
        self.blocked: dict[int, int] = {}
        """Account rows whose card the bank has blocked."""

    def lose_card(self, account: int) -> None:
        """The card of an account is gone by tomorrow."""
        self.lost.append(account)

    @staticmethod
    def other_account(world: World, account: int, own: str) -> int:
        """Another account of the same owner."""
        if account < world.layout.firm_base:
            return account - account % PERSON_ROWS + PERSON_ACCOUNT[Own(own)]
        place = (account - world.layout.firm_base) % FIRM_ROWS
        return account - place + FIRM_ACCOUNT[Own(own)]

    def columns(self, world: World, today: Today, orders: "list[Order]", crews: Crews | None) -> tuple[Records, Records]:
        """Attempts, and what is still to be found for each."""
        out, wants = records(ATTEMPT, len(orders)), records(WANT, len(orders))
        out.related, out.origin, out.firm, out.terminal, out.place = -1, -1, -1, -1, -1
        for row, order in enumerate(orders):
            assert crews is not None
            self._write(world, today, order, crews, out, wants, row)
        return out, wants

    def warm(self, world: World, today: Today) -> None:
        """Compile what completes orders, on none."""
        orders, wants = self.columns(world, today, [], None)
        complete(world, today, orders, wants, np.zeros(0, np.int32), 1, records(EVENT, 1), np.zeros(1, np.int64))

    def _write(self, world: World, today: Today, order: "Order", crews: Crews, out: Records, wants: Records, row: int) -> None:
        pay, payer, payee = order.pay, order.payer, order.payee
        method = Method[pay.method.name]
        own = payee >= 0 and initiator_of(world.layout, payer) == initiator_of(world.layout, payee) >= 0
        out.time[row], out.initiator[row], out.sequence[row] = order.time, order.initiator, ORDERED
        out.payer[row], out.payee[row], out.amount[row] = payer, max(0, payee), self._in_currency(world, today, payer, order.amount)
        out.method[row], out.channel[row], out.purpose[row] = method, CHANNELS[pay.channel], Purpose[pay.purpose.name]
        marks = OWN if own else 0 if pay.known or not order.is_new else NEW_PAYEE
        out.marks[row] = marks | (AFTER if order.origin is not None else 0)
        wants.key[row], wants.turn[row] = order.instance.story & 0xFFFFFFFF, order.act << 12 | order.turn & 0xFFF
        self._name_firm(world, payer, payee, method, out, wants, row)
        if pay.method is PayMethod.CARD and payer >= world.layout.firm_base:
            out.amount[row] = 0  # firms pay by transfer
        elif pay.method is PayMethod.CARD:
            self._write_card(world, today, order, crews, out, wants, row)
        elif pay.device is Hand.CREW:
            self._at_crew(world, today, order, crews, out, row)

    @staticmethod
    def _name_firm(world: World, payer: int, payee: int, method: Method, out: Records, wants: Records, row: int) -> None:
        """A customer's payment to a merchant or institution names it; what is paid by card goes to where its cards are taken."""
        wants.firm[row] = -1
        layout = world.layout
        if not layout.firm_base <= payee < layout.government or payer >= layout.firm_base:
            return
        firm = (payee - layout.firm_base) // FIRM_ROWS
        out.firm[row], out.mcc[row] = firm, world.firms.mcc[firm]
        wants.firm[row] = firm
        if method == Method.CARD:
            out.payee[row] = layout.firm_base + firm * FIRM_ROWS + ACQUIRING

    @staticmethod
    def _in_currency(world: World, today: Today, payer: int, amount: int) -> int:
        """An amount of the home currency in that of the payer."""
        country = payer - world.layout.abroad_base
        if not 0 <= country < world.layout.dealer_base - world.layout.abroad_base or today.currency[country] == 0 or amount <= 0:
            return amount
        return int(bought(amount, int(today.rates[today.currency[country]])))

    def _write_card(self, world: World, today: Today, order: "Order", crews: Crews, out: Records, wants: Records, row: int) -> None:
        """A payment by card: at a shop, at a machine, or to somebody who takes cards."""
        pay, person = order.pay, order.payer // PERSON_ROWS
        dice = Dice(self._seed, order.instance.story)
        credit = order.payer % PERSON_ROWS == CREDIT_CARD
        out.card[row] = world.equipment["credit_card" if credit else "debit_card"][person]
        thief = pay.device is Hand.CREW and order.instance.crew >= 0
        wants.hand[row] = (IMPOSTOR if pay.known else THIEF) if thief else OWNER
        wants.usual[row] = wants.shopper[row] = person
        if thief:
            wants.shopper[row] = self._member(world, today, order, crews)
            if pay.shop and dice.share(SHOP, order.act, 24576 + order.turn) < BY_PHONE:
                out.channel[row] = Channel.MOBILE
            self._at_crew(world, today, order, crews, out, row)
        wrong = pay.wrong * (1.6 - 1.2 * order.instance.skill)
        if thief and dice.share(CONDITION, order.act, 8192 + order.turn) < wrong:
            out.reason[row] = Reason.WRONG_CVV if dice.share(CONDITION, order.act, 12288 + order.turn) < 0.6 else Reason.EXPIRED_CARD
        if order.payer in self.blocked:
            out.reason[row] = Reason.SUSPECTED_FRAUD
        if pay.withdraw:
            wants.kind[row] = MACHINE
            out.payee[row] = order.payer - order.payer % PERSON_ROWS + PERSON_ACCOUNT[Own.PURSE]
            out.marks[row], out.entry[row], out.authentication[row] = OWN | (out.marks[row] & AFTER), EntryMode.CHIP, Authentication.PIN
            out.channel[row], out.purpose[row], out.mcc[row] = Channel.ATM, Purpose.WITHDRAWAL, 6011
            out.device_kind[row], out.network[row] = 0, 0
        elif wants.firm[row] >= 0:
            firm = int(wants.firm[row])
            wants.kind[row], wants.category[row] = SHOPPING, max(0, int(world.firms.category[firm]))
            wants.remote[row] = pay.remote or int(world.firms.terminals[firm]) == 0
            wants.tap[row], wants.stripe[row] = pay.contactless, pay.stripe
            out.marks[row] = out.marks[row] & AFTER
        elif pay.shop:
            wants.kind[row] = SHOPPING
            known = [self._category[name] for name in pay.shop if name in self._category] or [0]
            wants.category[row] = known[dice.below(len(known), SHOP, order.act, order.turn)]
            blends = thief and dice.share(SHOP, order.act, 16384 + order.turn) < self._dials.overlap
            if blends:
                wants.category[row] = self._usual_category(world, person, dice.share(SHOP, order.act, 20480 + order.turn), pay.remote)
            wants.remote[row], wants.tap[row], wants.stripe[row] = pay.remote, pay.contactless, pay.stripe
            if pay.amount.usual is not None:
                factor = dice.between(pay.amount.usual, SHOP, order.act, 4096 + order.turn)
                wants.factor[row] = round((min(factor, 1.3) if blends else factor) * 65536)
            out.marks[row] = out.marks[row] & AFTER

    def _usual_category(self, world: World, person: int, share: float, remote: bool) -> int:
        """A category by the habits of the card's owner; of what is sold remotely where it is bought so."""
        habit = np.diff(world.habit[person].astype(np.float64), prepend=0.0)
        if remote:
            habit = habit * world.tables.online
        total = np.cumsum(habit)
        return int(np.searchsorted(total, share * total[-1], side="right").clip(0, len(total) - 1))

    def _member(self, world: World, today: Today, order: "Order", crews: Crews) -> int:
        return crews.member(order.instance.crew, order.instance.story & 0xFF, world, today)

    def _at_crew(self, world: World, today: Today, order: "Order", crews: Crews, out: Records, row: int) -> None:
        """From the computer at home of a member of the crew."""
        if order.instance.crew < 0:
            return
        mobile = out.channel[row] == Channel.MOBILE
        device, network, place = crew_device(world, self._member(world, today, order, crews), mobile)
        out.device_kind[row], out.network[row], out.place[row] = device, network, place
        if mobile and device == Device.COMPUTER:
            out.channel[row] = Channel.ONLINE
