"""A fit as it might come out, made up: every verdict, an unidentified parameter, a contradiction and a ledger are in it."""

import numpy as np

from calibration.fit.result import Coverage, Draws, Estimate, Fitted, Judged, Losses, Recovered

LEDGER = {
    "owner": "a_bank",
    "rho": 0.005,
    "delta": 1e-6,
    "epsilon": 0.43,
    "releases": [{"what": "profiles", "rho": 0.003}, {"what": "counts", "rho": 0.002}],
}


def judged(ident: str, target: float, achieved: float | None, role: str = "fit", **others: object) -> Judged:
    """A number whose tolerance is a twentieth of it."""
    room = 0.05 * target
    misfit = None if achieved is None else abs(achieved - target) / room
    verdict = (
        "not assessed" if misfit is None else "report" if role == "report" else "PASS" if misfit <= 1 else "WARN" if misfit <= 2 else "FAIL"
    )
    known: dict[str, object] = {
        "id": ident.partition(".")[0], "component": ident.partition(".")[2], "what": f"what {ident} says", "unit": "share", "role": role,
        "target": target, "tolerance": room, "achieved": achieved, "spread": 0.3 * room, "misfit": misfit, "verdict": verdict,
        "reach_low": target - 6 * room, "reach_high": target + 3 * room, "reachable": True, "contradicted": False,
        "scaled": None if achieved is None else achieved + 0.2 * room, "scaled_misfit": None if achieved is None else 0.2,
        "source": f"Survey <of> {ident.partition('.')[0]} (2024)", "why": "",
    }  # fmt: skip
    return Judged(**(known | others))  # type: ignore[arg-type]


def estimate(name: str, r2: float, at: float) -> Estimate:
    """A parameter searched from 0 to 2 whose estimate lies at a share of that."""
    known = r2 > 0.5
    low, high = (2 * max(at - 0.12, 0), 2 * min(at + 0.1, 1)) if known else (0.0, 2.0)
    return Estimate(
        name, f"what {name} is", (f"part.{name}", "part.other"), "times", 0.0, 2.0, 1.0, 2 * at if known else 1.0, low, high, r2, known
    )


def made_up(failing: bool = True) -> Fitted:
    """A fit of four parameters to nine numbers.

    Args:
        failing: whether one fit number fails.
    """
    spread = np.random.RandomState(3)
    targets = [
        judged("shares_by_method.cash", 0.14, 0.141), judged("shares_by_method.credit", 0.35, 0.36), judged("remote_share", 0.22, 0.235),
        judged("payments_per_adult_month", 48.0, 49.0, unit="payments"),
        judged("mean_withdrawal", 120.0, 160.0 if failing else 121.0, unit="USD", reachable=not failing, contradicted=failing,
               why="the survey asks for the last one"),
        judged("hours.h12", 0.07, None), judged("everyday_share", 0.43, 0.44, role="hold-out"),
        judged("cash_in_person", 0.25, 0.29, role="hold-out"), judged("value_by_method.card", 0.37, 0.6, role="report"),
    ]  # fmt: skip
    estimates = [
        estimate("cash_habit", 0.93, 0.3),
        estimate("purchases", 0.88, 0.62),
        estimate("friends", 0.11, 0.5),
        estimate("credit", 0.71, 0.45),
    ]
    draws = np.clip(spread.normal([0.6, 1.24, 0.9], [0.1, 0.08, 0.2], (30, 3)), 0, 2)
    loss = np.concatenate([spread.lognormal(2, 0.5, 80), spread.lognormal(0, 0.4, 40), spread.lognormal(-0.6, 0.2, 30)])
    return Fitted(
        pack="us_town", about="What a town should show.",
        notes=("The survey and the diary count differently.",), scenario_name="high_street",
        command="ledgerfolk calibrate us_town --scenario high_street --seed 5 --out fitted.yaml", seed=5, customers=600, days=60,
        estimates=tuple(estimates), direct={"methods.remote": 0.22}, targets=tuple(targets),
        recovery=tuple(Recovered(one.name, 0.3 - 0.24 * one.r2, one.r2, 37, 40) for one in estimates),
        coverage=Coverage(0.9, 111, 120, 0.87, 0.96), losses=Losses(loss, ("design",) * 80 + ("search",) * 40 + ("local",) * 30),
        draws=Draws(("cash_habit", "purchases", "credit"), draws, np.full(30, 1 / 30), ("fitted.draw01.yaml", "fitted.draw30.yaml")),
        seconds={"design": 210.0, "search": 95.0, "local": 70.0}, runs={"design": 80, "search": 40, "local": 30},
        contradictions=("mean_withdrawal",) if failing else (), consistent=not failing, digest="0f" * 16, ledger=dict(LEDGER),
    )  # fmt: skip
