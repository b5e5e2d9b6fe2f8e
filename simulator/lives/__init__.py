"""Lives: what changes at the day's close — cards, homes, jobs, who comes and goes. Kernels never see a life half changed."""

from simulator.clock import Today
from simulator.lives.ageing import grow_older
from simulator.lives.answers import screen_customers
from simulator.lives.arrivals import arrive
from simulator.lives.cards import first_cards, foresee_cards, live_with_cards, newly_joined
from simulator.lives.contact_details import change_details, foresee_details
from simulator.lives.departures import depart, die
from simulator.lives.diary import Diary
from simulator.lives.dossiers import keep_dossiers
from simulator.lives.estates import close_accounts
from simulator.lives.families import change_families
from simulator.lives.freezes import freeze_and_thaw
from simulator.lives.jobs import change_jobs
from simulator.lives.moves import move_home
from simulator.lives.trips import plan_trips
from simulator.population.dossiers import Files
from simulator.population.world import World
from simulator.runner.postponed import Postponed
from simulator.scenario import Scenario


def live_on(scenario: Scenario, world: World, today: Today, diary: Diary, postponed: Postponed, files: Files) -> None:
    """Let a day's changes happen, in their fixed order; they hold from the next day."""
    grow_older(world, today, diary)
    die(world, today, diary, postponed)
    depart(world, today, diary, postponed)
    change_families(world, today, diary)
    move_home(world, today, diary)
    arrive(world, today, diary, postponed)
    change_jobs(world, today)
    close_accounts(world, today, diary)
    plan_trips(world, today, diary)
    newcomers = newly_joined(scenario, world, today.day + 1)
    first_cards(diary.agenda, world, today.day + 1, newcomers)
    foresee_cards(scenario, world, today, diary.agenda)
    foresee_details(scenario, world, today, diary, files.dossiers)
    steps = diary.agenda.take(today.day)
    live_with_cards(scenario, world, today, diary, steps)
    change_details(scenario, world, today, diary, files.dossiers, steps)
    keep_dossiers(world, today, diary, files.dossiers, newcomers)
    screen_customers(world, today, diary)
    freeze_and_thaw(world, today, diary)
