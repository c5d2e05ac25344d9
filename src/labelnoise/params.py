"""The only reader of params.yaml: typed, frozen, every range checked, every unknown key refused.

`python -m labelnoise.params` checks the whole file; `--schema` prints its JSON schema for editors.
Method sections are checked against the fields of the method's own dataclass, so that a new method needs no
change here.
"""

import argparse
import dataclasses
import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model, model_validator

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
                allowed = ", ".join(cls.model_fields) or "none"
                raise ValueError(f"unknown key {unknown[0]!r}; allowed: {allowed}")
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
                allowed = "0, 1 and the shares in corruption"
                raise ValueError(f"regularized, probe.corruption: {share:g} is not studied; allowed: {allowed}")
        for network in self.epochs:
            if network not in Networks.model_fields:
                raise ValueError(f"epochs: unknown network {network!r}; {_allowed(Networks.model_fields)}")
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


class Params(Section):
    study: Study
    run: Run
    datasets: dict[Name, DatasetSection]
    download: Download
    noise: Noise
    networks: Networks
    methods: Annotated[dict[Name, dict[str, Any]], Field(min_length=1)]
    variants: dict[Name, dict[str, Any]]
    estimate: Estimate
    memorization: Memorization
    imbalance: Imbalance
    claims: Claims
    evaluate: Evaluate
    figures: dict[Name, dict[str, Any]]
    report: Report

    @model_validator(mode="after")
    def _names_exist(self) -> "Params":
        unknown = [name for name in self.study.datasets if name not in self.datasets]
        if unknown:
            raise ValueError(
                f"study.datasets: {unknown[0]!r} has no section in datasets; {_allowed(self.datasets)}"
            )
        for name, dataset in self.datasets.items():
            for network in dataset.networks:
                if network not in Networks.model_fields:
                    where = f"datasets.{name}.networks: unknown network {network!r}"
                    raise ValueError(f"{where}; {_allowed(Networks.model_fields)}")
        if "cross_entropy" not in self.methods:
            raise ValueError("methods: cross_entropy is missing; every comparison is made against it")
        return self

    @model_validator(mode="after")
    def _cells_exist(self) -> "Params":
        """A noise cell, a selection or a method that a figure or the report names must be studied."""
        named = {f"figures.{name}": section for name, section in self.figures.items()}
        for where, section in {**named, "report": self.report.model_dump()}.items():
            if section.get("selection", "last") not in ("last", "best_noisy_val"):
                raise ValueError(f"{where}.selection = {section['selection']!r}; allowed: best_noisy_val, last")
            if unknown := [name for name in section.get("methods", []) if name not in self.methods]:
                raise ValueError(f"{where}.methods: {unknown[0]!r} is not in methods; {_allowed(self.methods)}")
            for dataset in self.study.datasets:
                noises = self.datasets[dataset].noises
                if "noise" in section and section.get("noise_rate") not in noises.get(section["noise"], []):
                    cell = f"{section['noise']!r} at {section.get('noise_rate')}"
                    cells = [f"{name} {rate:g}" for name, rates in noises.items() for rate in rates]
                    raise ValueError(f"{where}: {cell} is not in datasets.{dataset}.noises; {_allowed(cells)}")
        return self

    @model_validator(mode="after")
    def _claims_exist(self) -> "Params":
        """What the claims compare must be there, and their cells in one of the data sets at least."""
        known = {**self.methods, **self.variants}
        studied = [self.datasets[name].noises.items() for name in self.study.datasets]
        cells = {(noise, rate) for noises in studied for noise, rates in noises for rate in rates}
        for claim, section in claim_sections(self).items():
            unknown = [name for name in _compared(section) if name not in known]
            if unknown:
                where = f"claims.{claim}: unknown method or variant {unknown[0]!r}"
                raise ValueError(f"{where}; {_allowed(known)}")
            for noise, rate in _cells(section):
                if (noise, rate) not in cells:
                    where = f"claims.{claim}.cells: {noise!r} at {rate:g} is in the noises of no data set"
                    raise ValueError(f"{where}; {_allowed(f'{name} {of:g}' for name, of in cells)}")
        if self.claims.calibration and "none" not in self.claims.calibration.cells:
            raise ValueError("claims.calibration.cells: none is missing; noise is compared with it")
        return self


def claim_sections(params: Params) -> dict[str, dict[str, Any]]:
    """The section of every claim that is to be tested, by its name."""
    sections = params.claims.model_dump(exclude={"seeds", "level", "variants"})
    return {name: section for name, section in sections.items() if section is not None}


def contrast_runs(params: Params) -> dict[str, list[tuple[str, float]]]:
    """The noise cells (noise, rate) in which claims need each method or variant; of variants, all run in
    `claims.variants`, also those that no claim compares."""
    everywhere = dict.fromkeys(_cells({"cells": params.claims.variants}))
    found = {name: dict(everywhere) for name in params.variants}
    for section in claim_sections(params).values():
        for name in _compared(section):
            found.setdefault(name, {}).update(dict.fromkeys(_cells(section)))
    return {name: list(cells) for name, cells in found.items()}


def claim_cells(params: Params) -> dict[str, list[float]]:
    """Rates per noise model at which some claim compares, whatever the method."""
    found: dict[str, list[float]] = {}
    for noise, rate in dict.fromkeys(cell for cells in contrast_runs(params).values() for cell in cells):
        found.setdefault(noise, []).append(rate)
    return found


def _compared(section: dict[str, Any]) -> list[str]:
    """Names of methods and variants in a claim's section."""
    return [*section.get("methods", []), *(name for pair in section.get("pairs", []) for name in pair)]


