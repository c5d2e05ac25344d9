"""A statement of the note as claims.yaml has it, and a model per kind of comparison (claims/kinds.py).

`params.load` reads the file. No table and no network is needed for that.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from labelnoise import planned
from labelnoise.sections import Count, Name, Pair, Rates, Section, unique

ALGEBRA, TESTED, QUESTION = "by algebra", "tested", "question answered"  # kinds of statements
NO_NOISE = ("none", 0.0)
CHANCE = "chance"  # among scores: an order that says nothing
Cells = list[tuple[str, float]]  # noise, rate

Names = Annotated[list[Name], Field(min_length=1), AfterValidator(unique)]
OneOrTwo = Annotated[list[Name], Field(min_length=1, max_length=2)]
# `metric` of the table `contrasts`, as claims/metrics.py has them
Metric = Literal[
    "test_accuracy", "test_accuracy_early", "test_accuracy_best", "nll", "brier", "fitted_clean", "fitted_wrong",
    "recovered", "patterns_first", "overconfidence_agreeing", "classes_predicted", "smallest_recall",
    "gradient_disagreeing_cross_entropy", "gradient_disagreeing_linear", "gradient_disagreeing_nonlinear",
    "gradient_share_wrong_cross_entropy", "gradient_share_wrong_forward", "validation_nll",
]  # fmt: skip
Setting = Literal["ten_classes", "hundred_classes", "fewer_examples", "long_tail", "long_tail_oversampled"]


class Comparison(Section):
    """What all kinds have. A row of it speaks for the claim where its effect lies above the threshold."""

    threshold: float  # negative where "not worse" is claimed

    def methods(self) -> list[str]:
        """The rows of `methods` that it names."""
        return []

    def suspicion_scores(self) -> list[str]:
        """The suspicion scores that it names."""
        return []

    def noise_cells(self) -> Cells:
        """The noise cells that it compares in."""
        return []

    def trained_cells(self) -> Cells:
        """The noise cells in which its methods run for it."""
        return self.noise_cells()


class InCells(Comparison):
    cells: Annotated[dict[Name, Rates], Field(min_length=1)]  # noise model: rates

    def noise_cells(self) -> Cells:
        return planned.cells(self.cells)


class OfMethods(InCells):
    of: Names

    def methods(self) -> list[str]:
        return self.of


class Pairs(InCells):
    """left - right of a metric of two methods. `early`: left is taken at the epoch of early stopping."""

    kind: Literal["pairs"]
    pairs: Annotated[list[Pair], Field(min_length=1)]
    metric: Metric = "test_accuracy"
    early: bool = False
    unit: str = "accuracy"

    def methods(self) -> list[str]:
        return [name for pair in self.pairs for name in pair]


class Level(OfMethods):
    """A metric of each method, or by how much it exceeds the metric `minus` of the same run."""

    kind: Literal["level"]
    metric: Metric
    minus: Metric | None = None
    what: str  # behind the method in the table `claims`
    unit: str


class WithoutNoise(OfMethods):
    """A metric of each method without noise minus the same with noise."""

    kind: Literal["without_noise"]
    metric: Metric
    unit: str

    def trained_cells(self) -> Cells:
        return [NO_NOISE, *self.noise_cells()]


class Damping(OfMethods):
    """1 - the gradient of a nonlinear layer / that of `against`, where prediction and label disagree."""

    kind: Literal["damping"]
    against: Literal["linear", "cross_entropy"]
    unit: str = "share of gradient"


class Scores(InCells):
    """A metric of each score in `scores` minus that of each in `against`, which may be `chance` for auroc."""

    kind: Literal["scores"]
    scores: Names
    against: Names
    metric: Literal["auprc", "auroc"]
    unit: str

    def suspicion_scores(self) -> list[str]:
        return [name for name in (*self.scores, *self.against) if name != CHANCE]

    @model_validator(mode="after")
    def _two_sides(self) -> "Scores":
        if both := [score for score in self.scores if score in self.against]:
            raise ValueError(f"against: {both[0]!r} is in scores too")
        if CHANCE in self.against and self.metric != "auroc":
            raise ValueError(f"against: chance has no {self.metric}; allowed: with metric: auroc")
        return self


class Tier(InCells):
    """The share of wrong labels in a tier of suspicion."""

    kind: Literal["tier"]
    tier: Literal["sure", "obvious", "possible", "rest"]
    unit: str = "share wrong"


class Fit(Comparison):
    """What networks reach with a regulariser, or with the first of two minus with the second."""

    kind: Literal["fit"]
    condition: Literal["true_labels", "corrupted_labels", "random_labels"]
    metric: Literal["train_accuracy", "test_accuracy"]
    regularizers: Annotated[list[OneOrTwo], Field(min_length=1)]
    unit: str


class Estimators(InCells):
    """How much further T of the first estimator is from the designed one than that of the second."""

    kind: Literal["estimators"]
    pairs: Annotated[list[Pair], Field(min_length=1)]
    metric: Literal["relative_l1"] = "relative_l1"
    unit: str = "share of T"


class Imbalance(Comparison):
    """left - right of a metric of the imbalance study; right in the setting `against` where that is given."""

    kind: Literal["imbalance"]
    settings: Annotated[list[Setting], Field(min_length=1)]
    pairs: Annotated[list[Annotated[list[Name], Field(min_length=2, max_length=2)]], Field(min_length=1)]
    metric: Literal["mean_recall", "classes_predicted"]
    against: Setting | None = None
    unit: str

    def methods(self) -> list[str]:
        return [name for pair in self.pairs for name in pair]


KINDS = ("pairs", "level", "without_noise", "damping", "scores", "tier", "fit", "imbalance", "estimators")
Kind = Pairs | Level | WithoutNoise | Damping | Scores | Tier | Fit | Imbalance | Estimators


class Statement(Section):
    """A statement of the note, and what is tested in its place. The claims of one family share its level."""

    id: Count
    family: str
    said: str
    claim: str
    source: str
    # the verdict on the claim that makes the note wrong as written; null: the note asks, and states nothing
    wrong_when: Literal["refuted", "supported"] | None = "refuted"
    proof: str | None = None  # of a claim that needs no run: two lines, and an example with two classes
    compare: list[Annotated[Kind, Field(discriminator="kind")]] = Field(default_factory=list)

    @property
    def kind(self) -> str:
        """How it is answered: by algebra, by a test, or, where the note asks, as a question."""
        if self.proof is not None:
            return ALGEBRA
        return TESTED if self.wrong_when else QUESTION

    @model_validator(mode="after")
    def _answered(self) -> "Statement":
        if (self.proof is None) == (not self.compare):
            raise ValueError("compare, proof: allowed: comparisons, or a proof in place of them")
        return self
