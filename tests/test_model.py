"""What Mesa's users rely on: the model, its agents, its data, its batch runs, its pickles."""

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mesa
import numpy as np
import pyarrow as pa
import pytest
from small_worlds import ROOT, python, run, scenario

from simulator import PaymentsModel, load_scenario, open_run
from simulator.agents import Banks, Customers, Employers, Institutions, Merchants
from simulator.errors import InputError
from simulator.model import COLLECTED
from simulator.population.accounts import FIRM_ROWS

SMALL = {"customers": 60, "days": 5}


def bits(model: PaymentsModel) -> tuple[bytes, list[int]]:
    return model.world.accounts.book.tobytes(), model.runner.totals.tolist()


@pytest.fixture(scope="module")
def lived() -> PaymentsModel:
    """A model that has lived five days; tests of this module read it only."""
    model = PaymentsModel(**SMALL)
    model.run_for(5)
    return model


# --- Mesa's own verbs ---------------------------------------------------------------------------------------------------


def test_without_arguments_it_is_a_small_world_that_runs() -> None:
    model = PaymentsModel()
    assert model.settings == load_scenario("hamlet")
    model.step()
    assert (model.time, model.days_lived) == (1, 1)
    assert model.runner.totals[2] > 0


def test_run_for_is_so_many_steps(lived: PaymentsModel) -> None:
    stepped = PaymentsModel(**SMALL)
    for _ in range(5):
        stepped.step()
    assert lived.days_lived == 5
    assert bits(stepped) == bits(lived)
    until = PaymentsModel(**SMALL)
    until.run_until(5)
    assert bits(until) == bits(lived)


def test_rng_is_the_seed(lived: PaymentsModel) -> None:
    ways = [("hamlet", np.int64(1)), (load_scenario("hamlet", {"seed": 1}), None), (None, 1)]
    for given, rng in ways:
        same = PaymentsModel(given, rng=rng, **SMALL)
        same.run_for(5)
        assert bits(same) == bits(lived)
    other = PaymentsModel(rng=2, **SMALL)
    other.run_for(5)
    assert bits(other) != bits(lived)
    assert other.scenario.rng == 2


@pytest.mark.parametrize("rng", [True, 1.5, "seed", np.random.default_rng(1)])
def test_a_generator_is_no_seed(rng: Any) -> None:
    with pytest.raises(InputError, match="expected an integer seed"):
        PaymentsModel(rng=rng)


def test_parameters_are_checked() -> None:
    with pytest.raises(InputError, match=r"did you mean 'cash'\?"):
        PaymentsModel(**{"methods.cahs": 0.5})
    with pytest.raises(InputError, match="customers"):
        PaymentsModel(customers=3)


def test_mesa_sees_the_scenario(lived: PaymentsModel) -> None:
    assert lived.scenario.rng == lived.settings.seed
    assert lived.scenario.population.customers == 60
    assert lived.running


def test_the_collector_keeps_a_row_a_day(lived: PaymentsModel) -> None:
    frame = lived.datacollector.get_model_vars_dataframe()
    assert list(frame.columns) == list(COLLECTED)
    assert len(frame) == 5
    assert frame["payments"].sum() == lived.runner.totals[2]
    assert frame["unseen_payments"].sum() == lived.runner.totals[3]
    assert frame["deposits"].iloc[-1] == pytest.approx(lived.customers.get("balance").sum() + lived.customers.get("savings").sum())


def test_batch_run_over_any_path_of_the_scenario() -> None:
    parameters = {"scenario": ["hamlet"], "customers": [50, 60], "methods.cash": [0.1, 0.8], "boundary.credits": 1.0}
    rows = mesa.batch_run(PaymentsModel, parameters, number_processes=1, rng=[1, 2], max_steps=3, display_progress=False)
    assert len(rows) == 8
    assert {row["rng"] for row in rows} == {1, 2}
    assert len({row["value"] for row in rows}) == 8
    by = {(row["rng"], row["customers"], row["methods.cash"]): row for row in rows}
    assert all(by[1, size, 0.1]["unseen_payments"] < by[1, size, 0.8]["unseen_payments"] for size in (50, 60))
    alone = PaymentsModel("hamlet", rng=2, customers=60, **{"methods.cash": 0.8})
    alone.run_for(3)
    assert by[2, 60, 0.8]["value"] == alone.day["value"]


