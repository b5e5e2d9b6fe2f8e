"""Pre-authorisations: at pumps, hotels and car hire the card is asked for a hold before the amount is known."""

from simulator.codes import Follow, Message
from simulator.draws import scale
from simulator.kernel import step
from simulator.population.world import World
from simulator.records import Records


@step
def hold_first(world: World, category: int, word: int, out: Records, n: int) -> None:
    """Turn the purchase that was planned last into an authorisation.

    Args:
        world: the world.
        category: of the purchase.
        word: below the category's share of holds; its lower half decides whether the hold is used.
        out: attempts.
        n: rows used; the purchase is row n - 1.
    """
    tables, rules = world.tables, world.rules
    amount = out.amount[n - 1]
    out.message[n - 1] = Message.AUTHORISATION
    out.hold[n - 1] = amount
    out.amount[n - 1] = max(tables.hold[category], amount * tables.hold_over[category] // 1_000_000)
    end = scale((word & 0xFFFF) << 16, 1_000_000)
    if end < rules.reversed_holds:
        out.follow[n - 1] = Follow.REVERSE
    elif end < rules.reversed_holds + rules.expired_holds:
        out.follow[n - 1] = Follow.EXPIRE
    else:
        out.follow[n - 1] = Follow.CAPTURE
