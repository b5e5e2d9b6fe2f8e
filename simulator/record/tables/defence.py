"""Tables of the defence: what a bank saw beside payments, raised, investigated and was told."""

from typing import Any

import pyarrow as pa

from simulator.codes import Detail, Event
from simulator.record.tables.column import COUNT, FLAG, ID, MONEY, NAME, NUMBER, SMALL, TEXT, TIME, WORD, Column, Link, Table

_DECIDED: dict[str, Any] = {"known_at": "decided_at", "before": "open"}
_ENDED: dict[str, Any] = {"known_at": "end"}

EVENTS = (
    Column("event_id", ID, "", "key of the event", "bank"),
    Column("timestamp", TIME, "UTC", "when it happened", "bank"),
    Column("bank", SMALL, "", "bank that saw it", "bank"),
    Column("kind", NAME, "", "what happened: login, new device, payee added, card blocked, account opened…", "bank", Event),
    Column("customer_id", ID, "", "customer concerned; -1 where none", "bank"),
    Column("account_id", ID, "", "account concerned; -1 where none", "bank"),
    Column("card_id", ID, "", "card concerned; -1 where none", "bank"),
    Column("device_id", ID, "", "device used; -1 where none", "bank"),
    Column("ip_id", ID, "", "internet address used; -1 where none", "bank"),
    Column("detail", NAME, "", "what else the bank noted", "bank", Detail),
)

ALERTS = (
    Column("alert_id", ID, "", "key of the alert", "bank"),
    Column("timestamp", TIME, "UTC", "when it was raised", "bank"),
    Column("bank", SMALL, "", "bank that raised it", "bank"),
    Column("account_id", ID, "", "account it is about", "bank"),
    Column("transaction_id", ID, "", "payment it is about; -1 where none", "bank", refers="transactions"),
    Column("rule", NAME, "", "rule or detector that raised it", "bank"),
    Column("score", NUMBER, "0 to 1", "score the detector gave", "bank"),
    Column("disposition", WORD, "", "true_positive, false_positive or open, as the bank decided", "bank", **_DECIDED),
    Column("decided_at", TIME, "UTC", "when it was decided; missing while open", "bank", nullable=True),
)

CASES = (
    Column("case_id", ID, "", "key of the case", "bank"),
    Column("bank", SMALL, "", "bank that investigates", "bank"),
    Column("customer_id", ID, "", "customer investigated", "bank"),
    Column("alerts", pa.list_(ID), "", "alerts it gathers", "bank", refers="alerts"),
    Column("transactions", pa.list_(ID), "", "payments it gathers", "bank", refers="transactions"),
    Column("opened_at", TIME, "UTC", "when it was opened", "bank"),
    Column("decided_at", TIME, "UTC", "when it was decided; missing while open", "bank", nullable=True),
    Column("outcome", WORD, "", "confirmed or cleared, as was decided; open while it is not", "bank", **_DECIDED),
    Column("sar_filed_at", TIME, "UTC", "when a suspicious-activity report was filed; missing where none", "bank", nullable=True),
)

REPORTS = (
    Column("report_id", ID, "", "key of the report", "bank"),
    Column("bank", SMALL, "", "bank that was told", "bank"),
    Column("transaction_id", ID, "", "payment it is about", "bank", refers="transactions"),
    Column("reported_at", TIME, "UTC", "when the bank was told", "bank"),
    Column("kind", WORD, "", "victim, chargeback or bank", "bank"),
    Column("reason", NAME, "", "what was claimed", "bank"),
    Column("amount", MONEY, "currency units", "amount claimed", "bank"),
    Column("status", WORD, "", "where the claim stands: open, accepted, rejected or withdrawn", "bank", **_DECIDED),
    Column("decided_at", TIME, "UTC", "when it was decided; missing while open", "bank", nullable=True),
    Column("recovered", MONEY, "currency units", "amount got back", "bank", known_at="decided_at", before=0.0),
    Column("liable", WORD, "", "who bears the loss; none while it is open", "bank", known_at="decided_at", before="none"),
    Column("supersedes", ID, "", "report it corrects; -1 where none", "bank", refers="reports"),
)

