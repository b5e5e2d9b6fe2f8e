"""The desk: orders written out as attempts of the ledger, with the card, device and channel that they are made with."""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

from simulator.clock import MICROSECONDS, Today
from simulator.codes import Authentication, Channel, Device, EntryMode, Method, Purpose, Reason
from simulator.events import EVENT
from simulator.exchange import bought
from simulator.ledger import AFTER, ATTEMPT, NEW_PAYEE, ORDERED, OWN
from simulator.population.accounts import ACQUIRING, CREDIT_CARD, FIRM_ROWS, PERSON_ROWS
from simulator.population.world import World
from simulator.records import Packer, Records, fields_of, records
from simulator.scenario import Scenario
from simulator.scenario.plot import Hand, PayMethod
from simulator.scenario.story import Own
from simulator.stories.cast import FIRM_ACCOUNT, PERSON_ACCOUNT, crew_device
from simulator.stories.crews import Crews
from simulator.stories.dice import BLENDS, BY_MOBILE, RETURNS, SHOP, USUAL_CATEGORY, USUAL_FACTOR, WHAT_IS_WRONG, WRONG, Dice
from simulator.stories.library import Dials
from simulator.stories.orders import IMPOSTOR, MACHINE, OWNER, PLAIN, THIEF, WANT, complete
from simulator.stories.orders import SHOP as SHOPPING
from simulator.stories.sight import Sight

if TYPE_CHECKING:
    from simulator.stories.order import Order

UNNAMED = (Purpose.DEPOSIT, Purpose.LOAN)
"""What a customer pays a firm as no customer of its trade does."""

PAID_OUT = (Purpose.CRYPTO, Purpose.GAMBLING, Purpose.INVESTMENT)
"""What an institution pays out under its name, as in ordinary life."""

BY_PHONE = 0.37
"""Share of remote card payments that thieves make on a phone, as everybody does (measured in `_high_street`)."""


class Draft:
    """An order as it is written out: the fields of `simulator.ledger.ATTEMPT`, as they are where nothing is said."""

    time = amount = hold = initiator = payer = payee = mcc = 0
    related = origin = firm = place = terminal = -1
    sequence = ORDERED
    method = channel = purpose = message = entry = authentication = rule = marks = follow = status = reason = 0
    card = device_kind = network = check = country = 0


class Wanted:
    """What is still to be found for an order: fields of `simulator.stories.orders.WANT`."""

    key = factor = turn = category = usual = shopper = remote = tap = stripe = 0
    firm = -1
    kind, hand = PLAIN, OWNER


_ATTEMPTS, _WANTS = Packer(ATTEMPT), Packer(WANT)
_attempt, _want = attrgetter(*fields_of(ATTEMPT)), attrgetter(*fields_of(WANT))


