"""The code lists of the payments table: small integers in kernels, words in files.

Each list is append-only: kernels and run folders know a word by its place. The first word of a list is what an unset
column holds.
"""

from enum import IntEnum


class Message(IntEnum):
    """What kind of message a row is."""

    PAYMENT = 0
    AUTHORISATION = 1
    CAPTURE = 2
    REVERSAL = 3
    REFUND = 4
    RETURN = 5
    CHARGEBACK = 6
    REPRESENTMENT = 7
    RECALL = 8
    RECOVERY = 9


class Method(IntEnum):
    """How money moves."""

    NONE = 0
    CARD = 1
    INSTANT_TRANSFER = 2
    BATCH_TRANSFER = 3
    DIRECT_DEBIT = 4
    WIRE = 5
    CASH = 6
    CHEQUE = 7
    WALLET = 8
    CRYPTO = 9


class Channel(IntEnum):
    """Where a payment is started."""

    NONE = 0
    POINT_OF_SALE = 1
    ONLINE = 2
    MOBILE = 3
    BRANCH = 4
    ATM = 5
    PHONE = 6
    STANDING_ORDER = 7


class Purpose(IntEnum):
    """What a payment is for, as its payer would say."""

    NONE = 0
    PURCHASE = 1
    SALARY = 2
    RENT = 3
    BILL = 4
    TRANSFER = 5
    WITHDRAWAL = 6
    DEPOSIT = 7
    REFUND = 8
    LOAN = 9
    INTEREST = 10
    FEE = 11
    TAX = 12
    BENEFIT = 13
    PENSION = 14
    MORTGAGE = 15
    INSURANCE = 16
    SUBSCRIPTION = 17
    SAVING = 18
    CARD_BILL = 19
    PAYOUT = 20
    SUPPLIES = 21
    INVOICE = 22
    TAKINGS = 23
    DIVIDEND = 24
    INVESTMENT = 25
    REMITTANCE = 26
    GRANT = 27
    ALLOWANCE = 28
    PROPERTY = 29
    GAMBLING = 30
    CRYPTO = 31
    DONATION = 32
    DUES = 33
    GIFT_CARD = 34
    CLOSING = 35
    INHERITANCE = 36
    WRITE_OFF = 37
    SALE = 38
    CHARGE_OFF = 39
    DEPOSIT_INSURANCE = 40
    BAIL_IN = 41


class EntryMode(IntEnum):
    """How a card or wallet was read."""

    NONE = 0
    CHIP = 1
    CONTACTLESS = 2
    MAGSTRIPE = 3
    MANUAL = 4
    REMOTE = 5
    STORED = 6


class Authentication(IntEnum):
    """How the payer was recognised."""

    NONE = 0
    PIN = 1
    CVV = 2
    ONE_TIME_CODE = 3
    SCA_RESULT = 4
    SCA_EXEMPTION = 5


class PayeeCheck(IntEnum):
    """Confirmation of payee."""

    NONE = 0
    MATCH = 1
    CLOSE_MATCH = 2
    NO_MATCH = 3


class Status(IntEnum):
    """What became of an attempt."""

    APPROVED = 0
    DECLINED = 1
    EXPIRED = 2


class Reason(IntEnum):
    """Why an attempt was declined; the field's words."""

    NONE = 0
    INSUFFICIENT_FUNDS = 1
    LIMIT_EXCEEDED = 2
    EXPIRED_CARD = 3
    WRONG_PIN = 4
    WRONG_CVV = 5
    ISSUER_UNAVAILABLE = 6
    LOST_CARD = 7
    INACTIVE_CARD = 8
    ACCOUNT_CLOSED = 9
    ACCOUNT_FROZEN = 10
    WRONG_ONE_TIME_CODE = 11
    SUSPECTED_FRAUD = 12
    NETWORK_UNAVAILABLE = 13


