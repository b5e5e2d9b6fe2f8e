"""Lives: what changes at the day's close — cards, homes, jobs, who comes and goes. Kernels never see a life half changed."""

from collections.abc import Sequence

import numpy as np

from simulator.clock import Today
from simulator.draws import Ints
from simulator.lives.acquaintances import meet
from simulator.lives.ageing import grow_older
from simulator.lives.answers import screen_customers
from simulator.lives.arrivals import arrive
from simulator.lives.cards import first_cards, foresee_cards, live_with_cards, newly_joined
from simulator.lives.contact_details import change_details, foresee_details
from simulator.lives.departures import die, leave
from simulator.lives.devices import foresee_devices, set_up_devices
from simulator.lives.diary import Diary
from simulator.lives.dossiers import keep_dossiers
from simulator.lives.estates import close_accounts, settle_estates, sweep
from simulator.lives.families import change_families
from simulator.lives.flats import share_flats
from simulator.lives.foresight import Step, foresee, is_turn
from simulator.lives.freezes import freeze_and_thaw
from simulator.lives.jobs import change_jobs
from simulator.lives.loans import renew_loans
from simulator.lives.moves import forget_places, move_home
from simulator.lives.places import place
from simulator.lives.plans import plan_anew
from simulator.lives.premises import change_premises
from simulator.lives.register import Register
from simulator.lives.reviews import review
from simulator.lives.switches import switch_banks
from simulator.lives.trips import plan_trips
from simulator.lives.visits import visited
from simulator.population.dossiers import Files
from simulator.population.world import World
from simulator.records import Records
from simulator.runner.postponed import Postponed


def live_on(
    register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, files: Files, events: Sequence[Records] = ()
) -> World:
    """Let a day's changes happen, in their fixed order; they hold from the next day.

    What people did today from home or work is placed there first; then they travel, move, change jobs, come and go.

    Args:
        register: the scenario, and what it says of lives.
        world: changes.
        today: the day that closes.
        diary: told of events and history.
        postponed: takes payments of later days.
        files: what banks have in writing; changes.
        events: the day's events that the diary does not hold; they are told where they happened.

    Returns:
        The world, with tables that have grown.
    """
    scenario, person = register.scenario, visited(world, today.day)
    world.census[0] = world.census[1]
    foresee_cards(scenario, world, today, diary.agenda, person)
    foresee_details(scenario, world, today, diary, files.dossiers, person)
    foresee_devices(world, today, diary.agenda, person)
    steps = diary.agenda.take(today.day)
    live_with_cards(scenario, world, today, diary, steps)
    change_details(scenario, world, today, diary, files.dossiers, steps)
    set_up_devices(world, today, diary, steps)
    screen_customers(world, today, diary)
    freeze_and_thaw(world, today, diary)
    place(world, today.day, [*events, *diary.today])
    noted = len(diary.today)
    plan_trips(world, today, diary)
    place(world, today.day, diary.today[noted:])
    if scenario.lives.changes:
        world = come_and_go(register, world, today, diary, postponed, steps)
    arrive(register, world, today, diary, postponed)
    newcomers = newly_joined(scenario, world, today.day + 1)
    first_cards(diary.agenda, world, today.day + 1, newcomers)
    keep_dossiers(world, today, diary, files.dossiers, newcomers)
    return world


def come_and_go(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, steps: Records) -> World:
    """Births, deaths, moves, jobs, and who joins and leaves the banks."""

    def rows(step: Step) -> Ints:
        return np.unique(steps["row"][steps["what"] == step]).astype(np.int64)

    close_accounts(world, today, diary, rows(Step.CLOSE))
    grow_older(register, world, today)
    die(register, world, today, diary, rows(Step.DIE))
    leave(register, world, today, diary, rows(Step.LEAVE))
    move_home(register, world, today, diary, rows(Step.MOVE))
    switch_banks(register, world, today, diary, postponed, rows(Step.SWITCH))
    if is_turn(today):
        world = turn_month(register, world, today, diary, postponed, rows(Step.WEARY))
    change_premises(world, today, diary, postponed)
    change_jobs(register, world, today, diary)  # on Sundays, the last days of firms: who worked there is on the new one's list
    settle_estates(register, world, today, diary, postponed, rows(Step.SETTLE))
    sweep(register, world, today, postponed, rows(Step.SWEEP))
    return world


def turn_month(register: Register, world: World, today: Today, diary: Diary, postponed: Postponed, weary: Ints) -> World:
    """What changes with a month: households and their plans, loans, acquaintances; and what the next one has in store."""
    if today.index > 0:
        change_families(register, world, today, diary)
        review(register, world, today)
        share_flats(register, world, today)
        forget_places(register, world, today)
    foresee(register, world, today, diary, weary)
    world = plan_anew(register, world, today, diary, postponed)
    renew_loans(register, world, today, diary, postponed)
    return meet(register, world, today)
