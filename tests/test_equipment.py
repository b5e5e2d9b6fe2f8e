"""Devices, networks, cards and machines: who has what, from when to when, and with what proof it is used."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from small_worlds import ORDINARY

from simulator import open_run
from simulator.codes import Authentication, PayeeCheck
from simulator.population import devices
from simulator.population.equipment import NEVER, card_row, expiry, first_issues, successor
from simulator.population.identity import Kind, keys_of, public_id, public_ids
from simulator.population.ways import Ways, build_ways, region_of
from simulator.record.read import Run
from simulator.run import run_scenario
from simulator.scenario import PayeeChecks
from simulator.scenario.file import load_scenario

DAYS = 400


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """More than a year of 120 people who lose their cards often."""
    folder = tmp_path_factory.mktemp("cards") / "run"
    busy = ORDINARY | {"population.customers": 120, "period.days": DAYS, "cards.lost": 0.3, "cards.forgotten": 0.2}
    busy |= {"knowledge.phone_changes": 0.3}
    run_scenario(load_scenario("hamlet", busy), folder)
    return open_run(folder)


@pytest.fixture(scope="module")
def payments(lived: Run) -> pd.DataFrame:
    table = lived.transactions().to_pandas()
    table["day"] = table["timestamp"].dt.tz_localize(None).dt.floor("D")
    return table


def dated(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    for column in columns:
        table[column] = pd.to_datetime(table[column])
    return table


@pytest.fixture(scope="module")
def cards(lived: Run) -> pd.DataFrame:
    return dated(lived.cards().to_pandas(), "issued", "activated", "expires", "valid_from", "valid_to")


@pytest.fixture(scope="module")
def events(lived: Run) -> pd.DataFrame:
    return lived.events().to_pandas()


def bought(payments: pd.DataFrame, cards: pd.DataFrame) -> pd.DataFrame:
    made = payments[
        (payments["card_id"] >= 0) & (payments["status"] == "approved") & payments["message"].isin(["payment", "authorisation"])
    ]
    return made.merge(cards, on="card_id", how="left", suffixes=("", "_card"))


def test_a_card_pays_between_activation_and_its_end(payments: pd.DataFrame, cards: pd.DataFrame) -> None:
    """Catches a card used before it is activated, after it is blocked, replaced or expired, and one that no table knows."""
    made = bought(payments, cards)
    assert len(made) > 10_000
    assert made["kind"].notna().all()
    token = made["kind"] == "wallet_token"
    assert (made["day"] > made["activated"])[~token].all()
    assert (made["day"] >= made["activated"])[token].all()
    assert (made["day"] <= made["expires"]).all()
    assert (made["valid_to"].isna() | (made["day"] <= made["valid_to"])).all()
    assert (made["payer_account"] == made["account_id"]).all()


def test_events_tell_a_cards_life_in_order(payments: pd.DataFrame, cards: pd.DataFrame, events: pd.DataFrame) -> None:
    """Issued, posted, activated, then used; blocked, then never again."""
    when = {
        kind: rows.groupby("card_id")["timestamp"].min() for kind, rows in events[events["card_id"] >= 0].groupby("kind", observed=True)
    }
    for first, then in (("card_reissued", "card_posted"), ("card_posted", "card_activated"), ("card_ordered", "card_posted")):
        both = pd.concat([when[first], when[then]], axis=1, keys=["first", "then"]).dropna()
        assert len(both) >= 5, (first, then)
        assert (both["first"] < both["then"]).all(), (first, then)
    made = bought(payments, cards)
    for kind, fits in (("card_activated", "after"), ("token_added", "after"), ("card_blocked", "before"), ("card_expired", "before")):
        known = made.join(when[kind].rename("event"), on="card_id").dropna(subset=["event"])
        assert len(known) > 100, kind
        assert ((known["timestamp"] > known["event"]) if fits == "after" else (known["timestamp"] < known["event"])).all(), kind
    known = set(cards["card_id"])
    assert set(events.loc[events["card_id"] >= 0, "card_id"]) <= known
    blocked = len(when["card_blocked"])
    assert 0.6 < blocked / (0.3 * (cards["kind"] != "wallet_token").sum() * 0.6) < 1.6


def test_people_without_a_card_find_another_way(payments: pd.DataFrame, cards: pd.DataFrame) -> None:
    """Nearly nobody tries a missing card in a shop; merchants that stored the old one do."""
    why = payments["decline_reason"].isin(["lost_card", "inactive_card"])
    assert why.sum() > 20
    assert (payments.loc[why, "status"] == "declined").all()
    in_person = why & (payments["channel"] == "point_of_sale")
    assert in_person.sum() < 0.1 * why.sum() + 3
    assert (payments.loc[why, "entry_mode"] == "stored").any()
    counter = (payments["purpose"] == "withdrawal") & (payments["channel"] == "branch")
    assert counter.any()
    assert (payments.loc[counter, "card_id"] == -1).all()


def test_devices_are_those_of_the_day(payments: pd.DataFrame, events: pd.DataFrame, lived: Run) -> None:
    table = dated(lived.devices().to_pandas(), "valid_from", "valid_to")
    assert table["device_id"].is_unique
    events = events.assign(day=events["timestamp"].dt.tz_localize(None).dt.floor("D"))
    for rows in (payments, events):
        used = rows[rows["device_id"] >= 0].merge(table, on="device_id", how="left")
        assert used["valid_from"].notna().all()
        assert (used["valid_from"] <= used["day"]).all()
        assert (used["valid_to"].isna() | (used["day"] <= used["valid_to"])).all()
    new = events[events["kind"] == "new_device"].groupby("device_id")["timestamp"].min()
    for rows in (payments, events[events["kind"] != "new_device"]):
        known = rows[rows["device_id"] >= 0].join(new.rename("new"), on="device_id").dropna(subset=["new"])
        assert len(known) > 100
        assert (known["timestamp"] > known["new"]).all()


def test_devices_and_networks_are_shared_innocently(payments: pd.DataFrame, lived: Run) -> None:
    """Households share a computer and an address, workplaces theirs, carriers theirs among strangers; phones are one's own."""
    holder = lived.accounts().to_pandas().drop_duplicates("account_id").set_index("account_id")["owner_id"]
    kind = lived.devices().to_pandas().set_index("device_id")["kind"]
    made = payments[payments["device_id"] >= 0]
    users = holder.reindex(made["payer_account"]).to_numpy()
    shared = made.assign(user=users).groupby("device_id")["user"].nunique()
    phones = kind.reindex(shared.index) == "phone"
    assert (shared[phones.to_numpy()] == 1).all()
    assert 0.1 < (shared[(kind.reindex(shared.index) == "computer").to_numpy()] > 1).mean() < 0.7
    networks = made[made["ip_id"] >= 0].assign(user=users[made["ip_id"].to_numpy() >= 0]).groupby("ip_id")["user"].nunique()
    assert 0.2 < (networks > 1).mean() < 0.8
    assert networks.max() >= 4
    in_person = payments[payments["channel"] == "point_of_sale"]
    assert (in_person["ip_id"] == -1).all()
    assert 0.02 < (in_person["device_id"] >= 0).mean() < 0.3
    remote = payments[payments["channel"].isin(["online", "mobile"]) & (payments["purpose"] == "purchase")]
    assert (remote["device_id"] >= 0).mean() > 0.97


