"""A graph network on the arrays of `calibration.baselines`: `python -m calibration.network FILE` prints the same tables.

It passes messages along payments both ways and classifies each payment, as the multigraph networks that AMLworld's readers train
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
RATE = 0.01
WEIGHT = 8.0
"""What a guilty row counts against an innocent one; readers of AMLworld take 6 to 8."""
MISSING = "PyTorch is missing: pip install 'ledgerfolk[network]'"


def make_network(torch: Any, columns: int) -> Any:
    """A new network.

    Args:
        torch: The module.
        columns: Features of a payment.

    Returns:
        A `torch.nn.Module` that takes payers, payees, features and the number of accounts and gives a score for each payment.
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

        def forward(self, source: Any, target: Any, features: Any, accounts: int) -> Any:
            edge = self.edge(features)
            known = torch.ones(accounts, WIDTH)
            many = [torch.bincount(ends, minlength=accounts).clamp(min=1)[:, None].sqrt() for ends in (source, target)]
            for ways, mixed, norm in zip(self.ways, self.mixed, self.norms, strict=True):
                sums = []
                for way, start, end, count in ((ways[0], source, target, many[1]), (ways[1], target, source, many[0])):
                    # Sums grow with degree and means forget it; sums over the root of the degree lie between.
                    message = torch.relu(way(known)[start] + edge)
                    sums.append(torch.zeros(accounts, WIDTH).index_add(0, end, message) / count)
                known = norm(known + mixed(torch.cat([known, *sums], 1)))
            return self.judge(torch.cat([known[source], known[target], edge], 1))[:, 0]

    return Network()


def learnt(torch: Any, of: dict[str, Any], seed: int, epochs: int) -> Found:
    """Train one network and judge it.

    Args:
        torch: The module.
        of: The arrays.
        seed: Of its first weights.
        epochs: Passes over the payments to learn from; the pass that does best on the validation is judged.
    """
    from sklearn.metrics import average_precision_score

    torch.manual_seed(seed)
    network = make_network(torch, of["features"].shape[1])
    optimizer = torch.optim.Adam(network.parameters(), lr=RATE)
    part, guilty = of["part"], of["guilty"]
    tensors = [torch.from_numpy(of[name]) for name in ("source", "target", "features")]
    truth = torch.from_numpy(guilty.astype(np.float32))

    def judge(last: int) -> Any:
        rows = torch.from_numpy(part <= last)
        return network(*(tensor[rows] for tensor in tensors), int(of["accounts"]))

    loss_of = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(WEIGHT))
    best, kept = -1.0, None
    for epoch in range(epochs):
        network.train()
        optimizer.zero_grad()
        loss = loss_of(judge(0), truth[torch.from_numpy(part == 0)])
        loss.backward()
        optimizer.step()
        if epoch % 5 == 4 or epoch == epochs - 1:
            network.eval()
            with torch.no_grad():
                score = judge(1).numpy()[part[part <= 1] == 1]
            found = float(average_precision_score(guilty[part == 1], score))
            print(f"seed {seed}, epoch {epoch + 1}: loss {float(loss):.5f}, validation {found:.3f}", file=sys.stderr, flush=True)
            if found > best:
                best, kept = found, {name: value.clone() for name, value in network.state_dict().items()}
    network.load_state_dict(kept)
    network.eval()
    with torch.no_grad():
        chosen, tested = (judge(last).numpy() for last in (1, 2))
    measured = part > 0
    score = np.empty(len(part), np.float32)
    score[part == 1] = chosen[part[part <= 1] == 1]
    score[part == 2] = tested[part == 2]
    groups = [str(name) for name in of["groups"]]
    return scored(score[measured], guilty[measured], part[measured] == 2, of["day"][measured], of["group"][measured], groups)


def main() -> None:
    """Print the tables of a file of arrays; 2 where PyTorch is missing."""
    parser = argparse.ArgumentParser(prog="python -m calibration.network")
    parser.add_argument("arrays", help="what `python -m calibration.baselines RUN --arrays FILE` wrote")
    parser.add_argument("--seeds", type=int, default=1, help="networks that are trained")
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
