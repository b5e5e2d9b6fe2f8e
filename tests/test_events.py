"""Events and reports: in order, where they belong, as often as they should be, and what the payments say of them."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from small_worlds import ORDINARY

from simulator import PaymentsModel, open_run
from simulator.clock import DAY, EPOCH, HOUR, Today
from simulator.codes import Detail, Event, Follow, Message, Method, Purpose
from simulator.draws import Why
from simulator.errors import InputError
from simulator.events import EVENT
from simulator.ledger import NEW_PAYEE
from simulator.lives.answers import clear_hits
from simulator.lives.diary import Diary
from simulator.lives.freezes import LASTS, due_on
from simulator.population.accounts import FROZEN, LOAN, PERSON_ROWS, true_lines
from simulator.record import happenings
from simulator.record.facts import build_names
from simulator.record.happenings import Happenings, write_events
from simulator.record.known import DISPUTES
from simulator.record.schema import TABLES
from simulator.record.spool import Spool, check_spool
from simulator.records import Records, records
from simulator.run import run_scenario
from simulator.runner.happened import HAPPENED, in_order
from simulator.runner.runner import Runner
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario

PEOPLE, DAYS = 300, 200
CHANGES: dict[str, Any] = ORDINARY | {
    "population.customers": PEOPLE,
    "period.days": DAYS,
    "lives.changes": False,  # the same people from the first day to the last
    # What is rare happens often enough to be counted.
    "events.screened_customers": 0.3,
    "events.screened_payments": 0.5,
    "events.screened_payees": 0.2,
    "events.frozen": 0.3,
    "events.limit_changes": 0.5,
    "country.cash_report": 800,
    "declines.wrong_pin": 0.1,
    "declines.retry": 0.9,
    "transfers.cars": 0.5,
    "disputes.returned_debits": 0.02,
    "disputes.returned_transfers": 0.02,
    "disputes.returned_cheques": 0.02,
    "disputes.represented": 0.4,
}
SMALL = CHANGES | {"lives.changes": True, "population.customers": 80, "period.days": 25, "period.start": "2024-02-20"}
_plan = Runner.plan


def plan_with_disputes(self: Runner, today: Today) -> None:
    """Some purchases will be disputed, and some are charged twice; by the address of the purchase, so that shards agree."""
    _plan(self, today)
    for lane in self._people:
        planned = lane.attempts[: lane._count].view(Records)
        bought = (planned.purpose == Purpose.PURCHASE) & (planned.message == Message.PAYMENT) & (planned.follow == Follow.NONE)
        bought &= (planned.method == Method.CARD) & (planned.related < 0)
        turn = (planned.initiator.astype(np.int64) * 7 + planned.sequence + today.day * 3) % 60
        planned.follow[bought & (turn == 0)] = Follow.DISPUTE
        planned.follow[bought & (turn == 1)] = Follow.DUPLICATE


@pytest.fixture(scope="module")
def disputes() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "plan", plan_with_disputes)
        yield


class Told(NamedTuple):
    """A run as its files tell it."""

    folder: Path
    manifest: dict[str, Any]
    events: pd.DataFrame
    payments: pd.DataFrame
    accounts: pd.DataFrame
    reports: pd.DataFrame


def told(folder: Path, **changes: Any) -> Told:
    manifest = run_scenario(load_scenario("high_street", CHANGES | changes), folder)
    run = open_run(folder)
    payments = run.transactions().to_pandas()
    tables = (run.events(), run.accounts(), run.reports())
    events, accounts, reports = (table.to_pandas() for table in tables)
    holders = run.holders().to_pandas()
    owner = holders[holders["role"] == "primary"].set_index("account_id")["customer_id"]
    kind = accounts.drop_duplicates("account_id").set_index("account_id")["owner_kind"].astype(str)
    payments["owner"] = payments["payer_account"].map(owner).fillna(-1).astype(np.int64)
    payments["owner_kind"] = payments["payer_account"].map(kind)
    return Told(folder, manifest, events, payments, accounts, reports)


@pytest.fixture(scope="module")
def town(disputes: None, tmp_path_factory: pytest.TempPathFactory) -> Told:
    return told(tmp_path_factory.mktemp("events") / "run")


def by_hand(payments: pd.DataFrame) -> pd.DataFrame:
    """What owners pay through their bank's app or site."""
    chosen = payments["channel"].isin(["mobile", "online"]) & payments["method"].isin(["instant_transfer", "batch_transfer", "wire"])
    chosen &= (payments["message"] == "payment") & (payments["related_transaction_id"] < 0)
    return payments[chosen & payments["owner_kind"].isin(["customer", "merchant", "employer"])]


