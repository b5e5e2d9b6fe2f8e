"""What Ledgerfolk's words are called in AMLworld's files."""

from re import match

import pyarrow as pa
import pyarrow.compute as pc

FORMATS = {
    "card": "Credit Card",
    "wallet": "Credit Card",
    "instant_transfer": "Wire",
    "wire": "Wire",
    "batch_transfer": "ACH",
    "direct_debit": "ACH",
    "cheque": "Cheque",
    "cash": "Cash",
    "crypto": "Bitcoin",
    "none": "Reinvestment",
}
"""Payment formats by method: transfers that are final at once are wires, those in files ACH, a bank's own bookings (interest, fees)
reinvestments; debit cards are no word of the format."""

CURRENCIES = {
    "USD": "US Dollar",
    "EUR": "Euro",
    "GBP": "UK Pound",
    "JPY": "Yen",
    "CNY": "Yuan",
    "INR": "Rupee",
    "CHF": "Swiss Franc",
    "CAD": "Canadian Dollar",
    "AUD": "Australian Dollar",
    "MXN": "Mexican Peso",
    "BRL": "Brazil Real",
    "RUB": "Ruble",
    "ILS": "Shekel",
    "SAR": "Saudi Riyal",
    "BTC": "Bitcoin",
    "XBT": "Bitcoin",
}
"""Currency names by ISO code; others keep their code."""

PATTERNS = {
    "L01": "FAN-OUT",
    "L02": "FAN-IN",
    "L03": "CYCLE",
    "L04": "BIPARTITE",
    "L05": "STACK",
    "L06": "SCATTER-GATHER",
    "L07": "GATHER-SCATTER",
    "L08": "RANDOM",
}
"""Patterns by typology; a typology that is called as a pattern is one too."""

NO_BANK = "99999"
"""Stands for no bank; a bank's number has at most 32,767."""


def pattern(typology: str) -> str | None:
    """The pattern of a typology such as `L03` or `L03_cycle`; None where the format has no word for its shape.

    Args:
        typology: As `truth/labels` says.
    """
    numbered = match(r"L\d\d(?!\d)", typology)
    name = typology.upper().replace("_", "-").replace(" ", "-")
    return PATTERNS.get(numbered[0]) if numbered else name if name in PATTERNS.values() else None


def named(values: pa.Array | pa.ChunkedArray, names: dict[str, str]) -> pa.Array | pa.ChunkedArray:
    """Words by their other name; those that have none stay."""
    words = values.cast(pa.string())
    return pc.coalesce(pa.array(names.values(), pa.string()).take(pc.index_in(words, pa.array(names, pa.string()))), words)


def bank_numbers(banks: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Banks as text of five digits; `NO_BANK` for -1."""
    return pc.if_else(pc.less(banks, 0), NO_BANK, pc.utf8_lpad(banks.cast(pa.string()), 5, "0"))
