"""How far a world may go before a mark counts as a leak: every bound, with its reason."""

ORDER = 0.55
"""AUC of the order of ids and rows. Order says nothing about guilt in a bank's own books; .05 is left for stories that bunch."""

ADJACENT = 0.1
"""Share of guilty rows next to another story's: campaigns come in waves, but not row upon row."""

PRECISION = 5.0
"""Average precision of one column, as a multiple of the share of guilty rows. On real cards a boosted model with all of history reaches
38 times (Fraud Detection Handbook: .095 at .25 %), and all columns of a row in MultiMAuS, a healthy simulator, about 10 (.133 at
1.37 %, measured): one column may do half of that. PaySim's balances reach two thousand."""

HALF_WAY = 0.5
"""Where few rows are innocent a multiple of the base rate means nothing: no bound lies beyond half the way from it to certainty."""

LIFT = 20.0
"""How many times as common a value may be among guilty rows. Some channels draw fraud: TabFormer's users found online payments 40 times
riskier and took it for a fault; half of that is left. A mark that planting leaves has hundreds."""

CELL_LIFT = 50.0
"""The same for a whole cell of method, purpose, country and MCC: purposes such as crypto and gift cards are themselves sought out."""

WITHIN_CELL = 3.0
"""The same for a value within its cell: there, how a payment is made follows from what it is. Also the ratio at which AMLworld's
payment format (87 % of laundering in one) would already fail."""

METHOD = 3.0
"""The largest part of guilty rows that one method may hold beyond its part of innocent rows of the same purpose."""

RULE = 25.0
"""Precision of a rule of two questions, as a multiple of the base rate: two columns, each at `PRECISION`."""

INNOCENT = 0.95
"""A word of a column is a label in disguise where 95 % of its rows are guilty."""

MARK = 0.05
"""Distance (total variation) between the mixes of minutes, seconds and last digits: nothing that people do explains any."""

CENTS = 0.15
"""Distance between the mixes of cents: asking for round sums is part of some frauds, so that some is left."""

HOURS = 0.3
"""Distance between the mixes of hours within a cell: fraud has its hours (Handbook: nights), yet most of it falls among the rest."""

DAYS = 0.5
"""Distance between the mixes of days: campaigns bunch, but not into days of their own."""

SHARE = 0.2
"""Difference of a plain share, such as that of payments abroad: 20 points (AMLworld's self-transfers and currencies exceed it)."""

ALONE = 0.2
"""Share of customer-days, merchants, devices and so on that have guilty rows only, beyond what innocent rows' own show."""

TAIL = 0.05
"""Share of guilty rows on days with less than half of the usual background: AMLworld's tail is such."""

REPEATED = 0.1
"""Amounts that repeat beyond what innocent rows of the same cells do: the distinct ones must be 9 tenths of what is expected."""

EVENT = 20.0
"""How many times as common an event may be in the day before a guilty payment. New devices and payees do go before fraud; a bank that
sees one knows something, and must not know all."""

SAME_GAP = 0.1
"""Share of guilty payments that follow an event after exactly the same number of seconds."""

STOPPED = 0.5
"""How much of an account's innocent activity may stop after its first guilty payment: accounts are blocked and closed, but Sparkov
deletes all of it."""

LIFETIME = 0.3
"""Kolmogorov-Smirnov distance of the number of innocent payments of accounts: Tide's accounts in schemes have 12, others 135. Each account
counts once on both sides: as one among all, or as likely as one of as many ordinary rows of the same methods and purposes meets it."""

ATTRIBUTE = 0.6
"""AUC of one attribute of an account or its owner: who is chosen may matter, but not decide."""

COMPONENT = 0.7
"""AUC of the size of the component that a payment lies in: rings on islands of their own are found without looking at payments."""

TOKEN = 10.0
"""How many times as often accounts in guilty stories share an identifier: rings do share telephones, as families do."""

NONE = 0
"""Of what must not be at all."""


def above_base(multiple: float, base: float) -> float:
    """A bound on precision, as a multiple of the base rate, in reach of a check however common guilt is.

    Args:
        multiple: Such as `PRECISION`.
        base: Share of guilty rows.
    """
    return min(multiple, (base + (1 - base) * HALF_WAY) / base) if base else multiple
