"""Tables of payments: what the banks saw, and what none of them sees."""

from simulator.codes import Authentication, Channel, EntryMode, Message, Method, PayeeCheck, Purpose, Reason, Status
from simulator.record.tables.column import COUNT, ID, MONEY, NAME, SMALL, TIME, WORD, Column, In, Table

_CASH = In("method", ("cash",))
"""Nobody knows whose purse notes come out of or go into."""

COLUMNS = (
    Column("transaction_id", ID, "", "dense from 0 in row order", "both banks"),
    Column("timestamp", TIME, "UTC", "when the payment was attempted; the payer's book moves then", "both banks"),
    Column(
        "settled_at",
        TIME,
        "UTC",
        "value date: when the payee's book moves; the timestamp where nothing settles; missing in a view of an earlier day",
        "both banks",
        nullable=True,
    ),
    Column("message", WORD, "", "what kind of message the row is", "both banks", Message),
    Column(
        "related_transaction_id",
        ID,
        "",
        "row it answers (refund, return, capture, retry); -1 where none",
        "both banks",
        refers="transactions",
    ),
    Column("payer_account", ID, "", "account that pays; -1 for an unknown instrument", "payer bank", alias=True, nameless=_CASH),
    Column("payee_account", ID, "", "account that is paid", "payee bank", alias=True, nameless=_CASH),
    Column("payer_bank", SMALL, "", "bank of the payer's account", "both banks"),
    Column("payee_bank", SMALL, "", "bank of the payee's account", "both banks"),
    Column("amount", MONEY, "currency units", "what the payer is asked for, exact to the minor unit", "both banks"),
    Column("currency", NAME, "ISO 4217", "currency of the amount", "both banks"),
    Column("credited_amount", MONEY, "currency units", "what the payee gets; differs only across currencies", "both banks"),
    Column("credited_currency", NAME, "ISO 4217", "currency of the credited amount", "both banks"),
    Column("method", WORD, "", "how the money moves", "both banks", Method),
    Column("channel", WORD, "", "where the payment is started", "payer bank", Channel, scheme=True),
    Column("purpose", WORD, "", "what the payment is for, as its payer would say", "both banks", Purpose),
    Column("entry_mode", WORD, "", "how a card or wallet was read", "both banks", EntryMode),
    Column("authentication", WORD, "", "how the payer was recognised", "payer bank", Authentication, scheme=True),
    Column("payee_check", WORD, "", "confirmation of payee", "payer bank", PayeeCheck),
    Column("mcc", SMALL, "ISO 18245", "merchant category code; 0 where none", "both banks"),
    Column("merchant_id", COUNT, "", "merchant that is paid; -1 where none", "both banks"),
    Column("terminal_id", ID, "", "terminal that took the payment; -1 where none", "both banks"),
    Column("country", NAME, "ISO 3166-1", "country where the payment was made", "both banks"),
    Column("card_id", ID, "", "card used; -1 where none", "payer bank", scheme=True),
    Column("device_id", ID, "", "device used; -1 where none", "payer bank"),
    Column("ip_id", ID, "", "internet address used; -1 where none", "payer bank"),
    Column("status", WORD, "", "what became of the attempt", "both banks", Status),
    Column("decline_reason", WORD, "", "why it was declined", "both banks", Reason),
    Column("payer_balance", MONEY, "currency units", "book balance of the payer's account after the row", "payer bank"),
    Column(
        "payee_balance",
        MONEY,
        "currency units",
        "book balance of the payee's account just after the row; a credit that settles later is not yet in it",
        "payee bank",
    ),
)

TABLES = (
    Table(
        "transactions",
        COLUMNS,
        "one attempted payment that some bank saw, in order of time: the pooled view",
        partitioned=True,
        time="timestamp",
        scheme=In("method", ("card", "wallet")),
    ),
    Table("truth/unseen", COLUMNS, "one payment that no bank sees: notes from purse to purse", partitioned=True, time="timestamp"),
)
