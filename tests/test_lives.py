"""Comings and goings: who is gone does nothing, who came did nothing before, and everything that names a person agrees."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from reconcile import closes
from small_worlds import ORDINARY

from simulator import PaymentsModel, open_run
from simulator.clock import DAY, EPOCH
from simulator.codes import Event, Message, Method, Purpose, Reason, Status
from simulator.ledger import ROW
from simulator.lives.estates import DEAD, GONE, SWITCHED
from simulator.lives.loans import change_loans
from simulator.population import mortality as mortality_module
from simulator.population.accounts import LOAN, PERSON_ROWS, PURSE
from simulator.population.budget import LODGING
from simulator.population.households import SALARIED
from simulator.population.identity import Kind, public_ids
from simulator.population.mortality import OLDEST
from simulator.population.presence import NEVER, here
from simulator.population.world import World
from simulator.record.facts import build_names, customer_ids, used_accounts
from simulator.records import Records, records
from simulator.run import Progress, run_scenario
from simulator.scenario.file import load_scenario

DAYS = 120
BUSY: dict[str, Any] = ORDINARY | {
    "population.customers": 400, "population.town_size": 200, "period.start": "2024-01-20", "period.days": DAYS, "lives.leave": (0.3,) * 7,
    "lives.part": (0.3,) * 7, "lives.tenants_move": 0.5, "lives.owners_move": 0.3, "lives.another_town": 0.5, "lives.switch": 0.5,
    "lives.change_job": 0.15, "lives.fortune": 0.3, "transfers.lent": 0.5, "transfers.gatherings": 0.1, "transfers.per_month": 8,
}  # fmt: skip
"""Everybody's life changes several times as fast as it does, so that what meets seldom meets here."""


class Life(NamedTuple):
    """A town lived through without files."""

    model: PaymentsModel
    rows: Records
    """Every row, as the recorder takes it."""
    events: Records
    born: dict[int, np.ndarray]
    """Ages at the close of days, by day."""
    staff: list[tuple[int, np.ndarray, np.ndarray]]
    """At the close of Sundays: the day, people with an employer, and people in the firms' lists."""

    @property
    def world(self) -> World:
        return self.model.world


class Kept:
    """Keeps the rows and events of every window."""

    def __init__(self) -> None:
        self.rows: list[np.ndarray] = []
        self.happened: list[np.ndarray] = []

    def open_day(self, day: int) -> None:
        """Nothing to do."""

    def events(self, happened: Any) -> None:
        self.happened.append(np.asarray(happened()))

    def reserve(self, rows: int) -> tuple[Records, Records, int, int]:
        self.seen, self.unseen = records(ROW, rows), records(ROW, rows)
        return self.seen, self.unseen, 0, 0

    def block(self, day: int, window: int, seen: int, unseen: int) -> None:
        self.rows += [np.asarray(self.seen[:seen]), np.asarray(self.unseen[:unseen])]


def _employed(world: World, day: int) -> np.ndarray:
    rows = np.flatnonzero((world.people.employer >= 0) & here(world.people, day))
    return np.stack([rows, world.people.employer[rows]])


def _listed(world: World) -> np.ndarray:
    firm = np.repeat(np.arange(len(world.firms)), np.diff(world.staff))
    worker = world.workers[: len(firm)].astype(np.int64)
    order = np.argsort(worker, kind="stable")
    return np.stack([worker[order], firm[order]])


@pytest.fixture(scope="module")
def life() -> Life:
    # Four times as many die as would, so that some do.
    with pytest.MonkeyPatch.context() as patch:
        for column in ("_FEMALE", "_MALE"):
            patch.setattr(mortality_module, column, tuple(4 * rate for rate in getattr(mortality_module, column)))
        model = PaymentsModel("high_street", **BUSY)
        kept = model.recorder = Kept()  # type: ignore[assignment]
        born, staff = {}, []
        for _ in range(DAYS):
            model.run_for(1)
            tomorrow = model.clock.start + model.days_lived
            born[tomorrow] = model.world.people.age.copy()
            if (EPOCH.toordinal() + tomorrow - 1) % 7 == 0:  # today was a Sunday
                staff.append((tomorrow, _employed(model.world, tomorrow), _listed(model.world)))
    rows, events = (np.concatenate(parts).view(Records) for parts in (kept.rows, kept.happened))
    return Life(model, rows, events, born, staff)


