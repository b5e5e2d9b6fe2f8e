"""Lives: what changes at the day's close — cards, homes, jobs, who comes and goes. Kernels never see a life half changed."""

from simulator.clock import Today
from simulator.lives.diary import Diary
from simulator.lives.trips import plan_trips
from simulator.population.world import World


def live_on(world: World, today: Today, diary: Diary) -> None:
    """Let a day's changes happen, in their fixed order; they hold from the next day."""
    plan_trips(world, today, diary)
