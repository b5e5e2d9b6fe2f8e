"""The story files add up to published numbers of cases and losses, in closed form, and what a run took is counted right."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from calibration.expected import Expected, add_up, expect
from calibration.losses import Loss, Losses, read_losses
from calibration.tally import Between, tally
from simulator.scenario.file import load_scenario

NEAR = 0.05


@pytest.fixture(scope="module")
def found() -> list[Expected]:
    return expect(load_scenario("high_street", {"stories.lookalikes": 1}))


@pytest.fixture(scope="module")
def british() -> list[Expected]:
    return expect(load_scenario("_uk_town"))


@pytest.mark.parametrize("fact", read_losses("US"), ids=lambda fact: fact.group)
def test_a_family_adds_up_to_its_source(found: list[Expected], fact: Loss) -> None:
    """Cases and mean loss."""
    sums = add_up(found, fact)
    assert sums.cases == pytest.approx(fact.cases, rel=NEAR)
    assert sums.loss == pytest.approx(fact.loss, rel=NEAR)


@pytest.mark.parametrize("fact", read_losses("UK"), ids=lambda fact: fact.group)
def test_a_british_town_adds_up_to_british_figures(british: list[Expected], fact: Loss) -> None:
    """Cases and mean loss, in pounds; the mix of the scenario takes American rates there."""
    sums = add_up(british, fact)
    assert sums.cases == pytest.approx(fact.cases, rel=NEAR)
    assert sums.loss == pytest.approx(fact.loss, rel=NEAR)


def test_the_mix_of_losses_is_that_of_the_sources(found: list[Expected]) -> None:
    """Shares of what is lost in a year, of the families that sources count."""
    facts = [fact for fact in read_losses("US") if not fact.source.startswith("assumption")]
    real = np.array([fact.cases * fact.loss for fact in facts])
    told = np.array([add_up(found, fact).cases * add_up(found, fact).loss for fact in facts])
    assert len(facts) >= 3
    assert told / told.sum() == pytest.approx(real / real.sum(), rel=NEAR)


def test_every_fraud_is_counted_by_one_fact(found: list[Expected]) -> None:
    """Catches a new typology that no source is set beside. Crimes whose victims are not customers are left out."""
    crimes = {"P21", "HT", "TF", "SAN", "VAT"}
    counted = {one for fact in read_losses("US") for one in fact.typologies}
    assert {one.typology for one in found if not one.innocent} == counted | crimes


def test_the_dials_scale_the_sums() -> None:
    """Catches a sum that is written down rather than added up."""
    fact = next(fact for fact in read_losses("US") if fact.group == "card")
    dials = {"stories.intensity": 3, "stories.mix.C1": 0, "stories.money": 0.5}
    fewer = [one for one in expect(load_scenario("high_street", {"stories.library": ["card"]}), 1000) if one.typology != "C1"]
    sums, once = add_up(expect(load_scenario("high_street", {"stories.library": ["card"], **dials}), 1000), fact), add_up(fewer, fact)
    assert sums.cases == pytest.approx(3 * once.cases)
    assert sums.loss == pytest.approx(once.loss / 2)


def test_every_fraud_has_more_innocent_stories_of_its_shape(found: list[Expected]) -> None:
    """Of those that can be told, for each adult and year."""
    for kind in {one.typology for one in found if not one.innocent}:
        guilty = sum(one.told for one in found if one.typology == kind and not one.innocent)
        alike = {story.name for story in load_scenario("high_street").stories.told if story.lookalike_of == kind}
        assert sum(one.told for one in found if one.name in alike) >= guilty, kind


def _case(typology: str, taken: float, reported: float = 0.5, often: float = 10.0) -> dict[str, object]:
    return {"typology": typology, "amount_taken": taken, "reported": reported, "often": often, "start": date(2024, 1, 1)}


def test_a_run_is_tallied_as_its_source_counts() -> None:
    """A story told ten times as often as in life is a tenth of a case, and half of one where half of the victims tell."""
    fact = next(fact for fact in read_losses("US") if fact.group == "scam")
    stories = pd.DataFrame([_case("S1", 100.0)] * 300 + [_case("S2", 400.0)] * 100 + [_case("C1", 9.0)] * 50 + [_case("S1", 0.0)] * 40)
    found = tally(stories, 1000.0, fact)
    assert found.number == 400
    assert found.cases.value == pytest.approx(400 * 0.5 / 10 / 1000)
    assert found.loss.value == pytest.approx(175.0)
    assert found.cases.low < found.cases.value < found.cases.high
    assert found.loss.low < 175.0 < found.loss.high
    everyone = tally(stories, 1000.0, fact.model_copy(update={"counts": "all"}))
    assert everyone.cases.value == pytest.approx(2 * found.cases.value)


def test_intervals_cover_as_often_as_they_say() -> None:
    """Poisson numbers of log-normal losses: 95 of 100 intervals hold the truth, within chance of 200 samples."""
    fact = next(fact for fact in read_losses("US") if fact.group == "card")
    draws = np.random.default_rng(4)
    hits = np.zeros(2)
    for _ in range(200):
        taken = draws.lognormal(5.0, 1.0, draws.poisson(300))
        stories = pd.DataFrame({"typology": "C1", "amount_taken": taken, "reported": 1.0, "often": 1.0})
        counted = tally(stories, 3000.0, fact)
        hits += [counted.cases.covers(0.1), counted.loss.covers(float(np.exp(5.5)))]
    assert (hits >= 180).all()
    assert not Between(1.0, 0.9, 1.1).covers(1.2)


def test_a_typology_may_not_count_twice() -> None:
    fact = read_losses("US")[0]
    with pytest.raises(ValueError, match="counts twice"):
        Losses(facts=[fact, fact.model_copy(update={"group": "other"})])
    with pytest.raises(ValueError, match="says how"):
        Loss.model_validate({**fact.model_dump(), "how": ""})
