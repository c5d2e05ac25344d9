"""The section `claims` of params.yaml: a model per kind of claim, and which claim has which."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from labelnoise.sections import Name, NonNegative, Pair, Rate, Rates, Section, Share, unique


class Claim(Section):
    threshold: float  # the effect must lie beyond it; negative where "not worse" is claimed


class Comparison(Claim):
    """left - right of pairs of methods or variants, in noise cells: noise model -> rates."""

    pairs: Annotated[list[Pair], Field(min_length=1)]
    cells: Annotated[dict[Name, Rates], Field(min_length=1)]


class Inspection(Claim):
    """Methods or variants each by itself, in noise cells."""

    methods: Annotated[list[Name], Field(min_length=1), AfterValidator(unique)]
    cells: Annotated[dict[Name, Rates], Field(min_length=1)]


class PatternsFirst(Inspection):
    epochs: NonNegative


class LargeLearningRate(Claim):
    patterns: float


class PriorLoss(Comparison):
    classes: Rate


class NonlinearLayer(Comparison):
    smaller: Rate
    most: Rate


class RobustLosses(Comparison):
    memorised: Rate


Score = Literal[
    "noise_model", "noise_model_high", "noise_model_mean", "noise_model_on_bags", "noise_model_with_bags",
    "ridge_self_confidence", "ridge_margin", "probe_self_confidence", "probe_margin", "neighbours_self_confidence",
    "neighbours_margin", "confident_learning", "early_disagreement", "early_probability", "loss_last", "loss_mean",
    "loss_gmm", "aum", "forgetting", "cartography_confidence", "cartography_variability",
    "confident_learning_folds", "oob_self_confidence", "oob_margin", "oob_entropy", "oob_mutual_information",
    "mixture", "planted", "sample_only", "class_only",
]  # fmt: skip
# those that bags or runs with planted labels give: they are there in the cells of `bootstrap` alone
OF_BOOTSTRAP = {
    "noise_model_on_bags", "noise_model_with_bags", "oob_self_confidence", "oob_margin", "oob_entropy",
    "oob_mutual_information", "mixture", "planted",
}  # fmt: skip
Scores = Annotated[list[Score], Field(min_length=1), AfterValidator(unique)]


class Finding(Claim):
    """How well wrong labels are found, in noise cells; names no method, so that none is run for it."""

    cells: Annotated[dict[Name, Rates], Field(min_length=1)]


class ScoreInspection(Finding):
    """Suspicion scores each by itself."""

    scores: Scores


class ScoreComparison(ScoreInspection):
    """Every score in `scores` minus every one in `against`."""

    against: Scores

    @model_validator(mode="after")
    def _two_sides(self) -> "ScoreComparison":
        if both := [score for score in self.scores if score in self.against]:
            raise ValueError(f"against: {both[0]!r} is in scores too")
        return self


class Claims(Section):
    """A section per claim of claims/statements.py. A claim whose section is left out is not tested."""

    seeds: Annotated[int, Field(ge=2)]
    level: Share
    variants: dict[Name, Rates]  # noise cells in which all variants run
    random_labels: Claim | None = None
    patterns_first: PatternsFirst | None = None
    regularisers: Claim | None = None
    orientation: Comparison | None = None
    second_form: Comparison | None = None
    sources_of_transition: Comparison | None = None
    robust_losses: RobustLosses | None = None
    warp: Comparison | None = None
    entropy_loss: Comparison | None = None
    prior_loss: PriorLoss | None = None
    soft_labels: Comparison | None = None
    nonlinear_layer: NonlinearLayer | None = None
    training_dynamics: ScoreComparison | None = None
    bootstrap_uncertainty: ScoreInspection | None = None
    sample_and_class: ScoreComparison | None = None
    instance_layer: Comparison | None = None
    modified_data: Comparison | None = None
    calibration: Inspection | None = None
    obvious_errors: Finding | None = None
    augmentation: Claim | None = None
    large_learning_rate: LargeLearningRate | None = None
    warp_weights: Comparison | None = None
    classification_loss: Comparison | None = None
    agreeing_confidence: Comparison | None = None
    gradient_of_wrong_labels: Inspection | None = None
