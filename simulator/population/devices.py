"""Devices and networks as arithmetic: which phone, computer or address somebody has on a day needs no table of them.

A device is replaced at the owner's own pace. What is stored is one integer a person: what the person has, and for each kind
of device a rate (generations a day) and a phase; the generation of a day follows, and with it the public id.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.codes import Device, Network
from simulator.draws import Ints, Why, uniform, words
from simulator.kernel import kernel, step
from simulator.scenario import Scenario

PHONE, COMPUTER, TABLET, WORK = (int(kind) for kind in (Device.PHONE, Device.COMPUTER, Device.TABLET, Device.WORK))
ANOTHERS_PHONE = int(Device.ANOTHERS_PHONE)
AT_HOME, ON_MOBILE, AT_WORK, AWAY = (int(kind) for kind in (Network.HOME, Network.MOBILE, Network.WORK, Network.AWAY))

HAS_PHONE, HAS_COMPUTER, HAS_TABLET, HAS_TOKEN = 1, 2, 4, 8
PHONE_RATE, PHONE_PHASE, COMPUTER_RATE, COMPUTER_PHASE, HOME_RATE, HOME_PHASE = 4, 15, 25, 36, 46, 53
"""Where the fields of a person's gear begin: rates of 11 bits in 2^-20 generations a day, phases of 10 bits; the home
network's rate has 7 bits in 2^-12."""

WORK_RATE = 958
"""Workplaces replace their computers every three years, their addresses as often (assumption)."""

SPREAD = 0.35
"""How far from the mean people replace a device: rates lie within this part of it (assumption)."""

HOME_FIRST, HOME_LAST = 32, 400
"""A home network keeps its address for between so many days (assumption)."""

CARRIERS, POOL, AWAY_POOL, DESKS = 4, 64, 256, 8
"""Mobile carriers, addresses that a carrier shares among its customers of a town, networks of cafes and hotels in a town or
country, and computers that the staff of an employer share (assumptions)."""

_SLOT_A, _SLOT_B = 0x9E3779B1, 0x85EBCA6B


def draw_gear(scenario: Scenario, household: Ints, age: Ints) -> Ints:
    """What each person has, as one integer; a computer belongs to the household."""
    devices = scenario.devices
    rows = np.arange(len(age), dtype=np.int64)
    has, phone, computer, home = words(scenario.seed, rows, Why.DEVICE)
    tablet, token, _, _ = words(scenario.seed, rows, Why.DEVICE, 1)
    shared = words(scenario.seed, household, Why.DEVICE, 2)[0]
    share = np.array(devices.phones)[np.searchsorted([30, 50, 65], age, side="right")]
    phones = uniform(has) < share
    gear = phones * HAS_PHONE + (uniform(shared) < devices.computers) * HAS_COMPUTER + (uniform(tablet) < devices.tablets) * HAS_TABLET
    gear = gear.astype(np.int64) + (phones & (uniform(token) < devices.token_holders)) * HAS_TOKEN
    mean = (1 << 20) / (devices.years * 365.25)

    def rate(word: NDArray[np.uint32]) -> Ints:
        return np.rint(mean * (1 - SPREAD + 2 * SPREAD * uniform(word << np.uint32(10)))).astype(np.int64)

    slow, fast = 4096 // HOME_LAST + 1, 4096 // HOME_FIRST - 1
    lease = slow + (uniform(home << np.uint32(10)) * (fast - slow + 1)).astype(np.int64)
    for first, value in ((PHONE_RATE, rate(phone)), (COMPUTER_RATE, rate(computer)), (HOME_RATE, lease)):
        gear += value << first
    for first, word in ((PHONE_PHASE, phone), (COMPUTER_PHASE, computer), (HOME_PHASE, home)):
        gear += (word >> np.uint32(22)).astype(np.int64) << first
    return gear


