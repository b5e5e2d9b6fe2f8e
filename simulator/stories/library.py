"""The stories of a world, ready to be told: rates by dial, acts by place, what each label says."""

from functools import cached_property
from typing import NamedTuple

from simulator.codes import Channel, Method, Purpose
from simulator.scenario.plot import Act, End, Hand, PayChannel, Stage
from simulator.scenario.story import Difficulty, Family, Role, Source, Stories, Typology


class Dials(NamedTuple):
    """What makes guilty stories hard to tell from innocent ones; shares."""

    overlap: float
    """Thieves buy so often where and for as much as their victim would; look-alikes are as frequent as this against 0.6."""
    reuse: float
    """Chance that a mule serves again, and that what is bought remotely with a stolen card is bought where the crew always does."""
    skill: float
    """Skilled crews wait longer between payments, keep to the hours of those whose cards they use, and less of their data is wrong."""


DIFFICULTY = {
    Difficulty.EASY: Dials(overlap=0.15, reuse=0.9, skill=0.15),
    Difficulty.REALISTIC: Dials(overlap=0.6, reuse=0.7, skill=0.5),
    Difficulty.HARD: Dials(overlap=0.9, reuse=0.4, skill=0.85),
}
"""The dial's three settings (assumption)."""


def settle(stories: Stories) -> Dials:
    """The dials of a world: those that its file sets, the others by difficulty."""
    preset = DIFFICULTY[stories.difficulty]
    own = {name: getattr(stories, name) for name in Dials._fields if getattr(stories, name) is not None}
    return preset._replace(**own)


CHANNELS = {
    PayChannel.ONLINE: Channel.ONLINE, PayChannel.MOBILE: Channel.MOBILE, PayChannel.BRANCH: Channel.BRANCH, PayChannel.ATM: Channel.ATM,
    PayChannel.PHONE: Channel.PHONE, PayChannel.SHOP: Channel.POINT_OF_SALE, PayChannel.NONE: Channel.NONE,
}  # fmt: skip

LAUNDERING = (Stage.PLACEMENT, Stage.LAYERING, Stage.INTEGRATION)


class Scene(NamedTuple):
    """What an act's payments are, looked up once."""

    payer_role: str
    payee_role: str
    method: Method
    channel: Channel
    purpose: Purpose


def scene_of(act: Act) -> Scene | None:
    """The scene of an act; None where nobody pays."""
    pay = act.pay
    if pay is None:
        return None
    payer = (pay.along or pay.payer or "").partition(".")[0]
    payee = pay.payee.partition(".")[0] if pay.payee is not None else "shop" if pay.shop and pay.along is None else payer
    return Scene(payer, payee, Method[pay.method.name], CHANNELS[pay.channel], Purpose[pay.purpose.name])


class Told:
    """One typology of a world.

    Args:
        typology: as its file says.
        place: in the library.
        dials: of the scenario.
    """

    def __init__(self, typology: Typology, place: int, dials: Stories) -> None:
        self.typology, self.place, self.name, self.id = typology, place, typology.name, typology.typology
        self.innocent = typology.family is Family.INNOCENT
        """Whether it is a look-alike."""
        self.acts: list[Act] = list(typology.acts)
        self._at = {act.name: number for number, act in enumerate(self.acts)}
        self.scenes = [scene_of(act) for act in self.acts]
        self.frauds = frozenset() if self.innocent else frozenset(act.name for act in self.acts if act.stage is Stage.FRAUD)
        """Acts whose rows are acts of fraud."""
        self.launders = frozenset() if self.innocent else frozenset(act.name for act in self.acts if act.stage in LAUNDERING)
        """Acts whose rows are acts of laundering."""
        self.disputed = frozenset(act.dispute.of for act in self.acts if act.dispute is not None)
        """Acts whose purchases may be disputed."""
        self.last_fraud = max((number for number, act in enumerate(self.acts) if act.name in self.frauds), default=-1)
        """The last act of fraud; -1 for none."""
        self.lead = next(iter(typology.cast))
        mix = dials.mix
        often = mix.get(typology.family, 1.0) * mix.get(typology.typology, 1.0) * mix.get(typology.name, 1.0)
        self.often = often * (dials.lookalikes * settle(dials).overlap / 0.6 if self.innocent else dials.intensity)
        """How many times as often as its file says it is told, by the dials."""
        self.yearly = typology.rate.yearly * self.often / typology.rate.per if typology.rate is not None else 0.0
        """Beginnings a year for each customer or firm, by the dials."""

    @cached_property
    def befalls(self) -> Role:
        """The role of who it befalls, as far as it says what kind of customer."""
        lead = self.typology.cast[self.lead]
        return Role(drawn=lead.drawn, credit=lead.credit, account=lead.account, trades=lead.trades, categories=lead.categories)

    @cached_property
    def needs_crew(self) -> bool:
        """Whether a crew has to stand behind it: for its members, their mules or their devices."""
        drawn = {role.drawn for role in self.typology.cast.values()}
        return self.typology.crewed or bool(drawn & {Source.CREW, Source.MULES})

    def after(self, act: int, to: str | None) -> int | str:
        """The act that follows, or how the story ends."""
        if to is None:
            return act + 1 if act + 1 < len(self.acts) else End.COMPLETED.value
        return to if to in list(End) else self._at[to]

    def authorised(self, act: Act) -> bool:
        """Whether the true customer authorises what an act pays."""
        return self.typology.authorised if act.authorised is None else act.authorised

    @cached_property
    def code(self) -> str:
        """The typology in the industry's classifications, in one text."""
        codes = self.typology.codes
        named = {
            "classifier": codes.fraud_classifier, "scam": codes.scam_classifier, "uk": codes.uk_finance, "eba": codes.eba,
            "mastercard": codes.mastercard, "visa": codes.visa, "aml": codes.aml,
        }  # fmt: skip
        return "; ".join(f"{system}: {code}" for system, code in named.items() if code)


class Library:
    """All typologies of a world."""

    def __init__(self, dials: Stories) -> None:
        self.dials, self.ease = dials, settle(dials)
        self.told = [Told(typology, place, dials) for place, typology in enumerate(dials.told)]
        self.by_name = {told.name: told for told in self.told}
        self._beside: dict[str, dict[str, float]] = {}

    def __len__(self) -> int:
        return len(self.told)

    def __getitem__(self, place: int) -> Told:
        return self.told[place]

    def beside(self, name: str) -> dict[str, float]:
        """Stories run by crews that befall the same kind of customer as one of them, with their beginnings a year."""
        if name not in self._beside:
            befalls = self.by_name[name].befalls
            crewed = [told for told in self.told if told.typology.crewed and told.yearly > 0]
            self._beside[name] = {told.name: told.yearly for told in crewed if told.befalls == befalls}
        return self._beside[name]


def is_fraud(told: Told, act: Act) -> bool:
    """Whether a row of an act is an act of fraud."""
    return act.name in told.frauds


def is_remote_theft(act: Act) -> bool:
    """Whether an act buys remotely with somebody else's card."""
    pay = act.pay
    return act.stage is Stage.FRAUD and pay is not None and bool(pay.shop) and pay.remote and pay.device is Hand.CREW


def is_laundering(told: Told, act: Act) -> bool:
    """Whether a row of an act is an act of laundering."""
    return act.name in told.launders