def test_batch_run_keeps_every_day_when_asked_to() -> None:
    rows = mesa.batch_run(PaymentsModel, {"customers": 50}, rng=[1], max_steps=3, data_collection_period=1, display_progress=False)
    assert [row["Step"] for row in rows] == [1, 2, 3]


@pytest.mark.parametrize("shards", [1, 3])
def test_a_pickle_goes_on_with_the_same_bits(lived: PaymentsModel, shards: int) -> None:
    model = PaymentsModel(**SMALL, shards=shards, workers=2)
    model.run_for(2)
    copy = pickle.loads(pickle.dumps(model))
    assert bits(copy) == bits(model)
    copy.run_for(3)
    assert bits(copy) == bits(lived)
    assert bits(model) != bits(lived)  # the copy lives on its own
    assert copy.customers[3].balance == lived.customers[3].balance
    assert copy.customers.model is copy
    assert len(copy.datacollector.get_model_vars_dataframe()) == 5


# --- agents and views ---------------------------------------------------------------------------------------------------


def test_one_agent_a_population(lived: PaymentsModel) -> None:
    kinds = (Customers, Merchants, Employers, Institutions, Banks)
    assert {kind: len(agents) for kind, agents in lived.agents_by_type.items()} == dict.fromkeys(kinds, 1)
    assert {type(agent) for agent in lived.agents} == set(kinds)
    assert len(lived.customers) == 60
    assert len(lived.merchants) + len(lived.employers) + len(lived.institutions) == lived.world.layout.firms
    assert len(lived.banks) == len(lived.settings.banks) == len(lived.banks.get("balance"))


def test_views_are_live_and_in_currency_units() -> None:
    model = PaymentsModel(**SMALL)
    view, book = model.customers[17], model.world.accounts.book
    assert view.balance == book[17 * 5] / 100
    assert (view.savings, view.card_balance, view.loan_balance, view.notes) == tuple(book[17 * 5 + k] / 100 for k in range(1, 5))
    assert isinstance(view.age, int)
    before = [row.balance for row in model.customers]
    model.run_for(3)
    assert view.balance == book[17 * 5] / 100
    assert [row.balance for row in model.customers] != before
    assert view.gross == model.world.people.gross[17] / 100
    assert model.customers[-1].row == 59
    assert repr(view).startswith("<Customers 17: age=")
    assert {"balance", "age", "row"} <= set(dir(view))
    shop = model.merchants[0]
    assert shop.balance == book[model.world.layout.firm_base] / 100
    assert model.employers[0].balance == book[model.world.layout.firm_base + FIRM_ROWS * len(model.merchants)] / 100


def test_get_select_and_agg(lived: PaymentsModel) -> None:
    people = lived.customers
    assert people.get("balance").tolist() == [row.balance for row in people]
    assert people.get("age").dtype.kind == "i"
    old = people.select(lambda them: them.get("age") >= 60)
    assert old.tolist() == [row.row for row in people if row.age >= 60]
    assert people.select(people.get("age") >= 60).tolist() == old.tolist()
    assert people.agg("age", np.mean) == np.mean([row.age for row in people])
    column = people.get("age")
    column[:] = 0
    assert people.agg("age", np.min) >= 18  # what `get` gives is a copy


def test_set_changes_what_kernels_read() -> None:
    model = PaymentsModel(**SMALL)
    model.customers.set("purse", 123.45, [4])
    assert model.world.people.purse[4] == 12345
    model.customers[5].hours = -3
    assert model.world.people.hours[5] == -3
    model.customers.set("trips", 0)
    model.customers.set("social", np.zeros(60))
    model.run_for(3)
    assert sum(day["purchases"] for day in model.series.days) == 0


