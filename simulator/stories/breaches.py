"""Breaches: cards that were used at a merchant are in thieves' hands from a day on; what they have in common is where they paid before."""

from collections.abc import Mapping
from math import ceil
from typing import Any

import numpy as np
import xxhash

from simulator.clock import EPOCH, Today
from simulator.codes import Message, Method, Purpose, Status
from simulator.draws import Ints, Why, choose, threshold, uniform, words
from simulator.population.accounts import ACQUIRING, CREDIT_CARD, FIRM_ROWS, PERSON_ROWS
from simulator.population.equipment import TOKEN
from simulator.population.firms import MERCHANT
from simulator.population.presence import trading
from simulator.population.world import World
from simulator.records import Records
from simulator.scenario import Scenario
from simulator.scenario.shocks import BREACHED, Kind, Shock
from simulator.scenario.story import Source
from simulator.stories.begin import moment
from simulator.stories.cast import PERSON_ACCOUNT
from simulator.stories.dice import story_id
from simulator.stories.library import Library, Told
from simulator.stories.sight import Sight

BREACHED_SHOP = "breached_shop"
"""Role of the merchant in the stories that its cards came to."""

MEAN, LONGEST = 14.0, 56
"""Days from the first use of stolen cards until one is used, on average and at most (assumption: 1 to 8 weeks, narrative C3)."""

NOWHERE = -2
"""In place of a firm: the category has none to be breached."""

Used = tuple[Told, int, int, int, int]
"""A story that begins: its typology, the row of whom it befalls, its id, when, and the breached merchant's account row."""


class Breach:
    """One breach.

    Args:
        shock: says when, where and how many.
        category: place of what the merchant sells.
        seed: key of the draws.

    Attributes:
        firm: The merchant, -1 before it is known.
        cards: By account row, the generation of the card that was used there last.
    """

    def __init__(self, shock: Shock, category: int, seed: int) -> None:
        assert shock.start is not None and shock.lasts is not None and shock.share is not None
        self._seed, self._category, self._share = seed, category, shock.share
        self._name = xxhash.xxh32_intdigest(shock.name.encode())
        self._start = (shock.start.date() - EPOCH).days
        self._since = self._start - ceil(shock.lasts.total_seconds() / 86_400)
        self.firm = -1
        self.cards: dict[int, int] = {}

    def watch(self, world: World, today: Today, block: Records, count: int) -> None:
        """Copy the cards that were used at the merchant in a window; a token in a phone tells thieves nothing."""
        if not self._since <= today.day < self._start:
            return
        if self.firm < 0:
            self.firm = self._merchant(world, today)
        seen = block.view(np.ndarray)[:count]
        seen = seen[(seen["firm"] == self.firm) & (seen["payer"] < world.layout.firm_base)]
        seen = seen[(seen["method"] == Method.CARD) & (seen["purpose"] == Purpose.PURCHASE) & (seen["status"] == Status.APPROVED)]
        seen = seen[((seen["message"] == Message.PAYMENT) | (seen["message"] == Message.AUTHORISATION)) & (seen["card"] < TOKEN)]
        self.cards.update(zip(seen["payer"].tolist(), seen["card"].tolist(), strict=True))

    def _merchant(self, world: World, today: Today) -> int:
        """A merchant of the category, by popularity."""
        firms = world.firms
        there = np.flatnonzero((firms.kind == MERCHANT) & (firms.category == self._category) & trading(firms, today.day))
        word = words(self._seed, np.array([self._name]), Why.BREACH)[0]
        return int(there[choose(firms.pull[there], word)[0]]) if len(there) else NOWHERE

    def used(self, sight: Sight, today: Today, by_card: Mapping[int, Told]) -> list[Used]:
        """Stories that begin on a day with the cards that have not been replaced by then."""
        if not self._start <= today.day < self._start + LONGEST:
            return []
        found = []
        shop = sight.firm_base + self.firm * FIRM_ROWS + ACQUIRING
        for own, told in by_card.items():
            held = sight.credit_card if own == CREDIT_CARD else sight.debit_card
            accounts = sorted(account for account in self.cards if account % PERSON_ROWS == own)
            for account in self._due(np.array(accounts, np.int64), own, today.day - self._start).tolist():
                person = account // PERSON_ROWS
                if held[person] == self.cards[account]:
                    story = story_id(told.name, person, today.day, 1 << 32 | self._name)
                    found.append((told, person, story, moment(told, self._seed, story, today), shop))
        return found

    def _due(self, accounts: Ints, own: int, after: int) -> Ints:
        """Those of the stolen cards of one kind that thieves use so many days after the first."""
        hit, delay, _, _ = words(self._seed, accounts // PERSON_ROWS, Why.BREACH, self._name, 1 + own)
        now = (hit < threshold(self._share)) & (np.floor(-np.log(uniform(delay)) * MEAN) == after)
        return np.compress(now, accounts)


class Breaches:
    """All breaches of a world.

    Args:
        scenario: its shocks.
        library: its stories; those of `simulator.scenario.shocks.BREACHED` are told of the victims, by kind of card.
    """

    def __init__(self, scenario: Scenario, library: Library) -> None:
        places = {category.name: place for place, category in enumerate(scenario.categories)}
        self._all = [
            Breach(shock, places[shock.category], scenario.seed)
            for shock in scenario.shocks if shock.kind is Kind.BREACH and shock.category is not None
        ]  # fmt: skip
        leads = [(told, told.typology.cast[told.lead]) for told in reversed(library.told) if told.id == BREACHED]
        self._by_card = {PERSON_ACCOUNT[lead.account]: told for told, lead in leads if lead.drawn is Source.PEOPLE}

    def watch(self, world: World, today: Today, cleared: tuple[Records, Ints, int]) -> None:
        """Hear of a window that was cleared: its block, its transactions, and how many there are."""
        for breach in self._all:
            breach.watch(world, today, cleared[0], cleared[2])

    def used(self, sight: Sight, today: Today) -> list[Used]:
        """Stories that begin today with cards that were stolen before."""
        return [one for breach in self._all for one in breach.used(sight, today, self._by_card)]

    def dump(self) -> list[list[Any]]:
        """Plain data for a checkpoint."""
        return [[breach.firm, sorted(breach.cards.items())] for breach in self._all]

    def load(self, stored: list[list[Any]]) -> None:
        """What `dump` gave, taken up again."""
        for breach, (firm, cards) in zip(self._all, stored, strict=True):
            breach.firm, breach.cards = firm, {account: card for account, card in cards}
