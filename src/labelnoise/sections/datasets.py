"""A data set of the study: `datasets.<name>`, with training, bags and detection."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from labelnoise.sections.data import Data
from labelnoise.sections.encoders import FeatureList
from labelnoise.sections.kinds import Cells, Count, Name, NonNegative, Positive, Section, Share, rising, unique


class Training(Section):
    epochs: Count
    batch_size: Count
    lr: Positive
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: NonNegative
    sampler: Literal["shuffle", "oversample"]
    shift: Annotated[int, Field(ge=0)]
    crop: Annotated[int, Field(ge=0)] = 0
    flip: bool = False
    cutout: Annotated[int, Field(ge=0)] = 0
    schedule: Literal["cosine", "constant", "exponential", "step", "linear"]
    decay: Annotated[float, Field(gt=0, le=1)]
    milestones: Annotated[list[Count], AfterValidator(rising)] = Field([])
    optimizer: Literal["sgd", "adam"] = "sgd"
    precision: Literal["float32", "bfloat16"] = "float32"

    @model_validator(mode="after")
    def _milestones_fit(self) -> "Training":
        count = len(self.milestones)
        if {"step": count > 0, "linear": count == 1}.get(self.schedule, count == 0):
            return self
        wanted = {"step": "one or more", "linear": "one"}.get(self.schedule, "none, with this schedule")
        raise ValueError(f"schedule = {self.schedule!r}: has {count} milestones; allowed: {wanted}")


class FullRuns(Section):
    runs: Annotated[int, Field(ge=2)]
    epochs: Count
    planted: Share


class Bootstrap(Section):
    """Bags, and full runs with planted labels: in few cells, since each takes many networks."""

    cells: Cells
    seeds: Count
    bags: Annotated[int, Field(ge=2)]
    epochs: Count
    batch_size: Count
    lr: Positive
    weight_decay: NonNegative
    full: FullRuns


class Detection(Section):
    """Which seeds of injected noise label errors are looked for in. Labels from people are looked at once."""

    seeds: Count
    checked: Count  # of them, the first ones: with halving and worlds, which cost several times the rest


class DatasetSection(Section):
    """Of own data too `noises` must be there, as DVC tracks the key."""

    data: Data
    papers: Annotated[list[str], AfterValidator(unique)] | None  # published data sets; null: of its name
    features: FeatureList | None  # all are used; null: by the size of the images
    inputs: str | None  # what networks see: the features of one encoder of `features`; null: the images
    noises: Annotated[Cells, Field(min_length=1)]
    networks: Annotated[list[Name], Field(min_length=1), AfterValidator(unique)]
    validation_fraction: Share
    training: Training
    bootstrap: Bootstrap
    detection: Detection
    detection_noises: Cells  # label errors are looked for there, no method is studied
