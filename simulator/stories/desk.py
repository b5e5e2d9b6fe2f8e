"""The desk: orders written out as attempts of the ledger, with the card, device and channel that they are made with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.clock import MICROSECONDS, Today
from simulator.codes import Authentication, Channel, Device, EntryMode, Method, Purpose, Reason
from simulator.events import EVENT
from simulator.exchange import bought
from simulator.ledger import AFTER, ATTEMPT, NEW_PAYEE, ORDERED, OWN
from simulator.population.accounts import ACQUIRING, CREDIT_CARD, FIRM_ROWS, PERSON_ROWS
from simulator.population.world import World
from simulator.records import Records, records
from simulator.scenario import Scenario
from simulator.scenario.plot import Hand, PayMethod
from simulator.scenario.story import Own
from simulator.stories.cast import FIRM_ACCOUNT, PERSON_ACCOUNT, crew_device
from simulator.stories.crews import Crews
from simulator.stories.dice import BLENDS, BY_MOBILE, SHOP, USUAL_CATEGORY, USUAL_FACTOR, WHAT_IS_WRONG, WRONG, Dice
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
"""Share of remote card payments that thieves make on a phone, as everybody does (measured in `high_street`)."""


@dataclass(slots=True)
class Draft:
    """Fields of `simulator.ledger.ATTEMPT` that an order sets."""

    time: int = 0
    amount: int = 0
    initiator: int = 0
    sequence: int = ORDERED
    payer: int = 0
    payee: int = 0
    firm: int = -1
    place: int = -1
    mcc: int = 0
    method: int = 0
    channel: int = 0
    purpose: int = 0
    entry: int = 0
    authentication: int = 0
    marks: int = 0
    reason: int = 0
    card: int = 0
    device_kind: int = 0
    network: int = 0


@dataclass(slots=True)
class Wanted:
    """Fields of `simulator.stories.orders.WANT`."""

    key: int = 0
    factor: int = 0
    turn: int = 0
    category: int = 0
    usual: int = 0
    firm: int = -1
    shopper: int = 0
    kind: int = PLAIN
    hand: int = OWNER
    remote: int = 0
    tap: int = 0
    stripe: int = 0


_PLAIN = {"related": -1, "origin": -1, "terminal": -1}


def _table(kind: np.dtype[Any], drafts: "Sequence[Draft | Wanted]", others: Mapping[str, int] | None = None) -> Records:
    """Drafts as records; fields that none of them has are as ``others`` say, or 0."""
    table = records(kind, len(drafts))
    fields = table.view(np.ndarray)
    for name, value in (others or {}).items():
        fields[name] = value
    for name in drafts[0].__slots__ if drafts else ():
        fields[name] = list(map(attrgetter(name), drafts))
    return table


class Desk:
    """Writes orders out.

    Args:
        settings: of the world.
        dials: how far thieves buy as their victims do.
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
            return account - account % PERSON_ROWS + PERSON_ACCOUNT[Own(own)]
        place = (account - sight.firm_base) % FIRM_ROWS
        return account - place + FIRM_ACCOUNT[Own(own)]

    def columns(self, sight: Sight, today: Today, orders: "list[Order]", crews: Crews) -> tuple[Records, Records]:
        """Attempts, and what is still to be found for each."""
        drafts = [self._written(sight, today, order, crews) for order in orders]
        return _table(ATTEMPT, [draft for draft, _ in drafts], _PLAIN), _table(WANT, [wanted for _, wanted in drafts])

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
        out.time, out.initiator = order.time, order.initiator
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
        out.firm, out.mcc = firm, int(sight.firm_mcc[firm])
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
        wrong = pay.wrong * (0.55 - 0.5 * order.instance.skill)
        if thief and dice.share(WRONG, order.act, order.turn) < wrong:
            # What does not fit is the code or the date, as often as for everybody who mistypes.
            out.reason = Reason.WRONG_CVV if dice.share(WHAT_IS_WRONG, order.act, order.turn) < self._cvv else Reason.EXPIRED_CARD
        if order.payer in self._blocked:
            out.reason = Reason.SUSPECTED_FRAUD
        if pay.withdraw:
            wants.kind = MACHINE
            out.payee = order.payer - order.payer % PERSON_ROWS + PERSON_ACCOUNT[Own.PURSE]
            out.marks, out.entry, out.authentication = OWN | (out.marks & AFTER), EntryMode.CHIP, Authentication.PIN
            out.channel, out.purpose, out.mcc = Channel.ATM, Purpose.WITHDRAWAL, 6011
            out.device_kind, out.network = 0, 0
        elif wants.firm >= 0:
            firm = int(wants.firm)
            wants.kind, wants.category = SHOPPING, max(0, int(sight.firm_category[firm]))
            wants.remote = pay.remote or int(sight.firm_terminals[firm]) == 0
            wants.tap, wants.stripe = pay.contactless, pay.stripe
            out.marks = out.marks & AFTER
        elif pay.shop:
            wants.kind = SHOPPING
            known = [self._category[name] for name in pay.shop if name in self._category] or [0]
            wants.category = known[dice.below(len(known), SHOP, order.act, order.turn)]
            blends = thief and dice.share(BLENDS, order.act, order.turn) < self._dials.overlap
            if blends:
                wants.category = self._usual_category(sight, person, dice.share(USUAL_CATEGORY, order.act, order.turn), pay.remote)
            wants.remote, wants.tap, wants.stripe = pay.remote, pay.contactless, pay.stripe
            if pay.amount.usual is not None:
                factor = dice.between(pay.amount.usual, USUAL_FACTOR, order.act, order.turn)
                wants.factor = round((min(factor, 1.3) if blends else factor) * 65536)
            out.marks = out.marks & AFTER

    def _usual_category(self, sight: Sight, person: int, share: float, remote: bool) -> int:
        """A category by the habits of the card's owner; of what is sold remotely where it is bought so."""
        habit = np.diff(sight.of.habit[person].astype(np.float64), prepend=0.0)
        if remote:
            habit = habit * sight.of.tables.online
        total = np.cumsum(habit)
        return int(np.searchsorted(total, share * total[-1], side="right").clip(0, len(total) - 1))

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