def test_machines_stand_in_the_town(payments: pd.DataFrame, lived: Run) -> None:
    terminals = lived.terminals().to_pandas()
    machines = terminals[(terminals["kind"] == "atm") & (terminals["region"] != "abroad")]
    assert len(machines) >= 1
    assert (machines["merchant_id"] == -1).all()
    drawn = payments[(payments["channel"] == "atm") & (payments["country"] == "US")]
    assert len(drawn) > 100
    assert set(drawn["terminal_id"]) <= set(machines["terminal_id"])


# Arithmetic -----------------------------------------------------------------------------------------------------------


def gear(size: int = 3000, **changes: Any) -> NDArray[np.int64]:
    scenario = load_scenario("hamlet", {name.replace("__", "."): value for name, value in changes.items()})
    rows = np.arange(size, dtype=np.int64)
    return devices.draw_gear(scenario, rows - rows % 2, np.full(size, 40))


@pytest.mark.parametrize("device", [devices.PHONE, devices.COMPUTER, devices.TABLET])
def test_generations_follow_each_other_at_the_owners_pace(device: int) -> None:
    """Catches a rate that overflows its bits, a first day that is off by one, a kernel that differs from the columns."""
    mine = gear(devices__years=3.0)
    rate, phase = devices.paces(mine, device)
    ends = devices.generations(rate, phase, 36_500)
    assert (36_500 / 365.25 / ends.mean()) == pytest.approx(3.0, rel=0.1)
    assert len(np.unique(rate)) > 200
    for since in (0, 1, 700, 36_500):
        now = devices.generations(rate, phase, since)
        first, after = devices.first_day(rate, phase, now), devices.first_day(rate, phase, now + 1)
        assert ((first <= since) & (since < after)).all()
        assert [devices.generation(int(g), device, since) for g in mine[:50]] == now[:50].tolist()


