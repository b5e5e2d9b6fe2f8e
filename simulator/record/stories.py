"""The truth about stories as tables: labels of their rows, the stories themselves, and who played in them."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.draws import Ints
from simulator.record.facts import Facts, table, word
from simulator.record.schema import arrow_schema
from simulator.stories.instance import Instance
from simulator.stories.labels import Labels
from simulator.stories.library import Library, is_fraud, is_laundering
from simulator.stories.telling import Narrator, in_bank


class Truth:
    """Tables of what only the world knows of its stories.

    Args:
        facts: names and units.
        library: the typologies.
        stories: every story, in order of its beginning.
        labels: of their rows.
        told: sentences on reports, by story.
    """

    def __init__(self, facts: Facts, library: Library, stories: list[Instance], labels: Labels, told: dict[int, list[str]]) -> None:
        self._facts, self._library, self._stories, self._labels, self._told = facts, library, stories, labels, told

    def labels(self) -> pa.Table:
        """One row for each attempt of a story that a bank saw."""
        return label_table(self._library, self._labels, self._facts.unit)

    def stories(self) -> pa.Table:
        """One row for each story."""
        stories, library = self._stories, self._library
        size = len(stories)
        told = [library[one.typology] for one in stories]
        over = np.array([bool(one.why) for one in stories], bool)
        outcome = [one.why.partition(": ")[0] or "under way" for one in stories]
        names, places = _words(outcome)
        layout = self._facts.world.layout
        text = Narrator(lambda row: int(self._facts.names.account[row]), layout, self._facts.unit, self._facts.scenario.country.currency)
        cast = [
            [
                {"role": role, "account": int(self._facts.names.account[in_bank(layout, account)])}
                for role, accounts in one.cast.items()
                for account in accounts
            ]
            for one in stories
        ]
        return table(
            "truth/stories",
            {
                "story_id": np.array([one.story for one in stories], np.int64),
                "typology": _named("typology", [one.id for one in told]),
                "family": _named("family", [str(one.typology.family) for one in told]),
                "lookalike_of": _named("lookalike_of", [one.typology.lookalike_of for one in told]),
                "crew": np.array([one.crew for one in stories], np.int64),
                "start": _time([one.start for one in stories], np.ones(size, bool)),
                "end": _time([one.end for one in stories], over),
                "amount_intended": self._money([max(one.aim, one.taken) for one in stories]),
                "amount_taken": self._money([one.taken for one in stories]),
                "amount_recovered": self._money([one.recovered for one in stories]),
                "outcome": word("truth/stories", "outcome", names, places),
                "why": _named("why", [one.why.partition(": ")[2] or "the run ended" for one in stories]),
                "skill": np.array([one.skill for one in stories], np.float64),
                "parent_story_id": np.array([one.parent for one in stories], np.int64),
                "cast": pa.array(cast, arrow_schema("truth/stories").field("cast").type),
                "text": pa.array(
                    [text.tell(t, one, self._told.get(one.story, [])) for t, one in zip(told, stories, strict=True)], pa.string()
                ),
            },
            size,
        )

    def accounts(self) -> pa.Table:
        """One row for each part that an account played."""
        rows = [
            (one.story, role, account, span[0], span[1], self._witting(one, role))
            for one in self._stories
            for (role, account), span in one.spans.items()
        ]
        rows.sort(key=lambda row: (row[3], row[0], row[2]))
        columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(6)]
        story, role, account, first, last, witting = columns
        known = np.ones(len(rows), bool)
        return table(
            "truth/accounts",
            {
                "account_id": self._facts.names.account[np.array(account, np.int64)],
                "story_id": np.array(story, np.int64),
                "role": _named("role", role, "truth/accounts"),
                "witting": np.array(witting, bool),
                "first": _time(first, known, "truth/accounts", "first"),
                "last": _time(last, known, "truth/accounts", "last"),
            },
            len(rows),
        )

    def _witting(self, story: Instance, role: str) -> bool:
        player = self._library[story.typology].typology.cast.get(role)
        return player is not None and player.witting

    def _money(self, amounts: list[int]) -> NDArray[np.float64]:
        return np.array(amounts, np.float64) / self._facts.unit


def label_table(library: Library, labels: Labels, unit: float, first: int = 0) -> pa.Table:
    """Labels from a row on, in order of transactions.

    Args:
        library: the typologies.
        labels: all labels.
        unit: minor units in a currency unit.
        first: the first to be told.
    """
    columns = labels.columns(first)
    order = np.argsort(columns["transaction"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    places = {(told.place, number): k for k, (told, number) in enumerate((t, n) for t in library.told for n in range(len(t.acts)))}
    acts = [(told, act) for told in library.told for act in told.acts]
    at = np.array([places[pair] for pair in zip(columns["typology"].tolist(), columns["act"].tolist(), strict=True)], np.int64)

    def flag(values: list[bool]) -> NDArray[np.bool_]:
        return np.array([*values, False], bool)[at] if len(at) else np.zeros(0, bool)

    roles = list(labels.roles)
    return table(
        "truth/labels",
        {
            "transaction_id": columns["transaction"],
            "story_id": columns["story"],
            "typology": _coded("typology", [told.id for told in library.told], columns["typology"]),
            "is_fraud": flag([is_fraud(told, act) for told, act in acts]),
            "is_laundering": flag([is_laundering(told, act) for told, act in acts]),
            "authorised": flag([told.authorised(act) for told, act in acts]),
            "amount_illicit": np.where(flag([not told.innocent for told, _ in acts]), columns["illicit"] / unit, 0.0),
            "lookalike_of": _coded("lookalike_of", [told.typology.lookalike_of for told in library.told], columns["typology"]),
            "act": _coded("act", [act.name for _, act in acts], at),
            "stage": _coded("stage", [str(act.stage) if not told.innocent else "none" for told, act in acts], at),
            "payer_role": _coded("payer_role", roles, columns["payer_role"]),
            "payee_role": _coded("payee_role", roles, columns["payee_role"]),
            "seq": columns["seq"],
            "industry_code": _coded("industry_code", [told.code for told in library.told], columns["typology"]),
        },
        len(at),
    )


def _words(values: list[str]) -> tuple[list[str], Ints]:
    names = list(dict.fromkeys(values)) or [""]
    return names, np.array([names.index(value) for value in values], np.int64)


def _named(column: str, values: list[Any], name: str = "truth/stories") -> pa.Array:
    return pa.array(values, pa.string()).cast(arrow_schema(name).field(column).type)


def _coded(column: str, words: list[Any], codes: Ints) -> pa.Array:
    """Words by code, where several codes may have one word and a word may be missing."""
    return pa.array(words, pa.string()).take(pa.array(codes)).cast(arrow_schema("truth/labels").field(column).type)


def _time(values: list[int], known: NDArray[np.bool_], name: str = "truth/stories", column: str = "start") -> pa.Array:
    moments = pa.array(np.array(values, np.int64), mask=~known)
    return moments.view(arrow_schema(name).field(column).type)
