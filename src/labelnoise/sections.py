"""The sections of params.yaml as pydantic models: frozen, strictly typed, every range checked.

claim_sections.py has those of `claims`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Rate = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]


def unique(values: list) -> list:
    repeated = [value for value in values if values.count(value) > 1]
    if repeated:
        raise ValueError(f"{repeated[0]!r} stands there twice")
    return values


def allowed(names: Any) -> str:
    """What an error message says of the names that there are."""
    return "allowed: " + ", ".join(sorted(names))


Rates = Annotated[list[Rate], Field(min_length=1), AfterValidator(unique)]
Pair = Annotated[list[Name], Field(min_length=2, max_length=2), AfterValidator(unique)]


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
    datasets: Annotated[list[Name], Field(min_length=1), AfterValidator(unique)]
    seeds: Count


class Run(Section):
    workers: Count | Literal["auto"]
    device: Literal["auto", "cpu", "cuda"]
    store: str
    checkpoint_seconds: NonNegative


class CsvColumns(Section):
    """Names of the columns of a CSV of images; null: it has no such column."""

    file: str = "file"
    label: str = "label"
    clean: str | None = None
    split: str | None = None


class Folder(Section):
    """Own data: a folder of images."""

    root: str
    csv: str | None = None
    columns: CsvColumns = CsvColumns()
    size: Annotated[int, Field(ge=1, le=1024)]
    mode: Literal["rgb", "grey"]
    unreadable: Literal["stop", "skip"] = "stop"
    max_pixels: Annotated[int, Field(ge=1, le=89_478_485)]  # the most that Pillow opens without a warning
    trusted: bool = False

    @model_validator(mode="after")
    def _one_truth(self) -> "Folder":
        if self.trusted and self.columns.clean is not None:
            raise ValueError("trusted: true takes the labels for the truth; allowed: columns.clean: null")
        if self.csv is None and (self.columns.clean or self.columns.split):
            raise ValueError(
                "columns: clean and split are columns of a CSV; allowed: csv: a file, or null for both"
            )
        return self


class Arrays(Section):
    """Own data: an npz file."""

    file: str
    holds: Literal["images", "features"]
    trusted: bool = False


class Data(Section):
    folds: Count
    subset: Annotated[int, Field(ge=10)] | None
    imbalance: Annotated[float, Field(ge=1)]
    source: Literal["folder", "arrays"] | None = None  # of own data; None: the section's name is the loader
    folder: Folder | None = None
    arrays: Arrays | None = None


class Training(Section):
    epochs: Count
    batch_size: Count
    lr: Positive
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: NonNegative
    sampler: Literal["shuffle", "oversample"]
    shift: Annotated[int, Field(ge=0)]


class Partitions(Section):
    repeats: Count
    folds: Annotated[int, Field(ge=2)]


class FullRuns(Section):
    runs: Annotated[int, Field(ge=2)]
    epochs: Count
    planted: Share


class SecondRound(Section):
    bags: Annotated[int, Field(ge=2)]
    epochs: Count


class Bootstrap(Section):
    seeds: Count
    bags: Annotated[int, Field(ge=2)]
    epochs: Count
    snapshot_every: Count
    batch_size: Count
    lr: Positive
    weight_decay: NonNegative
    folds: Partitions
    full: FullRuns
    second: SecondRound


class DatasetSection(Section):
    """Of own data too `noises` must be there, as DVC tracks the key."""

    data: Data
    noises: Annotated[dict[Name, Rates], Field(min_length=1)]
    networks: Annotated[list[Name], Field(min_length=1), AfterValidator(unique)]
    validation_fraction: Share
    training: Training
    bootstrap: Bootstrap
    detection_noises: dict[Name, Rates]  # drawn with the seeds of the bootstrap; no method is studied there


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


class Detect(Section):
    floor: Annotated[float, Field(gt=0, lt=0.5)]
    obvious: Share
    possible: Share
    resamples: Annotated[int, Field(ge=100)]


class RecheckCell(Section):
    noise: Name
    noise_rate: Rate
    seed: Annotated[int, Field(ge=0)]


class Retrain(Section):
    cells: dict[Name, Rates]
    seeds: Count
    shares: Annotated[list[Share], AfterValidator(unique)]
    error: Share
    method: Name


class Recheck(Section):
    cell: RecheckCell
    answers: dict[Name, str]
    errors: Annotated[list[Annotated[float, Field(ge=0, lt=1)]], Field(min_length=1), AfterValidator(unique)]
    retrain: Retrain
    export: Count
    audit: Count
    gallery: Count


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
    initialisations: Annotated[int, Field(ge=2)]
    together: Count


class Memorization(Section):
    seeds: Count
    images: Annotated[int, Field(ge=20)]
    epochs: Annotated[dict[Name, Count], Field(min_length=1)]
    fitted: Share
    corruption: Annotated[list[Share], AfterValidator(unique)]
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
    methods: Annotated[list[Name], AfterValidator(unique)]


class Evaluate(Section):
    resamples: Annotated[int, Field(ge=100)]
    level: Share
    calibration_bins: Annotated[int, Field(ge=2)]


class Report(Section):
    noise: Name
    noise_rate: Rate
