"""Rings in a graph of payments: who pays whom round, each after being paid."""

import numpy as np

from calibration.facts import Ints


def count_cycles(payer: Ints, payee: Ints, time: Ints, within: int, shortest: int = 3, longest: int = 6) -> dict[int, int]:
    """Rings of different owners along which payments followed one another in time.

    Args:
        payer: owner who paid.
        payee: owner who was paid.
        time: when.
        within: longest time from the first payment of a ring to its last.
        shortest: fewest owners.
        longest: most owners.

    Returns:
        Rings by number of owners; a ring counts once, however often money went round it.
    """
    names, codes = np.unique(np.concatenate([payer, payee]), return_inverse=True)
    source, target = codes[: len(payer)], codes[len(payer) :]
    edges, edge = np.unique(source * len(names) + target, return_inverse=True)
    span = int(time.max(initial=0)) + 1
    occasions = np.sort(edge * span + time)
    ends = edges % len(names) if len(names) else edges
    starts = np.searchsorted(edges, np.arange(len(names) + 1) * len(names))
    return {
        length: _followed(paths, occasions, span, within) for length, paths in _rings(starts, ends, longest).items() if length >= shortest
    }


def _rings(starts: Ints, ends: Ints, longest: int) -> dict[int, Ints]:
    """Rings as rows of edges, by length; each begins at its owner of the lowest number.

    Args:
        starts: first edge of each owner; one more entry than owners.
        ends: owner at the end of each edge.
        longest: most edges.
    """
    owners = np.arange(len(starts) - 1)
    nodes, paths = owners[:, None], np.zeros((len(owners), 0), np.int64)
    found = {}
    for length in range(1, longest + 1):
        last = nodes[:, -1]
        fan = starts[last + 1] - starts[last]
        row = np.repeat(np.arange(len(nodes)), fan)
        edge = starts[last][row] + np.arange(len(row)) - np.repeat(np.cumsum(fan) - fan, fan)
        following = ends[edge]
        nodes, paths = nodes[row], np.column_stack([paths[row], edge])
        found[length] = paths[following == nodes[:, 0]]
        onward = (following > nodes[:, 0]) & (nodes != following[:, None]).all(axis=1)
        nodes, paths = np.column_stack([nodes[onward], following[onward]]), paths[onward]
    return found


def _followed(paths: Ints, occasions: Ints, span: int, within: int) -> int:
    """How many rings were gone round in order of time, from any owner on."""
    done = np.zeros(len(paths), bool)
    for turn in range(paths.shape[1]):
        ring = np.roll(paths, -turn, axis=1)
        low, high = np.searchsorted(occasions, ring[:, 0] * span), np.searchsorted(occasions, (ring[:, 0] + 1) * span)
        many = high - low
        row = np.repeat(np.arange(len(ring)), many)
        begun = occasions[np.repeat(low - np.cumsum(many) + many, many) + np.arange(len(row))] % span
        now = begun
        for place in range(1, ring.shape[1]):
            # The next payment along each edge after the one before.
            wanted = ring[row, place] * span + now
            following = np.searchsorted(occasions, wanted, side="right")
            there = following < len(occasions)
            hit = occasions[np.minimum(following, len(occasions) - 1)]
            there &= hit // span == ring[row, place]
            row, begun, now = row[there], begun[there], (hit % span)[there]
        done[row[now - begun <= within]] = True
    return int(done.sum())
