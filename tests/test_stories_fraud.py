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
