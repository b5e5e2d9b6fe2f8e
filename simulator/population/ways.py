"""How payments are made: from which device and network, with what proof of who pays, and whether the payee is confirmed.

Integer tables that kernels look a byte of a draw up in. What the scenario leaves open follows its country and first year.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Authentication, PayeeCheck
from simulator.population.devices import (
    AT_HOME,
    AT_WORK,
    AWAY,
    COMPUTER,
    HAS_COMPUTER,
    HAS_PHONE,
    HAS_TABLET,
    ON_MOBILE,
    PHONE,
    TABLET,
    WORK,
)
from simulator.scenario import PayeeChecks, Scenario

EMPLOYED = 8
"""Bit of `Ways.device` that is set for people with an employer; the others are the bits of a person's gear."""

EEA = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())

_PHONE_ON = {AT_HOME: 0.55, ON_MOBILE: 0.33, AT_WORK: 0.07, AWAY: 0.05}
_TABLET_ON = {AT_HOME: 0.92, AWAY: 0.08}
_MOBILE = {PHONE: 0.9, TABLET: 0.1}
_ONLINE = {COMPUTER: 0.55, PHONE: 0.28, TABLET: 0.09, WORK: 0.08}
"""Shares of networks by device, and of devices by channel, among those that somebody has (assumptions)."""


class Ways(NamedTuple):
    """Tables by a byte of a draw; words are places in the code lists."""

    device: NDArray[np.int8]
    """Kind of device + 8 x network, shape (2 x what one has + 1 for the mobile channel, 256)."""
    remote: NDArray[np.int8]
    """Authentication of a remote card purchase, shape (1 for a small amount, 256)."""
    relayed: int
    """Share of thieves with codes who can answer a challenge, of 256."""
    small: int
    """Amounts below it are small, minor units."""
    chip: NDArray[np.int8]
    """Authentication of a chip purchase, shape (1 for a credit card, 256)."""
    tap: int
    """Authentication of a contactless card payment."""
    tap_limit: int
    """Contactless card payments above it need the PIN; minor units, 0 for none."""
    tokens: int
    """Share of a token holder's contactless payments made by phone, of 256."""
    phone: int
    """Authentication of those."""
    wallet: int
    """Authentication of a remote payment from a wallet."""
    transfer: NDArray[np.int8]
    """Authentication of a transfer, shape (1 for a new payee, 256)."""
    checks: int
    """Confirmation of payee: 0 for none, 1 for transfers to new payees, 2 for all."""
    check: NDArray[np.int8]
    """Result of confirmation of payee."""
    stale: int
    """Share of stored credentials that fail in the month after a reissue, of 256."""


def _bytes(shares: dict[int, float]) -> NDArray[np.int8]:
    """Words for each byte of a draw, in proportion to their shares."""
    kept = {word: share for word, share in shares.items() if share > 0}
    cumulative = np.cumsum(list(kept.values()))
    place = np.searchsorted(cumulative / cumulative[-1], (np.arange(256) + 0.5) / 256, side="right")
    return np.array(list(kept), np.int8)[np.minimum(place, len(kept) - 1)]


def _devices() -> NDArray[np.int8]:
    """The choice of device and network by what one has."""
    table = np.zeros((32, 256), np.int8)
    bits = {PHONE: HAS_PHONE, COMPUTER: HAS_COMPUTER, TABLET: HAS_TABLET, WORK: EMPLOYED}
    for own in range(16):
        for is_mobile, wanted in enumerate((_ONLINE, _MOBILE)):
            devices = {d: share for d, share in wanted.items() if own & bits[d]}
            devices = devices or {d: share for d, share in (_MOBILE | _ONLINE).items() if own & bits[d] and d != WORK}
            shares: dict[int, float] = {} if devices else {0: 1.0}
            for device, share in devices.items():
                networks = {PHONE: _PHONE_ON, TABLET: _TABLET_ON, COMPUTER: {AT_HOME: 1.0}, WORK: {AT_WORK: 1.0}}[device]
                for network, part in networks.items():
                    seat = AT_HOME if network == AT_WORK and not own & EMPLOYED else network
                    code = device + 8 * seat
                    shares[code] = shares.get(code, 0.0) + share * part
            table[own * 2 + is_mobile] = _bytes(shares)
    return table


class Region(NamedTuple):
    """What is usual where and when a world lies."""

    remote: tuple[float, float, float, float]
    """Shares of CVV only, one-time code, result of and exemption from strong authentication."""
    low_value: float
    pin: tuple[float, float]
    """Share of chip purchases with PIN: debit, credit."""
    contactless_limit: float
    codes_on_transfers: float
    checks: PayeeChecks


