"""What is studied: seeds, noise, estimates, memorisation, imbalance, claims."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from labelnoise.sections.kinds import (
    Count,
    Name,
    NonNegative,
    Positive,
    Rate,
    Rates,
    Section,
    Share,
    SwitchedOn,
    unique,
)


class Study(Section):
    datasets: Annotated[list[Name], Field(min_length=1), AfterValidator(unique)]
    seeds: Count
    first_seed: Annotated[int, Field(ge=0)]  # of every study
    development: Annotated[int, Field(ge=0)]  # seeds from 0, below first_seed, that say where methods stop early
    methods: Annotated[list[Name], Field(min_length=1), AfterValidator(unique)] | None  # null: all of `methods`
    full: bool  # read by labelnoise.reproduce: whether methods are compared, or the list alone is made
    released: Annotated[list[Name], AfterValidator(unique)]

    @model_validator(mode="after")
    def _apart(self) -> "Study":
        if self.development > self.first_seed:
            what = f"development = {self.development}: seeds of development are 0 to {self.development - 1}"
            raise ValueError(f"{what}; allowed: at most first_seed = {self.first_seed}, where the study begins")
        return self


class ClassDependent(Section):
    sparsity: Annotated[float, Field(ge=0, lt=1)]


class InstanceDependent(Section):
    std: Positive
    temperature: Positive


class Noise(Section):
    class_dependent: ClassDependent
    instance_dependent: InstanceDependent


class Estimate(Section):
    anchor_percentile: Annotated[float, Field(gt=50, le=100)]
    folds: Annotated[int, Field(ge=2)]
    epochs: Count


class Regularizer(Section):
    """What it changes of `none`, which has all keys."""

    lr: Positive | None = None
    weight_decay: NonNegative | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] | None = None
    shift: Annotated[int, Field(ge=0)] | None = None


class Probe(Section):
    epochs: Annotated[list[Count], Field(min_length=1), AfterValidator(unique)]
    corruption: Rate
    examples: Annotated[int, Field(ge=2)]
    radii: Annotated[list[Positive], Field(min_length=1), AfterValidator(unique)]
    step: NonNegative
    noise: NonNegative
    steps: Count


class FirstEpoch(Section):
    initializations: Annotated[int, Field(ge=2)]
    together: Count


class Memorization(Section):
    seeds: Annotated[int, Field(ge=0)]
    images: Annotated[int, Field(ge=20)]
    epochs: Annotated[dict[Name, Count], SwitchedOn, Field(min_length=1)]
    fitted: Share
    corruption: Annotated[list[Share], AfterValidator(unique)]
    regularized: Rates
    regularizers: Annotated[dict[Name, Regularizer], SwitchedOn, Field(min_length=1)]
    probe: Probe
    first_epoch: FirstEpoch

    @model_validator(mode="after")
    def _complete(self) -> "Memorization":
        none = self.regularizers.get("none", Regularizer())
        missing = [key for key, value in none.model_dump().items() if value is None]
        if missing:
            raise ValueError(f"regularizers.none: missing key {missing[0]!r}; the others are changes of it")
        for share in (*self.regularized, self.probe.corruption):
            if share not in (0, 1, *self.corruption):
                shares = "0, 1 and the shares in corruption"
                raise ValueError(f"regularized, probe.corruption: {share:g} is not studied; allowed: {shares}")
        return self


class Imbalance(Section):
    noise: Name
    noise_rate: Rate
    seeds: Annotated[int, Field(ge=0)]
    ratio: Annotated[float, Field(gt=1)]
    partners: Count
    methods: Annotated[list[Name], AfterValidator(unique)]


def _none_or_several(seeds: int) -> int:
    if seeds == 1:
        raise ValueError("has no spread; allowed: 2 or more, or 0 to train nothing for claims")
    return seeds


class Claims(Section):
    """How claims.yaml is tested."""

    seeds: Annotated[int, Field(ge=0), AfterValidator(_none_or_several)]
    more: Annotated[int, Field(ge=0)]  # seeds of look two, for claims that look one left open
    level: Share
    variants: dict[Name, Rates]  # noise cells in which all methods run that are for claims alone


class Registration(Section):
    """registration.yaml: which claims.yaml was registered before look one, and what that left open."""

    hash: str | None = None  # of what claims.yaml says
    commit: str | None = None  # that holds it
    open: list[Name] | None = None  # claims; null: before look one
