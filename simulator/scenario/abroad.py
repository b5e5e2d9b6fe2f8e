"""What a scenario may say of the rest of the world: countries with their money and clock, and what takes people and payments there."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from simulator.scenario.calendar import Offset, holiday_names
from simulator.scenario.iso import COUNTRIES, CURRENCIES, minor_units
from simulator.scenario.part import Name, Part, misplaced, nearest
from simulator.scenario.units import Factor, Money, Months, PerMonth, Share

if TYPE_CHECKING:
    from simulator.scenario import Scenario

SMALLEST_RATE, LARGEST_RATE = 1_000, 10**12
"""Bounds of a published rate, home minor units for a million foreign ones: below, its steps are coarser than a tenth of a per cent."""


class ForeignCountry(Part):
    """A country abroad."""

    name: Name
    code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(description="ISO 3166-1 alpha-2")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(description="ISO 4217")
    rate: Annotated[float, Field(gt=0, le=1e9)] | None = Field(
        None, description="home currency units for one unit on the first day; said once for a currency, and not for the home currency"
    )
    volatility: Share = Field(0.08, description="yearly standard deviation of the logarithm of the rate (assumption)")
    reversion: Annotated[Share, Field(lt=1)] = Field(
        0.16,
        description="share of the rate's departure from its first value made good in a year: a half-life of four years (Rogoff 1996)",
    )
    utc_offset: Offset = Field("0 h", description="constant offset of local time from UTC, -12 h to 14 h")  # type: ignore[assignment]
    holidays: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = Field(description="country of the holiday calendar")
    travel: Factor = Field(1.0, description="weight among the destinations of trips")
    remittances: Factor = Field(0.0, description="weight among the corridors of money sent to, and received from, family")
    trade: Factor = Field(1.0, description="weight in remote purchases, imports and exports")
    stay: Annotated[Factor, Field(ge=1, le=60)] = Field(10.0, description="mean days of a trip")
    prices: Annotated[Factor, Field(gt=0, le=10)] = Field(1.0, description="price level in shops against home")
    sca: bool = Field(False, description="merchants ask for strong customer authentication of remote purchases")


class Abroad(Part):
    """Countries abroad, travel, and payments across the border; without countries there are none."""

    countries: list[ForeignCountry] = Field(default_factory=list, max_length=40)
    trips: list[Annotated[Factor, Field(le=10)]] = Field(
        default_factory=lambda: [0.1, 0.15, 0.22, 0.35, 0.65], min_length=5, max_length=5,
        description="trips abroad per adult and year, by income quintile (mean 0.29: NTTO 2023; the gradient is an assumption)",
    )  # fmt: skip
    trip_months: Months | None = Field(None, description="departures by month against the mean month")
    together: Share = Field(0.7, description="share of trips that the adults of a household make together (assumption)")
    notice: Share = Field(0.15, description="share of travellers who tell their bank (assumption)")
    activity: Annotated[Factor, Field(le=20)] = Field(2.2, description="purchases a day on a trip against a day at home (assumption)")
    basket: dict[str, Factor] = Field(default_factory=dict, description="category name: weight among purchases made in person abroad")
    merchants: Annotated[int, Field(ge=1, le=50)] = Field(3, description="merchants met in each country and category (assumption)")
    notes: Share = Field(0.2, description="share of purchases in person abroad paid in local notes, which no bank sees (assumption)")
    withdrawals: Annotated[PerMonth, Field(le=15)] = Field(
        5.0, description="withdrawals at machines abroad per month on a trip (assumption)"
    )
    withdrawal: Money = Field(120.0, description="mean amount of one (assumption)")
    machine_fee: Money = Field(5.0, description="fee of the own bank for a withdrawal abroad (assumption: a common tariff)")
    fee: Share = Field(0.03, description="foreign-transaction fee of the own bank on card payments abroad (a usual 3 per cent)")
    fee_free: Share = Field(0.42, description="share of cards without that fee (WalletHub survey: 25 of 59 who know)")
    remote: dict[str, Share] = Field(
        default_factory=dict, description="category name: share of its remote purchases that are made at merchants abroad"
    )
    home_priced: Share = Field(0.5, description="share of remote merchants abroad whose prices are in the home currency (assumption)")
    pensions: Share = Field(0.0, description="share of pensions from funds that come from abroad, in foreign currency")
    students: Share = Field(0.0, description="share of students whom family abroad supports, in place of a grant")
    exports: Share = Field(0.0, description="share of private employers' receipts that are invoices paid from abroad, in foreign currency")
    imports: Share = Field(0.0, description="share of supplies from outside that are paid to suppliers abroad")


def check_abroad(scenario: "Scenario") -> None:
    """Refuse countries, currencies, rates and categories that do not fit together.

    Raises:
        PydanticCustomError: one does not; the error says where.
    """
    known: dict[str, ForeignCountry] = {}
    codes = [scenario.country.code]
    for place, country in enumerate(scenario.abroad.countries):
        here: tuple[str | int, ...] = ("abroad", "countries", place)
        if country.code not in COUNTRIES:
            raise misplaced((*here, "code"), "a country of ISO 3166-1")
        if country.code in codes:
            raise misplaced((*here, "code"), "a country that is neither home nor there already")
        codes.append(country.code)
        if country.currency not in CURRENCIES:
            raise misplaced((*here, "currency"), "a currency of ISO 4217")
        if not holiday_names(country.holidays, scenario.period.start.year):
            raise misplaced((*here, "holidays"), "a country with a holiday calendar, such as CA")
        _check_rate(scenario, country, known.get(country.currency), here)
        known.setdefault(country.currency, country)
    _check_weights(scenario.abroad)
    names = [category.name for category in scenario.categories]
    for field in ("basket", "remote"):
        for name in getattr(scenario.abroad, field):
            if name not in names:
                raise misplaced(("abroad", field, name), "a category as the key", nearest(name, names))
    if scenario.abroad.countries and any(scenario.abroad.trips) and not any(scenario.abroad.basket.values()):
        raise misplaced(("abroad", "basket"), "at least one category with a weight above 0, for people travel")


def _check_weights(abroad: Abroad) -> None:
    """What goes to, or comes from, a country needs one that it may be."""
    if not abroad.countries:
        return
    needs = (("remittances", ("pensions", "students")), ("trade", ("exports", "imports", "remote")))
    for weight, fields in needs:
        used = [name for name in fields if getattr(abroad, name) and (name != "remote" or any(abroad.remote.values()))]
        if used and not any(getattr(country, weight) for country in abroad.countries):
            raise misplaced(("abroad", "countries", 0, weight), f"at least one of the list above 0, for abroad.{used[0]} is")


def _check_rate(scenario: "Scenario", country: ForeignCountry, earlier: ForeignCountry | None, here: tuple[str | int, ...]) -> None:
    home = scenario.country.currency
    if country.currency == home:
        if country.rate is not None:
            raise misplaced((*here, "rate"), f"no rate, for {home} is the home currency")
        return
    if earlier is None:
        if country.rate is None:
            raise misplaced((*here, "rate"), f"units of {home} for one {country.currency}")
        published = country.rate * minor_units(home) / minor_units(country.currency) * 1_000_000
        if not SMALLEST_RATE <= published <= LARGEST_RATE:
            low, high = (bound * minor_units(country.currency) / minor_units(home) / 1_000_000 for bound in (SMALLEST_RATE, LARGEST_RATE))
            raise misplaced((*here, "rate"), f"{low:g} to {high:g} {home} for one {country.currency}")
        return
    if country.rate is not None and (country.rate, country.volatility, country.reversion) != (
        earlier.rate, earlier.volatility, earlier.reversion,
    ):  # fmt: skip
        raise misplaced((*here, "rate"), f"the rate, volatility and reversion that {earlier.name} gives {country.currency}, or no rate")
