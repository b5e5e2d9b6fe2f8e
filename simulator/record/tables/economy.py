"""Tables of the economy: credit, series by day and month, and what only the world knows of people and books."""

from simulator.codes import Method, words
from simulator.record.tables.column import COUNT, DATE, FLAG, ID, MONEY, NAME, NUMBER, SMALL, WORD, Column, Link, Table

APPLICATIONS = (
    Column("application_id", ID, "", "key of the application", "bank"),
    Column("date", DATE, "UTC day", "when it was made", "bank"),
    Column("bank", SMALL, "", "bank that was asked", "bank"),
    Column("customer_id", ID, "", "customer who asks", "bank"),
    Column("product", WORD, "", "card or loan asked for, or line of a firm", "bank"),
    Column("amount", MONEY, "currency units", "amount or limit asked for", "bank"),
    Column(
        "declared_income",
        MONEY,
        "currency units a year",
        "income of the household before tax as declared then; of a firm its takings",
        "bank",
    ),
    Column("decision", WORD, "", "granted, refused or open", "bank", known_at="decided", before="open"),
    Column("reason", NAME, "", "why it was decided so; none while open", "bank", known_at="decided", before="none"),
    Column("decided", DATE, "UTC day", "when it was decided; missing while open", "bank", nullable=True),
    Column("account_id", ID, "", "account that was opened or has a new limit; -1 where none", "bank", known_at="decided", before=-1),
    Column("score", SMALL, "0 to 1000", "score of the applicant; 0 while open", "bank", known_at="decided", before=0),
    Column("granted", MONEY, "currency units", "amount or limit granted; 0 where none", "bank", known_at="decided", before=0.0),
    Column(
        "debt_to_income",
        NUMBER,
        "ratio",
        "payments on the household's debts over its income, with what is granted or was refused; of a firm on its line over takings",
        "bank",
        known_at="decided",
        before=0.0,
    ),
    Column("rate", NUMBER, "a year", "interest offered; 0 where it is refused", "bank", known_at="decided", before=0.0),
)

LOANS = (
    Column("account_id", ID, "", "loan account", "bank"),
    Column("customer_id", ID, "", "customer who owes", "bank"),
    Column("bank", SMALL, "", "bank that lent", "bank"),
    Column("product", WORD, "", "mortgage or loan", "bank"),
    Column("granted", DATE, "UTC day", "when it was granted", "bank"),
    Column("principal", MONEY, "currency units", "amount lent", "bank"),
    Column("rate", NUMBER, "a year", "interest", "bank"),
    Column("term_months", SMALL, "months", "term at granting", "bank"),
    Column("instalment", MONEY, "currency units", "amount due each month", "bank"),
)

CREDIT_MONTHS = (
    Column("month", DATE, "first day of the month", "month", "bank", known="month end"),
    Column("account_id", ID, "", "credit-card or loan account, or current account with a firm's line", "bank"),
    Column("bank", SMALL, "", "bank that lent", "bank"),
    Column("balance", MONEY, "currency units", "owed at the end of the month", "bank"),
    Column("credit_limit", MONEY, "currency units", "limit at the end of the month", "bank"),
    Column("due", MONEY, "currency units", "fell due in the month", "bank"),
    Column(
        "paid",
        MONEY,
        "currency units",
        "paid in the month; of a line by how much it fell below what was drawn when it last fell due",
        "bank",
    ),
    Column("days_past_due", SMALL, "days", "days past due at the end of the month", "bank"),
    Column("defaulted", FLAG, "", "in default at the end of the month", "bank"),
    Column("charged_off", MONEY, "currency units", "written off in the month", "bank"),
)

