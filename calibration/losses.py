"""What fraud costs in the real world, by family and country: `losses.yaml`, read and checked."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from simulator.errors import InputError
from simulator.scenario.part import Name, Part
from simulator.scenario.source import read_file

Id = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,11}$")]


class Loss(Part):
    """What a family of fraud costs in a country."""

    group: Name = Field(description="a family of typologies, or the part of one that a source counts")
    country: Literal["US", "UK"]
    typologies: list[Id] = Field(min_length=1, description="ids that are told for it")
    cases: float = Field(gt=0, description="for each adult and year")
    loss: float = Field(gt=0, description="mean of a case, gross, currency units")
    currency: Literal["USD", "GBP"]
    counts: Literal["reported", "all"] = Field("reported", description="cases that victims tell of, or all that take something")
    status: Literal["seen", "derived", "memory", "assumption"]
    source: str = Field(min_length=5, description="title and year, or 'assumption'")
    how: str = Field("", description="how it was derived")

    @model_validator(mode="after")
    def _sourced(self) -> "Loss":
        if self.status == "derived" and not self.how:
            raise ValueError(f"{self.group} in the {self.country}: a derived figure says how")
        return self


class Losses(Part):
    """The page of facts."""

    facts: list[Loss] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> "Losses":
        for country in ("US", "UK"):
            ids = [one for fact in self.facts if fact.country == country for one in fact.typologies]
            if len(ids) != len(set(ids)):
                raise ValueError(f"a typology that counts twice in the {country}")
        return self


def read_losses(country: str) -> list[Loss]:
    """The facts of a country.

    Args:
        country: ``US`` or ``UK``.

    Raises:
        InputError: the file is wrong.
    """
    tree = read_file(Path(__file__).with_name("losses.yaml")).plain()
    try:
        facts = Losses.model_validate(tree).facts
    except ValidationError as error:
        raise InputError(f"losses.yaml: {error.errors()[0]['loc']}: {error.errors()[0]['msg']}") from None
    return [fact for fact in facts if fact.country == country]
