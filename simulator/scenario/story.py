"""What a story file may say: one narrative of fraud or laundering, or an innocent one that looks like it.

A file is data: it names roles, acts in order, amounts, delays and conditions, and nothing in it is ever executed.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from simulator.scenario.institutions import Trade
from simulator.scenario.part import Name, Part, misplaced, nearest
from simulator.scenario.plot import Act, Claim, Dispute, End, Gates, Pay, PayMethod
from simulator.scenario.quantity import ONCE, Amount, Count
from simulator.scenario.units import Factor, Money, Share


class Source(StrEnum):
    """Where somebody of a cast comes from."""

    PEOPLE = "people"
    FIRMS = "firms"
    EMPLOYERS = "employers"
    INSTITUTIONS = "institutions"
    CREW = "crew"
    MULES = "mules"
    ABROAD = "abroad"
    GOVERNMENT = "government"
    GIVEN = "given"


TRADING = (Source.FIRMS, Source.EMPLOYERS, Source.INSTITUTIONS)
"""Sources of those who are no people."""


class Placement(StrEnum):
    """Whether a role is taken by who lives here already, by newcomers, or by both."""

    EXISTING = "existing"
    NEWCOMERS = "newcomers"
    MIXED = "mixed"


class Own(StrEnum):
    """Which of its accounts a role plays with."""

    CURRENT = "current"
    SAVINGS = "savings"
    CREDIT_CARD = "credit_card"
    PURSE = "purse"
    RESERVE = "reserve"


class Role(Part):
    """Who plays a part: where they come from, and what makes some likelier than others."""

    drawn: Source = Field(Source.PEOPLE, description="from among whom; `given` by the story that begins this one")
    count: Count = Field(ONCE, description="how many")
    account: Own = Field(Own.CURRENT, description="the account they play with")
    ages: list[Annotated[list[Factor], Field(min_length=2, max_length=2)]] = Field(
        default_factory=list, max_length=10, description="weight from an age on, such as [[18, 1], [65, 2.5]]; 1 below the first"
    )
    incomes: list[Factor] = Field(default_factory=list, max_length=5, description="weight by income quintile; all alike where left out")
    vulnerable: Annotated[float, Field(ge=0, le=4)] = Field(0.0, description="power of the openness to scams that weighs people")
    online: bool = Field(False, description="weighed by digital habit")
    device: bool = Field(False, description="only who has a phone or computer")
    credit: bool = Field(False, description="only who has a credit card")
    no_credit: bool = Field(False, description="only who has no credit card yet")
    available: Money = Field(0.0, description="at least so much to spend, currency units")
    idle: bool = Field(False, description="weighed towards those with little money of their own")
    placed: Placement = Field(Placement.MIXED, description="who was here, or open, a year ago, newcomers and new firms, or both")
    categories: list[Name] = Field(
        default_factory=list, max_length=20, description="of firms: their categories, or bills; any merchant where left out"
    )
    trades: list[Trade] = Field(default_factory=list, max_length=13, description="of institutions: their trades; any where left out")
    cash: bool = Field(False, description="of firms: only those with premises, that take notes")
    small: bool = Field(False, description="of firms: weighed towards the small ones")
    knows: Name | None = Field(None, description="role whose acquaintance they are")
    near: Name | None = Field(None, description="role in whose town they live or trade")
    witting: bool = Field(False, description="they know what they take part in")


class Family(StrEnum):
    """Families of typologies, for dials and reports."""

    CARD = "card"
    TAKEOVER = "takeover"
    SCAM = "scam"
    FIRST_PARTY = "first_party"
    MERCHANT = "merchant"
    INSIDER = "insider"
    CRIME = "crime"
    MULE = "mule"
    STRUCTURE = "structure"
    PLACEMENT = "placement"
    INTEGRATION = "integration"
    INNOCENT = "innocent"


class Rate(Part):
    """How often a story begins."""

    yearly: Annotated[float, Field(ge=0, le=1000)] = Field(
        description="beginnings a year for each customer, or each firm where the first role is a firm"
    )
    source: Annotated[str, Field(min_length=3, max_length=400)] = Field(description="where the number comes from, or 'assumption'")
    per: Annotated[int, Field(ge=1, le=100_000)] = Field(1, description="for each so many customers or firms rather than for each")
    takes: Share = Field(1.0, description="share of stories that take something at the default defence, as measured")
    mean_loss: Money = Field(0.0, description="mean loss of those, currency units, as measured; 0 where none is known")


class Feed(Part):
    """A story that begins where this one paid: who was paid plays a role in it."""

    story: Name = Field(description="name of the story that begins")
    after: Name = Field(description="act whose first approved payment begins it")
    roles: dict[Name, Name] = Field(description="role of the new story: role of this one")
    chance: Share = Field(1.0, description="share of stories that go on so")


class Codes(Part):
    """The typology in the industry's classifications."""

    catalogue: list[Annotated[str, Field(max_length=20)]] = Field(default_factory=list, description="ids of our catalogue: S7, L06")
    fraud_classifier: str = Field("", max_length=120, description="Federal Reserve, FraudClassifier model, 2020")
    scam_classifier: str = Field("", max_length=120, description="Federal Reserve, ScamClassifier model, 2024")
    uk_finance: str = Field("", max_length=120)
    eba: str = Field("", max_length=60, description="event type of the EBA's fraud reporting under PSD2")
    mastercard: str = Field("", max_length=60, description="fraud type of the Fraud and Loss Database")
    visa: str = Field("", max_length=60, description="dispute reason")
    aml: str = Field("", max_length=120, description="red-flag family of the FFIEC manual, or the pattern of AMLworld")


