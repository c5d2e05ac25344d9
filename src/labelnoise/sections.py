"""The sections of params.yaml as pydantic models: frozen, strictly typed, every range checked."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)

Rate = Annotated[float, Field(ge=0, le=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=1)]
NAME_PATTERN = r"^[a-z0-9_][a-z0-9_-]*$"  # no dot: DVC would look one level deeper
Name = Annotated[str, Field(pattern=NAME_PATTERN)]


def unique(values: list) -> list:
    repeated = [value for value in values if values.count(value) > 1]
    if repeated:
        raise ValueError(f"{repeated[0]!r} stands there twice")
    return values


def rising(values: list) -> list:
    if values != sorted(set(values)):
        raise ValueError(f"{values} do not rise; allowed: each larger than the one before")
    return values


def allowed(names: Any) -> str:
    """What an error message says of the names that there are."""
    return "allowed: " + ", ".join(sorted(names))


def text(pattern: str, said: str) -> Any:
    """Text that is `pattern` from beginning to end; `said` tells in words what that is."""

    def fits(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"allowed: {said}")
        return value

    return Annotated[str, AfterValidator(fits), Field(json_schema_extra={"pattern": f"^({pattern})$"})]


def switched_on(values: Any) -> Any:
    """A mapping without its nulls, by which a preset switches off what params.yaml has."""
    return (
        {key: value for key, value in values.items() if value is not None} if isinstance(values, dict) else values
    )


SwitchedOn = BeforeValidator(switched_on)
Rates = Annotated[list[Rate], Field(min_length=1), AfterValidator(unique)]
Cells = Annotated[dict[Name, Rates], SwitchedOn]  # noise model -> nominal rates
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


class Run(Section):
    workers: Count | Literal["auto"]
    scheduler: text(r"(tcp|tls)://\S+:\d+", "the address of a dask scheduler, as tcp://10.0.0.5:8786") | None
    device: Literal["auto", "cpu", "cuda"]
    store: str
    checkpoint_seconds: NonNegative


class CsvColumns(Section):
    """Names of the columns of a CSV of images; null: it has no such column."""

    file: str = "file"
    label: str = "label"
    clean: str | None = None
    split: str | None = None
    annotator: str | None = None
    group: str | None = None
    human: dict[Name, str] = {}  # further labels by people: the noise human_<name> -> the column


MISSING = ["", "NA", "N/A", "n/a", "<NA>", "NaN", "nan", "None", "null", "NULL", "?"]  # words that files hold
Words = Annotated[list[str], AfterValidator(unique)]


class Folder(Section):
    """Own data: a folder of images."""

    root: str
    csv: str | None = None
    columns: CsvColumns = CsvColumns()
    missing: Words = MISSING
    size: Annotated[int, Field(ge=1, le=1024)]
    mode: Literal["rgb", "grey"]
    unreadable: Literal["stop", "skip"] = "stop"
    max_pixels: Annotated[int, Field(ge=1, le=89_478_485)]  # the most that Pillow opens without a warning
    white: Annotated[int, Field(ge=1, le=65535)] | None = None  # of 16-bit images; null: 65535
    trusted: bool = False

    @model_validator(mode="after")
    def _one_truth(self) -> "Folder":
        if self.trusted and self.columns.clean is not None:
            raise ValueError("trusted: true takes the labels for the truth; allowed: columns.clean: null")
        other = [key for key in ("clean", "split", "annotator", "group", "human") if getattr(self.columns, key)]
        if self.csv is None and other:
            instead = "csv: a file, or null for these" + (" ({} for human)" if "human" in other else "")
            raise ValueError(f"columns: {', '.join(other)}: of a CSV; allowed: {instead}")
        if "given" in self.columns.human:
            raise ValueError("columns.human: 'given' is the name of the labels in columns.label; allowed: others")
        return self


class Arrays(Section):
    """Own data: an npz file."""

    file: str
    holds: Literal["images", "features", "pred_probs"]
    root: str | None = None  # folder below which the `files` that it names are; null: not at hand
    missing: Words = MISSING
    trusted: bool = False


class Data(Section):
    folds: Count
    subset: Annotated[int, Field(ge=10)] | None
    imbalance: Annotated[float, Field(ge=1)]
    crop: Count | None = None  # pixels of a side; None: images as they are
    standardise: Literal["all", "image"] = "all"
    source: Literal["folder", "arrays"] | None = None  # of own data; None: the section's name is the loader
    folder: Folder | None = None
    arrays: Arrays | None = None


Channels = Annotated[list[Rate], Field(min_length=3, max_length=3)]  # red, green, blue, in 0..1
Deviations = Annotated[list[Positive], Field(min_length=3, max_length=3)]
Size = Annotated[int, Field(ge=32, le=1024)]  # pixels of a side; a network halves images five times
Sha256 = text(r"[0-9a-f]{64}", "64 digits, 0 to 9 and a to f: the sha256 of the file")


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
    network: text(r"efficientnet_lite0|torchvision/[A-Za-z0-9_.-]+", "efficientnet_lite0, torchvision/<name>")
    size: Size
    mean: Channels | None = None
    std: Deviations | None = None


class Torchvision(Section):
    """A classifier of torchvision with weights that it publishes; null: the size that those are for."""

    encoder: text(r"torchvision/[A-Za-z0-9_.-]+", "torchvision/<name>, as torchvision/resnet18")
    weights: text(r"[A-Za-z0-9_]+", "DEFAULT, or another name of torchvision's, as IMAGENET1K_V1") = "DEFAULT"
    size: Size | None = None


class Timm(Section):
    """A network of timm with weights of its hub; null: the size, mean and deviation that those are for."""

    encoder: text(r"timm/[A-Za-z0-9_.-]+", "timm/<name>, as timm/resnet18.a1_in1k")
    revision: text(r"[0-9a-f]{40}", "40 digits, 0 to 9 and a to f: a commit of the network's page at the hub")
    sha256: Sha256  # of model.safetensors there
    size: Size | None = None
    mean: Channels | None = None
    std: Deviations | None = None


class Given(Section):
    encoder: Literal["given"]


ENCODERS = (
    "pixels",
    "patches",
    "efficientnet_lite0",
    "onnx",
    "state_dict",
    "torchvision/<name>",
    "timm/<name>",
    "given",
)


def encoder_kind(encoder: str) -> str:
    """The one of ENCODERS that `encoder` is, as torchvision/<name> for torchvision/resnet18."""
    family, slash, _ = encoder.partition("/")
    return f"{family}/<name>" if slash else encoder


def _kind(values: Any) -> str:
    encoder = values.get("encoder") if isinstance(values, dict) else getattr(values, "encoder", None)
    return encoder_kind(str(encoder))


def _known_encoder(values: Any) -> Any:
    if isinstance(values, dict) and _kind(values) not in ENCODERS:
        raise ValueError(f"encoder = {values.get('encoder')!r}; {allowed(ENCODERS)}")
    return values


def _not_empty(values: list) -> list:
    if not values:
        raise ValueError("is empty; allowed: null, or one encoder or more, as [{encoder: patches}]")
    return values


Feature = Annotated[
    Annotated[Pixels, Tag("pixels")]
    | Annotated[Patches, Tag("patches")]
    | Annotated[EfficientnetLite0, Tag("efficientnet_lite0")]
    | Annotated[Onnx, Tag("onnx")]
    | Annotated[StateDict, Tag("state_dict")]
    | Annotated[Torchvision, Tag("torchvision/<name>")]
    | Annotated[Timm, Tag("timm/<name>")]
    | Annotated[Given, Tag("given")],
    Discriminator(_kind),
    BeforeValidator(_known_encoder),
]
FeatureList = Annotated[list[Feature], AfterValidator(_not_empty), Field(json_schema_extra={"minItems": 1})]


class Training(Section):
    epochs: Count
    batch_size: Count
    lr: Positive
    momentum: Annotated[float, Field(ge=0, lt=1)]
    weight_decay: NonNegative
    sampler: Literal["shuffle", "oversample"]
    shift: Annotated[int, Field(ge=0)]
    schedule: Literal["cosine", "constant", "exponential"]
    decay: Annotated[float, Field(gt=0, le=1)]


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


class Download(Section):
    folder: str | None
    mirrors: list[str]
    cache: str


class Released(Section):
    """Own copy of what a paper released; null: the authors' files, as `download` says."""

    file: str | None
    sha256: Sha256 | None

    @model_validator(mode="after")
    def _checked(self) -> "Released":
        if (self.file is None) != (self.sha256 is None):
            raise ValueError("file and sha256 go together; allowed: both, or null for both")
        return self


class ClassDependent(Section):
    sparsity: Annotated[float, Field(ge=0, lt=1)]


class InstanceDependent(Section):
    std: Positive
    temperature: Positive


class Noise(Section):
    class_dependent: ClassDependent
    instance_dependent: InstanceDependent


class Mlp(Section):
    hidden: list[Count]  # empty: a linear classifier
    dropout: Annotated[float, Field(ge=0, lt=1)]


class SmallCnn(Section):
    channels: Annotated[list[Count], Field(min_length=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]


NETWORKS: dict[str, type[Section]] = {"mlp": Mlp, "small_cnn": SmallCnn}  # types of networks -> their parameters


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