def test_things_have_rows_of_their_own() -> None:
    """Two different devices, networks or cards never have one id."""
    mine, desks = gear(400), np.full(400, 3, np.int8)
    seen = set()
    for kind in (devices.PHONE, devices.COMPUTER, devices.TABLET, devices.WORK):
        for person in range(0, 400, 7):
            for since in (0, 4000):
                place = person - person % 2 if kind == devices.COMPUTER else person
                row = devices.device_row(mine, desks, kind, person, place, since)
                assert 0 <= row < 2**40
                seen.add(row)
    assert len(seen) == 2 * 4 * len(range(0, 400, 7)) - sum(
        devices.device_row(mine, desks, k, p, p, 0) == devices.device_row(mine, desks, k, p, p, 4000)
        for k in (devices.PHONE, devices.COMPUTER, devices.TABLET, devices.WORK)
        for p in range(0, 400, 7)
    )
    networks = [devices.network_row(mine, kind, person, 3, since) for kind in (1, 2, 3, 4) for person in range(50) for since in range(5)]
    assert min(networks) >= 0 and max(networks) < 2**40
    assert len({row for row in networks if row >> 37 == 1}) < 5, "a household has one address for months"
    assert len({devices.network_row(mine, 4, 7, -k, 0) for k in range(1, 9)}) == 8
    cards = {card_row(card, generation, token) for card in (0, 1, 2**26 - 1) for generation in (0, 62) for token in (0, 1, 100)}
    assert len(cards) == 18 and max(cards) < 2**40


def test_a_kernel_gives_the_public_ids_of_columns() -> None:
    rows, keys = np.array([0, 1, 5, 2**40 - 1]), keys_of(3)
    assert public_ids(3, Kind.DEVICE, rows).tolist() == [public_id(keys, int(Kind.DEVICE), int(row), 20) for row in rows]


def test_cards_expire_at_the_end_of_a_month() -> None:
    issued = np.arange(np.datetime64("2020-01-01"), np.datetime64("2021-01-01")).astype(np.int64)
    last = expiry(issued, 4).astype("datetime64[D]")
    assert last.min() == np.datetime64("2024-01-31") and last.max() == np.datetime64("2024-12-31")
    assert ((last + np.timedelta64(1, "D")).astype("datetime64[M]").astype("datetime64[D]") == last + np.timedelta64(1, "D")).all()
    ahead = last.astype(np.int64) - successor(np.arange(len(issued)), issued, 4)
    assert ahead.min() >= 30 and ahead.max() <= 45 and len(np.unique(ahead)) > 8


