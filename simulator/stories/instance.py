"""A story under way: where it stands, who plays in it, and what became of its acts; plain numbers that a checkpoint keeps."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Fact:
    """What became of one act so far; money in minor units of the home currency, times in microseconds since 1970."""

    tries: int = 0
    approved: int = 0
    blocked: int = 0
    """Declined because the card or account was blocked."""
    alerted: int = 0
    """On which an alert was raised."""
    paid: int = 0
    first: int = -1
    last: int = -1
    reason: int = 0
    """Why the last one that was declined was."""
    payer: int = -1
    """Account rows of the first that was approved."""
    payee: int = -1
    amount: int = 0
    """Of the first that was approved."""


@dataclass(slots=True)
class Row:
    """A payment that a victim may report; minor units, account rows, microseconds since 1970."""

    transaction: int
    amount: int
    payer: int
    payee: int
    method: int
    entry: int
    time: int


@dataclass(slots=True)
class Purchase:
    """A purchase by card that its buyer may dispute; fields of `simulator.ledger.ATTEMPT`, the time in microseconds since 1970."""

    transaction: int
    amount: int
    payer: int
    payee: int
    method: int
    entry: int
    channel: int
    terminal: int
    card: int
    time: int


MOST_ROWS = 200
"""Payments of a story that its victim remembers."""


@dataclass(slots=True)
class Instance:
    """A story under way."""

    story: int
    """Its id."""
    typology: int
    """Place in the library."""
    crew: int
    parent: int
    """Story that began it, -1 for none."""
    due: int
    """When it goes on, microseconds since 1970."""
    cast: dict[str, list[int]] = field(default_factory=dict)
    """Account rows by role."""
    act: int = 0
    turn: int = 0
    """Payments of the act so far."""
    pairs: list[list[int]] = field(default_factory=list)
    """Payers and payees of the act, once it has begun."""
    sent_back: dict[str, int] = field(default_factory=dict)
    """How often each act has sent the story back."""
    rounds: int = 0
    """How often all of them have."""
    met: set[tuple[int | str, int]] = field(default_factory=set)
    """Pairs of accounts that paid, and stories that were begun by a payment to an account."""
    flow: dict[int, list[int]] = field(default_factory=dict)
    """By account row: what the story brought there, what left, and when the last of it can be spent."""
    facts: dict[str, Fact] = field(default_factory=dict)
    """By act."""
    spans: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    """By role and account: first and last payment."""
    skill: float = 0.0
    aim: int = 0
    taken: int = 0
    recovered: int = 0
    start: int = -1
    end: int = -1
    seq: int = 0
    smaller: int = 0
    """Amount that a declined payment is tried again with, 0 for none."""
    retried: int = 0
    noticed: int = -1
    """When the victim notices, -1 for not known yet, 0 for never."""
    stopped: int = -1
    """When the bank or the victim stopped it."""
    why: str = ""
    rows: list[Row] = field(default_factory=list)
    """What it took from its victim."""
    told: int = 0
    """1 once the victim has told the bank."""
    noticed_amounts: list[list[int]] = field(default_factory=list)
    """Where no crew runs it: amounts that raised an alert, with the day from which that is known."""
    notes: list[list[int]] = field(default_factory=list)
    """Events: act, time, account row."""
    bought: dict[str, list[Purchase]] = field(default_factory=dict)
    """By act: what may still be disputed."""
    claims: list[list[int]] = field(default_factory=list)
    """Disputes: act, time, payments, amount."""

    def fact(self, act: str) -> Fact:
        """What became of an act; all zero before it."""
        return self.facts.get(act) or self.facts.setdefault(act, Fact())

    def purse(self, account: int) -> list[int]:
        """What the story brought to an account, what left it, and when the last of it can be spent."""
        return self.flow.get(account) or self.flow.setdefault(account, [0, 0, 0])

    def pays_first(self, payer: int, payee: int) -> bool:
        """Whether the story has not paid from one account to the other yet; from now on it has."""
        first = (payer, payee) not in self.met
        self.met.add((payer, payee))
        return first

    def forget(self) -> None:
        """The story is over: what is not told of it goes."""
        self.pairs, self.noticed_amounts = [], []
        self.sent_back, self.met, self.flow = {}, set(), {}

    def dump(self) -> dict[str, Any]:
        """Plain data for a checkpoint."""
        spans = [[*key, *span] for key, span in self.spans.items()]
        met = sorted(map(list, self.met), key=str)
        return asdict(self) | {"met": met, "flow": list(self.flow.items()), "spans": spans}

    @classmethod
    def load(cls, stored: dict[str, Any]) -> "Instance":
        """What `dump` gave, taken up again."""
        facts = {name: Fact(**fact) for name, fact in stored.pop("facts").items()}
        rows = [Row(**row) for row in stored.pop("rows")]
        flow, met = {account: purse for account, purse in stored.pop("flow")}, {(one, other) for one, other in stored.pop("met")}
        spans = {(role, account): span for role, account, *span in stored.pop("spans")}
        bought = {act: [Purchase(**one) for one in purchases] for act, purchases in stored.pop("bought").items()}
        return cls(**stored, facts=facts, rows=rows, bought=bought, flow=flow, met=met, spans=spans)
