"""The stage: lets a story go on through its acts, and writes the orders and events of those that are due."""

from collections.abc import Mapping

from simulator.clock import DAY, Today
from simulator.codes import Status
from simulator.economy.waves import Waves
from simulator.population.accounts import PERSON_ROWS
from simulator.population.world import World
from simulator.records import Records
from simulator.scenario import Scenario
from simulator.scenario.plot import Act, End, Known, Pay, When
from simulator.stories.amounts import Amounts
from simulator.stories.cast import Casting
from simulator.stories.crews import Crews
from simulator.stories.desk import Desk
from simulator.stories.dice import ARRIVED_HOURS, CONDITION, ENDING, GAP, NEXT_HOURS, NOTICED, SET_UP, SOME_PAIRS, Dice
from simulator.stories.evasion import Evasion
from simulator.stories.happen import EventNotes
from simulator.stories.instance import Instance
from simulator.stories.library import Library, Told, is_fraud, is_laundering
from simulator.stories.order import Order
from simulator.stories.pace import MINUTE, Pace
from simulator.stories.sight import Sight

AGAIN = 4 * MINUTE
"""A payment that was declined is tried again, smaller, after some minutes (assumption)."""

MOST_IN_WINDOW = 40
"""Payments of a story in a window at most."""


class Stage:
    """Where stories are played.

    Args:
        library: their files.
        crews: who runs them.
        casting: finds shops and accounts.
        settings: of the world.
        unit: minor units in a currency unit.
        blocked: account rows whose card a bank has blocked.
        waves: what tools spare those who tell the stories.
    """

    def __init__(
        self, library: Library, crews: Crews, casting: Casting, settings: Scenario, unit: int, blocked: Mapping[int, int], waves: Waves
    ) -> None:  # fmt: skip
        self._library, self._crews, self._seed, self._waves = library, crews, settings.seed, waves
        report = round(settings.country.cash_report * unit)
        self.amounts = Amounts(unit, settings.stories.money, report)
        self.desk = Desk(settings, library.ease, blocked)
        self.pace = Pace(settings.seed, self.desk.offset)
        self.evasion = Evasion(settings.stories, settings.seed)
        self.orders: list[Order] = []
        self.happenings = EventNotes(crews)

    def open(self, world: World, sight: Sight, today: Today, start: int, until: int) -> None:
        """A window begins, microseconds since 1970."""
        self._world, self._sight, self._today, self._start, self._until = world, sight, today, start, until
        self.orders = []
        self.amounts.spent.clear()

    # ------------------------------------------------------------------ going on

    def go_on(self, instance: Instance) -> None:
        """Play what is due in this window, until payments wait for their outcome or the time has not come."""
        told, written = self._library[instance.typology], len(self.orders)
        dice = Dice(self._seed, instance.story)
        while instance.due < self._until and not instance.why and len(self.orders) == written:
            act = told.acts[instance.act]
            if self._is_over(instance, told):
                return
            if not instance.pairs:
                if not self._takes_place(instance, act, dice):
                    self._jump(instance, told, act.otherwise, dice)
                    continue
                if act.pay is None:
                    self.desk.lost += self.happenings.play(self._sight, self._today, instance, act, self._start)
                    self._jump(instance, told, act.goto, dice)
                    continue
                instance.pairs = self._pairs(instance, act, act.pay, dice)
                instance.turn = 0
            self._pay(instance, told, act, dice)
            if len(self.orders) == written and instance.turn >= len(instance.pairs):
                self._jump(instance, told, act.goto, dice)

    def went(self, instance: Instance, mine: list[Order]) -> None:
        """The outcome of the window's payments of a story is known: what comes next."""
        told = self._library[instance.typology]
        act = told.acts[instance.act]
        dice = Dice(self._seed, instance.story)
        last = mine[-1]
        declined = next((order for order in mine if order.status == Status.DECLINED), None)
        if declined is not None and any(order.blocked for order in mine):
            if act.blocked is not None:
                self._jump(instance, told, act.blocked, dice)
            else:
                self._stop(instance, "the bank had blocked the account or card")
            return
        if declined is not None and act.smaller > 0 and not instance.retried:
            instance.retried, instance.smaller = 1, int(declined.amount * (1 - act.smaller))
            instance.pairs.insert(instance.turn, [declined.payer, declined.payee])
            instance.due = max(self._until + self.pace.moment(dice, instance), last.time + self._today.day * DAY + AGAIN)
            return
        if declined is not None and act.declined is not None:
            self._jump(instance, told, act.declined, dice)
            return
        if instance.turn >= len(instance.pairs):
            instance.due = self._today.day * DAY + last.time
            self._jump(instance, told, act.goto, dice)
        if instance.due < self._until:
            due = self._until + self.pace.moment(dice, instance)
            act, turn = told.acts[instance.act], self._turn(instance)
            instance.due = due if instance.turn else self.pace.within(due, act, dice, instance.act, turn, instance.skill, ARRIVED_HOURS)

    def _is_over(self, instance: Instance, told: Told) -> bool:
        """Whether the victim or the bank has put an end to it."""
        if 0 < instance.noticed <= instance.due and not told.innocent and self._is_fraud_yet(instance, told):
            self._stop(instance, "the victim noticed")
        return bool(instance.why)

    def _is_fraud_yet(self, instance: Instance, told: Told) -> bool:
        """Whether what is still to come befalls the victim."""
        return instance.act <= told.last_fraud

    def _stop(self, instance: Instance, why: str) -> None:
        instance.stopped, instance.why = max(instance.due, self._start), f"stopped: {why}"

    def _jump(self, instance: Instance, told: Told, to: str | None, dice: Dice) -> None:
        """Turn to another act, the next one, or the end."""
        act = told.acts[instance.act]
        target = told.after(instance.act, to)
        if isinstance(target, int) and target <= instance.act:
            times = instance.sent_back.get(act.name, 0) + 1
            instance.sent_back[act.name] = times
            instance.rounds += 1
            if times > act.at_most:
                target = told.after(instance.act, None)
        instance.pairs, instance.turn, instance.smaller, instance.retried = [], 0, 0, 0
        if isinstance(target, str):
            done = target == End.COMPLETED and instance.taken > 0
            instance.why = "completed: it got what there was" if done else "abandoned: nothing was to be had"
            if target == End.ABANDONED:
                instance.why = f"abandoned: {self._reason(instance, act)}"
            return
        instance.act = target
        instance.due = self.pace.delayed(told.acts[target], instance, instance.due, target)

    @staticmethod
    def _reason(instance: Instance, act: Act) -> str:
        return "payments were declined" if instance.fact(act.name).approved < instance.fact(act.name).tries else "it was given up"

    def _takes_place(self, instance: Instance, act: Act, dice: Dice) -> bool:
        when = act.when
        if when is None:
            return True
        if dice.share(CONDITION, instance.act, instance.rounds) >= when.chance:
            return False
        return when.act is None or (self._became(instance, when) != when.no)

    def _became(self, instance: Instance, when: When) -> bool:
        assert when.act is not None
        fact = instance.fact(when.act)
        if when.became is Known.APPROVED:
            return fact.approved > 0
        if when.became is Known.DECLINED:
            return fact.tries > fact.approved
        if when.became is Known.NOTICED:
            return 0 < instance.noticed <= instance.due
        return (fact.blocked if when.became is Known.BLOCKED else fact.alerted) > 0

    # ------------------------------------------------------------------ paying

    def _pairs(self, instance: Instance, act: Act, pay: Pay, dice: Dice) -> list[list[int]]:
        """Who pays whom in an act, in order; -1 for a shop or machine that is still to be found."""
        if pay.along is not None:
            members = self._members(instance, pay.along)
            ends = [*members[1:], members[0]] if pay.closed else members[1:]
            return [list(pair) for pair in zip(members, ends, strict=False)]
        assert pay.payer is not None
        payers = self._members(instance, pay.payer)
        payees = self._members(instance, pay.payee) if pay.payee is not None else [-1]
        if pay.pairs == "zip":
            pairs = [[payers[k % len(payers)], payees[k % len(payees)]] for k in range(max(len(payers), len(payees)))]
        else:
            pairs = [[one, other] for one in payers for other in payees if one != other]
        if pay.pairs == "some":
            pairs = [pair for k, pair in enumerate(pairs) if k == 0 or dice.share(SOME_PAIRS, instance.act, k) < 0.6]
        return [pair for pair in pairs for _ in range(dice.count(act.times, instance.act, instance.rounds))]

    def _members(self, instance: Instance, role: str) -> list[int]:
        name, _, own = role.partition(".")
        accounts = instance.cast[name]
        return [self.desk.other_account(self._sight, account, own) for account in accounts] if own else list(accounts)

    def _pay(self, instance: Instance, told: Told, act: Act, dice: Dice) -> None:
        """Write the payments of an act that are due before the window ends."""
        pay, written, sight, day = act.pay, 0, self._sight, self._today.day
        assert pay is not None
        arrived = pay.amount.arrived is not None
        parts = arrived or pay.amount.remaining is not None  # of one sum, among those that are still to come
        before: Order | None = None
        while instance.turn < len(instance.pairs) and instance.due < self._until and written < MOST_IN_WINDOW:
            payer, payee = instance.pairs[instance.turn]
            if payer < sight.firm_base and not sight.here(payer // PERSON_ROWS, day):
                instance.turn += 1  # who has left does nothing any more
                continue
            turn = self._turn(instance)
            if arrived:
                ready = instance.purse(payer)[2]
                ready += self.pace.moment(dice, instance) if ready > instance.due else 0
                if ready >= self._until or (pay.along is not None and before is not None):
                    due = max(instance.due, ready, self._until + self.pace.moment(dice, instance))
                    instance.due = self.pace.within(due, act, dice, instance.act, turn, instance.skill, ARRIVED_HOURS)
                    return
                if ready > instance.due:
                    instance.due = self.pace.within(ready, act, dice, instance.act, turn, instance.skill, ARRIVED_HOURS)
                    if instance.due >= self._until:
                        return
            left = sum([pair[0] == payer for pair in instance.pairs[instance.turn :]]) if parts else 1
            amount = self._take_again(instance, pay, payer)
            if not amount:
                amount = self.amounts.of(pay.amount, instance, payer, left, sight, dice, instance.act, turn)
                amount = self._evaded(instance, told, act, amount, dice)
            if instance.taken > 0 and is_fraud(told, act) and dice.share(ENDING, instance.act, turn) < self._doubts(told):
                instance.why = "abandoned: the victim began to doubt"
                return
            beyond = payee >= 0 and min(payer, payee) >= sight.government  # nobody here would start it
            if not beyond and (amount > 0 or pay.amount.usual is not None):
                before = self._write(instance, told, act, pay, payer, payee, amount, before, dice, turn)
                written += 1
            instance.turn += 1
            if instance.turn < len(instance.pairs):
                gap = dice.span(act.gap, instance.act, self._turn(instance), GAP) + self.pace.breath(dice, instance)
                due = instance.due + (self.pace.patient(act, instance, gap) if instance.crew >= 0 else gap)
                instance.due = self.pace.within(due, act, dice, instance.act, self._turn(instance), instance.skill, NEXT_HOURS)

    def _doubts(self, told: Told) -> float:
        """Share of victims who begin to doubt before a payment."""
        return told.typology.gates.stops * self._waves.betrayed(told.typology, self._today.day)

    def _take_again(self, instance: Instance, pay: Pay, payer: int) -> int:
        """What is left of a payment, or is tried again; 0 for nothing."""
        again, instance.smaller = instance.smaller, 0
        if again and pay.amount.arrived is not None:
            self.amounts.give_up(payer, -again)
        return again

    def _evaded(self, instance: Instance, told: Told, act: Act, amount: int, dice: Dice) -> int:
        """An amount as a crew pays it: less where more is noticed, in two parts where that hides it."""
        if told.innocent or amount <= 1 or act.pay is None:
            return amount
        turn, pair = self._turn(instance), instance.pairs[instance.turn]
        less = self.evasion.lessened(self._crews.noticed_by(instance), amount, self._today.day, dice, instance.act, turn)
        first = self.evasion.first_part(less, dice, instance.act, turn) if is_laundering(told, act) else less
        if act.pay.amount.arrived is not None:
            self.amounts.give_up(pair[0], amount - first)
        if first < less:
            instance.pairs.insert(instance.turn + 1, list(pair))
            instance.smaller = less - first
        return first

    @staticmethod
    def _turn(instance: Instance) -> int:
        return instance.turn + 256 * instance.rounds

    def _write(
        self, instance: Instance, told: Told, act: Act, pay: Pay, payer: int, payee: int, amount: int, before: Order | None, dice: Dice,
        turn: int,
    ) -> Order:  # fmt: skip
        """Write one order."""
        scene = told.scenes[instance.act]
        assert scene is not None
        starts = self._sight.owner(payer)
        starts = starts if starts >= 0 else self._sight.owner(payee)
        time = instance.due - self._today.day * DAY
        seq = instance.seq + len(self.orders)
        order = Order(instance, instance.act, pay, payer, payee, amount, time, starts, scene, turn, seq)
        order.is_new = instance.pays_first(payer, payee)
        order.wrong = pay.wrong * self._waves.betrayed(told.typology, self._today.day) if pay.wrong else 0.0
        if is_laundering(told, act) and dice.share(SET_UP, instance.act, order.turn) < self._library.ease.overlap:
            order.is_new = False  # who launders has the payee set up long before
        order.origin = before if before is not None and act.declined is not None and before.payer == payer else None
        self.amounts.spent[payer] = self.amounts.spent.get(payer, 0) + amount
        if not is_fraud(told, act):
            brought = instance.purse(payer)[0]
            order.illicit = amount if brought > 0 or act.stage == "placement" else -1
        self.orders.append(order)
        return order

    def took(self, instance: Instance, act: Act, amount: int, at: int) -> None:
        """Count what a story took, and say when its victim will notice."""
        told = self._library[instance.typology]
        if not told.frauds:  # what it moved: each hop moves the same money
            instance.taken = max(instance.taken, instance.fact(act.name).paid)
        if not is_fraud(told, act):
            return
        instance.taken += amount
        if instance.noticed < 0:
            dice, gates = Dice(self._seed, instance.story), told.typology.gates
            instance.noticed = at + max(MINUTE, dice.span(gates.noticed, 0, 0, NOTICED)) if dice.share(NOTICED, 1) < gates.reported else 0

    def columns(self, orders: list[Order]) -> tuple[Records, Records]:
        """The orders as attempts, and what is still to be found for each."""
        return self.desk.columns(self._sight, self._today, orders, self._crews)