@step
def pace(gear: int, device: int) -> tuple[int, int]:
    """Rate and phase at which a person replaces a kind of device; of a workplace's, ``gear`` is the desk."""
    if device == PHONE:
        return (gear >> PHONE_RATE) & 2047, (gear >> PHONE_PHASE) & 1023
    if device == COMPUTER:
        return (gear >> COMPUTER_RATE) & 2047, (gear >> COMPUTER_PHASE) & 1023
    if device == TABLET:
        return (gear >> COMPUTER_RATE) & 2047, (gear >> PHONE_PHASE) & 1023
    return WORK_RATE, (gear * 619) & 1023


@kernel
def generation(gear: int, device: int, since: int) -> int:
    """How many devices of a kind somebody has had ``since`` days after the start of the run, less one."""
    rate, phase = pace(gear, device)
    return (since * rate + (phase << 10)) >> 20


@step
def token_of(gear: int, since: int) -> int:
    """What a wallet token adds to its card's row: 1 + the phone it is on. A new phone takes the cards over the day after."""
    return 1 + generation(gear, PHONE, max(0, since - 1))


@kernel
def device_row(gear: NDArray[np.int64], desks: NDArray[np.int8], device: int, person: int, place: int, since: int) -> int:
    """Row of a device among all there ever are, which its public id is made of.

    Args:
        gear: by person.
        desks: computers that the staff share, by firm.
        device: kind of device.
        person: who uses it, -1 for a firm.
        place: where it stands: household of a computer, firm of a workplace's; whose it is, of somebody else's phone.
        since: days since the start of the run.
    """
    if device == ANOTHERS_PHONE:
        return (PHONE << 33) | (place << 7) | generation(gear[place], PHONE, since)
    if device == COMPUTER:
        return (device << 33) | (place << 7) | generation(gear[place], device, since)
    if device == WORK:
        desk = place * DESKS + (person % int(np.int64(desks[place])) if person >= 0 else 0)
        return (device << 33) | (desk << 7) | generation(desk, device, since)
    return (device << 33) | (person << 7) | generation(gear[person], device, since)


@kernel
def network_row(gear: NDArray[np.int64], network: int, person: int, place: int, since: int) -> int:
    """Row of a network address among all there ever are.

    Args:
        gear: by person.
        network: kind of network.
        person: who uses it, -1 for a firm.
        place: household, firm or town that the network belongs to; less than 0 for a country abroad.
        since: days since the start of the run.
    """
    if network == AT_HOME:
        own = gear[place]
        lease = (since * ((own >> HOME_RATE) & 127) + ((own >> HOME_PHASE) << 2)) >> 12
        return (network << 37) | (place << 11) | lease
    if network == AT_WORK:
        return (network << 37) | (place << 11) | ((since * WORK_RATE + ((place * 619) & 1023) * 1024) >> 20)
    slot = (person * _SLOT_A + since * _SLOT_B) >> 20
    if place < 0:
        return (AWAY << 37) | (1 << 36) | (-place << 11) | (slot & (AWAY_POOL - 1))
    if network == ON_MOBILE:
        carrier = (gear[person] >> HOME_PHASE) & (CARRIERS - 1)
        return (network << 37) | ((place * CARRIERS + carrier) << 11) | (slot & (POOL - 1))
    return (network << 37) | (place << 11) | (slot & (AWAY_POOL - 1))


def generations(rate: Ints, phase: Ints, since: Ints | int) -> Ints:
    """`generation` for many, from what `pace` gives."""
    return (since * rate + (phase << 10)) >> 20


def first_day(rate: Ints, phase: Ints, which: Ints) -> Ints:
    """First day, since the start of the run, on which a generation is in use; before the start for the first of them."""
    result: Ints = -((-((which << 20) - (phase << 10))) // rate)
    return result


def paces(gear: Ints, device: int) -> tuple[Ints, Ints]:
    """`pace` for many."""
    shift = {PHONE: (PHONE_RATE, PHONE_PHASE), COMPUTER: (COMPUTER_RATE, COMPUTER_PHASE), TABLET: (COMPUTER_RATE, PHONE_PHASE)}
    if device == WORK:
        return np.full(len(gear), WORK_RATE, np.int64), (gear * 619) & 1023
    rate, phase = shift[device]
    return (gear >> rate) & 2047, (gear >> phase) & 1023