@pytest.mark.parametrize(
    ("act", "error", "says"),
    [
        (lambda model: model.customers.get("wealth"), KeyError, "Customers has no column 'wealth'; there are balance"),
        (lambda model: model.customers.set("balance", 1e6), KeyError, "balances change by payments"),
        (lambda model: model.merchants.get("age"), KeyError, "Merchants has no column"),
        (lambda model: model.banks.get("age"), KeyError, "there is balance"),
        (lambda model: model.customers[60], IndexError, "rows 0 to 59"),
        (lambda model: model.customers[-61], IndexError, "rows 0 to 59"),
        (lambda model: model.customers[0].wealth, AttributeError, "wealth"),
        (lambda model: setattr(model.customers[0], "balance", 1.0), AttributeError, "balance"),
    ],
)
def test_what_is_not_there_is_named(lived: PaymentsModel, act: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        act(lived)


def test_an_unknown_attribute_is_not_there(lived: PaymentsModel) -> None:
    """Notebooks ask objects for attributes that few have."""
    assert not hasattr(lived.customers[0], "_repr_html_")
    assert not hasattr(lived.customers[0], "wealth")


# --- a stream -----------------------------------------------------------------------------------------------------------


def streamed(days: Iterator[Any]) -> tuple[pa.Table, pa.Table]:
    seen, unseen = zip(*((day.transactions, day.unseen) for day in days), strict=True)
    return pa.concat_tables(seen).unify_dictionaries(), pa.concat_tables(unseen).unify_dictionaries()


def test_a_stream_hands_out_the_rows_of_the_run_folder(tmp_path: Path) -> None:
    run(tmp_path / "run", "hamlet", shards=2)
    seen, unseen = streamed(PaymentsModel(scenario("hamlet")).stream())
    written = open_run(tmp_path / "run")
    assert seen.to_pylist() == written.transactions().to_pylist()
    assert unseen.to_pylist() == written.unseen().to_pylist()


def test_each_day_is_a_day() -> None:
    for number, day in enumerate(PaymentsModel(scenario("fifty")).stream(days=3)):
        dates = day.transactions["timestamp"].to_numpy().astype("datetime64[D]")
        assert (dates == np.datetime64("2024-01-28") + np.timedelta64(number, "D")).all()
        assert day.labels.num_rows == 0
        assert day.transactions.schema == day.unseen.schema


def test_a_stream_may_be_closed_early_and_taken_up_again() -> None:
    """Ids go on, so that what a refund refers to is the row that has this id."""
    whole, _ = streamed(PaymentsModel(scenario("fifty")).stream())
    model = PaymentsModel(scenario("fifty"))
    model.run_for(1)  # nobody took these rows
    days = model.stream()
    first = next(days).transactions
    days.close()
    assert model.days_lived == 2
    model.run_for(1)
    rest, _ = streamed(model.stream(days=4))
    skipped = pa.concat_tables([first, rest])
    wanted = set(skipped["transaction_id"].to_pylist())
    assert skipped.to_pylist() == [row for row in whole.to_pylist() if row["transaction_id"] in wanted]
    assert rest["transaction_id"][0].as_py() > first["transaction_id"][-1].as_py() + 1


def test_a_stream_is_as_long_as_the_scenario() -> None:
    assert sum(1 for _ in PaymentsModel(**SMALL).stream()) == 5


# --- Mesa, and no more of it than it offers -----------------------------------------------------------------------------


def test_nothing_deprecated_is_used() -> None:
    code = """
import pickle, warnings
for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
    warnings.filterwarnings("error", category=category, module="simulator|mesa|__main__")
import mesa
from simulator import PaymentsModel
model = PaymentsModel(customers=50)
model.run_for(2)
pickle.loads(pickle.dumps(model)).step()
model.datacollector.get_model_vars_dataframe()
model.customers[3].balance, len(model.agents), model.agents_by_type
next(model.stream(days=1))
mesa.batch_run(PaymentsModel, {"customers": 50}, number_processes=1, rng=[1], max_steps=1, display_progress=False)
print("no warning")
"""
    done = python(code)
    assert (done.returncode, done.stdout.strip()) == (0, "no warning"), done.stderr


def private_names() -> set[str]:
    """What Mesa's own classes call private."""
    names = set()
    for module in Path(mesa.__file__).parent.rglob("*.py"):
        names |= set(re.findall(r"self\.(_[a-z]\w*)", module.read_text("utf-8")))
    return names


def test_no_private_attribute_of_mesa_is_used() -> None:
    """Neither of another object, nor, in the subclasses of Mesa's classes, of one's own."""
    private = private_names()
    assert {"_agents_by_type", "_user_step", "_seed", "_rng"} <= private
    for path in sorted((ROOT / "simulator").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in private:
                is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
                assert is_own and path.name not in ("model.py", "agents.py"), f"{path}, line {node.lineno}: {ast.unparse(node)}"


def test_kernels_import_neither_mesa_nor_pandas() -> None:
    code = "import sys; import simulator.runner.runner, simulator.population.world; print(sorted({'mesa', 'pandas'} & set(sys.modules)))"
    assert python(code).stdout.strip() == "[]"