def about(count: float, expected: float, spread: float = 1.0) -> bool:
    """Whether a count is what a Poisson law, or one so much wider, allows."""
    return abs(count - expected) <= 4.5 * math.sqrt(spread * expected) + 2


def test_events_are_dense_ordered_and_known(town: Told) -> None:
    events = town.events
    assert len(events) == town.manifest["rows"]["events"] > 10_000
    assert (events["event_id"] == np.arange(len(events))).all()
    assert events["timestamp"].is_monotonic_increasing
    ties = events.groupby("timestamp").filter(lambda group: len(group) > 1)
    assert len(ties) < len(events) / 20
    customers = open_run(town.folder).customers().to_pandas().drop_duplicates("customer_id")
    assert set(events["customer_id"]) <= set(customers["customer_id"])
    assert set(events["account_id"]) - {-1} <= set(town.accounts["account_id"])
    banks = town.accounts.drop_duplicates("account_id").set_index("account_id")["bank"]
    with_account = events[events["account_id"] >= 0]
    assert (with_account["bank"] == with_account["account_id"].map(banks)).all()
    of_people = events[(events["account_id"] < 0) & events["customer_id"].isin(customers["customer_id"])]
    assert (of_people["bank"] == of_people["customer_id"].map(customers.set_index("customer_id")["bank"])).all()


def test_a_login_precedes_what_is_paid_by_hand(town: Told) -> None:
    """Within the hour, and somewhat before where it is the only reason to log in."""
    logins = town.events[town.events["kind"] == "login"][["timestamp", "customer_id"]].rename(columns={"timestamp": "login"})
    paid = by_hand(town.payments)
    paid, logins = paid.sort_values("timestamp"), logins.sort_values("login")
    found = pd.merge_asof(paid, logins, left_on="timestamp", right_on="login", left_by="owner", right_by="customer_id")
    since = (found["timestamp"] - found["login"]).dt.total_seconds()
    assert len(found) > 5_000
    assert found["login"].notna().all()
    assert since.max() <= 3600
    assert (since > 0).all()
    first = since[since <= 301]
    assert len(first) > 0.9 * len(since)
    assert set(paid["owner_kind"]) == {"customer", "merchant", "employer"}


def test_people_log_in_six_to_nine_times_a_month(town: Told) -> None:
    customers = open_run(town.folder).customers(["customer_id", "kind", "age_band"]).to_pandas().drop_duplicates("customer_id")
    customers = customers[customers["kind"] == "person"]  # firms log in for every run of their invoices
    logins = town.events[(town.events["kind"] == "login") & town.events["customer_id"].isin(customers["customer_id"])]
    assert 6 <= len(logins) / PEOPLE / DAYS * 30.44 <= 9
    mean = logins["customer_id"].map(customers.set_index("customer_id")["age_band"]).value_counts() / customers["age_band"].value_counts()
    assert mean["25-34"] > mean["65-74"] > mean["75+"]
    assert len(set(logins["customer_id"])) > 0.95 * PEOPLE


def test_wrong_passwords_come_before_logins(town: Told) -> None:
    events = town.events
    kinds = events["kind"].value_counts()
    share = kinds["login"] * 0.05
    resets = (events["kind"] == "pin_reset") & (events["detail"] == "password")
    assert about(resets.sum(), share * 0.08)
    assert about(kinds["failed_login"], share * 1.16, 1.5)
    failed = events[events["kind"] == "failed_login"][["timestamp", "customer_id"]]
    logins = events[events["kind"] == "login"][["timestamp", "customer_id"]].assign(login=lambda table: table["timestamp"])
    after = pd.merge_asof(failed, logins, on="timestamp", by="customer_id", direction="forward")
    assert ((after["login"] - after["timestamp"]).dt.total_seconds() <= 110).all()


