"""The verifier: what story files declare, checked against the rows of a run alone, by code that shares nothing with the engine.

It reads the labels, the stories, the payments and the files that the run quotes, and asks of each label: does its payment exist, is
it of an act that the story declares, between the roles that the act names, by its method, within its amounts, at its hours and in its
order; does what leaves an account not exceed what had arrived there; are sums, parents and node labels those of the rows.
"""

from typing import Any

import numpy as np
import pandas as pd

from simulator.audit.claims import Claims
from simulator.audit.declared import CENT
from simulator.record.read import Run
from simulator.scenario.plot import Stage

CHECKS: dict[str, str] = {
    "rows_exist": "labels whose payment does not exist, or that label a payment twice within a story",
    "stories_exist": "labels of a story that truth/stories does not list, or under another typology",
    "acts_declared": "labels of an act that no file of the typology declares",
    "flags": "labels whose fraud, laundering, stage, authorised or look-alike flag is not what the act declares",
    "sequence": "stories whose rows are not numbered from 0 in order of time",
    "order_of_acts": "rows of an act after rows of a later one, in stories that are never sent back",
    "roles": "rows between other accounts than those of the roles that they name",
    "methods": "rows by another method or for another purpose than the act declares",
    "amounts": "rows whose amount lies outside what the act declares",
    "counts": "acts with more rows than the file allows",
    "hours": "acts whose first row lies outside their local hours",
    "money_arrived": "rows that pass on more than had arrived at the account by then",
    "illicit": "rows with an illicit part below 0 or above the amount, or of an innocent story above 0",
    "taken": "stories that took another amount than their rows add up to",
    "times": "stories that begin after their first row, or end before their last",
    "parents": "stories begun by another whose first account the other never paid before",
    "disputes": "disputes of a story's purchases that no act declares, for another reason or too soon; and acts that no report follows",
    "node_labels": "parts in truth/accounts that differ from the rows",
    "unlabelled": "stories without a row, an event or an account",
}
"""What each check counts; every count has to be 0."""


def verify(run: Run) -> dict[str, Any]:
    """Check every story of a run.

    Args:
        run: a whole run, as everything of it.

    Returns:
        `passed`, `stories`, `labels` and `checks`: for each of `CHECKS` its name, `figure`, `bound` (0), `passed`, what it counts and
        the first example.

    Raises:
        InputError: a table is missing or damaged.
    """
    verifier = _Verifier(run)
    checks = []
    for name, counts in CHECKS.items():
        wrong = getattr(verifier, name)()
        example = {"example": str(wrong[0])} if len(wrong) else {}
        checks.append({"check": name, "figure": len(wrong), "bound": 0, "passed": not len(wrong), "counts": counts} | example)
    passed = all(check["passed"] for check in checks)
    return {"passed": passed, "stories": len(verifier.stories), "labels": len(verifier.labels), "checks": checks}