def region_of(country: str, start: date) -> Region:
    """Defaults by country and first day.

    Strong authentication of remote card payments: Directive (EU) 2015/2366 and Delegated Regulation (EU) 2018/389, enforced
    from 2021, in the United Kingdom from 14 March 2022; about 60 % of 3-D Secure payments in the EEA are challenged (Credorax,
    2021), the rest exempt. Contactless limits: EUR 50 (article 11 of the Regulation) since 2020, before 25; GBP 30 until
    April 2020, 45 until 15 October 2021, then 100. Confirmation of payee: in the United Kingdom for new payees since July 2020;
    in the European Union for every transfer since 9 October 2025 (Regulation (EU) 2024/886). The United States have neither;
    the shares there, and PIN on 60 % of debit chip purchases, are assumptions.
    """
    if country == "GB":
        strong = start >= date(2022, 3, 14)
        limit = 100.0 if start >= date(2021, 10, 15) else 45.0 if start >= date(2020, 4, 1) else 30.0
        checks = PayeeChecks.NEW if start >= date(2020, 7, 1) else PayeeChecks.NONE
        remote = (0.05, 0.0, 0.57, 0.38) if strong else (0.6, 0.4, 0.0, 0.0)
        return Region(remote, 25.0 if strong else 0.0, (1.0, 1.0), limit, 0.3, checks)
    if country in EEA:
        strong = start >= date(2021, 1, 1)
        checks = PayeeChecks.ALL if start >= date(2025, 10, 9) else PayeeChecks.NONE
        remote = (0.05, 0.0, 0.57, 0.38) if strong else (0.6, 0.4, 0.0, 0.0)
        return Region(remote, 30.0 if strong else 0.0, (1.0, 1.0), 50.0 if start >= date(2020, 1, 1) else 25.0, 0.5, checks)
    if country == "US":
        return Region((0.9, 0.1, 0.0, 0.0), 0.0, (0.6, 0.0), 0.0, 0.08, PayeeChecks.NONE)
    return Region((0.6, 0.4, 0.0, 0.0), 0.0, (1.0, 1.0), 0.0, 0.3, PayeeChecks.NONE)


def build_ways(scenario: Scenario, unit: int) -> Ways:
    """The tables of a world; ``unit`` is minor units in a currency unit."""
    said, usual = scenario.security, region_of(scenario.country.code, scenario.period.start)

    def settled[T](value: T | None, default: T) -> T:
        return default if value is None else value

    none, pin, cvv, code, strong, exempt = (int(word) for word in Authentication)
    shares = [settled(s, u) for s, u in zip((said.cvv, said.one_time_code, said.sca_result, said.sca_exemption), usual.remote, strict=True)]
    if not any(shares):
        shares[0] = 1.0
    regulated = shares[2] + shares[3] > 0
    remote = dict(zip((cvv, code, strong, exempt), shares, strict=True))
    # Small amounts: four in five of the challenges fall away (assumption; the exemption ends after five payments or EUR 100).
    small = remote | {strong: remote[strong] * 0.2, exempt: remote[exempt] + remote[strong] * 0.8}
    pins = [settled(said.pin_debit, usual.pin[0]), settled(said.pin_credit, usual.pin[1])]
    proof, waived = (strong, exempt) if regulated else (code, none)
    asked = settled(said.codes_on_transfers, usual.codes_on_transfers)
    transfer = [{proof: asked, waived: 1 - asked}, {proof: 1.0}]
    if scenario.cash.agents:  # wallets on phones ask for their PIN
        transfer = [{pin: 1.0}, {pin: 1.0}]
    results = {int(PayeeCheck.CLOSE_MATCH): said.close_match, int(PayeeCheck.NO_MATCH): said.no_match}
    results[int(PayeeCheck.MATCH)] = max(0.0, 1 - sum(results.values()))
    return Ways(
        device=_devices(),
        remote=np.stack([_bytes(remote), _bytes(small)]),
        relayed=round(said.relayed * 256),
        small=round(settled(said.low_value, usual.low_value) * unit),
        chip=np.stack([_bytes({pin: share, none: 1 - share}) for share in pins]),
        tap=exempt if regulated else none,
        tap_limit=round(settled(said.contactless_limit, usual.contactless_limit) * unit),
        tokens=round(scenario.devices.tokens * 256),
        phone=strong if regulated else none,
        wallet=pin if scenario.cash.agents else strong if regulated else none,
        transfer=np.stack([_bytes(shares) for shares in transfer]),
        checks=list(PayeeChecks).index(settled(said.payee_checks, usual.checks)),
        check=_bytes(results),
        stale=round(scenario.cards.stale * 256),
    )
