"""What banks have in writing: customers, rights to accounts, identifiers."""

import numpy as np
import pandas as pd
import pytest

from simulator import open_run
from simulator.population.knowledge import anniversaries
from simulator.record.read import Run
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Two months of a town in which people move, change their numbers and are looked at often."""
    folder = tmp_path_factory.mktemp("files") / "run"
    busy = {
        "population.customers": 1200, "period.days": 60, "knowledge.phone_changes": 0.9, "knowledge.email_changes": 0.9,
        "knowledge.attorneys": 0.5, "knowledge.owned_firms": 0.2, "knowledge.politically_exposed": 0.01,
    }  # fmt: skip
    run_scenario(load_scenario("hamlet", busy), folder)
    return open_run(folder)


@pytest.fixture(scope="module")
def customers(run: Run) -> pd.DataFrame:
    return run.customers().to_pandas()


def test_every_customer_has_one_version_a_day(customers: pd.DataFrame) -> None:
    """Catches versions that overlap or leave a gap, and customers who never were."""
    for name in ("valid_from", "valid_to"):
        customers[name] = pd.to_datetime(customers[name])
    ordered = customers.sort_values(["customer_id", "valid_from"])
    again = ordered["customer_id"].eq(ordered["customer_id"].shift())
    assert again.sum() >= 5
    gap = ordered["valid_from"] - ordered["valid_to"].shift()
    assert (gap[again] == pd.Timedelta(days=1)).all()
    last = ~ordered["customer_id"].eq(ordered["customer_id"].shift(-1))
    assert ordered.loc[~last, "valid_to"].notna().all()
    assert 0 < ordered.loc[last, "valid_to"].notna().sum() < 60
    assert (ordered.loc[~again, "valid_from"] == pd.to_datetime(ordered.loc[~again, "onboarding_date"])).all()


def test_ratings_follow_what_the_bank_knows(customers: pd.DataFrame) -> None:
    people = customers[customers["kind"] == "person"]
    assert (people.loc[people["politically_exposed"], "risk_rating"] == "high").all()
    assert people["politically_exposed"].any()
    share = people["risk_rating"].value_counts(normalize=True)
    assert 0.6 < share["low"] < 0.95 and 0.002 < share["high"] < 0.06
    abroad = people["residency"] != "US"
    assert 0 < abroad.mean() < 0.03
    assert (people.loc[abroad, "risk_rating"] != "low").all()
    year = pd.to_datetime(people["onboarding_date"]).dt.year
    at_branch = (people["onboarding_channel"] == "branch").groupby(year < 2012).mean()
    assert at_branch[True] > at_branch[False] + 0.2
    firms = customers[customers["kind"] == "business"]
    assert (firms["household"] == -1).all() and (firms["age_band"] == "none").all()
    assert len(firms) == len(run_firms(firms)) and (firms["declared_income"] % 1000 == 0).all()


def run_firms(firms: pd.DataFrame) -> set[int]:
    return set(firms["customer_id"])


def test_rights_name_customers_and_accounts_that_there_are(run: Run, customers: pd.DataFrame) -> None:
    holders, accounts = run.holders().to_pandas(), run.accounts().to_pandas().drop_duplicates("account_id").set_index("account_id")
    kind = customers.drop_duplicates("customer_id").set_index("customer_id")["kind"]
    assert set(holders["customer_id"]) <= set(kind.index)
    assert set(holders["account_id"]) <= set(accounts.index)
    assert set(holders["role"]) == {
        "primary", "joint", "authorised_user", "signatory", "director", "beneficial_owner", "attorney",
    }  # fmt: skip
    assert (holders["role"] == "primary").groupby(holders["account_id"]).sum().eq(1).all()
    of_firms = accounts["owner_kind"].reindex(holders["account_id"]).isin(["merchant", "employer"]).to_numpy()
    assert set(holders.loc[of_firms, "role"]) == {"primary", "signatory", "director", "beneficial_owner"}
    owners = holders[holders["role"] == "beneficial_owner"]
    assert {"person", "business"} == set(kind.reindex(owners["customer_id"])), "some firms own other firms"
    joint = holders[holders["role"] == "joint"]
    household = customers.drop_duplicates("customer_id").set_index("customer_id")["household"]
    primary = holders[holders["role"] == "primary"].set_index("account_id")["customer_id"]
    together = household.reindex(joint["customer_id"]).to_numpy() == household.reindex(primary.reindex(joint["account_id"])).to_numpy()
    assert together.all()
    attorneys = holders[holders["role"] == "attorney"]
    band = customers.drop_duplicates("customer_id").set_index("customer_id")["age_band"]
    assert (band.reindex(primary.reindex(attorneys["account_id"])) == "75+").all()


def test_identifiers_are_shared_innocently(run: Run, customers: pd.DataFrame) -> None:
    tokens = run.identifiers().to_pandas()
    household = customers.drop_duplicates("customer_id").set_index("customer_id")["household"]
    now = tokens[tokens["valid_to"].isna()].assign(household=lambda t: household.reindex(t["customer_id"]).to_numpy())
    users = now.groupby(["kind", "token"], observed=True)["customer_id"].nunique()
    for kind, low, high in (("phone", 0.03, 0.4), ("email", 0.002, 0.1), ("address", 0.3, 0.95)):
        assert low < (users[kind] > 1).mean() < high, kind
    for kind in ("tax_id", "document"):
        assert users[kind].max() == 1
    assert now.groupby(["kind", "token"], observed=True)["household"].nunique()["address"].max() >= 4, "several homes in a building"
    homes = now[(now["kind"] == "address") & (now["household"] >= 0)].groupby("household")["token"].nunique()
    assert (homes == 1).mean() > 0.97, "a household has one address"


def test_what_changes_leaves_an_event_and_a_version(run: Run) -> None:
    tokens, events = run.identifiers().to_pandas(), run.events().to_pandas()
    for kind, event in (("phone", "phone_changed"), ("email", "email_changed"), ("address", "address_changed")):
        told = events[events["kind"] == event]
        begun = tokens[(tokens["kind"] == kind) & (pd.to_datetime(tokens["valid_from"]) >= pd.Timestamp("2024-01-01"))]
        assert len(told) > 5, kind
        known = begun["customer_id"].isin(told["customer_id"])
        assert known.sum() >= 0.8 * told["customer_id"].nunique() * (0.9 if kind != "address" else 1)
    ended = tokens[tokens["valid_to"].notna() & (tokens["kind"] == "phone")]
    after = tokens[(tokens["kind"] == "phone")].merge(ended, on="customer_id", suffixes=("", "_old"))
    follows = pd.to_datetime(after["valid_from"]) == pd.to_datetime(after["valid_to_old"]) + pd.Timedelta(days=1)
    assert follows.sum() > 20
    assert (after.loc[follows, "token"] != after.loc[follows, "token_old"]).all()


def test_reviews_come_on_anniversaries_by_rating(run: Run, customers: pd.DataFrame) -> None:
    told = (
        run.events()
        .to_pandas()
        .query("kind == 'kyc_reviewed'")
        .merge(customers.drop_duplicates("customer_id", keep="last"), on="customer_id", suffixes=("", "_customer"))
    )
    assert len(told) > 10
    since = pd.to_datetime(told["onboarding_date"])
    days = (told["timestamp"].dt.tz_localize(None).dt.floor("D") - since).dt.days
    assert (days % 365 == 0).all()
    every = told["risk_rating"].map({"low": 5, "medium": 3, "high": 1}).astype(int)
    assert (days // 365 % every == 0).mean() > 0.95, "a rating may have changed with what the review found"


def test_anniversaries_are_found_once() -> None:
    since = np.array([0, 365, 370, 729, 1000])
    found = np.zeros(5, int)
    for day in range(700, 700 + 3650, 30):
        due, years = anniversaries(since, day, 30)
        when = since + years * 365
        assert ((when[due] > day) & (when[due] <= day + 30)).all()
        found += due
    assert found.tolist() == [10, 10, 10, 10, 10] or found.min() >= 9
