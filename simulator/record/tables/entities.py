"""Tables of entities: who banks, who sells, and the things they pay with, as known on the last day."""

from dataclasses import replace

from simulator.codes import AccountKind
from simulator.record.tables.column import COUNT, DATE, FLAG, ID, MONEY, NAME, NUMBER, SMALL, TEXT, WORD, Column, Link, Table

_FROM = Column("valid_from", DATE, "UTC day", "first day the row holds", "bank")
_TO = Column("valid_to", DATE, "UTC day", "last day the row holds; missing while it does", "bank", nullable=True, known="next day")
_OPEN_FROM, _OPEN_TO = replace(_FROM, view="everyone"), replace(_TO, view="everyone")
"""Of what anybody can see open and close."""

CUSTOMERS = (
    Column("customer_id", ID, "", "key of the customer", "bank"),
    Column("kind", WORD, "", "person or business", "bank"),
    Column("household", ID, "", "household the customer lives in; -1 for a business", "bank"),
    Column("age_band", WORD, "years", "age on the first day, in bands", "bank"),
    Column("sex", WORD, "", "female, male, or none for a business", "bank"),
    Column("region", NAME, "", "zone of the home address", "bank"),
    Column("residency", NAME, "ISO 3166-1", "country of residence", "bank"),
    Column("occupation", NAME, "", "occupation, or the trade of a business", "bank"),
    Column("declared_income", MONEY, "currency units a year", "gross income, or turnover, as declared and rounded", "bank"),
    Column("onboarding_channel", WORD, "", "where the customer was taken on", "bank"),
    Column("onboarding_date", DATE, "UTC day", "when the customer was taken on", "bank"),
    Column("risk_rating", WORD, "", "the bank's rating at onboarding: low, medium, high", "bank"),
    Column("politically_exposed", FLAG, "", "flagged as politically exposed", "bank"),
    Column("bank", SMALL, "", "bank of the customer", "bank"),
    _FROM,
    _TO,
)

MERCHANTS = (
    Column("merchant_id", COUNT, "", "key of the merchant, or employer beyond retail", "everyone"),
    Column("name", TEXT, "", "trading name", "everyone"),
    Column("kind", WORD, "", "merchant, employer or institution", "everyone"),
    Column("mcc", SMALL, "ISO 18245", "merchant category code; 0 for an employer beyond retail and some institutions", "everyone"),
    Column("category", NAME, "", "category of spending, sector of an employer, or trade of an institution", "everyone"),
    Column("online", FLAG, "", "sells remotely", "everyone"),
    Column("region", NAME, "", "zone of the premises", "everyone"),
    Column("country", NAME, "ISO 3166-1", "country of the premises", "everyone"),
    Column("bank", SMALL, "", "bank of the main account", "bank"),
    Column("account_id", ID, "", "account that takings are paid to", "bank"),
    Column("opened", DATE, "UTC day", "when the business began", "everyone"),
    Column("employees", WORD, "people", "employees, in bands", "bank"),
    Column("opens", SMALL, "local hour", "first hour of opening", "everyone"),
    Column("closes", SMALL, "local hour", "hour of closing", "everyone"),
    _OPEN_FROM,
    _OPEN_TO,
)

BANKS = (
    Column("bank", SMALL, "", "key of the bank", "everyone"),
    Column("name", NAME, "", "its name in the scenario", "everyone"),
    Column("country", NAME, "ISO 3166-1", "country of its licence", "everyone"),
    Column("share", NUMBER, "share", "share of customers on the first day", "everyone"),
    _OPEN_FROM,
    _OPEN_TO,
)

