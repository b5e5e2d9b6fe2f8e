"""New devices: the evening before a new phone or computer is first used, its owner tells the bank's app of it."""

from enum import IntEnum

import numpy as np

from simulator.clock import DAY, HOUR, Today
from simulator.codes import Event, Network
from simulator.draws import Ints, Why, threshold, words
from simulator.lives.agenda import Agenda
from simulator.lives.diary import Diary
from simulator.lives.visits import MONTH
from simulator.population.devices import COMPUTER, HAS_COMPUTER, HAS_PHONE, PHONE, first_day, generations, paces
from simulator.population.world import World
from simulator.records import Records

BY_SITE = 0.6
"""Share of a household's adults who use the bank's site on its computer (assumption)."""

EVENING = 10
"""Hours of the UTC day within whose last so many a device is set up."""


class Step(IntEnum):
    """What the agenda holds for a person; numbers beyond those of cards and details."""

    PHONE = 64
    COMPUTER = 65


def changes(gear: Ints, device: int, today: Today) -> Ints:
    """Day since 1970 from which the next device of a kind is in use."""
    rate, phase = paces(gear, device)
    return first_day(rate, phase, generations(rate, phase, today.index) + 1) + today.day - today.index


def foresee_devices(world: World, today: Today, agenda: Agenda, person: Ints) -> None:
    """Put down the devices that the people visited today will have in the month that follows."""
    gear = world.equipment.gear
    uses, _, _, _ = words(int(world.rules.key), person, Why.DEVICE, 4)
    by_site = (gear[person] & HAS_COMPUTER > 0) & (uses.astype(np.int64) < threshold(BY_SITE))
    for step, device, has, whose in (
        (Step.PHONE, PHONE, gear[person] & HAS_PHONE > 0, person),
        (Step.COMPUTER, COMPUTER, by_site, world.people.household[person]),
    ):
        first = changes(gear[whose], device, today)
        due = has & (first > today.day) & (first <= today.day + MONTH)
        agenda.put(first[due] - 1, step, person[due])


def set_up_devices(world: World, today: Today, diary: Diary, steps: Records) -> None:
    """Devices that will be in use from tomorrow."""
    for step, device in ((Step.PHONE, PHONE), (Step.COMPUTER, COMPUTER)):
        row = np.unique(steps["row"][steps.what == step]).astype(np.int64)
        row = row[world.people.left[row] > today.day]
        when, _, _, _ = words(int(world.rules.key), row, Why.DEVICE, 5 + device, today.day)
        time = DAY - 1 - (when.astype(np.int64) * (EVENING * HOUR // 1_000_000) >> 32) * 1_000_000
        diary.note(Event.NEW_DEVICE, row, time, device_kind=device, network=int(Network.HOME))