DAILY = (
    Column("date", DATE, "UTC day", "day", "everyone"),
    Column("currency", NAME, "ISO 4217", "currency of the values", "everyone"),
    Column("customers", COUNT, "customers", "customers at the end of the day", "everyone"),
    Column("payments", ID, "rows", "rows of the transactions table", "everyone"),
    Column("approved", ID, "rows", "of which approved, those that place and release holds among them", "everyone"),
    Column("declined", ID, "rows", "of which declined", "everyone"),
    Column("value", MONEY, "currency units", "value that approved rows moved; of a payment from abroad what was credited", "everyone"),
    Column("purchases", ID, "rows", "approved purchases, seen by a bank", "everyone"),
    Column("purchase_value", MONEY, "currency units", "value of those purchases", "everyone"),
    *(Column(f"{word}_payments", ID, "rows", f"approved with method {word}, that moved money", "everyone") for word in words(Method)[1:]),
    *(Column(f"{word}_value", MONEY, "currency units", f"value of those with method {word}", "everyone") for word in words(Method)[1:]),
    Column("wages", MONEY, "currency units", "wages and salaries paid to customers, net", "everyone"),
    Column("pensions", MONEY, "currency units", "pensions paid to customers", "everyone"),
    Column("benefits", MONEY, "currency units", "benefits paid to customers", "everyone"),
    Column("labour_force", COUNT, "customers", "employees and those laid off, last Sunday; 0 where no jobs are lost", "everyone"),
    Column("unemployed", COUNT, "customers", "of whom out of work", "everyone"),
    Column("taxes", MONEY, "currency units", "taxes paid by anyone", "everyone"),
    Column("withdrawals", MONEY, "currency units", "notes drawn", "everyone"),
    Column("deposits_of_cash", MONEY, "currency units", "notes paid in", "everyone"),
    Column("deposits", MONEY, "currency units", "customers' current and savings balances at the end of the day", "everyone"),
    Column(
        "firm_deposits", MONEY, "currency units", "merchants' and employers' balances less lines drawn at the end of the day", "everyone"
    ),
    Column("card_debt", MONEY, "currency units", "owed on credit cards at the end of the day", "everyone"),
    Column("loan_debt", MONEY, "currency units", "owed on loans at the end of the day", "everyone"),
    Column("notes", MONEY, "currency units", "notes in circulation at the end of the day, as a central bank publishes it", "everyone"),
    Column("in_flight", MONEY, "currency units", "credits not yet settled at the end of the day", "everyone"),
    Column("boundary_credits", MONEY, "currency units", "came in through boundary accounts", "everyone"),
    Column("boundary_debits", MONEY, "currency units", "left through boundary accounts", "everyone"),
    Column("boundary_net", MONEY, "currency units", "boundary credits less boundary debits", "everyone"),
    Column(
        "rate", NUMBER, "home currency units", "published rate: what one unit of the currency is worth; 1 for the home currency", "everyone"
    ),
)

BANK_MONTHS = (
    Column("month", DATE, "first day of the month", "month", "bank", known="month end"),
    Column("bank", SMALL, "", "bank", "bank"),
    Column("currency", NAME, "ISO 4217", "currency of the values", "bank"),
    Column("customers", COUNT, "customers", "customers at the end of the month", "bank"),
    Column("payments", ID, "rows", "payments its accounts made in the month", "bank"),
    Column("deposits", MONEY, "currency units", "deposits at the end of the month", "bank"),
    Column("insured_deposits", MONEY, "currency units", "of which insured", "bank"),
    Column("loans", MONEY, "currency units", "loans, card debt and firms' drawn lines at the end of the month", "bank"),
    Column("interest_income", MONEY, "currency units", "interest received", "bank"),
    Column("interest_paid", MONEY, "currency units", "interest paid", "bank"),
    Column("fee_income", MONEY, "currency units", "fees received", "bank"),
    Column("provisions", MONEY, "currency units", "set aside for bad loans in the month", "bank"),
    Column("charged_off", MONEY, "currency units", "written off in the month", "bank"),
    Column("fraud_losses", MONEY, "currency units", "borne by the bank in the month", "bank"),
    Column("paid_out", MONEY, "currency units", "costs, taxes and dividends paid in the month", "bank"),
    Column("insurance", MONEY, "currency units", "paid in the month by insurer and uninsured: the bank was closed", "bank"),
    Column("reserves", MONEY, "currency units", "reserves at the end of the month, what is borrowed there among them", "bank"),
    Column("central_bank_loan", MONEY, "currency units", "owed to the central bank at the end of the month", "bank"),
    Column("capital", MONEY, "currency units", "capital at the end of the month, less what is set aside for bad loans", "bank"),
    Column("liquidity", NUMBER, "ratio", "reserves over deposits at the end of the month", "bank"),
)