def _side(life: Life, side: str) -> tuple[Records, np.ndarray, np.ndarray]:
    """Rows of which one side is a person's account, who that is, and the day."""
    rows = life.rows[life.rows[side] < life.world.layout.firm_base].view(Records)
    return rows, rows[side].astype(np.int64) // PERSON_ROWS, rows.time // DAY


def test_much_happens(life: Life) -> None:
    """Or these tests would say little."""
    people, course = life.world.people, life.world.course
    left = people.left < NEVER
    assert (np.bincount(course.why[left], minlength=3) >= [3, 20, 30]).all(), np.bincount(course.why[left])
    assert (people.joined[: life.model.settings.population.customers] > life.model.clock.start).sum() == 0
    assert ((people.joined > life.model.clock.start) & (people.joined < NEVER)).sum() > 60
    assert (course.closes[left] < life.model.clock.start + DAYS).sum() > 60
    for kind in ("home", "employer", "work", "left"):
        assert len(life.model.diary.past(kind)["row"]) > 20, kind


def test_nobody_acts_before_they_joined(life: Life) -> None:
    joined = life.world.people.joined
    for side in ("payer", "payee"):
        rows, who, day = _side(life, side)
        early = rows[day < joined[who]]
        assert len(early) == 0, (side, early[:3])
    told = life.events[life.events.initiator < life.world.layout.people]
    assert (told["time"] // DAY >= joined[told["initiator"]]).all()


SETTLES = {
    Purpose.SAVING, Purpose.DEPOSIT, Purpose.CARD_BILL, Purpose.LOAN, Purpose.CLOSING, Purpose.INHERITANCE,
}  # fmt: skip
"""What the accounts of somebody who is gone pay while they are settled."""


def test_who_is_gone_pays_only_to_settle(life: Life) -> None:
    """Besides, merchants capture what they were promised, and billers and banks ask again for what was due before."""
    people, course = life.world.people, life.world.course
    rows, who, day = _side(life, "payer")
    gone = day >= people.left[who]
    rows, who, day = rows[gone].view(Records), who[gone], day[gone]
    assert (course.why[who] == DEAD).any() and (course.why[who] == GONE).any()
    asked = (rows.message != Message.PAYMENT) | (rows.related >= 0)
    pays = ~asked & ~np.isin(rows.purpose, [int(p) for p in SETTLES])
    assert not pays.any(), [(Purpose(r.purpose).name, Status(r.status).name, int(r.payer) % PERSON_ROWS) for r in rows[pays]]
    lends = (rows.payer % PERSON_ROWS == LOAN) & (rows.purpose != Purpose.CLOSING)
    assert not lends.any(), "no loan is paid out to who is gone"
    # After the accounts are closed, only what came in since is swept out.
    late = (day > course.closes[who]) & (rows.status == Status.APPROVED) & ~asked
    assert set(rows.purpose[late].tolist()) <= {Purpose.CLOSING, Purpose.INHERITANCE}


def test_who_is_gone_does_nothing_else(life: Life) -> None:
    """A log-in may still move the money to the new bank; the dead do nothing, and a closed account sees nothing but the bank's own."""
    people, course = life.world.people, life.world.course
    told = life.events[life.events["initiator"] < life.world.layout.people].view(Records)
    who, day = told["initiator"].astype(np.int64), told["time"] // DAY
    gone = day >= people.left[who]
    told, who, day = told[gone].view(Records), who[gone], day[gone]
    moving = np.isin(told.kind, [int(k) for k in (Event.LOGIN, Event.FAILED_LOGIN, Event.PIN_RESET, Event.LIMIT_CHANGED)])
    assert (course.why[who[moving]] == SWITCHED).all() and (day[moving] <= people.left[who[moving]]).all()
    banks = (Event.ACCOUNT_CLOSED, Event.ACCOUNT_FROZEN, Event.CUSTOMER_LEFT, Event.SCREENING_HIT, Event.SCREENING_CLEARED,
             Event.CARD_BLOCKED, Event.CARD_EXPIRED)  # fmt: skip
    others = {Event(kind).name for kind in told.kind[~moving & ~np.isin(told.kind, [int(k) for k in banks])].tolist()}
    assert others == set()


def test_a_closed_account_is_paid_nothing(life: Life) -> None:
    """Whoever tries is declined; card sales' money goes back and is swept out."""
    course = life.world.course
    rows, who, day = _side(life, "payee")
    closed = (day > course.closes[who]) & (rows.payee % PERSON_ROWS != PURSE)
    rows = rows[closed].view(Records)
    declined = rows.status == Status.DECLINED
    assert declined.any() and (rows.reason[declined] == Reason.ACCOUNT_CLOSED).all()
    settles = np.isin(rows.purpose, [int(p) for p in (Purpose.CLOSING, Purpose.WRITE_OFF, Purpose.CARD_BILL, Purpose.LOAN)])
    back = np.isin(rows.message, [int(m) for m in (Message.RETURN, Message.REFUND, Message.REVERSAL, Message.CHARGEBACK)])
    taken = ~declined & ~settles & ~back
    assert not taken.any(), [(Purpose(r.purpose).name, Message(r.message).name) for r in rows[taken]]
    written = rows.purpose == Purpose.WRITE_OFF
    assert not declined[written].any(), "a bank can always write off what is owed"


def test_nobody_is_handed_notes_who_is_gone(life: Life) -> None:
    rows, who, day = _side(life, "payee")
    notes = (rows.method == Method.CASH) & (rows.payee % PERSON_ROWS == PURSE) & (rows.payer // PERSON_ROWS != who)
    assert notes.any() and here(life.world.people, 0, who[notes]).sum() == 0
    assert (day[notes] < life.world.people.left[who[notes]]).all()


def test_estates_leave_nothing(life: Life) -> None:
    """Once the last sweep is over, whoever is gone neither has nor owes anything."""
    world = life.world
    settled_by = life.model.clock.start + DAYS - 5
    rows = np.flatnonzero(world.course.closes < settled_by)
    book = world.accounts.book[: world.layout.firm_base].reshape(-1, PERSON_ROWS)[rows]
    assert len(rows) > 40
    nothing = (book == 0).all(axis=1)
    assert nothing.mean() > 0.9, "but for refunds and what other banks sent since"
    assert np.abs(book).max() < 500_00


def test_allowances_and_rents_follow_who_changes_bank(life: Life) -> None:
    """Whoever pays somebody who changed bank learns of the new account at once."""
    people, course = life.world.people, life.world.course
    rows, who, day = _side(life, "payee")
    standing = (rows.purpose == Purpose.ALLOWANCE) & (course.why[who] == SWITCHED) & (day > people.left[who])
    assert not standing.any(), [(int(r.payer) // PERSON_ROWS, int(r.payee) // PERSON_ROWS) for r in rows[standing]]
    # Who gets an allowance is the payer's partner of that day.
    assert (rows.purpose == Purpose.ALLOWANCE).sum() > 100


def test_partners_are_mutual_and_households_agree(life: Life) -> None:
    people, course = life.world.people, life.world.course
    tomorrow = life.model.clock.start + DAYS
    lives_here = np.flatnonzero(here(people, tomorrow))
    partner = course.partner[lives_here].astype(np.int64)
    one, other = lives_here[partner >= 0], partner[partner >= 0]
    assert len(one) > 100
    assert here(people, tomorrow, other).all(), "nobody's partner is gone"
    assert (course.partner[other] == one).all()
    for name in ("household", "town", "zone", "children", "adults"):
        assert (people[name][one] == people[name][other]).all(), name
    assert (people.head[one] + people.head[other] == 1).all()
    assert (people.adults[one] == 2).all()
    alone = lives_here[partner < 0]
    assert (people.adults[alone] == 1).all() and (people.head[alone] == 1).all()
    assert (people.tenure[lives_here[people.head[lives_here] == 0]] == LODGING).all()
    assert (people.tenure[lives_here[people.head[lives_here] == 1]] != LODGING).all()
    _, house, count = np.unique(people.household[lives_here], return_inverse=True, return_counts=True)
    assert (count[house] == people.adults[lives_here]).all(), "a household is those who live there"


def test_a_change_of_bank_ends_a_customer_and_begins_another(life: Life) -> None:
    people, course, world = life.world.people, life.world.course, life.world
    old = np.flatnonzero((people.left < NEVER) & (course.why == SWITCHED))
    new = course.partner[old].astype(np.int64)
    assert len(np.unique(new)) == len(new) > 30
    assert (people.joined[new] == people.left[old]).all()
    assert (people.bank[new] != people.bank[old]).all()
    assert (course.origin[new] == course.origin[old]).all()
    for name in ("sex", "statement_day"):
        assert (people[name][new] == people[name][old]).all()
    ids = customer_ids(life.model.settings.seed, world.layout)
    assert not (ids[old] == ids[new]).any()
    joined = set(life.events["initiator"][life.events["kind"] == int(Event.CUSTOMER_JOINED)].tolist())
    left = set(life.events["initiator"][life.events["kind"] == int(Event.CUSTOMER_LEFT)].tolist())
    assert set(new[people.joined[new] < life.model.clock.start + DAYS].tolist()) <= joined
    assert set(old[course.closes[old] < life.model.clock.start + DAYS].tolist()) <= left


def test_lists_of_staff_are_those_who_work_there(life: Life) -> None:
    assert len(life.staff) > 12
    for _, employed, listed in life.staff:
        assert np.array_equal(employed, listed)
    first, last = (set(map(tuple, life.staff[place][1].T.tolist())) for place in (0, -1))
    assert len(first - last) > 30 and len(last - first) > 30


def test_wages_are_paid_to_who_works_there(life: Life) -> None:
    """Whoever is paid is here, salaried, and was in the firm's list; nobody is paid by two firms in a day."""
    rows, who, day = _side(life, "payee")
    paid = (rows.purpose == Purpose.SALARY) & (rows.status == Status.APPROVED)
    who, day = who[paid], day[paid]
    assert len(who) > 1000
    assert here(life.world.people, life.model.clock.start + DAYS, who).sum() > 0
    assert ((life.world.people.joined[who] <= day) & (day < life.world.people.left[who])).all()
    works = life.world.people.kind == SALARIED
    assert (life.world.people.employer[~works] < 0).all()


def test_everybody_has_one_birthday_a_year(life: Life) -> None:
    birthday = life.world.course.birthday.astype(np.int64)
    before = life.born[min(life.born)].astype(np.int64)
    for day, ages in sorted(life.born.items())[1:]:
        when = EPOCH.fromordinal(EPOCH.toordinal() + day)
        stays = here(life.world.people, day) & (life.world.people.joined < day)
        older = ages.astype(np.int64) - before
        leap = (when.month, when.day) == (2, 29)
        turn = when.replace(year=2023).timetuple().tm_yday - 1 if not leap else -1
        expected = ((birthday == turn) & (before < OLDEST)).astype(np.int64)
        assert (older[stays] == expected[stays]).all(), when
        before = ages.astype(np.int64)


# --- what files say ---------------------------------------------------------------------------------------------------

RECORDED = BUSY | {"period.days": 70}


class Killed(BaseException):
    """What stands for the end of the process."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's run folder, of one shard that nothing disturbed."""
    folder: Path = tmp_path_factory.mktemp("lives") / "run"
    run_scenario(load_scenario("high_street", RECORDED), folder, shards=1, workers=1)
    return folder


def test_moving_about_between_shards_and_being_killed_change_nothing(folder: Path, tmp_path: Path) -> None:
    """Killed in the middle of a month and just after its turn, and gone on with under other shards."""
    scenario, again = load_scenario("high_street", RECORDED), tmp_path / "again"

    def killer(day: int) -> Any:
        def tell(progress: Progress) -> None:
            if progress.phase == "running" and progress.day >= day:
                raise Killed

        return tell

    for day, shards, resume in ((30, 3, False), (42, 2, True)):
        with pytest.raises(Killed):
            run_scenario(scenario, again, shards=shards, resume=resume, progress=killer(day), checkpoint_seconds=0.0)
    assert run_scenario(scenario, again, shards=3, workers=2, resume=True)["digests"] == open_run(folder).manifest["digests"]


def test_money_is_conserved_while_people_come_and_go(folder: Path) -> None:
    assert closes(folder)


def test_versions_of_customers_partition_their_time(folder: Path) -> None:
    """One after the other without a gap, from joining to leaving; what does not change never does."""
    run = open_run(folder)
    customers = run.customers().to_pandas()
    people = customers[customers["kind"] == "person"].sort_values(["customer_id", "valid_from"], ignore_index=True)
    first, last = run.scenario.period.start, run.scenario.period.start + pd.Timedelta(days=run.scenario.period.days - 1)
    changed = 0
    for _, mine in people.groupby("customer_id"):
        since, until = mine["valid_from"].tolist(), mine["valid_to"].tolist()
        assert since[0] == mine["onboarding_date"].iloc[0]
        for before, after in zip(until, since[1:], strict=False):
            assert after - before == pd.Timedelta(days=1)
        assert all(pd.isna(day) or start <= day for start, day in zip(since, until, strict=True))
        assert all(pd.notna(day) for day in until[:-1])
        assert pd.isna(until[-1]) or until[-1] < last
        for name in ("bank", "sex", "onboarding_date", "onboarding_channel"):
            assert mine[name].nunique() == 1, name
        changed += len(mine) > 1
    assert changed > 25
    assert people["valid_to"].notna().sum() > changed
    assert (pd.to_datetime(people["valid_from"]) <= pd.Timestamp(last)).all() and (pd.to_datetime(people["onboarding_date"])
            > pd.Timestamp(first)).sum() > 30  # fmt: skip


def test_banks_of_payments_are_those_of_their_accounts(folder: Path) -> None:
    """A row set aside for who will change bank has no bank before: it must not be shown the wrong one."""
    run = open_run(folder)
    accounts, payments = run.accounts().to_pandas(), run.transactions().to_pandas()
    versions = accounts.groupby("account_id")["bank"].nunique()
    assert (versions == 1).all(), "an account never changes bank"
    bank = accounts.drop_duplicates("account_id").set_index("account_id")["bank"]
    for side in ("payer", "payee"):
        listed = payments[f"{side}_account"].map(bank)
        held = listed.notna()
        assert held.mean() > 0.9
        assert (listed[held] == payments.loc[held, f"{side}_bank"]).all(), side
    kinds = accounts.drop_duplicates("account_id").set_index("account_id")
    owner = kinds[(kinds["owner_kind"] == "customer") & (kinds["bank"] >= 0)]["owner_id"]  # notes have none
    customers = run.customers().to_pandas().drop_duplicates("customer_id").set_index("customer_id")["bank"]
    seen = owner[owner.index.isin(payments["payer_account"])]
    assert (seen.map(customers) == bank[seen.index]).all()
    # Also of customers who were somebody else's before: joined during the run, with a first payment from their old account.
    moved = payments[(payments["purpose"] == "closing") & (payments["payer_bank"] >= 0) & (payments["payee_bank"] >= 0)]
    moved = moved[moved["payer_account"].isin(owner.index) & moved["payee_account"].isin(owner.index)]
    moved = moved[moved["payer_account"].map(owner) != moved["payee_account"].map(owner)]
    assert len(moved) > 20 and (moved["payer_bank"] != moved["payee_bank"]).all()


def test_payments_lie_within_the_time_of_their_accounts(folder: Path) -> None:
    """From the files alone: no account pays or is paid before it is opened; after it is closed, only what others had begun."""
    run = open_run(folder)
    accounts, payments = run.accounts().to_pandas(), run.transactions().to_pandas()
    newest = accounts[accounts["owner_kind"] == "customer"].drop_duplicates("account_id", keep="last").set_index("account_id")
    opened, closed = pd.to_datetime(newest["opened"]), pd.to_datetime(newest["valid_to"])
    day = payments["timestamp"].dt.tz_localize(None).dt.normalize()
    good = payments["status"] == "approved"
    for side in ("payer", "payee"):
        since, until = payments[f"{side}_account"].map(opened), payments[f"{side}_account"].map(closed)
        assert not (day < since).any(), payments[day < since].head()
        late = payments[(day > until) & good]
        allowed = late["purpose"].isin(["closing", "write_off", "inheritance", "card_bill", "loan"]) | late["message"].isin(
            ["return", "refund", "capture", "chargeback", "representment", "reversal"]
        )
        assert allowed.all(), late[~allowed][["purpose", "message", "method"]]


def test_households_of_customers_are_those_of_the_world(life: Life, folder: Path) -> None:
    """The file names a household for each customer; people of one live in one zone, as their banks learn in time."""
    scenario = open_run(folder).scenario
    customers = open_run(folder).customers().to_pandas()
    people = customers[customers["kind"] == "person"]
    known = set(public_ids(scenario.seed, Kind.HOUSEHOLD, np.arange(life.world.layout.people + 50)).tolist())
    assert set(people["household"].tolist()) <= known
    now = people[people["valid_to"].isna()]
    assert now.groupby("household").size().max() <= 3


def test_names_of_accounts_belong_to_rows_for_good(life: Life) -> None:
    """A newcomer's numbers are new: nobody inherits an account."""
    names = build_names(life.world, life.model.settings, life.model.clock.start).account
    assert len(np.unique(names)) == len(names)
    closings = life.model.diary.past("left")["row"]
    assert len(np.unique(closings)) == len(closings), "nobody leaves twice"


def test_part_of_a_loan_that_is_not_taken_over_yet_is_paid_to_an_account_that_is_listed() -> None:
    """Catches a row whose account no table lists: the wire is settled before the late partner's loan arrives."""
    model = PaymentsModel("hamlet", customers=60, days=5)
    world, today = model.world, model.clock.today(0)
    person = np.flatnonzero(world.course.borrowed == 0)[:1]
    one = np.ones(1, np.int64)
    change_loans(model.register, world, today, model.diary, model.runner.postponed, person, 50_000 * one, 10_000 * one, one)
    planned = model.runner.postponed.table[: model.runner.postponed.used]["attempt"]
    account = int(person[0]) * PERSON_ROWS + LOAN
    assert planned["payee"].tolist() == [account]
    assert planned["amount"].tolist() == [40_000]
    assert used_accounts(model.settings, world, today.day)[account]


def test_every_key_is_listed(folder: Path) -> None:
    """Catches a device, card or account of somebody who came, moved in with others or was seen on the last day only."""
    run = open_run(folder)
    payments, events = run.transactions().to_pandas(), run.events().to_pandas()
    for rows in (payments, events):
        for name, table in (("device_id", run.devices()), ("card_id", run.cards())):
            used = set(rows.loc[rows[name] >= 0, name])
            assert used
            assert used <= set(table[name].to_pylist()), name
    accounts = set(run.accounts()["account_id"].to_pylist())
    assert set(payments["payer_account"]) | set(payments["payee_account"]) <= accounts
    assert set(events.loc[events["account_id"] >= 0, "account_id"]) <= accounts


def test_a_token_is_issued_on_the_day_on_which_it_is_added(folder: Path) -> None:
    run = open_run(folder)
    events, cards = run.events().to_pandas(), run.cards().to_pandas().set_index("card_id")
    added = events[events["kind"] == "token_added"]
    assert len(added) > 20
    assert (cards["issued"].reindex(added["card_id"]).to_numpy() == added["timestamp"].dt.date.to_numpy()).all()


def test_cards_and_rights_are_no_older_than_their_accounts(folder: Path) -> None:
    run = open_run(folder)
    opened = run.accounts().to_pandas().drop_duplicates("account_id").set_index("account_id")["opened"]
    cards, holders = run.cards().to_pandas(), run.holders().to_pandas()
    assert (cards["issued"] >= opened.reindex(cards["account_id"]).to_numpy()).all()
    own = holders[holders["role"].isin(["primary", "authorised_user"])]
    assert (own["valid_from"] >= opened.reindex(own["account_id"]).to_numpy()).all()


def test_a_limit_tells_nothing_of_days_to_come(folder: Path) -> None:
    """A card account that will be closed, or whose limit will be changed, looks like any other before."""
    run = open_run(folder)
    period = run.scenario.period
    then = run.as_of((period.start + timedelta(days=period.days // 3)).isoformat()).accounts().to_pandas()
    lines = then[(then["kind"] == "credit_card") & (then["owner_kind"] == "customer")]
    assert len(lines) > 100
    assert (lines["credit_limit"] > 0).all()
    accounts, events = run.accounts().to_pandas(), run.events().to_pandas()
    changed = set(events.loc[(events["kind"] == "limit_changed") & (events["account_id"] >= 0), "account_id"])
    several = accounts[accounts.duplicated("account_id", keep=False) & (accounts["kind"] == "credit_card")]
    assert len(several)
    assert set(several["account_id"]) <= changed
    assert several.groupby("account_id")["credit_limit"].nunique().gt(1).all()
    assert not several.duplicated(["account_id", "valid_from"]).any()


def test_who_pays_by_card_in_a_shop_uses_a_terminal(folder: Path) -> None:
    """Catches a mark on those who had not notes enough."""
    rows = open_run(folder).transactions().to_pandas()
    shop = rows[(rows["channel"] == "point_of_sale") & rows["message"].isin(["payment", "authorisation"]) & (rows["purpose"] == "purchase")]
    assert len(shop) > 1000
    assert (shop["terminal_id"] >= 0).all()
    assert (open_run(folder).unseen()["terminal_id"].to_numpy() == -1).all()
