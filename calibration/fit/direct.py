"""The direct stage: parameters that are targets themselves are set, not searched."""

from calibration.pack import Pack
from simulator.errors import InputError
from simulator.scenario import Scenario
from simulator.scenario.file import load_scenario


def direct_settings(pack: Pack) -> dict[str, float]:
    """Dotted paths, and the target's number in the parameter's unit."""
    known = {target.id: target for target in pack.targets}
    return {one.path: float(f"{known[one.target].components[one.component] * one.times:.6g}") for one in pack.direct}


def set_directly(scenario: Scenario, pack: Pack, shown: str) -> tuple[Scenario, dict[str, float]]:
    """Put them in a scenario.

    Returns:
        The scenario, and what was put where.

    Raises:
        InputError: a path leads nowhere, or the scenario refuses the number.
    """
    settings = direct_settings(pack)
    moved = {path for parameter in pack.parameters for path in parameter.paths}
    for place, one in enumerate(pack.direct):
        if one.path in moved:
            raise InputError(f"{shown}: direct.{place}.path: found {one.path!r}, which a parameter searches too, expected one of the two")
    try:
        return (load_scenario(scenario, settings) if settings else scenario), settings
    except InputError as error:
        raise InputError(f"{shown}: direct: {str(error).removeprefix('override: ')}") from None
