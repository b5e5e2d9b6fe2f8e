"""The JSON Schemas of scenario and story files, for editors."""

from typing import Any

from simulator.scenario import Scenario
from simulator.scenario.story import Typology

_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def scenario_schema() -> dict[str, Any]:
    """What a scenario file may say.

    A file may leave out whatever it inherits, so nothing is required but the ``name`` of an item in a list of named items,
    by which it is merged; such an item may say ``remove: true``.
    """
    schema: dict[str, Any] = bounded(Scenario.model_json_schema())
    for part in schema["$defs"].values():
        named = "name" in part.get("properties", {})
        part.pop("required", None)
        if named:
            part["required"] = ["name"]
            part["properties"]["remove"] = {"const": True, "description": "leaves out the inherited item of this name"}
    schema.pop("required", None)
    schema["properties"]["extends"] = {"type": "string", "description": "shipped scenario or relative path that this file changes"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def bounded(value: Any) -> Any:
    """Spells bounds that stand behind a unit's reader as JSON Schema does."""
    if isinstance(value, dict):
        return {_BOUNDS.get(key, key) if not isinstance(inner, dict) else key: bounded(inner) for key, inner in value.items()}
    return [bounded(inner) for inner in value] if isinstance(value, list) else value


def story_schema() -> dict[str, Any]:
    """What a story file may say."""
    schema: dict[str, Any] = bounded(Typology.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
