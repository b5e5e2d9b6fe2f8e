"""Law 9: kernels decide on integers, from integer columns and tables, and widen narrow columns on read."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_worlds import ROOT, run, scenario

from simulator import PaymentsModel
from simulator.clock import Today
from simulator.ledger import ATTEMPT, DUE, ROW
from simulator.record.digest import lookup_digest

OUTPUT = {"simulator/record/emit.py:_fill"}
"""Kernels that turn finished rows into the files' currency units, and decide nothing."""

INTEGERS = {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "searchsorted", "bool_", "integer"}
"""What a kernel may use of NumPy."""


@pytest.fixture(scope="module")
def model() -> PaymentsModel:
    return PaymentsModel(scenario("fifty"))


def kernels(source: str) -> Iterator[ast.FunctionDef]:
    """The functions of a source that are compiled."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and {d.id for d in node.decorator_list if isinstance(d, ast.Name)} & {"kernel", "part"}:
            yield node


def float_steps(function: ast.FunctionDef) -> list[str]:
    """What in a function makes a float out of integers."""
    found = []
    for node in ast.walk(function):
        bad = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div | ast.Pow)
        bad |= isinstance(node, ast.Constant) and isinstance(node.value, float)
        bad |= isinstance(node, ast.Name) and node.id in ("float", "round", "math")
        bad |= isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np" and node.attr not in INTEGERS
        if bad:
            found.append(f"{function.name}, line {node.lineno}: {ast.unparse(node)}")
    return found


def narrow_sums(function: ast.FunctionDef, narrow: set[str]) -> list[str]:
    """Arithmetic on a column of less than 64 bits that is not widened first: it would overflow in plain Python only."""
    found = []
    for node in ast.walk(function):
        sides = [node.left, node.right] if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.BitAnd | ast.BitOr) else []
        for side in sides:
            if isinstance(side, ast.Subscript) and isinstance(side.value, ast.Attribute) and side.value.attr in narrow:
                if not ast.unparse(side.value.value).endswith("tables"):
                    found.append(f"{function.name}, line {node.lineno}: {ast.unparse(node)}")
    return found


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "simulator").rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def test_kernels_take_no_step_that_makes_a_float() -> None:
    count = 0
    for file, source in sources():
        for function in kernels(source):
            count += 1
            if f"{file}:{function.name}" not in OUTPUT:
                assert float_steps(function) == [], file
    assert count > 25


def arrays(columns: Any, name: str = "world") -> Iterator[tuple[str, NDArray[Any]]]:
    """Every array in a tree of named tuples and records, with its name."""
    if isinstance(columns, np.ndarray) and columns.dtype.names:
        for field in columns.dtype.names:
            yield from arrays(columns[field], f"{name}.{field}")
    elif isinstance(columns, np.ndarray):
        yield name, columns
    elif hasattr(columns, "_fields"):
        for field, value in zip(columns._fields, columns, strict=True):
            yield from arrays(value, f"{name}.{field}")
    else:
        yield name, np.asarray(columns)


def test_kernels_receive_integers_only(model: PaymentsModel) -> None:
    today: Today = model.clock.today(0)
    seen = [*arrays(model.world), *arrays(today, "today"), *arrays(model.runner.lanes[0].attempts, "attempts")]
    assert len(seen) > 100
    assert {name: array.dtype for name, array in seen if array.dtype.kind not in "iu"} == {}
    for kind in (ATTEMPT, ROW, DUE["attempt"]):
        assert all(kind[name].kind in "iu" for name in kind.names)


def narrow_columns(model: PaymentsModel) -> set[str]:
    names = {name.rsplit(".", 1)[-1] for name, array in arrays(model.world) if array.dtype.itemsize < 8}
    return names | {name for kind in (ATTEMPT, ROW) for name in kind.names if kind[name].itemsize < 8}


def test_narrow_columns_are_widened_on_read(model: PaymentsModel) -> None:
    narrow = narrow_columns(model)
    assert {"age", "sequence", "marks", "known"} <= narrow
    assert not narrow & {"amount", "time", "book", "available"}
    for file, source in sources():
        for function in kernels(source):
            assert narrow_sums(function, narrow) == [], file


def test_tables_are_what_the_manifest_says(model: PaymentsModel, tmp_path: Path) -> None:
    """Tables are built with floats once, rounded and digested: machines that round otherwise can tell."""
    tables = lookup_digest(model.world)
    assert tables == lookup_digest(PaymentsModel(scenario("fifty")).world)
    assert tables != lookup_digest(PaymentsModel(scenario("fifty", transfers__spread=1.01)).world)
    assert tables == run(tmp_path / "run", "fifty")["digests"]["lookup"]


@pytest.mark.parametrize(
    "line",
    ["return share * 0.5 < word", "return word / 2 < share", "return float(word) < share", "return np.sqrt(word) < 9", "return word**-1"],
)
def test_broken_by_hand_a_float_decision_is_found(line: str) -> None:
    [function] = kernels(f"@kernel\ndef decide(word: int, share: int) -> bool:\n    {line}\n")
    assert len(float_steps(function)) >= 1


def test_broken_by_hand_a_narrow_sum_is_found() -> None:
    [function] = kernels("@part\ndef older(people: Records, i: int) -> int:\n    return people.age[i] * 4 + np.int64(people.sex[i])")
    assert narrow_sums(function, {"age", "sex"}) == ["older, line 3: people.age[i] * 4"]
