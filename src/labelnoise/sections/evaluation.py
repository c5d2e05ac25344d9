"""How results are counted, and held against published ones."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from labelnoise.sections.encoders import Sha256
from labelnoise.sections.kinds import Name, Positive, Rate, Section, Share, unique


class Released(Section):
    """Own copy of what a paper released; null: the authors' files, as `download` says."""

    file: str | None
    sha256: Sha256 | None

    @model_validator(mode="after")
    def _checked(self) -> "Released":
        if (self.file is None) != (self.sha256 is None):
            raise ValueError("file and sha256 go together; allowed: both, or null for both")
        return self


class Conformal(Section):
    """Prediction sets: how often they are to hold the true class, and of which methods they are made."""

    level: Share
    methods: Annotated[list[Name], AfterValidator(unique)]


class Evaluate(Section):
    resamples: Annotated[int, Field(ge=100)]
    level: Share
    calibration_bins: Annotated[int, Field(ge=2)]
    conformal: Conformal


class Tolerance(Section):
    """How far a value of the study may be from the published one, by metric."""

    test_accuracy: Share
    train_accuracy: Share
    detection_accuracy: Share
    detection_f1: Share
    detection_precision: Share
    detection_recall: Share
    detection_auroc: Share
    detection_auprc: Share
    relative_l1: Positive
    out_of_sample_accuracy: Share
    noise_rate: Share


class Papers(Section):
    """Published values beside those of the study."""

    tolerance: Tolerance


class Report(Section):
    noise: Name
    noise_rate: Rate
    note: str | None