TRAITS = (
    Column("customer_id", ID, "", "customer", "truth"),
    Column("archetype", NAME, "", "kind of person, from the scenario", "truth"),
    Column("income_kind", WORD, "", "salaried, self_employed, pension, benefit or student", "truth"),
    Column("sector", NAME, "", "sector of the employer; none where there is none", "truth"),
    Column("employer_id", COUNT, "", "merchant or employer who pays the wage; -1 where none", "truth"),
    Column("pay_frequency", WORD, "", "weekly, biweekly, semimonthly, monthly or none", "truth"),
    Column("gross_income", MONEY, "currency units a year", "income before tax", "truth"),
    Column("net_income", MONEY, "currency units a month", "income after tax", "truth"),
    Column("quintile", SMALL, "1 to 5", "quintile of household income", "truth"),
    Column("age", SMALL, "years", "age on the first day", "truth"),
    Column("adults", SMALL, "people", "adults in the household", "truth"),
    Column("children", SMALL, "people", "children in the household", "truth"),
    Column("town", COUNT, "", "town of the home", "truth"),
    Column("zone", SMALL, "", "zone of the town", "truth"),
    Column("tenure", WORD, "", "rent, mortgage or owner", "truth"),
    Column("buffer_target", MONEY, "currency units", "liquid assets the person aims to hold", "truth"),
    Column("spending_budget", MONEY, "currency units a month", "what the person means to spend at merchants", "truth"),
    Column("purchases_per_month", NUMBER, "a month", "purchases the person means to make", "truth"),
    Column("cash", NUMBER, "share", "inclination to cash in person", "truth"),
    Column("credit", NUMBER, "share", "inclination to the credit card among cards", "truth"),
    Column("online", NUMBER, "factor", "inclination to remote purchases against the average", "truth"),
    Column("wallet", NUMBER, "share", "inclination to wallets among remote purchases", "truth"),
    Column("sociability", NUMBER, "a month", "transfers to other people the person means to make", "truth"),
    Column("hour_shift", SMALL, "hours", "by how much the person's day is shifted", "truth"),
    Column("vulnerability", NUMBER, "factor", "openness to scams against the average", "truth"),
)

BALANCES = (
    Column("account_id", ID, "", "account, boundary accounts and purses included", "truth"),
    Column("currency", NAME, "ISO 4217", "currency of the balances", "truth"),
    Column("opening_balance", MONEY, "currency units", "book balance before the first row", "truth"),
    Column("closing_balance", MONEY, "currency units", "book balance after the last settled row", "truth", known="run end"),
    Column("in_flight", MONEY, "currency units", "credits to the account not yet settled", "truth", known="run end"),
)

BALANCE_SHEET = (
    Column("month", DATE, "first day of the month", "month; balances are those of its end", "truth", known="month end"),
    Column("sector", WORD, "", "households, firms, banks, central_bank, government or outside", "truth"),
    Column("counterpart", WORD, "", "sector at the other end", "truth"),
    Column("instrument", WORD, "", "what is owed: deposits, notes, card_debt, loans, reserves, equity…", "truth"),
    Column("currency", NAME, "ISO 4217", "currency of the amount", "truth"),
    Column("amount", MONEY, "currency units", "above 0 where the sector owns the claim, below where it owes; each is there twice", "truth"),
)

TABLES = (
    Table("applications", APPLICATIONS, "one request for a card, a loan or a line", time="date"),
    Table("loans", LOANS, "one loan", time="granted"),
    Table("credit_months", CREDIT_MONTHS, "one credit-card or loan account, or line of a firm, in one month", time="month"),
    Table(
        "daily",
        DAILY,
        "one day and currency: the macro and payments series; a foreign one counts payments with a side in it, 0 elsewhere",
        time="date",
    ),
    Table("bank_months", BANK_MONTHS, "one bank in one month", time="month"),
    Table(
        "truth/traits",
        TRAITS,
        "one customer as only the world knows them",
        links=(Link("customer_id", "customers", "customer_id"),),
    ),
    Table(
        "truth/balances",
        BALANCES,
        "one account: opening + settled in - out = closing",
        links=(Link("account_id", "accounts", "account_id"),),
    ),
    Table("truth/balance_sheet", BALANCE_SHEET, "who owes whom, by sector and month; sums to zero", time="month"),
)