LABELS = (
    Column("transaction_id", ID, "", "row of the transactions table", "truth"),
    Column("story_id", ID, "", "story it belongs to", "truth"),
    Column("typology", NAME, "", "typology of the story", "truth"),
    Column("is_fraud", FLAG, "", "an act of fraud", "truth"),
    Column("is_laundering", FLAG, "", "an act of laundering", "truth"),
    Column("authorised", FLAG, "", "authorised by the true customer", "truth"),
    Column("amount_illicit", MONEY, "currency units", "part of the amount that is of the story", "truth"),
    Column("lookalike_of", NAME, "", "typology whose shape an innocent row has; missing for guilty rows", "truth", nullable=True),
    Column("act", NAME, "", "act of the story", "truth"),
    Column("stage", WORD, "", "fraud, placement, layering, integration or none", "truth"),
    Column("payer_role", NAME, "", "role of the payer in the story", "truth"),
    Column("payee_role", NAME, "", "role of the payee in the story", "truth"),
    Column("seq", COUNT, "", "place of the row in the story", "truth"),
    Column("industry_code", NAME, "", "the typology in an industry's classification", "truth"),
)

STORIES = (
    Column("story_id", ID, "", "key of the story", "truth"),
    Column("typology", NAME, "", "what it is an instance of", "truth"),
    Column("family", NAME, "", "family of the typology", "truth"),
    Column("lookalike_of", NAME, "", "typology whose shape an innocent story has; missing for guilty ones", "truth", nullable=True),
    Column("crew", COUNT, "", "crew that runs it; -1 where none", "truth"),
    Column("start", TIME, "UTC", "first act", "truth"),
    Column("end", TIME, "UTC", "last act; missing while it is under way", "truth", nullable=True),
    Column("amount_intended", MONEY, "currency units", "what it was after", "truth"),
    Column("amount_taken", MONEY, "currency units", "what it took", "truth", **_ENDED),
    Column("amount_recovered", MONEY, "currency units", "what was got back", "truth", **_ENDED),
    Column("outcome", WORD, "", "completed, stopped or abandoned", "truth", **_ENDED),
    Column("why", NAME, "", "why it ended so", "truth", **_ENDED),
    Column("skill", NUMBER, "0 to 1", "skill of who runs it", "truth"),
    Column("parent_story_id", ID, "", "fraud that a laundering story serves; -1 where none", "truth"),
    Column(
        "cast", pa.list_(pa.struct([("role", pa.string()), ("account", pa.int64())])), "", "who plays what, by account", "truth", **_ENDED
    ),
    Column("text", TEXT, "", "what happened, in plain sentences, true to the rows", "truth", **_ENDED),
)

ROLES = (
    Column("account_id", ID, "", "account", "truth"),
    Column("story_id", ID, "", "story it takes part in", "truth"),
    Column("role", NAME, "", "mule, victim, collector…", "truth"),
    Column("witting", FLAG, "", "its owner knows", "truth"),
    Column("first", TIME, "UTC", "first payment in the role", "truth"),
    Column("last", TIME, "UTC", "last payment in the role", "truth"),
)

TABLES = (
    Table("events", EVENTS, "one thing a bank saw that is not a payment", time="timestamp"),
    Table("alerts", ALERTS, "one alert that a bank raised", time="timestamp"),
    Table("cases", CASES, "one investigation", time="opened_at"),
    Table("reports", REPORTS, "one report of fraud to a bank; some fraud is never reported, some reports are wrong", time="reported_at"),
    Table(
        "truth/labels",
        LABELS,
        "one attempt of a story, approved or declined, guilty or look-alike",
        links=(Link("transaction_id", "transactions", "transaction_id"),),
    ),
    Table("truth/stories", STORIES, "one story, guilty or look-alike", time="start"),
    Table("truth/accounts", ROLES, "one role of an account in a story: node labels", time="first"),
)
