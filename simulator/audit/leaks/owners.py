"""Owners: whether attributes of accounts and customers, or the identifiers that they share, tell who is in a guilty story."""

import numpy as np
import pandas as pd

from simulator.audit.leaks.bounds import ATTRIBUTE, TOKEN
from simulator.audit.leaks.chance import Contrast, contrast, ranking, ratios
from simulator.audit.leaks.finding import Check, Finding, finding
from simulator.audit.leaks.occurrences import owners
from simulator.audit.leaks.order import guilty_entities, independent_entities
from simulator.audit.leaks.sheet import Flags, Ints, Sheet
from simulator.audit.leaks.single import binned
from simulator.audit.lot import For, lots

LEFT_OUT = ("account_id", "customer_id", "owner_id", "household", "valid_from", "valid_to")
"""Keys, and versions: a row that ends says that something changed, not what."""
LEAST = 10


def parties(sheet: Sheet) -> Ints:
    """Accounts at either end of guilty rows."""
    ends = [guilty_entities(sheet, sheet.column(name).astype(np.int64)) for name in ("payer_account", "payee_account")]
    found: Ints = np.unique(np.concatenate(ends))
    return found


def attributes(sheet: Sheet) -> Finding | None:
    """The attribute with the highest AUC, within kinds of accounts."""
    accounts, customers = sheet.table("accounts"), sheet.table("customers")
    if accounts is None or not len(accounts):
        return None
    first = accounts.drop_duplicates("account_id").reset_index(drop=True)
    guilty = first["account_id"].isin(parties(sheet)).to_numpy()
    if guilty.sum() < LEAST:
        return None
    kind = pd.factorize(first["kind"].astype(str) + " " + first["owner_kind"].astype(str))[0].astype(np.int64)
    columns = {f"account's {name}": first[name] for name in first.columns if name not in (*LEFT_OUT, "kind", "owner_kind")}
    if customers is not None and len(customers):
        people = customers.drop_duplicates("customer_id").set_index("customer_id")
        held = first["owner_id"].where(first["owner_kind"].astype(str) == "customer", -1)
        names = [name for name in people.columns if name not in LEFT_OUT]
        columns |= {f"customer's {name}": people[name].reindex(held).reset_index(drop=True) for name in names}
    lot = lots(len(first), For.OWNERS) & 1
    size = independent_entities(sheet, int(guilty.sum()))
    figure, example = 0.5, ""
    for name, column in columns.items():
        auc = _auc(_codes(column), kind, guilty, lot, size, len(columns))
        if auc > figure:
            figure, example = auc, name
    counts = "AUC of one attribute of an account or its owner, within kinds of accounts"
    return finding("account_attributes", figure, ATTRIBUTE, counts, example)


def _codes(column: pd.Series) -> Ints:
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == object or pd.api.types.is_string_dtype(column.dtype):
        days = pd.to_datetime(column, errors="coerce") if _dates(column) else None
        if days is None:
            return pd.factorize(column.astype("string").fillna(""), sort=True)[0].astype(np.int64)
        column = days
    if column.dtype.kind == "M":
        return binned(column.to_numpy().astype("datetime64[D]").astype(np.float64))
    return binned(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _dates(column: pd.Series) -> bool:
    known = column.dropna()
    return bool(len(known)) and hasattr(known.iloc[0], "toordinal")


def _auc(value: Ints, kind: Ints, guilty: Flags, lot: Ints, size: float, tests: int) -> float:
    """AUC of values ranked by risk, learnt on one half of the accounts and measured on the other."""
    aucs = []
    for half in (0, 1):
        learn, test = lot == half, lot != half
        risk = contrast(Sheet.of({}, guilty & learn), value, kind, others=~guilty & learn)
        far = contrast(Sheet.of({}, guilty & test), value, kind, others=~guilty & test)
        if not risk.size or not far.size:
            return 0.5
        order = np.argsort(_pad(risk.found, far) - _pad(risk.expected, far), kind="stable")
        aucs.append(ranking(far._replace(found=far.found[order], expected=far.expected[order], size=size, others=far.others * 2), tests))
    return float(np.mean(aucs))


def _pad(share: np.ndarray, like: Contrast) -> np.ndarray:
    return np.pad(share, (0, max(len(like.found) - len(share), 0)))[: len(like.found)]


def tokens(sheet: Sheet) -> Finding | None:
    """Customers who share an identifier, by its kind."""
    table, of = sheet.table("identifiers"), owners(sheet)
    if table is None or of is None or not len(table):
        return None
    people = np.unique(of.to_numpy())
    guilty = np.isin(people, of.reindex(parties(sheet)).dropna().to_numpy())
    if guilty.sum() < LEAST:
        return None
    figure, example, kinds = 0.0, "", sorted(table["kind"].astype(str).unique())
    for kind in kinds:
        mine = table[table["kind"].astype(str) == kind].drop_duplicates(["customer_id", "token"])
        shared = mine.loc[mine["token"].duplicated(keep=False), "customer_id"].unique()
        part = Sheet.of({}, guilty)
        of_kind = contrast(part, np.isin(people, shared).astype(np.int64))
        ratio = ratios(of_kind._replace(size=independent_entities(sheet, int(guilty.sum()))), len(kinds))
        if len(ratio) > 1 and ratio[1] > figure:
            figure, example = float(ratio[1]), f"{kind}: {of_kind.found[1]:.1%} against {of_kind.expected[1]:.1%}"
    counts = "times that customers in guilty rows share an identifier as often as others"
    return finding("shared_identifiers", figure, TOKEN, counts, example)


CHECKS = [Check(attributes, ("payer_account", "payee_account")), Check(tokens, ("payer_account", "payee_account"))]
