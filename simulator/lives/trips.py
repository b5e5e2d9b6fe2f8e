"""Trips abroad: decided at the day's close for the four weeks to come; some travellers tell their bank."""

import numpy as np

from simulator.clock import HOUR, Today
from simulator.codes import Device, Event, Network
from simulator.draws import Why, words
from simulator.lives.diary import Diary
from simulator.population.accounts import PERSON_ROWS
from simulator.population.devices import HAS_PHONE
from simulator.population.journeys import set_off
from simulator.population.world import World

FIRST_HOUR, HOURS = 8, 14
"""Local hours in which people tell their bank (assumption)."""


def plan_trips(world: World, today: Today, diary: Diary) -> None:
    """Let people plan journeys, and note the travel notices that banks get."""
    key = int(world.rules.key)
    travellers = set_off(world.people, world.abroad, key, today.day)
    tells, when, _, _ = words(key, travellers, Why.JOURNEY, 2, today.day).astype(np.int64)
    tell = (tells < world.abroad.notice) & (world.equipment.gear[travellers] & HAS_PHONE > 0)
    local = FIRST_HOUR * HOUR + (when * (HOURS * 3600) >> 32) * 1_000_000
    time = (local - today.offset) % (24 * HOUR)
    diary.note(
        Event.TRAVEL_NOTICE, travellers[tell], time[tell], account=travellers[tell] * PERSON_ROWS, device_kind=int(Device.PHONE),
        network=int(Network.HOME),
    )  # fmt: skip
