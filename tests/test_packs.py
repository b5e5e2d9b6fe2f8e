"""Shipped packs: roles, tolerances, parameters and the commands that show them; bad packs get one located message."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from calibration.measure import check_moments
from calibration.moments import MOMENTS
from calibration.pack import Pack, pack_schema, read_pack
from calibration.targets import CAP, Target
from simulator.errors import InputError
from simulator.scenario.extend import shipped
from simulator.scenario.file import load_scenario

PACKS = sorted(shipped("packs"))
WORLDS = {
    "us_cards_2019": "high_street",
    "us_cards_2024": "high_street",
    "euro_2024": "euro_town",
    "uk_fraud_2024": "uk_town",
    "mobile_money": "mobile_money",
    "czech_1990s": "czech_bank",
}
OF_HAND = {"us_town"}
"""The pack that the default world was set by before it was fitted."""


@pytest.mark.parametrize("name", PACKS)
def test_pack_keeps_the_rules(name: str) -> None:
    pack = read_pack(name)
    check_moments(pack.targets, name)
    assert pack.about
    for target in pack.targets:
        if target.tolerance.endswith("%"):
            assert float(target.tolerance.split()[0]) <= 100 * CAP
        elif name not in OF_HAND:
            # A released pack gives the reason once, for all its histograms.
            told = target.why or (target.status == "released" and any("held to" in note for note in pack.notes))
            assert target.unit == "share" and told, f"{target.id}: points without a reason"
        assert target.status != "memory" or target.role == "report"
        assert target.role == "fit" or target.why or target.moment == "customers", f"{target.id}: not fitted, without a reason"
        if target.role != "report":
            assert any(target.is_assessable(component) for component in target.components), f"{target.id}: its source never knows it"
    for parameter in pack.parameters:
        assert parameter.why, f"{parameter.name}: a range without a reason"
    if pack.parameters:
        assert 8 <= len(pack.parameters) <= 16 and any(target.role == "fit" for target in pack.targets)


@pytest.mark.parametrize("name", [name for name in PACKS if name.startswith("crisis_")])
def test_nothing_is_fitted_to_a_crisis(name: str) -> None:
    pack = read_pack(name)
    assert {target.role for target in pack.targets} <= {"hold-out", "report"}
    assert not pack.parameters and not pack.direct
    assert any(target.role == "hold-out" for target in pack.targets)


@pytest.mark.parametrize(("name", "world"), WORLDS.items())
def test_direct_settings_and_parameters_are_numbers_of_the_world(name: str, world: str) -> None:
    pack = read_pack(name)
    plain = load_scenario(world)
    plain = plain.model_copy(update={"stories": plain.stories.model_copy(update={"told": []})})
    tree = plain.model_dump(mode="json")
    searched = {path for parameter in pack.parameters for path in parameter.paths}
    assert searched.isdisjoint(one.path for one in pack.direct)
    for path in searched:
        found = _at(tree, path.split("."))
        assert found and all(isinstance(one, int | float) and not isinstance(one, bool) for one in found), path
    known = {target.id: target for target in pack.targets}
    settings = {one.path: known[one.target].components[one.component] * one.times for one in pack.direct}
    changed = load_scenario(plain, settings).model_dump(mode="json")
    for path, value in settings.items():
        assert _at(changed, path.split(".")) == [pytest.approx(value)]


def _at(node: Any, way: list[str]) -> list[Any]:
    if not way:
        return [node]
    if isinstance(node, list):
        named = {one["name"] if isinstance(one, dict) and "name" in one else str(place): one for place, one in enumerate(node)}
    else:
        named = node
    inside = list(named.values()) if way[0] == "*" else [named[way[0]]] if way[0] in named else []
    return [found for one in inside for found in _at(one, way[1:])]


def test_online_cards_is_what_its_script_writes() -> None:
    """Shares sum to one, errors are those of so many payments."""
    pack = read_pack("online_cards_2016")
    known = {target.id: target for target in pack.targets}
    for name in ("remote_hour_shares", "remote_weekday_shares", "fraud_hour_shares"):
        assert sum(known[name].components.values()) == pytest.approx(1, abs=1e-3)
    night = known["fraud_hour_shares"]
    assert night.error_of("night") == pytest.approx((0.2227 * 0.7773 / 1163) ** 0.5, abs=1e-4)


GOOD = {
    "id": "one", "what": "one thing", "value": 0.5, "unit": "share", "population": "adults", "period": "2024", "source": "A title, 2024",
    "status": "seen", "role": "fit", "moment": "remote_share",
}  # fmt: skip

BAD: dict[str, tuple[dict[str, Any], str]] = {
    "two of one id": ({"targets": [GOOD, GOOD]}, "targets.1.id"),
    "a number that is none": ({"targets": [GOOD | {"value": float("nan")}]}, "targets.0.value"),
    "no number": ({"targets": [GOOD | {"value": {}}]}, "targets.0.value"),
    "per cent where shares are said": ({"targets": [GOOD | {"value": 22}]}, "targets.0.value"),
    "a negative tolerance": ({"targets": [GOOD | {"tolerance": "-5 %"}]}, "targets.0.tolerance"),
    "a tolerance beyond the cap": ({"targets": [GOOD | {"tolerance": "30 %"}]}, "targets.0.tolerance"),
    "a negative error": ({"targets": [GOOD | {"error": -0.1}]}, "targets.0.error"),
    "an unknown role": ({"targets": [GOOD | {"role": "training"}]}, "targets.0.role"),
    "memory that is fitted": ({"targets": [GOOD | {"status": "memory"}]}, "targets.0.role"),
    "an unknown key": ({"targets": [GOOD | {"weight": 2}]}, "targets.0.weight"),
    "direct from nowhere": ({"targets": [GOOD], "direct": [{"path": "methods.cash", "target": "two"}]}, "direct.0.target"),
    "a range upside down": (
        {"targets": [GOOD], "parameters": [{"name": "p", "what": "this", "paths": ["a"], "low": 2, "high": 1}]}, "parameters.0.high"),
}  # fmt: skip


@pytest.mark.parametrize("said", BAD)
def test_bad_pack_is_located(tmp_path: Path, said: str) -> None:
    wrong, place = BAD[said]
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"name": "mine", **wrong}), encoding="utf-8")
    with pytest.raises(InputError) as found:
        read_pack(path)
    text = str(found.value)
    assert "mine.yaml" in text and place.rsplit(".", 1)[-1] in text, text


def test_unknown_moment_is_answered_with_the_nearest() -> None:
    target = Target.model_validate(GOOD | {"moment": "remote_shares"})
    with pytest.raises(InputError, match=r"mine: targets\.one\.moment: found 'remote_shares'.*did you mean 'remote_share'"):
        check_moments([target], "mine")


def _ledgerfolk(*words: str) -> Any:
    from simulator.cli import app

    return CliRunner().invoke(app, list(words))


def test_commands_know_packs() -> None:
    assert "20 fit, 3 hold-out, 12 report, 15 parameters" in _ledgerfolk("check", "us_cards_2024").stdout
    rows = {row["name"]: row for row in json.loads(_ledgerfolk("list", "packs", "--json").stdout)["packs"]}
    assert set(rows) == set(PACKS)
    assert rows["crisis_run2023"]["fit"] == 0 and rows["uk_fraud_2024"]["parameters"] == 16
    assert _ledgerfolk("show", "euro_2024").stdout.startswith("# How people")


@pytest.mark.parametrize("name", PACKS)
def test_schema_of_packs_takes_what_is_shipped(name: str) -> None:
    schema = json.loads(_ledgerfolk("schema", "pack").stdout) if name == PACKS[0] else pack_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    tree = yaml.safe_load((files("calibration") / "packs" / f"{name}.yaml").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(tree)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**tree, "targets": "none"})


def test_every_moment_says_what_it_is() -> None:
    assert all(function.__doc__ and len(function.__doc__) > 20 for function in MOMENTS.values())
    Pack.model_validate({"name": "mine", "targets": [GOOD]})
