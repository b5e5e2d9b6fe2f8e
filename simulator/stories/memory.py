"""What could be found out about stories: rows that victims may report, payments that are guilty, accounts that take part."""

from simulator.clock import DAY, Today
from simulator.ledger import UNSEEN, Became
from simulator.population.accounts import PERSON_ROWS
from simulator.scenario.plot import Act
from simulator.stories.instance import MOST_ROWS, Instance, Purchase, Row
from simulator.stories.library import Library, Told, is_fraud, is_laundering


class Memory:
    """What victims remember and investigators could find.

    Args:
        library: the typologies.
        people: accounts below this row are people's.

    Attributes:
        guilty: Transactions of guilty stories.
        dirty: People's accounts that took part in one.
        culprits: Accounts that took money from a victim, or launder.
    """

    def __init__(self, library: Library, people: int) -> None:
        self._library, self._people = library, people
        self.guilty: set[int] = set()
        self.dirty: set[int] = set()
        self.culprits: set[int] = set()
        self._may_tell: dict[int, Instance] = {}
        self._by_story: dict[int, Instance] = {}

    def remember(self, instance: Instance, told: Told, act: Act, attempt: Became, at: int) -> None:
        """What a bank could find out: rows that a victim may report, accounts that take part."""
        transaction, payer, payee, people = attempt.transaction, attempt.payer, attempt.payee, self._people
        fraud = is_fraud(told, act)
        if act.name in told.disputed and transaction != UNSEEN and payer < people:
            how = attempt.method, attempt.entry, attempt.channel, attempt.terminal, attempt.card
            instance.bought.setdefault(act.name, []).append(Purchase(transaction, attempt.amount, payer, payee, *how, at))
        if fraud and transaction != UNSEEN and len(instance.rows) < MOST_ROWS:
            row = Row(transaction, attempt.amount, payer, payee, attempt.method, attempt.entry, at)
            instance.rows.append(row)
            if instance.noticed > 0:
                self._may_tell[instance.story] = instance
        if fraud:
            self.dirty.update([account for account in (payer, payee) if account < people])
            if payee < people and payee // PERSON_ROWS != payer // PERSON_ROWS:
                self.culprits.add(payee)
        elif is_laundering(told, act):
            both = [account for account in (payer, payee) if account < people]
            self.dirty.update(both)
            self.culprits.update(both)

    def noticed(self, today: Today) -> list[tuple[Told, Instance, list[Row]]]:
        """Stories whose victims notice by the end of a day, with what they took; each once."""
        end = (today.day + 1) * DAY
        found = sorted((one for one in self._may_tell.values() if one.noticed < end), key=lambda one: (one.noticed, one.story))
        for instance in found:
            del self._may_tell[instance.story]
            instance.told = 1
            self._by_story[instance.story] = instance
        heard = [(self._library[one.typology], one, one.rows) for one in found]
        for instance in found:
            if instance.why:  # it takes no more
                instance.rows = []
        return heard

    def denied(self, instance: Instance) -> Told:
        """A customer told the bank that purchases were not theirs."""
        instance.told = 1
        self._by_story[instance.story] = instance
        return self._library[instance.typology]

    def recovered(self, story: int, amount: int) -> None:
        """A victim got something back."""
        self._by_story[story].recovered += amount

    def dump(self) -> list[list[int]]:
        """Plain data for a checkpoint."""
        return [sorted(self.guilty), sorted(self.dirty), sorted(self.culprits)]

    def load(self, stored: list[list[int]], everyone: list[Instance]) -> None:
        """What `dump` gave, taken up again; the rest is told by the stories themselves."""
        self.guilty, self.dirty, self.culprits = map(set, stored)
        self._may_tell = {one.story: one for one in everyone if one.noticed > 0 and not one.told and one.rows}
        self._by_story = {one.story: one for one in everyone if one.told}
