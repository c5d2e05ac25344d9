"""How label errors are found, and what people recheck: `detect` and `recheck`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from labelnoise.sections.kinds import (
    Cells,
    Count,
    Name,
    NonNegative,
    Positive,
    Rate,
    Section,
    Share,
    rising,
    unique,
)


class Gate(Section):
    """What the features must show before anything is told."""

    signal: Positive
    rate: Positive
    order: Positive
    purity: Share
    least: Share

    @model_validator(mode="after")
    def _ordered(self) -> "Gate":
        if self.order < self.rate:
            raise ValueError(f"order = {self.order:g} is below rate = {self.rate:g}; allowed: that or more")
        return self


class Detect(Section):
    floor: Annotated[float, Field(gt=0, lt=0.5)]
    obvious: Share
    possible: Share
    gate: Gate


class RecheckCell(Section):
    noise: Name
    noise_rate: Rate
    seed: Annotated[int, Field(ge=0)]


class Retrain(Section):
    cells: Cells
    seeds: Count
    shares: Annotated[list[Share], AfterValidator(unique)]
    error: Share
    method: Name


class Audit(Section):
    """Labels drawn at random that people look at among the suspects."""

    looks: Annotated[list[Annotated[int, Field(ge=10)]], Field(min_length=1), AfterValidator(rising)]
    purpose: Literal["calibrate", "certify"]
    mixed: Annotated[float, Field(gt=0, le=1)]
    seed: Annotated[int, Field(ge=0)]
    round: Count
    draws: Count
    fits: Count


class Cost(Section):
    seconds: Positive
    price: NonNegative | None
    currency: str
    worth: Annotated[float, Field(gt=1)]


class Recheck(Section):
    cell: RecheckCell
    answers: dict[Name, str]
    move_files: bool
    errors: Annotated[list[Annotated[float, Field(ge=0, lt=1)]], Field(min_length=1), AfterValidator(unique)]
    audit: Audit
    cost: Cost
    retrain: Retrain
    export: Count
    gallery: Count
    pictures: Count