def test_cards_of_the_first_morning_are_of_any_age_and_none_is_due() -> None:
    scenario = load_scenario("hamlet")
    joined = np.array([0] * 2000 + [NEVER] * 3)
    first = first_issues(scenario, joined, 20_000)
    assert (first[2000:] == NEVER).all()
    assert (successor(np.arange(4000), first[:2000].ravel(), 4) > 20_000).all()
    assert 550 < (20_000 - first[:2000]).mean() < 850


# Proof ----------------------------------------------------------------------------------------------------------------


def at_home_in(country: str) -> dict[str, Any]:
    """Another country at home, which then is not abroad."""
    others = [one.model_dump() for one in load_scenario("hamlet").abroad.countries if one.code != country]
    return {"country.code": country, "abroad.countries": others}


def ways(country: str, start: str, **changes: Any) -> Ways:
    settings = at_home_in(country) | {"period.start": start} | {f"security.{name}": value for name, value in changes.items()}
    return build_ways(load_scenario("hamlet", settings), 100)


def share(table: NDArray[np.int8], word: int) -> float:
    return float((table == word).mean())


def test_proof_follows_the_region_and_the_year() -> None:
    american, german, british, early = (
        ways(*where) for where in (("US", "2025-01-01"), ("DE", "2025-01-01"), ("GB", "2024-06-01"), ("DE", "2019-01-01"))
    )
    assert share(american.remote[0], Authentication.CVV) > 0.8
    for regulated in (german, british):
        assert share(regulated.remote[0], Authentication.SCA_RESULT) == pytest.approx(0.57, abs=0.01)
        assert share(regulated.remote[1], Authentication.SCA_EXEMPTION) > 2 * share(regulated.remote[0], Authentication.SCA_EXEMPTION)
        assert regulated.tap == Authentication.SCA_EXEMPTION and regulated.phone == Authentication.SCA_RESULT
    assert share(early.remote[0], Authentication.SCA_RESULT) == 0
    assert (german.tap_limit, british.tap_limit, american.tap_limit) == (5000, 10_000, 0)
    assert share(american.chip[1], Authentication.PIN) == 0 and share(german.chip[1], Authentication.PIN) == 1
    assert (american.checks, british.checks, german.checks, ways("FR", "2025-12-01").checks) == (0, 1, 0, 2)
    assert share(british.check, PayeeCheck.MATCH) > 0.85
    assert region_of("GB", date(2020, 4, 2)).contactless_limit == 45
    assert region_of("FR", date(2025, 10, 8)).checks is PayeeChecks.NONE


def test_what_a_scenario_says_goes_before_the_region() -> None:
    said = ways("US", "2025-01-01", cvv=0, one_time_code=1, payee_checks="all", contactless_limit=20, pin_credit=1)
    assert share(said.remote[0], Authentication.ONE_TIME_CODE) == 1
    assert said.checks == 2 and said.tap_limit == 2000 and share(said.chip[1], Authentication.PIN) == 1


def test_a_british_town_confirms_new_payees(tmp_path: Path) -> None:
    settings = {"population.customers": 150, "period.days": 12, "period.start": "2024-03-01"} | at_home_in("GB")
    run_scenario(load_scenario("hamlet", settings), tmp_path / "run")
    run = open_run(tmp_path / "run")
    table = run.transactions().to_pandas()
    checked = table[table["payee_check"] != "none"]
    assert len(checked) > 5
    assert set(checked["purpose"]) <= {"transfer", "sale", "saving", "remittance", "gambling", "crypto", "investment"}
    added = run.events().to_pandas().query("kind == 'payee_added'")
    assert abs(len(added) - len(checked)) <= 0.25 * len(added) + 3
    remote = table[(table["purpose"] == "purchase") & table["channel"].isin(["online", "mobile"]) & (table["country"] == "GB")]
    strong = remote[remote["amount"] > 30]["authentication"].value_counts(normalize=True)  # small ones are mostly exempt
    assert 0.42 < strong["sca_result"] < 0.72 and strong["sca_exemption"] > 0.22
    assert (table["decline_reason"] == "wrong_one_time_code").any()
