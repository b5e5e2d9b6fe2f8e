"""A crew without capital for what a story costs cannot begin it; what stories bring is its capital."""

from pathlib import Path

import pytest

from simulator.errors import InputError
from simulator.model import PaymentsModel
from simulator.scenario.file import load_scenario
from simulator.stories.capital import HOARD, MULE, OUTLAY, Purses, outlay

STORY = """\
# A crew asks for money. It comes by transfer. It is gone.
name: {name}
title: Money asked for
typology: {id}
family: scam
about: A crew asks for money, and it comes by transfer. It is gone, and nobody tells the bank of it at all.
rate: {{yearly: 3, source: assumption}}
crewed: true
costs: {costs}
cast:
  victim: {{drawn: people, available: 500}}
  mule: {{drawn: mules}}
acts:
  - name: pays
    says: the victim pays
    hours: [9, 19]
    stage: fraud
    pay: {{payer: victim, payee: mule, amount: {{between: [100, 300]}}}}
"""


def _model(folder: Path, **costs: float) -> PaymentsModel:
    for place, (name, cost) in enumerate(costs.items()):
        (folder / f"{name}.yaml").write_text(STORY.format(name=name, id=f"T{place}", costs=cost))
    file = folder / "town.yaml"
    names = ", ".join(f"{name}.yaml" for name in costs)
    file.write_text(
        f"extends: hamlet\nname: town\npopulation: {{customers: 400}}\nperiod: {{days: 15}}\ndefence: {{alerts: false}}\n"
        f"stories: {{library: [{names}], crews: 100, adapts: 1}}\n"
    )
    return PaymentsModel(load_scenario(file))


def _told(model: PaymentsModel) -> dict[int, set[int]]:
    """Stories that began, by crew."""
    found: dict[int, set[int]] = {crew.number: set() for crew in model.teller.crews.crews}
    for one in [*model.teller.under_way.values(), *model.teller.ended]:
        found[one.crew].add(one.story)
    return found


def _lived(model: PaymentsModel) -> PaymentsModel:
    for _ in range(model.settings.period.days):
        model.step()
    return model


def test_a_crew_without_capital_begins_nothing(tmp_path: Path) -> None:
    """One agent is changed: it tells no story, and the others tell theirs."""
    rich, poor = _model(tmp_path, asks=200), _model(tmp_path, asks=200)
    poor.teller.crews[1].capital = 0
    before, after = _told(_lived(rich)), _told(_lived(poor))
    assert len(before) == 4 and all(len(stories) > 5 for stories in before.values())
    assert not after.pop(1) and poor.teller.crews[1].short >= len(before.pop(1))
    assert after == before
    assert poor.teller.crews[1].dump()["capital"] == 0  # it earns nothing either


def test_a_crew_with_little_turns_to_what_it_can_pay(tmp_path: Path) -> None:
    model = _model(tmp_path, asks=900, begs=10)
    purses = Purses(model.world.rules.unit, 1.0)
    _, cheap = model.teller.library.told
    for crew in model.teller.crews.crews:
        crew.capital = purses.cost(cheap.typology) * 3
    first = {one.number: one.capital for one in model.teller.crews.crews}
    _lived(model)
    names = [model.teller.library[one.typology].name for one in [*model.teller.under_way.values(), *model.teller.ended]]
    assert names.count("begs") > 5 and names.count("asks") < names.count("begs")
    for crew in model.teller.crews.crews:  # what it has is what it had, less what it paid, and what stories brought
        mine = [one for one in [*model.teller.under_way.values(), *model.teller.ended] if one.crew == crew.number]
        paid = sum(purses.cost(model.teller.library[one.typology].typology) for one in mine)
        ended = sum(one.taken for one in model.teller.ended if one.crew == crew.number)
        assert crew.capital == first[crew.number] - paid + ended
        assert crew.capital >= 0


def test_what_a_story_costs() -> None:
    purses = Purses(100, 0.5)
    told = load_scenario("crime_wave").stories.told
    scam = next(story for story in told if story.name == "safe_account")
    assert outlay(scam) == OUTLAY["scam"] + MULE and purses.cost(scam) == 100 * 0.5 * outlay(scam)
    assert purses.kept(10**12) == HOARD * purses.stake and purses.kept(5) == 5
    worth = {story.name: story.rate.mean_loss - 2 * outlay(story) for story in told if story.crewed and story.rate is not None}
    assert worth and min(worth.values()) > 0, "no crew would run it"


def test_a_story_does_not_cost_less_than_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="costs"):
        _model(tmp_path, asks=-1)