def test_a_payee_is_added_before_the_first_transfer_and_never_again(town: Told) -> None:
    paid = by_hand(town.payments)
    paid = paid[paid["purpose"].isin(["transfer", "sale", "purchase", "gambling", "crypto", "investment"])].copy()
    paid["first"] = ~paid.duplicated(["payer_account", "payee_account"])
    added = town.events[town.events["kind"] == "payee_added"]
    assert len(added) > 150
    ours = dict(list(paid.groupby("payer_account")))
    for event in added.itertuples():
        payments = ours[event.account_id]
        gap = (payments["timestamp"] - event.timestamp).dt.total_seconds()
        assert (payments["first"] & (gap > 0) & (gap <= 112)).any()
    sales = paid[paid["purpose"] == "sale"]
    assert sales["first"].all()
    times = added.groupby("account_id")["timestamp"].apply(list)
    for sale in sales.itertuples():
        assert any(0 < (sale.timestamp - time).total_seconds() <= 112 for time in times[sale.payer_account])


def test_nobody_adds_a_payee_twice() -> None:
    """What the files do not show: whom an event is about."""
    model = PaymentsModel("high_street", **SMALL)
    known = set(sorted_pairs(model))
    assert model.world.contacts.paid.mean() > 0.9
    model.world.contacts.paid[::3] = 0
    paid = {pair for pair, flag in zip(sorted_pairs(model), model.world.contacts.paid, strict=True) if flag}
    added: list[tuple[int, int]] = []
    marked = 0
    for _ in range(25):
        model.step()
        for events in model.runner.events:
            new = events[events.kind == Event.PAYEE_ADDED]
            new = new[new.other < model.world.layout.firm_base]  # of who pays for a party, the place is nobody's acquaintance
            added += list(zip(new.initiator.tolist(), (new.other // 5).tolist(), strict=True))
        for lane in model.runner._people:
            marked += int(((lane.attempts.marks[: lane._count] & NEW_PAYEE) != 0).sum())
    assert len(added) == len(set(added)) > 15
    assert not set(added) & paid
    assert set(added) & known
    assert marked >= len(added)
    strangers = [pair for pair in added if pair not in known]
    household = model.world.people.household
    assert len(strangers) > 5
    assert all(household[a] != household[b] for a, b in strangers)


def sorted_pairs(model: PaymentsModel) -> list[tuple[int, int]]:
    """Relations in row order."""
    source = np.repeat(np.arange(len(model.world.knows) - 1), np.diff(model.world.knows))
    return list(zip(source.tolist(), model.world.contacts.person.tolist(), strict=True))


def test_first_payments_are_a_part_of_transfers(town: Told) -> None:
    """What the issue asks for, from files that know no history: payees that no earlier payment of the payer had."""
    sent = town.payments[town.payments["purpose"].isin(["transfer", "sale"]) & (town.payments["message"] == "payment")]
    late = sent["timestamp"] > sent["timestamp"].min() + pd.Timedelta(days=100)
    first = ~sent.duplicated(["payer_account", "payee_account"])
    assert 0.07 < first[late].mean() < 0.3
    added = (town.events["kind"] == "payee_added").sum()
    assert 0.05 < added / len(by_hand(sent)) < 0.2


def test_limits_are_raised_before_large_transfers(town: Told) -> None:
    large = by_hand(town.payments)
    large = large[large["method"].isin(["instant_transfer", "wire"]) & (large["amount"] > 2500) & (large["owner_kind"] == "customer")]
    large = large[large["purpose"] != "saving"]
    assert len(large) > 5
    changed = town.events[town.events["kind"] == "limit_changed"]
    raised = changed[changed["detail"] == "daily_limit_raised"].groupby("account_id")["timestamp"].apply(list)
    for payment in large.itertuples():
        assert any(0 < (payment.timestamp - time).total_seconds() <= 60 for time in raised[payment.payer_account])
    assert about(len(changed) - len(large), 0.5 * PEOPLE * DAYS / 365, 1.5)
    assert 0.1 < (changed["detail"] == "daily_limit_lowered").sum() / (len(changed) - len(large)) < 0.45


def test_three_wrong_pins_block_a_card(town: Told) -> None:
    blocked = town.events[town.events["kind"] == "pin_blocked"]
    resets = town.events[(town.events["kind"] == "pin_reset") & (town.events["detail"] == "card_pin")]
    assert len(resets) >= len(blocked) > 20  # some forget their PIN without having tried
    wrong = town.payments[town.payments["decline_reason"] == "wrong_pin"]
    wrong = wrong.assign(day=wrong["timestamp"].dt.date)
    tries = wrong.groupby(["payer_account", "day"]).size()
    for event in blocked.itertuples():
        assert tries[(event.account_id, event.timestamp.date())] >= 3
        assert event.card_id >= 0
        later = resets[resets["account_id"] == event.account_id]["timestamp"] - event.timestamp
        assert any(0 <= gap.total_seconds() <= 1200 for gap in later)


def test_cash_beyond_the_threshold_is_reported(town: Told) -> None:
    """Every row, and no other; the customers are shops and people alike."""
    reported = town.events[town.events["kind"] == "cash_report_filed"]
    cash = town.payments[town.payments["purpose"].isin(["deposit", "withdrawal"]) & (town.payments["status"] == "approved")]
    cash = cash[cash["amount"] > 800]
    account = np.where(cash["purpose"] == "withdrawal", cash["payer_account"], cash["payee_account"])
    assert len(reported) > 10
    assert sorted(zip(cash["timestamp"], account, cash["purpose"], strict=True)) == sorted(
        zip(reported["timestamp"], reported["account_id"], reported["detail"], strict=True)
    )
    kind = open_run(town.folder).customers().to_pandas().drop_duplicates("customer_id").set_index("customer_id")["kind"]
    assert set(reported["customer_id"].map(kind)) == {"person", "business"}


def test_hits_are_nearly_all_cleared(town: Told) -> None:
    hits = town.events[town.events["kind"] == "screening_hit"]
    cleared = town.events[town.events["kind"] == "screening_cleared"]
    kinds = hits["detail"].value_counts()
    assert about(kinds["customer"], 0.3 * PEOPLE * DAYS / 365)
    added = (town.events["kind"] == "payee_added").sum()
    assert about(kinds["payee"], 0.2 * added)
    wired = town.payments[(town.payments["status"] == "approved") & (town.payments["message"] == "payment")]
    wired = wired[(wired["method"] == "wire") | (wired["purpose"] == "remittance")]
    assert about(kinds["payment"], 0.5 * len(wired))
    end = town.payments["timestamp"].max().normalize()
    old = hits[hits["timestamp"] < end - pd.Timedelta(days=6)]
    for hit in old.itertuples():
        answers = cleared[(cleared["customer_id"] == hit.customer_id) & (cleared["account_id"] == hit.account_id)]["timestamp"]
        days = (answers.dt.normalize() - hit.timestamp.normalize()).dt.days
        assert ((days >= 1) & (days <= 5)).any()
    assert len(hits) >= len(cleared) >= len(old)
    assert (cleared["timestamp"].dt.day_of_week < 5).all()


def test_frozen_accounts_do_not_pay(town: Told) -> None:
    frozen = town.events[town.events["kind"] == "account_frozen"]
    thawed = town.events[town.events["kind"] == "account_unfrozen"]
    assert about(len(frozen) / 2, 0.3 * PEOPLE * DAYS / 365)
    end = town.payments["timestamp"].max()
    spans = []
    for event in frozen.itertuples():
        until = thawed[(thawed["account_id"] == event.account_id) & (thawed["timestamp"] > event.timestamp)]["timestamp"].min()
        spans.append((event.account_id, event.timestamp, until if pd.notna(until) else end + pd.Timedelta(days=1)))
        if pd.notna(until):
            assert 2 <= (until.normalize() - event.timestamp.normalize()).days <= 10
    declined = town.payments["decline_reason"] == "account_frozen"
    assert declined.sum() > 50
    inside = pd.Series(False, index=town.payments.index)
    for account, start, until in spans:
        of = (town.payments["payer_account"] == account) & (town.payments["timestamp"] > start) & (town.payments["timestamp"] < until)
        inside |= of & town.payments["message"].isin(["payment", "authorisation"])
    assert (inside | ~declined).all()
    assert not (inside & (town.payments["status"] == "approved")).any()


def test_lines_come_back(disputes: None) -> None:
    quiet = {"period.days": 60, "credit.overdraft": 250.0, "events.frozen": 1.0, "lending.asks": 0.0}  # nobody asks for a longer line
    model = PaymentsModel("high_street", **CHANGES | quiet)
    before = model.world.accounts.line.copy()
    seen = 0
    for _ in range(60):
        model.step()
        line = model.world.accounts.line
        seen = max(seen, int((line <= FROZEN).sum()))
        kept = (np.arange(len(line)) >= model.world.layout.firm_base) | (np.arange(len(line)) % PERSON_ROWS != LOAN)  # some borrow
        assert (true_lines(line) == before)[kept].all()
    assert seen > 4


def test_agendas_begin_and_end() -> None:
    model = PaymentsModel("hamlet", customers=300)
    world, first = model.world, model.clock.start
    share = 2**31
    starts = {}
    for day in range(first, first + 365):
        starts.update({int(row): (day, int(word)) for row, word in zip(*due_on(world, day, Why.FREEZE, share), strict=True)})
    assert about(len(starts), 150)
    day, word = starts[next(iter(starts))]
    ends = due_on(world, day + int(LASTS[word & 0xFF]), Why.FREEZE, share, ends=True)
    assert next(iter(starts)) in ends[0]
    assert sum(len(due_on(world, day, Why.FREEZE, 0)[0]) for day in range(first, first + 365)) == 0


def test_reports_agree_with_rows(town: Told) -> None:
    reports, rows = town.reports, town.payments.set_index("transaction_id")
    charged = town.payments[town.payments["message"] == "chargeback"]
    answered = town.payments[town.payments["message"] == "representment"]
    taken = charged[charged["status"] == "approved"]
    assert len(taken) > 50 and len(answered) > 10
    assert reports["transaction_id"].is_unique
    assert (reports["report_id"] == np.arange(len(reports))).all()
    assert reports["reported_at"].is_monotonic_increasing
    assert (reports["kind"] == "chargeback").all()

    def purchase(transaction: int) -> int:
        while rows.loc[transaction, "message"] == "chargeback":
            transaction = rows.loc[transaction, "related_transaction_id"]
        return transaction

    root = {row.transaction_id: purchase(row.related_transaction_id) for row in charged.itertuples()}
    by_purchase = reports.set_index("transaction_id")
    assert set(root.values()) <= set(by_purchase.index)
    back = {root[row.transaction_id]: row for row in taken.itertuples()}
    lost = {root[row.related_transaction_id]: row for row in answered.itertuples()}
    end = town.payments["timestamp"].max().normalize() + pd.Timedelta(days=1)
    for report in reports.itertuples():
        bought = rows.loc[report.transaction_id]
        assert (bought["message"], bought["status"], bought["purpose"], bought["method"]) == ("payment", "approved", "purchase", "card")
        assert (report.amount, report.bank) == (bought["amount"], bought["payer_bank"])
        assert report.reported_at > bought["timestamp"]
        taken_back = back.get(report.transaction_id)
        if taken_back is not None:
            assert report.reported_at < taken_back.timestamp
        answer = lost.get(report.transaction_id)
        if answer is not None:
            assert (report.status, report.liable, report.recovered, report.decided_at) == ("rejected", "customer", 0, answer.timestamp)
        elif taken_back is not None and taken_back.timestamp + pd.Timedelta(days=30) < end:
            assert (report.status, report.liable, report.recovered) == ("accepted", "merchant", report.amount)
            assert report.decided_at == taken_back.timestamp + pd.Timedelta(days=30)
        else:
            assert (report.status, report.liable) == ("open", "none") and pd.isna(report.decided_at)
            assert report.recovered == 0  # what a chargeback brought is provisional until the dispute is decided
        remote = bought["terminal_id"] < 0
        said = {"duplicate", "not_as_described", "non_delivery" if remote else "wrong_amount"}
        assert report.reason in said
    assert (reports["reported_at"] < end).all()
    assert set(reports["status"]) == {"open", "accepted", "rejected"}
    assert set(reports["reason"]) == {"duplicate", "not_as_described", "non_delivery", "wrong_amount"}
    assert set(reports["reason"]) <= set(DISPUTES), "a claim that no fraud is claimed by"
    opened = town.events[town.events["kind"] == "dispute_opened"]
    customer = reports["transaction_id"].map(rows["owner"])
    assert sorted(zip(opened["timestamp"], opened["customer_id"], opened["detail"], strict=True)) == sorted(
        zip(reports["reported_at"], customer, reports["reason"], strict=True)
    )


def test_some_payments_come_back(town: Told) -> None:
    rows = town.payments.set_index("transaction_id")
    returned = town.payments[town.payments["message"] == "return"]
    sent = rows.loc[returned["related_transaction_id"]]
    assert set(sent["method"]) == {"direct_debit", "batch_transfer", "cheque"}
    assert (sent["amount"].to_numpy() == returned["amount"].to_numpy()).all()
    assert (sent["payer_account"].to_numpy() == returned["payee_account"].to_numpy()).all()
    of_people = town.payments[(town.payments["owner_kind"] == "customer") & (town.payments["status"] == "approved")]
    could = of_people[of_people["method"].isin(["direct_debit", "cheque"]) & (of_people["message"] == "payment")]
    could = could[~could["purpose"].isin(["card_bill", "loan", "mortgage"])]
    back = sent[sent["method"].isin(["direct_debit", "cheque"])]
    assert about(len(back), 0.02 * len(could))


def test_every_kind_occurs(town: Told) -> None:
    ours = """login failed_login payee_added limit_changed pin_reset pin_blocked account_frozen account_unfrozen cash_report_filed
    screening_hit screening_cleared dispute_opened""".split()
    assert set(ours) <= set(town.events["kind"])


@pytest.mark.parametrize("shards", [2, 5])
def test_shards_change_no_event(disputes: None, tmp_path: Path, shards: int) -> None:
    scenario = load_scenario("high_street", SMALL)
    one = run_scenario(scenario, tmp_path / "one")
    many = run_scenario(scenario, tmp_path / "many", shards=shards, workers=2)
    assert many["digests"] == one["digests"]
    assert one["rows"]["events"] > 400 and one["rows"]["reports"] > 3


class Killed(BaseException):
    """What stands for the end of the process."""


@pytest.mark.parametrize("day", [9, 24])
def test_killed_and_resumed_the_events_are_the_same(disputes: None, tmp_path: Path, day: int) -> None:
    """Among them answers that were still to come, freezes under way and disputes not yet told."""
    scenario = load_scenario("high_street", SMALL)
    whole = run_scenario(scenario, tmp_path / "whole", checkpoint_seconds=1e9)

    def kill(progress: Any) -> None:
        if progress.phase == "running" and progress.day >= day:
            raise Killed

    with pytest.raises(Killed):
        run_scenario(scenario, tmp_path / "run", progress=kill, checkpoint_seconds=0)
    spool = tmp_path / "run" / ".events"
    with spool.open("ab") as file:
        file.write(b"a day that the state does not know")
    again = run_scenario(scenario, tmp_path / "run", resume=True, shards=3)
    assert again["digests"] == whole["digests"]
    assert not spool.exists()


def test_a_spool_that_is_gone_or_cut_is_refused(tmp_path: Path) -> None:
    check_spool(tmp_path, [])
    with pytest.raises(InputError, match="is gone or cut"):
        check_spool(tmp_path, [3])
    (tmp_path / ".events").write_bytes(b"x" * (3 * HAPPENED.itemsize))
    check_spool(tmp_path, [1, 2])
    with pytest.raises(InputError, match="is gone or cut"):
        check_spool(tmp_path, [1, 3])


def test_streamed_events_are_those_of_the_files(disputes: None, tmp_path: Path) -> None:
    scenario = load_scenario("high_street", SMALL)
    run_scenario(scenario, tmp_path / "run")
    model = PaymentsModel(scenario)
    model.run_for(4)
    days = [day.events for day in model.stream()]
    assert [table.num_rows for table in days] and len(days) == 25
    whole = open_run(tmp_path / "run").events()
    streamed = pa.concat_tables(days).unify_dictionaries()
    first = streamed["event_id"][0].as_py()
    names = ["event_id", "timestamp", "kind", "customer_id", "detail"]
    assert streamed.slice(0, whole.num_rows - first).select(names).to_pylist() == whole.slice(first).select(names).to_pylist()
    assert first > 50


def test_events_are_written_chunk_by_chunk(disputes: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row groups are whole days, and the digest does not know of them."""
    scenario: Scenario = load_scenario("high_street", SMALL)
    one = run_scenario(scenario, tmp_path / "one")
    monkeypatch.setattr(happenings, "GROUP", 100)
    assert run_scenario(scenario, tmp_path / "many")["digests"] == one["digests"]
    file = pq.ParquetFile(tmp_path / "many" / "events.parquet")
    assert 4 < file.num_row_groups <= 25
    assert file.metadata.row_group(0).num_rows >= 100


def test_a_run_without_events_has_the_table(tmp_path: Path) -> None:
    model = PaymentsModel("hamlet", customers=20)
    happenings = Happenings(build_names(model.world, model.settings, model.clock.start), model.world.layout, model.settings.seed)
    assert write_events(tmp_path, Spool(tmp_path / ".events"), happenings)[0] == 0
    table = pq.read_table(tmp_path / "events.parquet")
    assert (table.num_rows, table.schema.names) == (0, TABLES["events"].names)


def random_events(times: list[tuple[int, int]]) -> Records:
    rows = records(EVENT, len(times))
    rows.time, rows.initiator = [t for t, _ in times], [who for _, who in times]
    rows.account, rows.other = -1, -1
    rows.detail = np.arange(len(times)) % 100
    return rows


MOMENTS = st.one_of(st.sampled_from([0, 1, DAY - 1, HOUR]), st.integers(0, DAY - 1), st.integers(HOUR, HOUR + 40))
SOURCES = st.lists(st.lists(st.tuples(MOMENTS, st.integers(0, 19)), max_size=60), max_size=4)


@given(SOURCES)
def test_the_order_is_that_of_time_initiator_and_source(sources: list[list[tuple[int, int]]]) -> None:
    world = WORLD
    events = [random_events(times) for times in sources]
    ordered = in_order(world, 19_000, events)
    whole: NDArray[Any] = np.concatenate(events) if events else records(EVENT, 0)
    expected = whole[np.lexsort((np.arange(len(whole)), whole["initiator"], whole["time"]))]
    assert (ordered.time == 19_000 * DAY + expected["time"]).all()
    assert (ordered.initiator == expected["initiator"]).all()
    assert (ordered.detail == expected["detail"]).all()
    assert (ordered.bank == world.people.bank[ordered.initiator]).all()


WORLD = PaymentsModel("hamlet", customers=20).world


def test_the_diary_keeps_what_is_to_come() -> None:
    diary, world = Diary(), WORLD
    today = PaymentsModel("hamlet", customers=20).clock.today(3)
    hit = random_events([(5 * HOUR, 7), (6 * HOUR, 9)])
    hit.kind = [Event.SCREENING_HIT, Event.LOGIN]
    clear_hits(world, today, [hit], diary)
    [answer] = diary.waiting
    assert today.day < answer["day"] <= today.day + 5
    assert (EPOCH.toordinal() + int(answer["day"])) % 7 not in (6, 0)
    diary.arrive(int(answer["day"]) - 1)
    assert not diary.today
    diary.arrive(int(answer["day"]))
    [arrived] = diary.today
    assert (arrived.kind[0], arrived.initiator[0], arrived.detail[0]) == (Event.SCREENING_CLEARED, 7, Detail.NAME_ONLY)
    assert not len(diary.waiting)
