"""Lives: what changes at the day's close — cards, homes, jobs, who comes and goes. Kernels never see a life half changed."""

from simulator.clock import Today
from simulator.lives.answers import screen_customers
from simulator.lives.diary import Diary
from simulator.lives.freezes import freeze_and_thaw
from simulator.population.world import World


def live_on(world: World, today: Today, diary: Diary) -> None:
    """Let a day's changes happen, in their fixed order; they hold from the next day."""
    screen_customers(world, today, diary)
    freeze_and_thaw(world, today, diary)
