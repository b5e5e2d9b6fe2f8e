"""Firms as columns: merchants by category and town, remote merchants, billers, employers beyond retail, institutions."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.draws import Ints, Why, normal, uniform, words
from simulator.population.households import Floats
from simulator.population.people import ZONES
from simulator.population.presence import NEVER
from simulator.population.trades import code_of
from simulator.scenario import Scenario

MERCHANT, BILLER, EMPLOYER, INSTITUTION = range(4)
GOLDEN = 2654435769
"""2^32 over the golden ratio."""


class Firms(NamedTuple):
    """Columns over F firms; minor units."""

    kind: NDArray[np.int8]
    """0 merchant, 1 biller, 2 employer, 3 institution."""
    category: NDArray[np.int16]
    """Category of a merchant, bill of a biller, sector of an employer, place of an institution in the scenario's list."""
    mcc: NDArray[np.int16]
    town: NDArray[np.int32]
    """-1 for remote merchants and billers."""
    zone: NDArray[np.int8]
    online: NDArray[np.int8]
    bank: NDArray[np.int16]
    pull: NDArray[np.int64]
    """Popularity, relative within category and town."""
    opens: NDArray[np.int8]
    closes: NDArray[np.int8]
    terminals: NDArray[np.int16]
    first_terminal: NDArray[np.int64]
    opened: NDArray[np.int32]
    """Day since 1970 on which it opened, NEVER where nobody has yet taken the place. Changes."""
    frequency: NDArray[np.int8]
    """Pay frequency of its staff."""
    phase: NDArray[np.int8]
    weekday: NDArray[np.int8]
    """Weekday on which suppliers are paid and invoices come in."""
    sales: NDArray[np.int64]
    """Expected sales a month."""
    wages: NDArray[np.int64]
    """Wage bill before tax a month."""
    staff: NDArray[np.int64]
    """First place of its staff in `workers`; F + 1 entries."""
    workers: NDArray[np.int32]
    """People by employer."""
    places: NDArray[np.int32]
    """Jobs that it fills."""
    invoices: NDArray[np.int64]
    """Expected receipts across the boundary a week: exports, or grants to public employers."""
    public: NDArray[np.int8]
    reserve: NDArray[np.int64]
    """Cash that is kept before suppliers and owners are paid."""
    till: NDArray[np.int64]
    """Notes above which the till is banked."""
    tax_due: NDArray[np.int64]
    """Tax withheld from wages and not yet remitted. Changes."""
    owed: NDArray[np.int64]
    """What its provider collected today and has not paid out. Changes; nothing at the day's close."""
    approval: NDArray[np.int64]
    """Payments above this need a second signatory."""
    price: NDArray[np.int64]
    """Price level, 1/65536. Last of the wide columns: what a purchase needs of a firm lies together."""
    trade: NDArray[np.int8]
    """Special trade, see `simulator.population.trades.Trade`; 0 for most."""
    fee: NDArray[np.int32]
    """Parts per million of what passes through that it keeps."""
    owner: NDArray[np.int32]
    """Person who owns it, or is the treasurer of a club; -1 for none in this world. Changes."""
    parent: NDArray[np.int32]
    """Firm that owns it, -1 for none."""
    provider: NDArray[np.int32]
    """Payment provider that collects its card sales, -1 for none."""
    season: NDArray[np.int8]
    """Row of the table of turnover by month, -1 for none."""
    sweeps: NDArray[np.int8]
    """1 where it keeps a reserve account and sweeps it weekly."""
    closed: NDArray[np.int32]
    """First day on which it is closed, NEVER where it stays; drawn before anything happens, and not to be told. Changes for who fails."""
    successor: NDArray[np.int32]
    """Row of the firm that opens in its place, or would if it fell vacant; -1 for none."""


class Plan(NamedTuple):
    """Where the firms of a world stand among the rows; before anything is drawn."""

    towns: int
    adults: Ints
    """Adults of each town."""
    shops: Ints
    """Merchants with premises, shape (categories, towns)."""
    remote: Ints
    """Remote merchants by category."""
    billers: Ints
    """Billers by bill."""
    employers: Ints
    """Employers, shape (sectors, towns)."""
    institutions: Ints
    """Institutions, shape (entries of the scenario, towns); those that are not local stand in the first town."""

    @property
    def first_shop(self) -> Ints:
        """First row of each category's merchants with premises."""
        return np.concatenate([[0], np.cumsum(self.shops.sum(axis=1))]).astype(np.int64)

    @property
    def first_remote(self) -> Ints:
        """First row of each category's remote merchants."""
        return (self.first_shop[-1] + np.concatenate([[0], np.cumsum(self.remote)])).astype(np.int64)

    @property
    def first_biller(self) -> Ints:
        """First row of each bill's billers."""
        return (self.first_remote[-1] + np.concatenate([[0], np.cumsum(self.billers)])).astype(np.int64)

    @property
    def first_employer(self) -> int:
        """First row of the employers."""
        return int(self.first_biller[-1])

    @property
    def first_institution(self) -> int:
        """First row of the institutions."""
        return self.first_employer + int(self.employers.sum())

    @property
    def firms(self) -> int:
        """Number of firms."""
        return self.first_institution + int(self.institutions.sum())


