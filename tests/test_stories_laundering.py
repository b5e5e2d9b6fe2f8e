"""Story files of laundering and of what looks like it: they hold together, take money only from where it is, and pass it on."""

import re
from collections import Counter
from pathlib import Path

import pytest

import simulator.scenario
from simulator.scenario.plot import Stage
from simulator.scenario.story import Family, Typology
from simulator.scenario.tales import read_story

FOLDER = Path(simulator.scenario.__file__).parent.parent.parent / "scenarios" / "stories"

LAUNDERING = [Family.CRIME, Family.MULE, Family.STRUCTURE, Family.PLACEMENT, Family.INTEGRATION]

ASKED = [
    *(f"L{number:02}" for number in range(1, 17)), *(f"P{number:02}" for number in range(1, 18)), "P19", "P21", "P22", "L1", "TF", "HT",
    "VAT", "SAN",
]  # fmt: skip

BRINGS_NOTES = ["drug_sales", "protection_racket", "illegal_gambling", "contraband_sales", "burglary_proceeds"]

DEEP = ["structuring", "smurfing", "funnel_account", "scatter_gather", "gather_scatter", "pouch_activity", "round_tripping", "drug_sales",
        "crypto_in_out", "shell_network"]  # fmt: skip


@pytest.fixture(scope="module")
def stories() -> dict[str, Typology]:
    return {path.stem: read_story(path.stem) for path in sorted(FOLDER.glob("*.yaml"))}


@pytest.fixture(scope="module")
def told(stories: dict[str, Typology]) -> list[Typology]:
    return [story for story in stories.values() if story.family in LAUNDERING]


def test_every_typology_that_is_asked_for_has_a_file(told: list[Typology]) -> None:
    assert set(ASKED) <= {story.typology for story in told}
    named = {code for story in told for code in story.codes.catalogue}
    assert {f"L{number}" for number in range(2, 10)} <= named, "the catalogue's own names of laundering narratives"


def test_a_file_opens_with_three_sentences(told: list[Typology]) -> None:
    """Catches a story that is not told, or told twice differently."""
    for story in told:
        text = (FOLDER / f"{story.name}.yaml").read_text(encoding="utf-8")
        comment = " ".join(line[2:] for line in text.splitlines() if line.startswith("# "))
        assert comment.split() == story.about.split() or story.name == "mule_cash_out", story.name
        assert len(re.findall(r"[.!?](?:\s|$)", story.about.strip())) == 3, story.name


def test_laundering_is_begun_by_who_brings_the_money(stories: dict[str, Typology], told: list[Typology]) -> None:
    """Catches a story that nobody begins, and one that would have to find dirty money by itself."""
    fed = Counter(feed.story for story in stories.values() for feed in story.feeds)
    for story in told:
        assert (story.rate is None) == (fed[story.name] > 0), story.name
        assert story.rate is None or story.family is Family.CRIME, story.name


def test_what_leaves_an_account_is_a_share_of_what_arrived(told: list[Typology]) -> None:
    """Begun by another story, it pays from nothing else; shops are paid as usual out of it."""
    for story in told:
        if story.rate is None:
            amounts = [act.pay.amount for act in story.acts if act.pay is not None and act.stage is not Stage.NONE]
            assert all(amount.arrived or amount.usual or amount.same_as for amount in amounts), story.name


def test_notes_are_handed_on_to_one_only(stories: dict[str, Typology]) -> None:
    """Catches two stories that would spend the same notes: an act that hands on is the last that does."""
    for name in BRINGS_NOTES:
        story = stories[name]
        acts = [act.name for act in story.acts]
        handing = [feed.after for feed in story.feeds]
        assert len(set(handing)) == len(handing), name
        for act in sorted(handing, key=acts.index)[:-1]:
            place = story.acts[acts.index(act)]
            assert place.goto is not None and place.goto not in handing, f"{name}: {act}"
            assert place.otherwise in handing, f"{name}: {act}"


def test_headline_stories_are_deep(stories: dict[str, Typology]) -> None:
    """At least four acts, one of them an event, a condition, and a payment that may fail."""
    for name in DEEP:
        acts = stories[name].acts
        assert len(acts) >= 4 and any(act.event is not None for act in acts) and any(act.when is not None for act in acts), name
        assert any(act.declined is not None or act.smaller > 0 for act in acts), name


def test_every_typology_has_an_innocent_story_of_its_shape(stories: dict[str, Typology], told: list[Typology]) -> None:
    alike = {story.lookalike_of for story in stories.values() if story.family is Family.INNOCENT}
    assert {story.typology for story in told} <= alike


def test_no_hour_of_the_night_gives_payments_away(told: list[Typology]) -> None:
    """Transfers are made when people are awake; notes from hand to hand have no bank that sees the hour."""
    for story in told:
        for act in story.acts:
            seen = act.pay is not None and act.pay.method != "cash"
            assert not seen or act.hours is not None or story.name == "mule_cash_out", f"{story.name}: {act.name}"
