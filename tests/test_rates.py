"""Everything that a bank could see occurs in ordinary life, and the page that says how often names every event."""

from pathlib import Path

import pytest

from calibration.rates import Rate, count_rates, observable
from simulator.codes import Authentication, Channel, EntryMode, Event, Message, Method, Purpose, Reason, Status, words
from simulator.record.read import open_run
from simulator.record.schema import TABLES
from simulator.run import run_scenario
from simulator.scenario.file import load_scenario

PAGES = Path(__file__).parents[1] / "scenarios"
SELDOM = {"recovery", "deposit_insurance", "bail_in", "lost_card", "inheritance", "crypto"}
"""Words that so small a town does not use every year; `crypto` is a method of no rail that this world has."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Rate]:
    """A year of a few people to whom what is rare happens often."""
    often = {
        "population.customers": 250, "period.days": 370, "events.screened_customers": 0.2, "events.frozen": 0.1, "country.cash_report": 800,
        "cards.lost": 0.2, "cards.pin_resets": 0.2, "declines.wrong_pin": 0.02, "disputes.remote": 0.01, "disputes.in_person": 0.005,
        "disputes.returned_debits": 0.02, "disputes.returned_cheques": 0.02, "disputes.recalled": 0.02, "lives.switch": 0.1,
        "abroad.trips": [1.0] * 5, "abroad.notice": 0.5, "credit.lapse": 9.0, "credit.needs": 1.0,
        "shocks": [{"name": "down", "kind": "outage", "source": "a test", "start": "2024-01-05T00:00:00", "lasts": "6 h", "share": 0.5}],
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("rates") / "run"
    run_scenario(load_scenario("high_street", often), folder)
    return count_rates(open_run(folder))


def test_every_column_occurs(found: list[Rate]) -> None:
    filled = {(rate.table, rate.column) for rate in found if rate.share > 0 or rate.word != "(filled)"}
    # Nobody corrects a report yet; merchants and banks of so small a town stay.
    missing = {(name, column) for name in observable() for column in TABLES[name].names} - filled
    assert missing <= {("reports", "supersedes"), ("merchants", "valid_to"), ("banks", "valid_to"), ("terminals", "valid_to")}


def test_every_word_occurs(found: list[Rate]) -> None:
    columns = {
        "message": Message, "method": Method, "channel": Channel, "purpose": Purpose, "entry_mode": EntryMode, "status": Status,
        "authentication": Authentication, "decline_reason": Reason,
    }  # fmt: skip
    for column, kind in columns.items():
        used = {rate.word for rate in found if (rate.table, rate.column) == ("transactions", column)}
        assert set(words(kind)) - used <= SELDOM | {"none"}, column
    assert {rate.word for rate in found if (rate.table, rate.column) == ("events", "kind")} == set(words(Event))


def test_rates_are_brought_to_people_and_years(found: list[Rate]) -> None:
    logins = next(rate for rate in found if (rate.column, rate.word) == ("kind", "login"))
    assert 50_000 < logins.rate < 200_000
    assert sum(rate.share for rate in found if (rate.table, rate.column) == ("events", "kind")) == pytest.approx(1)


def test_the_pages_name_every_event() -> None:
    rates, occurs = ((PAGES / page).read_text("utf-8") for page in ("RATES.md", "OCCURS.md"))
    for event in words(Event):
        assert f"`{event}`" in rates, event
    for table in observable():
        if table != "daily":
            assert f"### {table}" in occurs, table
