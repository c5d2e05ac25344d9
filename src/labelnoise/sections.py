"""The sections of params.yaml as pydantic models: frozen, strictly typed, every range checked.

claim_sections.py has those of `claims`.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

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
    full: bool  # read by labelnoise.quick: whether methods are compared, or the list alone is made


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
    holds: Literal["images", "features", "pred_probs"]
    root: str | None = None  # folder below which the `files` that it names are; null: not at hand
    trusted: bool = False


class Data(Section):
    folds: Count
    subset: Annotated[int, Field(ge=10)] | None
    imbalance: Annotated[float, Field(ge=1)]
    source: Literal["folder", "arrays"] | None = None  # of own data; None: the section's name is the loader
    folder: Folder | None = None
    arrays: Arrays | None = None


Channels = Annotated[list[Rate], Field(min_length=3, max_length=3)]  # red, green, blue, in 0..1
Deviations = Annotated[list[Positive], Field(min_length=3, max_length=3)]
Size = Annotated[int, Field(ge=32, le=1024)]  # pixels of a side; a network halves images five times
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Pixels(Section):
    encoder: Literal["pixels"]


class Patches(Section):
    encoder: Literal["patches"]


class EfficientnetLite0(Section):
    """null: the encoder's own size, mean and deviation, as it was trained."""

    encoder: Literal["efficientnet_lite0"]
    size: Size | None = None
    mean: Channels | None = None
    std: Deviations | None = None


class Onnx(Section):
    """A network of the user's; null: first output, mean and deviation of ImageNet's pixels."""

    encoder: Literal["onnx"]
    file: str
    sha256: Sha256
    size: Size
    output: str | None = None
    mean: Channels | None = None
    std: Deviations | None = None


class StateDict(Section):
    """Weights of the user's; null: mean and deviation of ImageNet's pixels."""

    encoder: Literal["state_dict"]
    file: str
    sha256: Sha256
    network: Annotated[str, Field(pattern=r"^(efficientnet_lite0|torchvision/[a-z0-9_]+)$")]
    size: Size
    mean: Channels | None = None
    std: Deviations | None = None


class Given(Section):
    encoder: Literal["given"]


ENCODERS = ("pixels", "patches", "efficientnet_lite0", "onnx", "state_dict", "given")


def _known_encoder(values: Any) -> Any:
    if isinstance(values, dict) and values.get("encoder") not in ENCODERS:
        raise ValueError(f"encoder = {values.get('encoder')!r}; {allowed(ENCODERS)}")
    return values


Feature = Annotated[
    Annotated[Pixels | Patches | EfficientnetLite0 | Onnx | StateDict | Given, Field(discriminator="encoder")],
    BeforeValidator(_known_encoder),
]


class Training(Section):
    epochs: Count
    batch_size: Count
    lr: Positive
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: NonNegative
    sampler: Literal["shuffle", "oversample"]
    shift: Annotated[int, Field(ge=0)]


class FullRuns(Section):
    runs: Annotated[int, Field(ge=2)]
    epochs: Count
    planted: Share


class Bootstrap(Section):
    """Bags, and full runs with planted labels: in few cells, since each takes many networks."""

    cells: dict[Name, Rates]
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
    features: Annotated[list[Feature], Field(min_length=1)] | None  # all are used; null: by the size of the images
    noises: Annotated[dict[Name, Rates], Field(min_length=1)]
    networks: Annotated[list[Name], Field(min_length=1), AfterValidator(unique)]
    validation_fraction: Share
    training: Training
    bootstrap: Bootstrap
    detection: Detection
    detection_noises: dict[Name, Rates]  # label errors are looked for there, no method is studied


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
    gallery: Count
    pictures: Count


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
