"""Lives: what changes at the day's close — cards, homes, jobs, who comes and goes. Kernels never see a life half changed."""

from collections.abc import Sequence

from simulator.clock import Today
from simulator.lives.ageing import grow_older
from simulator.lives.answers import screen_customers
from simulator.lives.arrivals import arrive
from simulator.lives.cards import first_cards, foresee_cards, live_with_cards, newly_joined
from simulator.lives.contact_details import change_details, foresee_details
from simulator.lives.departures import depart, die
from simulator.lives.devices import foresee_devices, set_up_devices
from simulator.lives.diary import Diary
from simulator.lives.dossiers import keep_dossiers
from simulator.lives.estates import close_accounts
from simulator.lives.families import change_families
from simulator.lives.freezes import freeze_and_thaw
from simulator.lives.jobs import change_jobs
from simulator.lives.moves import move_home
from simulator.lives.places import place
from simulator.lives.trips import plan_trips
from simulator.lives.visits import visited
from simulator.population.dossiers import Files
from simulator.population.world import World
from simulator.records import Records
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario


def live_on(
    scenario: Scenario, world: World, today: Today, diary: Diary, postponed: Postponed, files: Files, events: Sequence[Records] = ()
) -> None:
    """Let a day's changes happen, in their fixed order; they hold from the next day.

    What people did today from home or work is placed there first; then they travel, move, change jobs, come and go.

    Args:
        scenario: rates.
        world: changes.
        today: the day that closes.
        diary: told of events and history.
        postponed: takes payments of later days.
        files: what banks have in writing; changes.
        events: the day's events that the diary does not hold; they are told where they happened.
    """
    person = visited(world, today.day)
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
    grow_older(world, today, diary)
    die(world, today, diary, postponed)
    depart(world, today, diary, postponed)
    change_families(world, today, diary)
    move_home(world, today, diary)
    arrive(world, today, diary, postponed)
    change_jobs(world, today)
    close_accounts(world, today, diary)
    newcomers = newly_joined(scenario, world, today.day + 1)
    first_cards(diary.agenda, world, today.day + 1, newcomers)
    keep_dossiers(world, today, diary, files.dossiers, newcomers)