class AccountKind(IntEnum):
    """What an account is."""

    CURRENT = 0
    SAVINGS = 1
    CREDIT_CARD = 2
    LOAN = 3
    PURSE = 4
    ACQUIRING = 5
    BOUNDARY = 6
    BANK = 7
    DEALER = 8
    RESERVE = 9


class Schedule(IntEnum):
    """When the payee's book moves; see `simulator.clock.Clock.value_dates`."""

    NOW = 0
    NEXT_WINDOW = 1
    CARD = 2
    BATCH = 3
    CHEQUE = 4
    WIRE = 5
    ABROAD = 6


class Follow(IntEnum):
    """What follows from an approved row on a later day; see `simulator.sequel`."""

    NONE = 0
    REFUND = 1
    RETURN = 2
    CAPTURE = 3
    REVERSE = 4
    EXPIRE = 5
    DUPLICATE = 6
    DISPUTE = 7
    REPRESENT = 8
    COME_BACK = 9
    RECALL = 10


class Device(IntEnum):
    """Which of a person's devices a payment or event is made from."""

    NONE = 0
    PHONE = 1
    COMPUTER = 2
    TABLET = 3
    WORK = 4
    ANOTHERS_PHONE = 5


class Network(IntEnum):
    """From where a device reaches the bank or the shop."""

    NONE = 0
    HOME = 1
    MOBILE = 2
    WORK = 3
    AWAY = 4


class Event(IntEnum):
    """Something a bank sees that is not a payment."""

    LOGIN = 0
    FAILED_LOGIN = 1
    NEW_DEVICE = 2
    PAYEE_ADDED = 3
    PHONE_CHANGED = 4
    EMAIL_CHANGED = 5
    ADDRESS_CHANGED = 6
    LIMIT_CHANGED = 7
    CARD_ORDERED = 8
    CARD_POSTED = 9
    CARD_ACTIVATED = 10
    CARD_REISSUED = 11
    CARD_BLOCKED = 12
    CARD_EXPIRED = 13
    TOKEN_ADDED = 14
    PIN_RESET = 15
    PIN_BLOCKED = 16
    ACCOUNT_OPENED = 17
    ACCOUNT_FROZEN = 18
    ACCOUNT_UNFROZEN = 19
    ACCOUNT_CLOSED = 20
    CUSTOMER_JOINED = 21
    CUSTOMER_LEFT = 22
    CASH_REPORT_FILED = 23
    SCREENING_HIT = 24
    SCREENING_CLEARED = 25
    TRAVEL_NOTICE = 26
    DISPUTE_OPENED = 27
    KYC_REVIEWED = 28


class Detail(IntEnum):
    """What else a bank notes of an event; also why a customer disputes a payment."""

    NONE = 0
    APP = 1
    SITE = 2
    WRONG_PASSWORD = 3
    PASSWORD = 4
    CARD_PIN = 5
    THREE_WRONG_TRIES = 6
    TO_A_PERSON = 7
    TO_A_BUSINESS = 8
    DAILY_LIMIT_RAISED = 9
    PAYMENT = 10
    PAYEE = 11
    CUSTOMER = 12
    NAME_ONLY = 13
    COURT_ORDER = 14
    IDENTITY_CHECK = 15
    DEPOSIT = 16
    WITHDRAWAL = 17
    NON_DELIVERY = 18
    NOT_AS_DESCRIBED = 19
    WRONG_AMOUNT = 20
    DUPLICATE = 21
    DAILY_LIMIT_LOWERED = 22
    LOST = 23
    STOLEN = 24
    LOST_OR_STOLEN = 25
    EXPIRES_SOON = 26
    BRANCH = 27
    SUSPECTED_FRAUD = 28
    CONFIRMED_BY_CUSTOMER = 29


def words(codes: type[IntEnum]) -> list[str]:
    """The words of a code list, in code order, as files spell them."""
    return [code.name.lower() for code in codes]
