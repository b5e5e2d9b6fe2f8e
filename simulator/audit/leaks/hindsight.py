"""Hindsight: what could not be known when the row was made, and truth in tables that banks see."""

import re

import numpy as np
import pandas as pd

from simulator.audit.leaks.bounds import NONE
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.occurrences import microseconds
from simulator.audit.leaks.sheet import DAY, Sheet

ENTITIES = (
    ("accounts", "account_id", "payer_account"), ("accounts", "account_id", "payee_account"), ("cards", "card_id", "card_id"),
    ("devices", "device_id", "device_id"), ("merchants", "merchant_id", "merchant_id"), ("terminals", "terminal_id", "terminal_id"),
)  # fmt: skip
"""Table, its key, and the column of payments that names it."""
SECRET = re.compile(
    r"fraud|launder|victim|guilty|illicit|typolog|look.?alike|(?<![a-z])(mule|scam|stor(y|ie)|label)s?(?![a-z])", re.IGNORECASE
)
"""Words that only the truth may use."""
PUBLIC = ("customers", "merchants", "accounts", "cards", "devices", "terminals", "events", "holders", "identifiers")
"""Public tables that say nothing of what was found out later; alerts, cases and reports do, each with its time."""


def not_yet(sheet: Sheet) -> Finding | None:
    """Entities used before they are."""
    figure, example, looked = 0, "", False
    for name, key, column in ENTITIES:
        table = sheet.table(name)
        if table is None or not len(table) or not sheet.has(column):
            continue
        looked = True
        begins = table.groupby(key)["valid_from"].min()
        day = pd.to_datetime(begins).to_numpy().astype("datetime64[D]").astype(np.int64)
        rows = np.flatnonzero(sheet.guilty)
        place = begins.index.get_indexer(pd.Index(sheet.column(column)[rows]))
        early = (place >= 0) & (sheet.column("timestamp")[rows] // DAY < day[place])
        if early.any() and not figure:
            example = f"{column} {sheet.column(column)[rows][int(np.argmax(early))]}"
        figure += int(early.sum())
    counts = "guilty rows that name something before the first day it is valid"
    return finding("used_before_valid", figure, NONE, counts, example) if looked else None


def told_before(sheet: Sheet) -> Finding | None:
    """Reports of payments that were not made yet."""
    table = sheet.table("reports")
    if table is None or not len(table) or not sheet.has("transaction_id"):
        return None
    place = pd.Index(sheet.column("transaction_id")).get_indexer(pd.Index(table["transaction_id"]))
    told = microseconds(table["reported_at"])
    early = (place >= 0) & (told < sheet.column("timestamp")[place])
    example = f"report {table['report_id'].iloc[int(np.argmax(early))]}" if early.any() else ""
    return finding("reported_before", int(early.sum()), NONE, "reports of a payment that come before it", example)


def no_row(sheet: Sheet) -> Finding | None:
    """Labels of rows that are not there."""
    table = sheet.table("truth/labels")
    if table is None or not len(table) or not sheet.has("transaction_id"):
        return None
    lost = ~np.isin(table["transaction_id"].to_numpy(), sheet.column("transaction_id"))
    example = f"transaction {table['transaction_id'].iloc[int(np.argmax(lost))]}" if lost.any() else ""
    return finding("labels_without_a_row", int(lost.sum()), NONE, "labels whose transaction is not among the payments", example)


def answers(sheet: Sheet) -> Finding:
    """Rows that answer a later one."""
    answered = sheet.column("related_transaction_id")
    early = sheet.guilty & (answered >= sheet.column("transaction_id"))
    example = f"transaction {sheet.column('transaction_id')[int(np.argmax(early))]}" if early.any() else ""
    return finding("answers_later_row", int(early.sum()), NONE, "guilty rows that answer a row that is not made yet", example)


SUSPICION = "suspected_fraud"
"""A bank's own word for why it declines (response code 59 of ISO 8583): it is suspicion, and mostly wrong."""


def told_truth(sheet: Sheet) -> Finding:
    """Words of the truth in names and values that banks see."""
    found = [f"column {name}" for name in sheet.names if SECRET.search(name)]
    for name in sheet.names:
        if name not in ("payer_account", "payee_account"):
            found += [f"{name} = '{word}'" for word in (sheet.words(name) or [])[:10_000] if SECRET.search(word)]
    for public in PUBLIC:
        table = sheet.table(public)
        if table is None:
            continue
        found += [f"{public}.{name}" for name in table.columns if SECRET.search(name)]
        for name in table.columns:
            if isinstance(table[name].dtype, pd.CategoricalDtype):
                found += [f"{public}.{name} = '{word}'" for word in table[name].cat.categories if SECRET.search(str(word))]
    found = [one for one in found if not one.endswith(f"'{SUSPICION}'")]
    counts = "names and words in public tables that speak of fraud, stories or labels"
    return finding("truth_in_public", len(found), NONE, counts, ", ".join(found[:3]))


_RELATED = ("related_transaction_id", "transaction_id")
CHECKS = [Check(not_yet, ("timestamp",)), Check(told_before, ("timestamp",)), Check(no_row), Check(answers, _RELATED), Check(told_truth)]
