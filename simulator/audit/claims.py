"""What story files declare of disputes, checked against the reports that banks hold."""

import pandas as pd

from simulator.audit.declared import Declared
from simulator.record.read import Run
from simulator.scenario.plot import Claim, Dispute

SAID = {
    Claim.NOT_RECEIVED: "non_delivery", Claim.NOT_AS_DESCRIBED: "not_as_described", Claim.WRONG_AMOUNT: "wrong_amount",
    Claim.DUPLICATE: "duplicate",
}  # fmt: skip
"""Reasons of chargebacks as reports give them."""

SOON = pd.Timedelta("4D")
"""A bank hears of a dispute within three days."""


class Claims(Declared):
    """Disputes of stories beside the reports."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        told = run.reports(["transaction_id", "kind", "reason", "reported_at"]).to_pandas()
        self._reports = told[told["transaction_id"].isin(self.labels["transaction_id"])].astype({"kind": str, "reason": str})
        self._until = pd.Timestamp(run.scenario.period.start, tz="UTC") + pd.Timedelta(days=run.manifest["days_lived"])

    def _disputed(self, typology: str, act: str) -> list[Dispute]:
        """Disputes that the files of a typology declare of what an act bought."""
        found = (other.dispute for file in self._files.get(typology, []) for other in file.acts)
        return [dispute for dispute in found if dispute is not None and dispute.of == act]

    def disputes(self) -> list[int]:
        """Transactions that are disputed otherwise than declared, or not disputed though that is declared."""
        joined = self.rows.merge(self._reports, on="transaction_id")
        wrong = []
        for row in joined.itertuples():
            declared = self._disputed(row.typology, row.act)
            charged = [SAID[one.reason] for one in declared if one.reason is not Claim.NOT_MINE]
            told = any(file.gates.reported for file in self._files.get(row.typology, []))
            denied = told or any(one.reason is Claim.NOT_MINE for one in declared)
            fits = row.reason in charged if row.kind == "chargeback" else denied
            if not fits or row.reported_at < row.timestamp or row.status != "approved":
                wrong.append(int(row.transaction_id))
        return wrong + self._unheard(set(joined["transaction_id"]))

    def _unheard(self, reported: set[int]) -> list[int]:
        """Purchases that were disputed for certain, long enough ago, of which no bank has a report."""
        wrong = []
        rows = self.rows[(self.rows["status"] == "approved") & (self.rows["method"] == "card")]
        for row in rows[~rows["transaction_id"].isin(reported)].itertuples():
            files = self._files.get(row.typology, [])
            if len(files) != 1 or row.story_id not in self.stories.index:
                continue
            acts, story = files[0].acts, self.stories.loc[row.story_id]
            sure = any(act.dispute is not None and act.dispute.of == row.act and act.when is None for act in acts)
            straight = not any(act.declined or act.goto or act.otherwise or act.blocked for act in acts)
            if sure and straight and story.outcome == "completed" and story.end + SOON < self._until:
                wrong.append(int(row.transaction_id))
        return wrong