class _Verifier(Claims):
    """Checks of whole stories beside those of their rows."""

    def rows_exist(self) -> list[int]:
        missing = self.rows.loc[self.rows["timestamp"].isna(), "transaction_id"]
        return [*missing.tolist(), *self.labels.loc[self.labels.duplicated(["story_id", "transaction_id"]), "transaction_id"].tolist()]

    def stories_exist(self) -> list[int]:
        known = self.stories["typology"].astype(str).to_dict()
        return [r.transaction_id for r in self.labels.itertuples() if known.get(r.story_id) != r.typology]

    def acts_declared(self) -> list[int]:
        return [r.transaction_id for r in self.labels.itertuples() if (r.typology, r.act) not in self._acts]

    def sequence(self) -> list[int]:
        wrong = []
        for story, rows in self.rows.groupby("story_id"):
            if (rows["seq"].to_numpy() != np.arange(len(rows))).any() or not rows["timestamp"].is_monotonic_increasing:
                wrong.append(int(str(story)))
        return wrong

    def money_arrived(self) -> list[int]:
        wrong = []
        relays = {key for key, acts in self._acts.items() if all(a.pay is not None and a.pay.amount.arrived is not None for _, a in acts)}
        chosen = self.rows[self.rows["status"] == "approved"]
        by_story = dict(list(chosen.groupby("story_id")))
        for story, rows in by_story.items():
            if not any((r.typology, r.act) in relays for r in rows.itertuples()):
                continue
            parent = int(self.stories.at[story, "parent_story_id"]) if story in self.stories.index else -1
            everything = pd.concat([by_story[parent], rows]) if parent in by_story else rows
            start = rows["timestamp"].iloc[0]
            for row in rows.itertuples():
                if (row.typology, row.act) not in relays or row.payer_account not in self._owner:
                    continue
                came = everything[(everything["payee_owner"] == row.payer_owner) & (everything["settled_at"] <= row.timestamp)]
                went = rows[(rows["payer_owner"] == row.payer_owner) & (rows["timestamp"] <= row.timestamp)]
                unseen = self._lead_is_given(row.typology) and parent not in by_story and row.timestamp >= start
                if went["value"].sum() > came["value"].sum() + CENT and not unseen and not self._takes_notes(row.typology):
                    wrong.append(int(row.transaction_id))
        return wrong

    def _lead_is_given(self, typology: str) -> bool:
        return any(next(iter(f.cast.values())).drawn == "given" for f in self._files[typology])

    def _takes_notes(self, typology: str) -> bool:
        """Whether notes change hands in the story, of which no bank has a row."""
        return any(
            a.pay is not None and a.pay.method == "cash" and a.pay.purpose != "deposit" for f in self._files[typology] for a in f.acts
        )

    def illicit(self) -> list[int]:
        innocent = self.rows["lookalike_of"].notna()
        part = self.rows["amount_illicit"]
        wrong = (part < 0) | (part > self.rows["amount"] + CENT) | (innocent & (part > 0))
        return [int(one) for one in self.rows.loc[wrong, "transaction_id"]]

    def taken(self) -> list[int]:
        approved = self.rows[self.rows["status"] == "approved"]
        wrong = []
        for story, rows in approved.groupby("story_id"):
            files = self._files.get(str(rows["typology"].iloc[0]), [])
            in_notes = any(self._takes_notes(f.typology) or self._in_person(f) for f in files)
            frauds = any(act.stage is Stage.FRAUD for f in files for act in f.acts) and not rows["lookalike_of"].notna().any()
            total = rows.loc[rows["is_fraud"], "value"].sum() if frauds else rows.groupby("act", observed=True)["value"].sum().max()
            missing = self.stories.at[story, "amount_taken"] - total if story in self.stories.index else 0.0
            if missing < -CENT or (missing > CENT and not in_notes):  # of notes no bank has a row
                wrong.append(int(str(story)))
        return wrong

    @staticmethod
    def _in_person(file: Any) -> bool:
        """Whether it buys in shops, where who has no card to show pays in notes."""
        return any(act.pay is not None and act.pay.shop and not act.pay.remote for act in file.acts)

    def times(self) -> list[int]:
        found = self.rows.groupby("story_id")["timestamp"].agg(["min", "max"]).join(self.stories[["start", "end"]])
        wrong = (found["min"] < found["start"]) | (found["max"] > found["end"].fillna(found["max"]))
        return [int(str(story)) for story in found.index[wrong]]

    def parents(self) -> list[int]:
        wrong = []
        paid = self.rows[self.rows["status"] == "approved"].iloc[::-1]
        accounts: dict[int, dict[int, Any]] = {}
        for row in paid.itertuples():
            accounts.setdefault(row.story_id, {})[self._owner.get(row.payee_account, -1)] = row.timestamp
        for story in self.stories.itertuples():
            if story.parent_story_id < 0 or not len(story.cast):
                continue
            lead = story.cast[0]["account"]
            first = accounts.get(story.parent_story_id, {}).get(self._owner.get(lead, -lead))
            in_notes = -1 in accounts.get(story.parent_story_id, {}) or (
                story.parent_story_id in self.stories.index and self._takes_notes(str(self.stories.at[story.parent_story_id, "typology"]))
            )
            if (first is None or first > story.start) and not in_notes:
                wrong.append(int(story.story_id))
        return wrong

    def node_labels(self) -> list[int]:
        approved = self.rows[self.rows["status"] == "approved"]
        columns = ["story_id", "role", "account_id", "t"]
        sides = [
            approved[["story_id", f"{side}_role", f"{side}_account", "timestamp"]].set_axis(columns, axis=1) for side in ("payer", "payee")
        ]
        both = pd.concat(sides)
        both["role"] = both["role"].astype(str)
        found = both[both["role"] != ""].groupby(["story_id", "role", "account_id"])["t"].agg(["min", "max"]).reset_index()
        self.parts["role"] = self.parts["role"].astype(str)
        joined = found.merge(self.parts, on=["story_id", "role", "account_id"], how="left")
        wrong = joined["first"].isna() | (joined["first"] > joined["min"]) | (joined["last"] < joined["max"])
        return [int(one) for one in joined.loc[wrong, "account_id"]]

    def unlabelled(self) -> list[int]:
        """Stories that took money by rows that nobody labelled; notes, which a shop may be paid in too, have none."""
        labelled = set(self.labels["story_id"])
        in_notes = {
            typology
            for typology, files in self._files.items()
            if self._takes_notes(typology) or any(act.pay is not None and act.pay.shop for file in files for act in file.acts)
        }
        silent = (story for story in self.stories.itertuples() if story.story_id not in labelled and story.amount_taken > 0)
        return [int(story.story_id) for story in silent if str(story.typology) not in in_notes]
