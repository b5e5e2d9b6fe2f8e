"""The report of a fit: what it says is in the fit, misses come first, and nothing unidentified is shown as fitted."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_up_fitted import LEDGER, estimate, judged, made_up
from rich.console import Console

from calibration.fit import figures
from calibration.fit.console import tell
from calibration.fit.page import bound, render, write_page
from calibration.fit.verdict import misses, overall, ranked
from simulator.errors import MachineError

VOID = {"meta", "br", "link", "img", "path", "use", "rect", "stop", "image"}


@cache
def whole() -> str:
    """The page of the made-up fit; drawing it takes a second."""
    return render(made_up())


class Balance(HTMLParser):
    """Counts what is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures = self.named = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg":
            self.pictures += 1
            self.named += dict(attrs).get("role") == "img" and bool(dict(attrs).get("aria-label"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    page = whole()
    found = Balance()
    found.feed(page)
    assert not found.open
    assert found.pictures == found.named == 7
    assert not re.search(r'(?:src|href)="(?!#|data:)', page) and "<script" not in page


def test_the_verdict_says_what_the_counts_say() -> None:
    failing, passing = made_up(), made_up(failing=False)
    assert overall(failing) == "FAIL" and overall(passing) == "WARN"
    assert "3 of 5 fit numbers are within their tolerance, and 1 of 2 that were held out" in render(failing)
    assert "4 of 5 fit numbers" in render(passing)
    clean = replace(passing, targets=tuple(one for one in passing.targets if one.verdict == "PASS"))
    assert overall(clean) == "PASS"
    assert overall(replace(clean, targets=())) == "not assessed"


def test_misses_come_first() -> None:
    rows = [judged("a", 1.0, 1.01), judged("b", 1.0, 1.08), judged("c", 1.0, 1.5), judged("d", 1.0, None), judged("e", 1.0, 1.2)]
    assert [one.id for one in misses(rows)] == ["c", "e", "b"]
    assert [one.id for one in ranked(rows)] == ["c", "e", "b", "a", "d"]


def test_what_is_not_identified_is_not_reported_as_fitted() -> None:
    page = whole()
    identified, _, rest = page.partition("<caption>Not identified")
    assert "what cash_habit is" in identified and "what friends is" not in identified
    assert "what friends is" in rest and "1 parameters" not in rest


def test_text_of_a_pack_is_only_text() -> None:
    assert "Survey <of>" not in whole() and "Survey &lt;of&gt; remote_share (2024)" in whole()
    assert "<b>x</b>" not in render(replace(made_up(), about="<b>x</b>"))


def test_a_ledger_brings_its_bound() -> None:
    assert bound(LEDGER) == "4.0 %" and bound({}) == "" and bound({"rho": 0.5}) == "38.3 %"
    page = whole()
    assert "Privacy ledger" in page and "2 entries" in page
    assert "Privacy ledger" not in render(replace(made_up(), ledger={}))


def test_what_stages_add_is_told_where_it_is_there() -> None:
    found = made_up()
    assert "planted worlds with 30 %" not in render(found) and "neural" not in render(found)
    shifted = {"worlds": 40, "shifted": 200, "named": 176, "sound": 400, "accused": 20, "fitted": 380}
    page = render(replace(found, extra={"shift_experiment": shifted, "sbi": {"refused": "too far off"}}))
    assert "88 % of the shifted were named, and 5 % of the others; 95 %" in page and "too far off" in page
    page = render(replace(found, extra={"sbi": {"low": {"cash_habit": 0.41}, "high": {"cash_habit": 0.83}}}))
    assert "0.41 to 0.83" in page


def test_draws_that_are_files_are_told_from_those_that_are_not() -> None:
    assert "30 draws" in whole() and "2 of them are written as scenarios" in whole() and "Made again by" in whole()
    assert "Made again by" not in render(replace(made_up(), command=""))


def test_coverage_that_leaves_out_its_level_is_said_to() -> None:
    found = made_up()
    assert "too narrow" not in render(replace(found, consistent=True))
    assert "take the intervals as too narrow" in render(replace(found, coverage=replace(found.coverage, covered=80, low=0.58, high=0.75)))


def test_a_fit_with_nothing_in_it_has_a_page() -> None:
    found = made_up()
    empty = replace(
        found, estimates=(), recovery=(), notes=(), contradictions=(), direct={}, coverage=replace(found.coverage, covered=0, of=0),
        draws=replace(found.draws, names=(), values=found.draws.values[:0, :0], weights=found.draws.weights[:0]),
        losses=replace(found.losses, loss=found.losses.loss[:0], stage=()),
    )  # fmt: skip
    assert "No parameter was searched" in render(empty)


def test_pictures_are_the_same_again_and_show_what_is_beyond_their_edge() -> None:
    far = [judged("near", 1.0, 1.01), judged("far", 1.0, 9.0)]
    assert figures.targets(far) == figures.targets(far)
    assert figures.signed(far[1], 9.0) > figures.EDGE
    assert "bins: 1 to 2.5" in figures.targets([judged("bins.1_to_2.5", 1.0, 1.01)])
    hollow = figures.intervals([estimate("silent", 0.2, 0.5)])
    assert "not identified" in hollow


def test_the_page_is_written_or_said_why_not(tmp_path: Path) -> None:
    write_page(made_up(), tmp_path / "new" / "fit.html")
    assert (tmp_path / "new" / "fit.html").read_text().startswith("<!doctype html>")
    with pytest.raises(MachineError, match="cannot be written"):
        write_page(made_up(), tmp_path)


def test_the_terminal_is_told_the_misses_first(capsys: pytest.CaptureFixture[str]) -> None:
    tell(made_up(), Console(width=140), Path("fitted.report.html"))
    said = capsys.readouterr().out
    places = [
        said.index(word)
        for word in ("fit targets missed", "mean withdrawal", "held-out", "identified parameters", "friends", "FAIL: 3 of 5")
    ]
    assert places == sorted(places)
    assert "not identified, left as they were: friends" in said and "fitted.report.html" in said
