"""A graph network on the arrays of `calibration.baselines`: `python -m calibration.network FILE` prints the same tables.

It passes messages along transfers both ways and classifies each payment, as the multigraph networks that AMLworld's readers train
(GIN with edge features and reverse messages: Hu et al. 2020; Egressy et al., AAAI 2024). It needs PyTorch, NumPy and scikit-learn, and
nothing else of Ledgerfolk, so that it runs in an environment of its own: `pip install 'ledgerfolk[network]'`.
Each part of the days is judged on all payments up to its end, as those readers do: a payment's surroundings hold later ones of its part.
"""

import argparse
import sys
from typing import Any

import numpy as np

from calibration.scores import Found, print_tables, scored

WIDTH = 16
"""Numbers that an account is known by."""
LAYERS = 2
EPOCHS = 60
RATE = 0.02
LEARNT = 200_000
"""Innocent rows that the loss is taken over, drawn by lot and weighted back; messages go along all transfers."""
WEIGHT = 8.0
"""What a guilty row counts against an innocent one; readers of AMLworld take 6 to 8."""
MISSING = "PyTorch is missing: pip install 'ledgerfolk[network]'"


def make_network(torch: Any, columns: int) -> Any:
    """A new network.

    Args:
        torch: The module.
        columns: Features of a payment.

    Returns:
        A `torch.nn.Module` that takes payers, payees and features of the payments that messages go along, the same of those asked
        about, and the number of accounts, and gives a score for each payment asked about.
    """
    nn = torch.nn

    def layers(wide: int) -> Any:
        return nn.Sequential(nn.Linear(wide, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH))

    class Network(nn.Module):  # type: ignore[name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.edge = nn.Linear(columns, WIDTH)
            self.ways = nn.ModuleList([nn.ModuleList([nn.Linear(WIDTH, WIDTH) for _ in range(2)]) for _ in range(LAYERS)])
            self.mixed = nn.ModuleList([layers(3 * WIDTH) for _ in range(LAYERS)])
            self.norms = nn.ModuleList([nn.LayerNorm(WIDTH) for _ in range(LAYERS)])
            self.judge = nn.Sequential(nn.Linear(3 * WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))

        def forward(self, paths: tuple[Any, Any, Any], asked: tuple[Any, Any, Any], accounts: int) -> Any:
            source, target, edge = paths[0], paths[1], self.edge(paths[2])
            known = torch.ones(accounts, WIDTH)
            many = [torch.bincount(ends, minlength=accounts).clamp(min=1)[:, None].sqrt() for ends in (source, target)]
            for ways, mixed, norm in zip(self.ways, self.mixed, self.norms, strict=True):
                sums = []
                for way, start, end, count in ((ways[0], source, target, many[1]), (ways[1], target, source, many[0])):
                    # Sums grow with degree and means forget it; sums over the root of the degree lie between.
                    message = torch.relu(way(known)[start] + edge)
                    sums.append(torch.zeros(accounts, WIDTH).index_add(0, end, message) / count)
                known = norm(known + mixed(torch.cat([known, *sums], 1)))
            return self.judge(torch.cat([known[asked[0]], known[asked[1]], self.edge(asked[2])], 1))[:, 0]

    return Network()


def learnt(torch: Any, of: dict[str, Any], seed: int, epochs: int) -> Found:
    """Train one network and judge it.

    Args:
        torch: The module.
        of: The arrays.
        seed: Of its first weights, and which lot of innocent rows it learns from.
        epochs: Passes over the payments to learn from; the pass that does best on the validation is judged.
    """
    from sklearn.metrics import average_precision_score

    torch.manual_seed(seed)
    network = make_network(torch, of["features"].shape[1])
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    part, guilty = of["part"], of["guilty"]
    tensors = [torch.from_numpy(of[name]) for name in ("source", "target", "features")]

    def taken(rows: Any) -> tuple[Any, Any, Any]:
        places = torch.from_numpy(np.flatnonzero(rows) if rows.dtype == bool else rows)
        return tensors[0][places], tensors[1][places], tensors[2][places]

    paths = [taken(of["moves"] & (part <= last)) for last in range(3)]
    innocent = np.flatnonzero((part == 0) & ~guilty)
    lot = innocent[np.argsort(of["lots"][seed][innocent], kind="stable")[:LEARNT]]
    rows = np.concatenate([np.flatnonzero((part == 0) & guilty), lot])
    known, truth = taken(rows), torch.from_numpy(guilty[rows].astype(np.float32))
    weight = torch.from_numpy(np.where(guilty[rows], WEIGHT, len(innocent) / len(lot)).astype(np.float32))
    loss_of = torch.nn.BCEWithLogitsLoss(weight=weight)
    # It begins at the share of guilty rows, so that no pass is spent on learning that they are few.
    with torch.no_grad():
        network.judge[-1].bias.fill_(float(np.log(WEIGHT * guilty[part == 0].mean())))

    def judge(last: int) -> Any:
        network.eval()
        with torch.no_grad():
            return network(paths[last], taken(part == last), int(of["accounts"])).numpy()

    best, kept = -1.0, None
    for epoch in range(epochs):
        network.train()
        optimizer.zero_grad()
        loss = loss_of(network(paths[0], known, int(of["accounts"])), truth)
        loss.backward()
        optimizer.step()
        if epoch % 5 == 4 or epoch == epochs - 1:
            found = float(average_precision_score(guilty[part == 1], judge(1)))
            print(f"seed {seed}, epoch {epoch + 1}: loss {loss.item():.5f}, validation {found:.3f}", file=sys.stderr, flush=True)
            if found > best:
                best, kept = found, {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(kept)
    measured = part > 0
    score = np.empty(len(part), np.float32)
    for last in (1, 2):
        score[part == last] = judge(last)
    groups = [str(name) for name in of["groups"]]
    return scored(score[measured], guilty[measured], part[measured] == 2, of["day"][measured], of["group"][measured], groups)


def main() -> None:
    """Print the tables of a file of arrays; 2 where PyTorch is missing."""
    parser = argparse.ArgumentParser(prog="python -m calibration.network")
    parser.add_argument("arrays", help="what `python -m calibration.baselines RUN --arrays FILE` wrote")
    parser.add_argument("--seeds", type=int, default=1, choices=range(1, 4), help="networks that are trained")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    said = parser.parse_args()
    try:
        import torch
    except ImportError:
        print(MISSING, file=sys.stderr)
        raise SystemExit(2) from None
    with np.load(said.arrays) as file:
        of = {name: file[name] for name in file.files}
    print_tables({"graph network": [learnt(torch, of, seed, said.epochs) for seed in range(said.seeds)]})


if __name__ == "__main__":
    main()
