"""The HTML report: its numbers are those of the rows, and its page stands alone."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from made_up_run import make_run, write_manifest

from simulator.errors import InputError, MachineError
from simulator.record.read import open_run
from simulator.report.numbers import Numbers, read_numbers
from simulator.report.page import short, write_report
from simulator.report.tally import Tally
from simulator.scenario.shocks import UNITS, Kind

TOWN = (Path(__file__).parent / "tiny_town.yaml").read_text(encoding="utf-8")
COMPARED = "id what target unit achieved tolerance misfit verdict role source why".split()
TARGETS: list[dict[str, Any]] = [
    dict(zip(COMPARED, row, strict=True))
    for row in (
        ("a", "payments <b>per</b> adult", 39.1, "a month", 38.2, "10 %", 0.2, "ok", "fit", "a diary", ""),
        ("b.cash", "share of payments: cash", 0.164, "share", 0.2, "3 points", 1.2, "off", "fit", "a survey", "as asked"),
        ("b.card", "share of payments: card", 0.5, "share", 0.51, "3 points", 0.3, "ok", "fit", "a survey", "as asked"),
        ("c", "mean payment", 142.0, "USD", 90.0, "10 %", 3.7, "report", "report", "a diary", "does not fit"),
        ("d.july", "level: july", 1.019, "factor", None, "10 %", None, "not assessed", "fit", "cards", ""),
    )
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("run"), rows=6000, days=40, scenario=TOWN)


@pytest.fixture(scope="module")
def numbers(folder: Path) -> Numbers:
    return read_numbers(open_run(folder))


@pytest.fixture(scope="module")
def rows(folder: Path) -> pd.DataFrame:
    frame: pd.DataFrame = open_run(folder).transactions().to_pandas()
    frame["local"] = frame["timestamp"] - timedelta(hours=5)
    return frame


def test_numbers_are_those_of_the_rows(numbers: Numbers, rows: pd.DataFrame) -> None:
    approved = rows[(rows["status"] == "approved") & (rows["message"] == "payment")]
    assert len(approved) < (rows["status"] == "approved").sum(), "holds move no money"
    assert (numbers.seen, numbers.unseen, numbers.others) == (6000, 600, 0)
    assert numbers.declined == (rows["status"] == "declined").sum() > 0
    assert numbers.value == pytest.approx(approved["amount"].sum())
    by_hour = approved.groupby(approved["local"].dt.hour).size()
    assert numbers.hours["payments"].tolist() == [by_hour.get(hour, 0) for hour in range(24)]
    by_day = approved.groupby(approved["local"].dt.date).size()
    shown = numbers.days.set_index("day")["payments"].astype(int)
    assert shown.tolist() == by_day.loc[shown.index].tolist()
    assert numbers.days["weekday"].tolist() == [day.weekday() for day in numbers.days["day"]]
    reasons = rows[rows["status"] == "declined"]["decline_reason"].value_counts()
    assert dict(zip(numbers.reasons["decline_reason"], numbers.reasons["payments"], strict=True)) == reasons[reasons > 0].to_dict()
    assert sum(int(counts.sum()) for counts in numbers.amounts.values()) == numbers.methods["payments"].sum() > len(approved)
    assert (np.diff(numbers.merchants) <= 0).all()
    assert numbers.categories["value"].sum() == pytest.approx(numbers.merchants.sum())


def test_parts_of_days_are_left_out(numbers: Numbers, rows: pd.DataFrame) -> None:
    days = set(rows["local"].dt.date)
    assert set(numbers.days["day"]) == days - {min(days), max(days)}


def test_a_tally_does_not_grow_with_its_batches(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr("simulator.report.tally.PENDING_ROWS", 3)
    tally = Tally("method")
    for batch in open_run(folder).batches("transactions", ["method", "amount"]):
        tally.add(pa.Table.from_batches([batch]))
        assert len(tally._parts) <= 2
    assert tally.frame()["payments"].sum() == 6000


def test_the_page_stands_alone(folder: Path, tmp_path: Path) -> None:
    page = write_report(folder, tmp_path / "deep" / "page.html", TARGETS).read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!#)', re.sub(r'xlink:href="#', "", page)), "nothing is fetched"
    assert "<script" not in page and "@import" not in page and not re.search(r"url\((?!#)", page)
    assert page.count("<svg") == 9, "every picture is there, declines included"
    assert not re.search(r"#01020[3-8]", page), "every stand-in colour is replaced by a variable of the page"
    assert "6,000" in page and "Tiny town" in page and "ab" * 32 in page
    assert "payments &lt;b&gt;per" in page and "2 of 3 figures" in page and ">16.4 %<" in page
    assert page.count('class="verdict met">ok') == 2 and page.count('class="verdict missed">off') == 2, "the target and its figure"
    assert page.count("<details open>") == 1, "a target with a miss comes open"
    assert "1 of 2 met, worst: cash" in page and "a survey. as asked" in page
    assert "For comparison only" in page and "Not assessed" in page
    parser = _Balance()
    parser.feed(page)
    assert parser.open == []


def test_shocks_are_shown_with_unit_and_source(folder: Path, tmp_path: Path) -> None:
    shut = "shocks:\n  - {name: shut_doors, kind: restriction, source: an <order>, path: {2024-03-02: 50 %}}\n"
    page = write_report(make_run(tmp_path, rows=0, days=1, scenario=TOWN + shut)).read_text(encoding="utf-8")
    for shown in ("<td>shut doors</td><td>restriction</td>", f"<td>{UNITS[Kind.RESTRICTION]}</td>", "<small>an &lt;order&gt;</small>"):
        assert shown in page
    assert "<h2>Shocks</h2>" not in write_report(folder, tmp_path / "calm.html").read_text(encoding="utf-8")


def test_the_same_run_gives_the_same_page(folder: Path, tmp_path: Path) -> None:
    pages = [write_report(folder, tmp_path / name).read_bytes() for name in ("a.html", "b.html")]
    assert pages[0] == pages[1]


def test_a_scenario_without_targets_says_so(folder: Path) -> None:
    file = write_report(folder)
    assert file == folder / "report.html"
    assert "its scenario names no targets" in file.read_text(encoding="utf-8")


def test_an_empty_run_has_a_report(tmp_path: Path) -> None:
    assert write_report(make_run(tmp_path, rows=0, days=1, scenario=TOWN)).stat().st_size > 10_000


def test_no_report_of_half_a_run(tmp_path: Path) -> None:
    write_manifest(tmp_path, status="running")
    with pytest.raises(InputError, match="running"):
        write_report(tmp_path)


def test_a_page_that_cannot_be_written_is_the_machines_fault(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="cannot be written"):
        write_report(folder, tmp_path)


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (12.5, "12.5"), (1_234_567, "1.23 M"), (-4_200, "-4.2 k"), (7.5e12, "7.5 T")])
def test_short_numbers(value: float, text: str) -> None:
    assert short(value) == text


class _Balance(HTMLParser):
    """Keeps the tags that are open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in {"meta", "link", "br", "img", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
