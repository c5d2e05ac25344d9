"""The sections of params.yaml as pydantic models: frozen, strictly typed, every range checked."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Rate = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


def _unique(values: list) -> list:
    repeated = [value for value in values if values.count(value) > 1]
    if repeated:
        raise ValueError(f"{repeated[0]!r} stands there twice")
    return values


def allowed(names: Any) -> str:
    """What an error message says of the names that there are."""
    return "allowed: " + ", ".join(sorted(names))


Rates = Annotated[list[Rate], Field(min_length=1), AfterValidator(_unique)]
Pair = Annotated[list[Name], Field(min_length=2, max_length=2), AfterValidator(_unique)]


class Section(BaseModel):
    """A mapping of params.yaml: frozen, strictly typed, without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, values: Any) -> Any:
        if isinstance(values, dict):
            unknown = [str(key) for key in values if key not in cls.model_fields]
            if unknown:
                names = ", ".join(cls.model_fields) or "none"
                raise ValueError(f"unknown key {unknown[0]!r}; allowed: {names}")
        return values


class Study(Section):
    datasets: Annotated[list[Name], Field(min_length=1), AfterValidator(_unique)]
    seeds: Count


class Run(Section):
    workers: Count | Literal["auto"]
    device: Literal["auto", "cpu", "cuda"]
    store: str
    checkpoint_seconds: NonNegative


class Data(Section):
    folds: Count
    subset: Annotated[int, Field(ge=10)] | None
    imbalance: Annotated[float, Field(ge=1)]


class Training(Section):
    epochs: Count
    batch_size: Count
    lr: Positive
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: NonNegative
    sampler: Literal["shuffle", "oversample"]
    shift: Annotated[int, Field(ge=0)]


class Bootstrap(Section):
    bags: Annotated[int, Field(ge=2)]
    seeds: Count
    epochs: Count
    snapshot_every: Count


class DatasetSection(Section):
    data: Data
    noises: Annotated[dict[Name, Rates], Field(min_length=1)]
    networks: Annotated[list[Name], Field(min_length=1), AfterValidator(_unique)]
    validation_fraction: Share
    training: Training
    bootstrap: Bootstrap


class Download(Section):
    folder: str | None
    mirrors: list[str]
    cache: str


class ClassDependent(Section):
    sparsity: Annotated[float, Field(ge=0, lt=1)]


class InstanceDependent(Section):
    std: Positive
    temperature: Positive


class Noise(Section):
    class_dependent: ClassDependent
    instance_dependent: InstanceDependent


class Mlp(Section):
    hidden: Annotated[list[Count], Field(min_length=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]


class SmallCnn(Section):
    channels: Annotated[list[Count], Field(min_length=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]


class Networks(Section):
    mlp: Mlp
    small_cnn: SmallCnn


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
    epochs: Annotated[list[Count], Field(min_length=1), AfterValidator(_unique)]
    corruption: Rate
    examples: Annotated[int, Field(ge=2)]
    radii: Annotated[list[Positive], Field(min_length=1), AfterValidator(_unique)]
    step: NonNegative
    noise: NonNegative
    steps: Count


class FirstEpoch(Section):
    initialisations: Annotated[int, Field(ge=2)]
    together: Count


class Memorization(Section):
    seeds: Count
    images: Annotated[int, Field(ge=20)]
    epochs: Annotated[dict[Name, Count], Field(min_length=1)]
    fitted: Share
    corruption: Annotated[list[Share], AfterValidator(_unique)]
    regularized: Rates
    regularizers: Annotated[dict[Name, Regularizer], Field(min_length=1)]
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
        for network in self.epochs:
            if network not in Networks.model_fields:
                raise ValueError(f"epochs: unknown network {network!r}; {allowed(Networks.model_fields)}")
        return self


class Imbalance(Section):
    noise: Name
    noise_rate: Rate
    seeds: Count
    ratio: Annotated[float, Field(gt=1)]
    partners: Count
    methods: Annotated[list[Name], AfterValidator(_unique)]


class Claim(Section):
    threshold: float  # the effect must lie beyond it; negative where "not worse" is claimed


class Comparison(Claim):
    """left - right of pairs of methods or variants, in noise cells: noise model -> rates."""

    pairs: Annotated[list[Pair], Field(min_length=1)]
    cells: Annotated[dict[Name, Rates], Field(min_length=1)]


class Inspection(Claim):
    """Methods or variants each by itself, in noise cells."""

    methods: Annotated[list[Name], Field(min_length=1), AfterValidator(_unique)]
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
    instance_layer: Comparison | None = None
    modified_data: Comparison | None = None
    calibration: Inspection | None = None
    augmentation: Claim | None = None
    large_learning_rate: LargeLearningRate | None = None
    warp_weights: Comparison | None = None
    classification_loss: Comparison | None = None
    agreeing_confidence: Comparison | None = None
    gradient_of_wrong_labels: Inspection | None = None


class Evaluate(Section):
    resamples: Annotated[int, Field(ge=100)]
    level: Share
    calibration_bins: Annotated[int, Field(ge=2)]


class Report(Section):
    noise: Name
    noise_rate: Rate