ACCOUNTS = (
    Column("account_id", ID, "", "key of the account", "bank"),
    Column("owner_kind", WORD, "", "customer, merchant, employer, institution, bank, government or outside", "bank"),
    Column("owner_id", ID, "", "key of the owner in its table; -1 where it has none", "bank"),
    Column("kind", WORD, "", "what the account is", "bank", AccountKind),
    Column("bank", SMALL, "", "bank that holds it; -1 where none does", "both banks"),
    Column("currency", NAME, "ISO 4217", "currency of the balance", "bank"),
    Column("opened", DATE, "UTC day", "when it was opened; of the boundary and of banks, the first day of the run", "bank"),
    Column("credit_limit", MONEY, "currency units", "what a card's holder may owe, by version; 0 for other accounts, loans too", "bank"),
    _FROM,
    replace(_TO, meaning="last day the row holds; missing while it does. The bank pays out later what still reaches a closed account"),
)

CARDS = (
    Column("card_id", ID, "", "key of the card", "payer bank", scheme=True),
    Column("account_id", ID, "", "account it draws on", "payer bank"),
    Column("customer_id", ID, "", "customer it was issued to", "payer bank"),
    Column("kind", WORD, "", "debit, credit or wallet_token: a card in a phone, with a number of its own", "both banks"),
    Column("token_of", ID, "", "card that a wallet token stands for; -1 for a card itself", "payer bank"),
    Column("bank", SMALL, "", "bank that issued it", "both banks"),
    Column("issued", DATE, "UTC day", "when it was issued", "payer bank"),
    Column("activated", DATE, "UTC day", "when its holder activated it; missing while it is not", "payer bank", nullable=True),
    Column("expires", DATE, "UTC day", "last day it is good", "payer bank", scheme=True, known="ahead"),
    _FROM,
    _TO,
)

DEVICES = (
    Column("device_id", ID, "", "key of the device", "payer bank"),
    Column("kind", WORD, "", "phone, tablet or computer", "payer bank"),
    Column("system", NAME, "", "operating system", "payer bank"),
    _FROM,
    _TO,
)

TERMINALS = (
    Column("terminal_id", ID, "", "key of the terminal or cash machine", "everyone"),
    Column("merchant_id", COUNT, "", "merchant it stands at; -1 for a bank's cash machine", "everyone"),
    Column("bank", SMALL, "", "bank that acquires for it or owns it", "everyone"),
    Column("kind", WORD, "", "counter, online or atm", "everyone"),
    Column("region", NAME, "", "zone it stands in", "everyone"),
    _OPEN_FROM,
    _OPEN_TO,
)

HOLDERS = (
    Column("account_id", ID, "", "account", "bank"),
    Column("customer_id", ID, "", "customer with a right to it", "bank"),
    Column("role", WORD, "", "primary, joint, authorised_user, signatory, director, beneficial_owner or attorney", "bank"),
    _FROM,
    _TO,
)

IDENTIFIERS = (
    Column("customer_id", ID, "", "customer who gave it", "bank"),
    Column("kind", WORD, "", "phone, email, address, tax_id or document", "bank"),
    Column("token", ID, "", "stands for the value; shared ones link people, mostly innocently", "bank"),
    _FROM,
    _TO,
)

_DEVICE_LINKS = (Link("device_id", "transactions", "device_id"), Link("device_id", "events", "device_id"))

TABLES = (
    Table("customers", CUSTOMERS, "one customer, as the bank knows them", time="valid_from"),
    Table("merchants", MERCHANTS, "one merchant, or employer beyond retail", time="valid_from"),
    Table("banks", BANKS, "one bank", time="valid_from"),
    Table("accounts", ACCOUNTS, "one account: a balance in one currency", time="valid_from"),
    Table("cards", CARDS, "one card on an account", time="valid_from", scheme=Link("card_id", "transactions", "card_id")),
    Table("devices", DEVICES, "one device that payments and log-ins are made from", time="valid_from", links=_DEVICE_LINKS),
    Table("terminals", TERMINALS, "one terminal of a merchant, or one cash machine", time="valid_from"),
    Table(
        "holders",
        HOLDERS,
        "one right of a customer to an account",
        time="valid_from",
        links=(Link("account_id", "accounts", "account_id"),),
    ),
    Table(
        "identifiers",
        IDENTIFIERS,
        "one identifier that a customer gave",
        time="valid_from",
        links=(Link("customer_id", "customers", "customer_id"),),
    ),
)