class Typology(Part):
    """A story file: one narrative."""

    name: Name
    title: Annotated[str, Field(min_length=3, max_length=120)]
    typology: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,11}$")] = Field(description="id, as the labels carry it: S7, L06, H3")
    family: Family
    about: Annotated[str, Field(min_length=40, max_length=900)] = Field(description="three sentences that tell it")
    lookalike_of: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,11}$")] | None = Field(
        None, description="id of the guilty typology whose shape an innocent story has"
    )
    codes: Codes = Codes()
    rate: Rate | None = Field(None, description="how often it begins of itself; without it only other stories begin it")
    authorised: bool = Field(True, description="whether the true customer authorises the payments, unless an act says otherwise")
    crewed: bool = Field(False, description="run by a crew, which chooses it by what it earned with it")
    distress: bool = Field(False, description="begins more often where more people are out of work, as far as `stories.distress` says")
    costs: Money | None = Field(
        None, description="data and tools that a crew pays for before it begins, currency units; by its family where left out"
    )
    aim: Amount | None = Field(None, description="what the story is after; of one that another begins, what that one brought")
    cast: dict[Name, Role] = Field(min_length=1, max_length=8, description="roles by name; the first is who it befalls or who begins it")
    acts: list[Act] = Field(min_length=1, max_length=24)
    feeds: list[Feed] = Field(default_factory=list, max_length=4)
    gates: Gates = Gates()

    @model_validator(mode="after")
    def _coherent(self) -> "Typology":
        names = [act.name for act in self.acts]
        for place, act in enumerate(self.acts):
            path = ("acts", place)
            if act.name in names[:place]:
                raise misplaced((*path, "name"), "a name that no other act of the story has")
            self._check_pay(path, act.pay)
            if act.event is not None and act.event.who not in self.cast:
                raise misplaced((*path, "event", "who"), self._roles(), nearest(act.event.who, self.cast))
            if act.dispute is not None:
                self._check_dispute((*path, "dispute"), act.dispute, self.acts[:place])
            for key, to in (("declined", act.declined), ("blocked", act.blocked), ("otherwise", act.otherwise), ("goto", act.goto)):
                if to is None or to in list(End):
                    continue
                if to not in names:
                    raise misplaced((*path, key), f"an act ({', '.join(names)}) or one of {', '.join(End)}", nearest(to, names))
                if names.index(to) <= place and act.at_most == 0:
                    raise misplaced((*path, key), "a later act, or `at_most` beside it: a story may not run in a circle for ever")
            if act.when is not None and act.when.act is not None and act.when.act not in names[:place]:
                raise misplaced((*path, "when", "act"), "an act before this one", nearest(act.when.act, names[:place]))
        for place, feed in enumerate(self.feeds):
            if feed.after not in names:
                raise misplaced(("feeds", place, "after"), f"an act ({', '.join(names)})", nearest(feed.after, names))
            for role, ours in feed.roles.items():
                if ours not in self.cast:
                    raise misplaced(("feeds", place, "roles", role), self._roles(), nearest(ours, self.cast))
        for name, part in self.cast.items():
            if part.no_credit and (part.credit or part.account is Own.CREDIT_CARD):
                raise misplaced(("cast", name, "no_credit"), "false, for a role that plays with its credit card")
            for key, other in (("knows", part.knows), ("near", part.near)):
                earlier = list(self.cast)[: list(self.cast).index(name)]
                if other is not None and other not in earlier:
                    raise misplaced(("cast", name, key), "a role that stands before this one", nearest(other, earlier))
        self._check_start()
        return self

    def _check_dispute(self, path: tuple[str | int, ...], dispute: Dispute, before: list[Act]) -> None:
        bought = [act.name for act in before if act.pay is not None and act.pay.method is PayMethod.CARD and not act.pay.withdraw]
        if dispute.of not in bought:
            raise misplaced((*path, "of"), f"an earlier act that buys by card ({', '.join(bought)})", nearest(dispute.of, bought))
        if dispute.reason is Claim.NOT_MINE and self.gates.reported:
            raise misplaced(("gates", "reported"), "0, where an act denies purchases: that is what the bank is told")

    def _check_start(self) -> None:
        first = next(iter(self.cast))
        source = self.cast[first].drawn
        if self.rate is not None and source is not Source.PEOPLE and source not in TRADING:
            raise misplaced(("cast", first, "drawn"), "people, firms, employers or institutions, whom a story with a rate befalls")
        if self.rate is None and source is not Source.GIVEN:
            raise misplaced(("cast", first, "drawn"), "given: a story without a rate is begun by another, which gives its first role")
        guilty = self.family is not Family.INNOCENT
        if guilty == (self.lookalike_of is not None):
            raise misplaced(("lookalike_of",), "an id where the family is innocent, and nothing where it is guilty")

    def _roles(self) -> str:
        return f"a role of the cast ({', '.join(self.cast)})"

    def _check_pay(self, path: tuple[str | int, ...], pay: Pay | None) -> None:
        if pay is None:
            return
        for key, role in (("payer", pay.payer), ("payee", pay.payee), ("along", pay.along)):
            if role is not None and role.partition(".")[0] not in self.cast:
                raise misplaced((*path, "pay", key), self._roles(), nearest(role, self.cast))
            if role is not None and "." in role and role.partition(".")[2] not in list(Own):
                raise misplaced((*path, "pay", key), f"a role, or one of its accounts as role.savings ({', '.join(Own)})")


