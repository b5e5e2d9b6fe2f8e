"""Story files of fraud and of what looks like it: they hold together, add up to their sources, and leave no id without a look-alike."""

import re
from pathlib import Path

import pytest

import simulator.scenario
from simulator.scenario.plot import Stage
from simulator.scenario.story import Family, Typology
from simulator.scenario.tales import read_story

FOLDER = Path(simulator.scenario.__file__).parent.parent.parent / "scenarios" / "stories"

FRAUD = [Family.CARD, Family.TAKEOVER, Family.SCAM, Family.FIRST_PARTY, Family.MERCHANT, Family.INSIDER]

HEADLINE = ["C1", "C2", "C4", "C6", "A1", "A2", "A3", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "P3", "I1"]

CARD_SPENDING = 18_900
"""Dollars an adult spends by card in a year in the high street (measured on 2,000 customers in January)."""

CARD_FRAUD = 13.46e-4
"""Of value, United States 2016 (Federal Reserve Payments Study)."""

SCAMS_REPORTED = 2.6e6 * 0.38 / 260e6
"""Reports with a loss for each adult and year, United States 2024 (Federal Trade Commission)."""

ONLY_NEWCOMERS = 9
"""Only so few of the customers whom a story for newcomers befalls can play it: one in nine or so."""


@pytest.fixture(scope="module")
def told() -> list[Typology]:
    stories = [read_story(path.stem) for path in sorted(FOLDER.glob("*.yaml"))]
    return [story for story in stories if story.family in FRAUD or story.family is Family.INNOCENT]


def _of(told: list[Typology], *families: Family) -> list[Typology]:
    return [story for story in told if story.family in families]


def test_a_file_opens_with_three_sentences_that_tell_it(told: list[Typology]) -> None:
    """Catches a story that is not told, told twice differently, or a file that another name finds."""
    for story in told:
        text = (FOLDER / f"{story.name}.yaml").read_text(encoding="utf-8")
        comment = " ".join(line[2:] for line in text.splitlines() if line.startswith("# "))
        assert comment.split() == story.about.split() or story.name == "safe_account", story.name
        assert len(re.findall(r"[.!?](?:\s|$)", story.about.strip())) == 3, story.name


def test_every_rate_says_where_it_comes_from(told: list[Typology]) -> None:
    for story in told:
        assert story.rate is not None, story.name
        assert re.search(r"assumption|\d", story.rate.source), story.name


def test_guilty_stories_have_acts_of_fraud_and_innocent_ones_none(told: list[Typology]) -> None:
    """Catches a look-alike that would be labelled, and a fraud that would not."""
    for story in told:
        stages = {act.stage for act in story.acts}
        assert (Stage.FRAUD in stages) == (story.family is not Family.INNOCENT), story.name
        if story.family is Family.INNOCENT:
            assert stages == {Stage.NONE}, story.name
            assert not story.crewed, story.name


def test_headline_stories_are_deep(told: list[Typology]) -> None:
    """At least four acts, one of them an event, a payment that may fail, and somebody who may notice."""
    for story in _of(told, *FRAUD):
        if story.typology in HEADLINE:
            assert len(story.acts) >= 4, story.name
            assert any(act.event is not None for act in story.acts), story.name
            assert any(act.declined is not None or act.smaller > 0 for act in story.acts), story.name
            assert any(act.when is not None for act in story.acts), story.name


def test_every_fraud_has_an_innocent_story_of_its_shape(told: list[Typology]) -> None:
    """More of them begin than of the fraud itself, by the same unit."""
    innocent = _of(told, Family.INNOCENT)
    for family in FRAUD:
        for kind in {story.typology for story in _of(told, family)}:
            guilty = sum(story.rate.yearly for story in told if story.typology == kind and story.rate is not None)
            alike = sum(story.rate.yearly for story in innocent if story.lookalike_of == kind and story.rate is not None)
            assert alike >= guilty, kind


def test_card_fraud_adds_up_to_the_rate_of_the_source(told: list[Typology]) -> None:
    """Rate times mean loss over all card stories, less a tenth that fail, against 13.46 basis points of what is spent by card."""
    lost = 0.0
    for story in _of(told, Family.CARD):
        assert story.rate is not None
        share = 1 / ONLY_NEWCOMERS if story.typology == "C7" else 1.0
        lost += story.rate.yearly * story.rate.mean_loss * share
    assert 0.9 * lost == pytest.approx(CARD_FRAUD * CARD_SPENDING, rel=0.2)


def test_scams_add_up_to_the_cases_of_the_source(told: list[Typology]) -> None:
    """Scams of people that are authorised and reported, less a tenth that fail, against the reports with a loss."""
    reported = 0.0
    for story in _of(told, Family.SCAM):
        lead = story.cast[next(iter(story.cast))]
        if lead.drawn == "people" and story.typology not in ("S9", "ELD"):
            assert story.rate is not None
            reported += story.rate.yearly * story.gates.reported
    assert 0.9 * reported == pytest.approx(SCAMS_REPORTED, rel=0.25)
