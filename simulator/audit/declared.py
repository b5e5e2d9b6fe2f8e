"""What story files declare of single rows, checked against them: flags, roles, methods, amounts, counts, hours and order."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from simulator.record.read import Run
from simulator.scenario.plot import Act, Stage
from simulator.scenario.story import Family, Typology

CENT = 0.011
"""Amounts are equal within a minor unit and the rounding of floats."""


class Declared:
    """The tables of a run beside the files it quotes."""

    def __init__(self, run: Run) -> None:
        self._files: dict[str, list[Typology]] = {}
        for file in run.scenario.stories.told:
            self._files.setdefault(file.typology, []).append(file)
        self._money = run.scenario.stories.money
        self._evades = bool(run.scenario.stories.edits or run.scenario.stories.cautious)  # payments may be less than declared, and more
        self._report, self._currency = run.scenario.country.cash_report, run.scenario.country.currency
        self._offset = pd.Timedelta(run.scenario.country.utc_offset)
        self.labels = run.true_labels().to_pandas()
        self.stories = run.stories().to_pandas().set_index("story_id", drop=False)
        self.parts = run.account_roles().to_pandas()
        wanted = pa.array(np.unique(self.labels["transaction_id"].to_numpy()))
        columns = ["transaction_id", "timestamp", "settled_at", "payer_account", "payee_account", "amount", "method", "purpose", "status"]
        columns += ["currency", "credited_amount"]
        rows = run.transactions(columns=columns, where=pc.field("transaction_id").isin(wanted)).to_pandas()
        self.rows = self.labels.merge(rows, on="transaction_id", how="left").sort_values(["story_id", "seq"], kind="stable")
        at_home = self.rows["currency"] == self._currency
        self.rows["value"] = self.rows["amount"].where(at_home, self.rows["credited_amount"])
        self._owner = _owners(run)
        for side in ("payer", "payee"):
            self.rows[f"{side}_owner"] = [self._owner.get(account, -account) for account in self.rows[f"{side}_account"].tolist()]
        self._acts = {
            (t, act.name): [(f, a) for f in fs for a in f.acts if a.name == act.name]
            for t, fs in self._files.items()
            for f in fs
            for act in f.acts
        }

    def _each(self, fits: Callable[[Any, Typology, Act], bool]) -> list[int]:
        """Transactions of labels that fit no declared act."""
        wrong = []
        for row in self.rows.itertuples():
            declared = self._acts.get((row.typology, row.act), [])
            if declared and not any(fits(row, file, act) for file, act in declared):
                wrong.append(int(row.transaction_id))
        return wrong

    def flags(self) -> list[int]:
        """Transactions whose flags are not what the act declares."""

        def fits(row: Any, file: Typology, act: Act) -> bool:
            innocent = file.family is Family.INNOCENT
            fraud = not innocent and act.stage is Stage.FRAUD
            launders = not innocent and act.stage in (Stage.PLACEMENT, Stage.LAYERING, Stage.INTEGRATION)
            authorised = file.authorised if act.authorised is None else act.authorised
            shape = row.lookalike_of if isinstance(row.lookalike_of, str) else None
            stage = "none" if innocent else str(act.stage)
            return (row.is_fraud, row.is_laundering, row.authorised, shape, row.stage) == (
                fraud,
                launders,
                authorised,
                file.lookalike_of,
                stage,
            )

        return self._each(fits)

    def order_of_acts(self) -> list[int]:
        """Stories whose acts are out of order."""
        wrong = []
        place = {(t, f.name, act.name): k for t, fs in self._files.items() for f in fs for k, act in enumerate(f.acts)}
        for story, rows in self.rows.groupby("story_id"):
            files = [f for f in self._files.get(str(rows["typology"].iloc[0]), []) if not any(act.at_most for act in f.acts)]
            back = len(files) < len(self._files.get(str(rows["typology"].iloc[0]), []))
            orders = [[place.get((f.typology, f.name, act), -1) for act in rows["act"]] for f in files]
            if not back and orders and not any(min(order) >= 0 and (np.diff(order) >= 0).all() for order in orders):
                wrong.append(int(str(story)))
        return wrong

    def roles(self) -> list[int]:
        """Transactions between others than the roles named."""
        cast = {story: {(player["role"], self._owner.get(player["account"], -player["account"])) for player in cast}
                for story, cast in self.stories["cast"].items()}  # fmt: skip
        named = {story: {role for role, _ in players} for story, players in cast.items()}
        wrong = []
        for row in self.rows.itertuples():
            players, names = cast.get(row.story_id, set()), named.get(row.story_id, set())
            in_notes = row.purpose in ("withdrawal", "deposit")  # no table names the owner of a purse
            for role, account in ((row.payer_role, row.payer_account), (row.payee_role, row.payee_account)):
                if account not in self._owner and (in_notes or row.method == "cash"):
                    continue
                if role in names and (role, self._owner.get(account, -account)) not in players:
                    wrong.append(int(row.transaction_id))
        return wrong

    def methods(self) -> list[int]:
        """Transactions by another method or for another purpose."""

        def fits(row: Any, file: Typology, act: Act) -> bool:
            if act.pay is None:
                return False
            if act.pay.withdraw:  # at the counter where no card can be used
                return row.method in ("card", "cash") and row.purpose == "withdrawal"
            return (row.method, row.purpose) == (str(act.pay.method), str(act.pay.purpose))

        return self._each(fits)

    def amounts(self) -> list[int]:
        """Transactions whose amount lies outside what is declared."""

        def fits(row: Any, file: Typology, act: Act) -> bool:
            assert act.pay is not None
            rule, money = act.pay.amount, self._money
            low, high = rule.least * money, np.inf if rule.most is None else rule.most * money
            if rule.between is not None and rule.grows == 1:
                low, high = max(low, rule.between[0] * money), min(high, rule.between[1] * money)
            if rule.below_report is not None:
                report = self._report or 10_000 * money
                low, high = max(low, rule.below_report[0] * report), min(high, rule.below_report[1] * report)
            low = max(0.0, low - rule.round_to * money) * (1 - act.smaller) * (not self._evades)
            foreign = row.currency != self._currency
            return foreign or rule.usual is not None or bool(low - CENT <= row.amount <= high + CENT)

        return self._each(lambda row, file, act: act.pay is not None and fits(row, file, act))

    def counts(self) -> list[int]:
        """Stories with too many rows of an act."""
        wrong = []
        for (story, typology, name), rows in self.rows.groupby(["story_id", "typology", "act"], observed=True):
            most = 0
            for _, act in self._acts.get((typology, name), []):
                players = self.stories.at[story, "cast"] if story in self.stories.index else []
                size = max(1, len(players))
                pairs = size * size
                once = act.times.most if act.times.most is not None else act.times.least if act.times.mean is None else 10_000
                twice = (2 if act.smaller else 1) * (2 if self._evades else 1)
                rounds = 51 ** bool(any(a.at_most for f in self._files[typology] for a in f.acts))
                most = max(most, pairs * once * twice * rounds)
            if len(rows) > most:
                wrong.append(int(story))
        return wrong

    def hours(self) -> list[int]:
        """Transactions that begin an act outside its hours."""
        firsts = self.rows.drop_duplicates(["story_id", "act"])
        wrong = []
        for row in firsts.itertuples():
            declared = self._acts.get((row.typology, row.act), [])
            local = row.timestamp + self._offset
            hour = local.hour + local.minute / 60
            # A payment waits for the clearing that tells what came before: up to two windows past the hour.
            if declared and not any(a.hours is None or a.hours[0] - 0.02 <= hour <= a.hours[1] + 2 for _, a in declared):
                wrong.append(int(row.transaction_id))
        return wrong


def _owners(run: Run) -> dict[int, int]:
    """Customer of each account, for those that have one."""
    holders = run.holders(columns=["account_id", "customer_id", "role"], where=pc.field("role") == "primary").to_pandas()
    return dict(zip(holders["account_id"].tolist(), holders["customer_id"].tolist(), strict=True))