class Difficulty(StrEnum):
    """How hard the guilty are to tell from the innocent."""

    EASY = "easy"
    REALISTIC = "realistic"
    HARD = "hard"


class Stories(Part):
    """Which stories are told in a world, how often, and how well hidden."""

    library: list[str] = Field(
        default_factory=list, max_length=300,
        description="story files: shipped names, `all`, a family such as `scam`, or paths beside this file; read into `told`",
    )  # fmt: skip
    told: list[Typology] = Field(default_factory=list, max_length=300, description="the stories themselves, as their files say")
    intensity: Factor = Field(1.0, description="rate of guilty stories against their sources; raise it for training sets")
    lookalikes: Factor = Field(1.0, description="rate of innocent look-alikes against their files")
    mix: dict[str, Factor] = Field(default_factory=dict, description="factor by family, typology or name, on top of the intensity")
    difficulty: Difficulty = Field(Difficulty.REALISTIC, description="overlap, camouflage, reuse of accounts and skill, in one dial")
    overlap: Share | None = Field(
        None, description="how far guilty payments look like their payer's own: shops, amounts, look-alikes; by difficulty where left out"
    )
    reuse: Share | None = Field(
        None, description="how often crews use a mule again, and buy with stolen cards at the same shops; by difficulty where left out"
    )
    skill: Share | None = Field(
        None, description="how patient and well informed crews are, and keep to their victims' hours; by difficulty where left out"
    )
    money: Factor = Field(1.0, description="amounts of the files against those of this world, in its currency")
    crews: Factor = Field(5.0, description="crews for each 10,000 customers, at least one (assumption)")
    edits: Annotated[float, Field(ge=0, le=0.2)] = Field(
        0.0, description="share of laundering payments that are made as two, of the same sum and in the same order, to look otherwise"
    )
    cautious: Share = Field(
        0.0, description="share of alerts that crews come to know of, after 7 to 30 days; from then on they pay less than what was noticed"
    )
    adapts: Annotated[float, Field(ge=0, le=5)] = Field(
        1.0, description="how strongly crews turn to what earned more than they were used to; 0 for never (assumption)"
    )

    distress: Annotated[float, Field(ge=0, le=4)] = Field(
        0.0, description="power of unemployment, against that of the world's usual time, by which stories of `distress` begin more often "
        "week by week; 0 for not at all"
    )  # fmt: skip

    @model_validator(mode="after")
    def _known(self) -> "Stories":
        names = [story.name for story in self.told]
        for place, story in enumerate(self.told):
            if story.name in names[:place]:
                raise misplaced(("told", place, "name"), "a name that no other story has")
            for position, feed in enumerate(story.feeds):
                if feed.story not in names:
                    where = ("told", place, "feeds", position, "story")
                    raise misplaced(where, "a story that is told in this world", nearest(feed.story, names))
                other = self.told[names.index(feed.story)]
                for role in feed.roles:
                    if role not in other.cast:
                        at = ("told", place, "feeds", position, "roles", role)
                        raise misplaced(at, f"a role of {other.name} ({', '.join(other.cast)})", nearest(role, other.cast))
        return self