def plan_firms(scenario: Scenario, customers: int) -> Plan:
    """Count firms: by category, bill and sector, in proportion to the adults of each town, at least one."""
    size = scenario.population.town_size
    towns = -(-customers // size)
    adults = np.full(towns, size, np.int64)
    adults[-1] = customers - size * (towns - 1)

    def count(per_10000: Floats, people: Floats | np.float64) -> Ints:
        return np.maximum(1, np.rint(per_10000 * people / 10_000)).astype(np.int64)

    shops = count(np.array([[c.merchants] for c in scenario.categories]), adults[None, :].astype(np.float64))
    remote = count(np.array([c.online_merchants for c in scenario.categories]), np.float64(customers))
    billers = count(np.array([b.billers for b in scenario.bills]), np.float64(customers)) if scenario.bills else np.zeros(0, np.int64)
    # About half of adults are salaried; the number of employers need not be exact.
    staff = np.array([[s.share / s.size] for s in scenario.income.sectors]) * 10_000 * 0.3
    employers = count(staff, adults[None, :].astype(np.float64))
    institutions = np.zeros((len(scenario.institutions), towns), np.int64)
    for place, institution in enumerate(scenario.institutions):
        if institution.local:
            institutions[place] = count(np.array([institution.count]), adults.astype(np.float64))
        elif institution.category is None:
            institutions[place, 0] = count(np.array([institution.count]), np.float64(customers))[0]
    return Plan(towns, adults, shops, remote, billers, employers, institutions)


def draw_frequency(scenario: Scenario, rows: Ints) -> tuple[Ints, Ints]:
    """Pay frequency and phase of each firm. Source of the shares: BLS, pay frequency of firms, March 2013."""
    f = scenario.income.frequency
    shares = np.cumsum([f.weekly, f.biweekly, f.semimonthly, f.monthly])
    _, phase_word, week_word, _ = words(scenario.seed, rows, Why.EMPLOYER)
    offset = words(scenario.seed, rows[:1], Why.EMPLOYER, 1)[0]
    # Golden-ratio steps keep the shares of any run of firms near the intended ones, however few there are.
    which = (rows.astype(np.uint32) * np.uint32(GOLDEN) + offset).astype(np.uint32)
    frequency = np.minimum(np.searchsorted(shares / shares[-1], uniform(which), side="right"), 3)
    u = uniform(phase_word)
    weekday = np.select([u < 0.7, u < 0.85, u < 0.95], [4, 3, 2], 0)  # mostly Fridays (assumption)
    fortnight = weekday + 5 * (week_word >> np.uint32(31)).astype(np.int64)
    half = (u < 0.4).astype(np.int64)
    phase = np.select([frequency == 0, frequency == 1, frequency == 2], [weekday, fortnight, half], (u * 4).astype(np.int64))
    return frequency, phase


def _towns(scenario: Scenario, plan: Plan) -> Ints:
    """Town of each firm, -1 for remote merchants, billers and institutions that serve every town."""
    towns = np.arange(plan.towns)
    shops = np.concatenate([np.repeat(towns, row) for row in plan.shops])
    nowhere = np.full(int(plan.remote.sum() + plan.billers.sum()), -1)
    employers = np.concatenate([np.repeat(towns, row) for row in plan.employers])
    local = [np.repeat(towns if e.local else towns * 0 - 1, row) for e, row in zip(scenario.institutions, plan.institutions, strict=True)]
    return np.concatenate([shops, nowhere, employers, *local]).astype(np.int64)


def _traits(scenario: Scenario, kind: Ints, category: Ints, online: Ints) -> dict[str, NDArray[Any]]:
    """Trade, fee and season by firm; owners and the rest of what firms are to each other are filled in later."""
    size, entries = len(kind), scenario.institutions
    trade, fee = np.zeros(size, np.int8), np.zeros(size, np.int32)
    names = [category.name for category in scenario.categories]
    for place, entry in enumerate(entries):
        rows = (kind == INSTITUTION) & (category == place)
        if entry.category is not None:
            rows = (kind == MERCHANT) & (online == 1) & (category == names.index(entry.category))
        trade[rows], fee[rows] = code_of(entry.trade), round(entry.fee * 1_000_000)
    seasons = [place for place, sector in enumerate(scenario.income.sectors) if sector.season]
    of_sector = np.array([seasons.index(place) if place in seasons else -1 for place in range(len(scenario.income.sectors))])
    season = np.where(kind == EMPLOYER, of_sector[np.minimum(category, len(of_sector) - 1)], -1)
    nobody = np.full(size, -1, np.int32)
    return {
        "trade": trade, "fee": fee, "season": season.astype(np.int8), "owner": nobody, "parent": nobody.copy(),
        "provider": nobody.copy(), "owed": np.zeros(size, np.int64), "approval": np.zeros(size, np.int64),
        "sweeps": np.zeros(size, np.int8), "closed": np.full(size, NEVER, np.int32), "successor": nobody.copy(),
    }  # fmt: skip


def build_firms(scenario: Scenario, plan: Plan, start: int) -> Firms:
    """Draw the firms; sales, wages, staff and reserves are filled in when work and markets are known."""
    size = plan.firms
    rows = np.arange(size, dtype=np.int64)
    sizes = [plan.first_remote[-1], plan.billers.sum(), plan.employers.sum(), plan.institutions.sum()]
    kind = np.repeat([MERCHANT, BILLER, EMPLOYER, INSTITUTION], sizes)
    category = np.concatenate([
        np.repeat(np.arange(len(plan.shops)), plan.shops.sum(axis=1)), np.repeat(np.arange(len(plan.remote)), plan.remote),
        np.repeat(np.arange(len(plan.billers)), plan.billers), np.repeat(np.arange(len(plan.employers)), plan.employers.sum(axis=1)),
        np.repeat(np.arange(len(plan.institutions)), plan.institutions.sum(axis=1)),
    ])  # fmt: skip
    entries = scenario.institutions
    by_wire = np.array([int(e.online) for e in entries] or [0])
    online = ((rows >= plan.first_shop[-1]) & (kind == MERCHANT)).astype(np.int64)
    online = np.where(kind == INSTITUTION, by_wire[np.minimum(category, len(by_wire) - 1)], online)
    codes = [np.array([c.mcc for c in scenario.categories]), np.array([b.mcc for b in scenario.bills] or [0]), np.zeros(1, np.int64)]
    codes.append(np.array([e.mcc for e in entries] or [0]))
    mcc = np.choose(kind, [c[np.minimum(category, len(c) - 1)] for c in codes])
    pull_word, price_word, zone_word, hour_word = words(scenario.seed, rows, Why.MERCHANT)
    pull = np.minimum(uniform(pull_word) ** (-1 / scenario.firms.popularity), 300.0)
    sigma = scenario.firms.price_spread
    price = np.exp(sigma * normal(price_word) - sigma * sigma / 2)
    centre = np.array([1, 1, 1, 1, 1, 3, 3, 1, 1, 3, 3, 1, 1, 1, 1, 1])  # shops crowd the centre (assumption)
    zone = np.minimum(np.searchsorted(np.cumsum(centre) / centre.sum(), uniform(zone_word), side="right"), ZONES - 1)
    opens = np.array([c.opens for c in scenario.categories])[np.minimum(category, len(scenario.categories) - 1)]
    closes = np.array([c.closes for c in scenario.categories])[np.minimum(category, len(scenario.categories) - 1)]
    later = (hour_word >> np.uint32(30)).astype(np.int64) % 2
    always = (opens == 0) & (closes == 24) | (online == 1) | (kind != MERCHANT)
    bank_word, age_word, day_word, _ = words(scenario.seed, rows, Why.MERCHANT, 1)
    banks = np.cumsum([bank.share for bank in scenario.banks])
    premises = (kind == MERCHANT) & (online == 0) | (kind == INSTITUTION) & (online == 0)
    terminals = np.where(premises, np.clip(np.rint(np.sqrt(pull)), 1, 40), 0).astype(np.int64)
    frequency, phase = draw_frequency(scenario, rows)
    sector_public = np.array([int(s.public) for s in scenario.income.sectors])
    zeros = np.zeros(size, np.int64)
    return Firms(
        kind=kind.astype(np.int8), category=category.astype(np.int16), mcc=mcc.astype(np.int16),
        town=_towns(scenario, plan).astype(np.int32), zone=zone.astype(np.int8), online=online.astype(np.int8),
        bank=np.minimum(np.searchsorted(banks / banks[-1], uniform(bank_word), side="right"), len(banks) - 1).astype(np.int16),
        pull=np.rint(pull * 1000).astype(np.int64), price=np.rint(price * 65536).astype(np.int64),
        opens=np.where(always, 0, opens).astype(np.int8), closes=np.where(always, 24, np.minimum(closes + later, 24)).astype(np.int8),
        terminals=terminals.astype(np.int16), first_terminal=np.cumsum(terminals) - terminals,
        opened=(start - 30 - np.rint(-np.log(uniform(age_word)) * 8 * 365)).astype(np.int32),  # mean age 8 years (assumption)
        frequency=frequency.astype(np.int8), phase=phase.astype(np.int8), weekday=((day_word >> np.uint32(16)) % 5).astype(np.int8),
        sales=zeros.copy(), wages=zeros.copy(), staff=np.zeros(size + 1, np.int64),
        places=np.zeros(size, np.int32), workers=np.zeros(0, np.int32), invoices=zeros.copy(),
        public=np.where(kind == EMPLOYER, sector_public[np.minimum(category, len(sector_public) - 1)], 0).astype(np.int8),
        reserve=zeros.copy(), till=zeros.copy(), tax_due=zeros.copy(), **_traits(scenario, kind, category, online),
    )  # fmt: skip