class Desk:
    """Writes orders out.

    Args:
        settings: of the world.
        dials: how far thieves buy as their victims do, and how often at the same shops.
        blocked: account rows whose card a bank has blocked.
    """

    def __init__(self, settings: Scenario, dials: Dials, blocked: Mapping[int, int]) -> None:
        self._dials, self._blocked = dials, blocked
        self.obey(settings)
        self._seed = settings.seed
        self._category = {category.name: place for place, category in enumerate(settings.categories)}
        self.offset = int(settings.country.utc_offset.total_seconds()) * MICROSECONDS
        self.lost: list[int] = []
        """Account rows whose card is gone by tomorrow."""

    def obey(self, settings: Scenario) -> None:
        """Take up the rules of a day."""
        bad = settings.declines
        self._cvv = bad.wrong_cvv / max(1e-9, bad.wrong_cvv + bad.expired_card)

    @staticmethod
    def other_account(sight: Sight, account: int, own: str) -> int:
        """Another account of the same owner."""
        if account < sight.firm_base:
            return account - account % PERSON_ROWS + PERSON_ACCOUNT[own]
        place = (account - sight.firm_base) % FIRM_ROWS
        return account - place + FIRM_ACCOUNT[own]

    def columns(self, sight: Sight, today: Today, orders: "list[Order]", crews: Crews) -> tuple[Records, Records]:
        """Attempts, and what is still to be found for each."""
        drafts = [self._written(sight, today, order, crews) for order in orders]
        return _ATTEMPTS.rows([_attempt(draft) for draft, _ in drafts]), _WANTS.rows([_want(wanted) for _, wanted in drafts])

    @staticmethod
    def warm(world: World, today: Today) -> None:
        """Compile what completes orders, on none."""
        none = np.zeros(0, np.int32)
        complete(world, today, records(ATTEMPT, 0), records(WANT, 0), none, 1, records(EVENT, 1), np.zeros(1, np.int64))

    def _written(self, sight: Sight, today: Today, order: "Order", crews: Crews) -> "tuple[Draft, Wanted]":
        """An order as it is given to the day."""
        out, wants = Draft(), Wanted()
        pay, payer, payee = order.pay, order.payer, order.payee
        scene = order.scene
        own = payee >= 0 and sight.owner(payer) == sight.owner(payee) >= 0
        out.time, out.initiator, out.sequence = order.time, order.initiator, ORDERED + order.seq
        if order.origin is not None:
            out.origin = order.origin.row
        out.payer, out.payee, out.amount = payer, max(0, payee), self._in_currency(sight, today, payer, order.amount)
        out.method, out.channel, out.purpose = scene.method, scene.channel, scene.purpose
        marks = OWN if own else 0 if pay.known or not order.is_new else NEW_PAYEE
        out.marks = marks | (AFTER if order.origin is not None else 0)
        wants.key, wants.turn = order.instance.story & 0xFFFFFFFF, order.act << 12 | order.turn & 0xFFF
        self._name_firm(sight, payer, payee, scene.method, out, wants)
        if pay.method is PayMethod.CARD and payer >= sight.firm_base:
            out.amount = 0  # firms pay by transfer
        elif pay.method is PayMethod.CARD:
            self._write_card(sight, today, order, crews, out, wants)
        elif pay.device is Hand.CREW:
            self._at_crew(sight, today, order, crews, out)
        return out, wants

    @staticmethod
    def _name_firm(sight: Sight, payer: int, payee: int, method: Method, out: Draft, wants: Wanted) -> None:
        """A customer's payment to a firm, or what an institution pays out, names it; cards are paid to where they are taken."""
        wants.firm = -1
        layout = sight.layout
        back = out.purpose in PAID_OUT and layout.firm_base <= payer < layout.government and payee < layout.firm_base
        if not back and (not layout.firm_base <= payee < layout.government or payer >= layout.firm_base or out.purpose in UNNAMED):
            return
        firm = ((payer if back else payee) - layout.firm_base) // FIRM_ROWS
        out.firm, out.mcc = firm, sight.firm_mcc[firm]
        if back:
            return
        wants.firm = firm
        if method == Method.CARD:
            out.payee = layout.firm_base + firm * FIRM_ROWS + ACQUIRING

    @staticmethod
    def _in_currency(sight: Sight, today: Today, payer: int, amount: int) -> int:
        """An amount of the home currency in that of the payer."""
        country = payer - sight.layout.abroad_base
        if not 0 <= country < sight.layout.dealer_base - sight.layout.abroad_base or today.currency[country] == 0 or amount <= 0:
            return amount
        return int(bought(amount, int(today.rates[today.currency[country]])))

    def _write_card(self, sight: Sight, today: Today, order: "Order", crews: Crews, out: Draft, wants: Wanted) -> None:
        """A payment by card: at a shop, at a machine, or to somebody who takes cards."""
        pay, person = order.pay, order.payer // PERSON_ROWS
        dice = Dice(self._seed, order.instance.story)
        credit = order.payer % PERSON_ROWS == CREDIT_CARD
        out.card = int((sight.credit_card if credit else sight.debit_card)[person])
        thief = pay.device is Hand.CREW and order.instance.crew >= 0
        wants.hand = (IMPOSTOR if pay.known else THIEF) if thief else OWNER
        wants.usual = wants.shopper = person
        if thief:
            wants.shopper = self._member(sight, today, order, crews)
            if pay.shop and dice.share(BY_MOBILE, order.act, order.turn) < BY_PHONE:
                out.channel = Channel.MOBILE
            self._at_crew(sight, today, order, crews, out)
        wrong = order.wrong * (0.55 - 0.5 * order.instance.skill)
        if thief and dice.share(WRONG, order.act, order.turn) < wrong:
            # What does not fit is the code or the date, as often as for everybody who mistypes.
            out.reason = Reason.WRONG_CVV if dice.share(WHAT_IS_WRONG, order.act, order.turn) < self._cvv else Reason.EXPIRED_CARD
        if order.payer in self._blocked:
            out.reason = Reason.SUSPECTED_FRAUD
        if pay.withdraw:
            wants.kind = MACHINE
            out.payee = order.payer - order.payer % PERSON_ROWS + PERSON_ACCOUNT[Own.PURSE.value]
            out.marks, out.entry, out.authentication = OWN | (out.marks & AFTER), EntryMode.CHIP, Authentication.PIN
            out.channel, out.purpose, out.mcc = Channel.ATM, Purpose.WITHDRAWAL, 6011
            out.device_kind, out.network = 0, 0
        elif wants.firm >= 0:
            firm = int(wants.firm)
            wants.kind, wants.category = SHOPPING, max(0, sight.firm_category[firm])
            wants.remote = pay.remote or sight.firm_terminals[firm] == 0
            wants.tap, wants.stripe = pay.contactless, pay.stripe
            out.marks = out.marks & AFTER
        elif pay.shop:
            wants.kind = SHOPPING
            known = [self._category[name] for name in pay.shop if name in self._category] or [0]
            wants.category = known[dice.below(len(known), SHOP, order.act, order.turn)]
            blends = thief and dice.share(BLENDS, order.act, order.turn) < self._dials.overlap
            if blends:
                wants.category = self._usual_category(sight, person, dice.share(USUAL_CATEGORY, order.act, order.turn), pay.remote)
            if thief and pay.remote and dice.share(RETURNS, order.act, order.turn) < self._dials.reuse:
                wants.firm = crews.shop(order.instance.crew, wants.category, sight, today)
            wants.remote, wants.tap, wants.stripe = pay.remote, pay.contactless, pay.stripe
            if pay.amount.usual is not None:
                factor = dice.between(pay.amount.usual, USUAL_FACTOR, order.act, order.turn)
                wants.factor = round((min(factor, 1.3) if blends else factor) * 65536)
            out.marks = out.marks & AFTER

    def _usual_category(self, sight: Sight, person: int, share: float, remote: bool) -> int:
        """A category by the habits of the card's owner; of what is sold remotely where it is bought so."""
        bounds = sight.of.habit[person].tolist()
        if remote:
            online = sight.of.tables.online.tolist()
            bounds = list(accumulate((high - low) * often for low, high, often in zip([0, *bounds], bounds, online, strict=False)))
        return min(bisect_right(bounds, share * bounds[-1]), len(bounds) - 1)

    def _member(self, sight: Sight, today: Today, order: "Order", crews: Crews) -> int:
        return crews.member(order.instance.crew, order.instance.story & 0xFF, sight, today)

    def _at_crew(self, sight: Sight, today: Today, order: "Order", crews: Crews, out: Draft) -> None:
        """From the computer at home of a member of the crew."""
        if order.instance.crew < 0:
            return
        mobile = out.channel == Channel.MOBILE
        device, network, place = crew_device(sight, self._member(sight, today, order, crews), mobile)
        out.device_kind, out.network, out.place = device, network, place
        if mobile and device == Device.COMPUTER:
            out.channel = Channel.ONLINE