def _cells(section: dict[str, Any]) -> list[tuple[str, float]]:
    return [(noise, rate) for noise, rates in section.get("cells", {}).items() for rate in rates]


def test_share(params: Params, dataset: str) -> float:
    """Test images per training image where seeds test on folds, 0 with a fixed test part."""
    section = params.datasets[dataset]
    share = 1 / section.data.folds
    return share / ((1 - share) * (1 - section.validation_fraction)) if section.data.folds > 1 else 0.0


def _allowed(names: Any) -> str:
    return "allowed: " + ", ".join(sorted(names))


_UNION_BRANCH = re.compile(r"int|float|constrained-int|literal\[.*\]")


def _message(error: ValidationError, path: str) -> str:
    """The first error as one line that names the key and what is allowed."""
    first = error.errors()[0]
    if first["type"] == "float_type" and re.fullmatch(r"[-+]?[0-9.]+e[-+]?[0-9]+", str(first["input"])):
        first["msg"] += " (YAML reads 1e-3 as text: write 1.0e-3)"
    # pydantic names the branch of a union too, as in run.workers.literal['auto']
    key = ".".join(str(part) for part in first["loc"] if not _UNION_BRANCH.fullmatch(str(part)))
    text = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    value = "" if isinstance(first["input"], dict | list | BaseModel) else f" = {first['input']!r}"
    if first["type"] == "missing":
        return f"{path}: {key}: missing key"
    return f"{path}: {key}{value}: {text}" if key else f"{path}: {text}"


class _Loader(yaml.SafeLoader):
    """YAML without repeated keys, of which the last would win silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands there twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def load(path: str | Path = "params.yaml", methods: dict[str, type] | None = None) -> Params:
    """Read and check params.yaml; ends the program with one line when something is off.

    methods: the table of methods, for stages that train; their sections are then checked too.
    """
    try:
        values = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
        params = Params.model_validate({} if values is None else values)
        if methods is not None:
            check_methods(params, methods, str(path))
        return params
    except FileNotFoundError:
        sys.exit(f"error: {path}: no such file; run from the folder that holds it")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"error: {path}: cannot be read as text: {error}")
    except yaml.YAMLError as error:
        sys.exit(f"error: {path}: not YAML: {' '.join(str(error).split())}")
    except ValidationError as error:
        sys.exit(f"error: {_message(error, str(path))}")


def method_section(method: type) -> type[Section]:
    """The pydantic model of a method's section: its dataclass fields, ranges from their metadata."""
    fields = {
        field.name: (Annotated[field.type, Field(**field.metadata)], ...) for field in dataclasses.fields(method)
    }
    return create_model(method.__name__, __base__=Section, **fields)


def check_methods(params: Params, table: dict[str, type], path: str = "params.yaml") -> None:
    """Check every section of `methods` against its method; ends the program with one line."""
    for name, values in params.methods.items():
        if name not in table:
            sys.exit(f"error: {path}: methods.{name}: unknown method; {_allowed(table)}")
        _check_section(params, table[name], values, f"{path}: methods.{name}")
    for name, values in params.variants.items():
        if name in params.methods:
            sys.exit(f"error: {path}: variants.{name}: methods has that name too; give the variant another")
        if values.get("method") not in table:
            sys.exit(f"error: {path}: variants.{name}.method: unknown method; {_allowed(table)}")
        method, section = resolved(params, name)
        _check_section(params, table[method], section, f"{path}: variants.{name}")


def resolved(params: Params, name: str) -> tuple[str, dict[str, Any]]:
    """The method (a key of METHODS) and the whole parameter section of a method or variant called `name`."""
    if name in params.methods:
        return name, dict(params.methods[name])
    own = dict(params.variants[name])
    method = own.pop("method")
    return method, {**params.methods.get(method, {}), **own}


def _check_section(params: Params, method: type, values: dict[str, Any], where: str) -> None:
    epochs = min(params.datasets[name].training.epochs for name in params.study.datasets)
    try:
        method_section(method).model_validate(values)
        method(**values).check(epochs)
    except ValidationError as error:
        sys.exit(f"error: {_message(error, where)}")
    except ValueError as error:
        sys.exit(f"error: {where}: {error}")


def schema(table: dict[str, type]) -> dict:
    """JSON schema of params.yaml, for editors."""
    sections = {name: (method_section(method) | None, None) for name, method in table.items()}
    methods = create_model("Methods", __base__=Section, **sections)
    return create_model("Parameters", __base__=Params, methods=(methods, ...)).model_json_schema()


def main() -> None:
    # Imported here: torch takes seconds, and no stage but training needs the methods.
    from labelnoise.methods import METHODS
    from labelnoise.noise import NOISES

    parser = argparse.ArgumentParser(description="Check params.yaml, or print its JSON schema.")
    parser.add_argument("--schema", action="store_true")
    if parser.parse_args().schema:
        print(json.dumps(schema(METHODS), indent=1))
        return
    params = load(methods=METHODS)
    for dataset in params.study.datasets:
        for noise in params.datasets[dataset].noises:
            if noise not in NOISES and not noise.startswith("human_"):
                sys.exit(
                    f"error: params.yaml: datasets.{dataset}.noises.{noise}: unknown noise; {_allowed(NOISES)}"
                )
    for notebook in params.figures:
        if not Path("notebooks", f"{notebook}.py").exists():
            names = [path.stem for path in Path("notebooks").glob("*.py")]
            sys.exit(f"error: params.yaml: figures.{notebook}: no such notebook; {_allowed(names)}")


if __name__ == "__main__":
    main()
