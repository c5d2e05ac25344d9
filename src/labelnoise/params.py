"""The only reader of params.yaml and claims.yaml; sections.py and claims/statements.py have their models.

`python -m labelnoise.params` checks both; `--schema params` or `claims` prints the JSON schema of one for editors.
Method sections are checked against the fields of the method's own dataclass, so that a new method needs no
change here.
"""

import argparse
import dataclasses
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model, model_validator
from pydantic.json_schema import SkipJsonSchema

from labelnoise import planned, words
from labelnoise.claims.registration import hash_of
from labelnoise.claims.statements import KINDS, Statement
from labelnoise.sections import (
    ENCODERS,
    NAME_PATTERN,
    NETWORKS,
    Claims,
    DatasetSection,
    Detect,
    Download,
    Estimate,
    Evaluate,
    Imbalance,
    Memorization,
    Name,
    Noise,
    Papers,
    Recheck,
    Registration,
    Released,
    Report,
    Run,
    Section,
    Study,
    SwitchedOn,
    Training,
    allowed,
    encoder_kind,
)

CLAIMS, REGISTRATION = "claims.yaml", "registration.yaml"  # beside params.yaml
BESIDE = {"statements": CLAIMS, "registration": REGISTRATION}  # the keys of Params that they hold
Rows = dict[str, dict[str, Any]]  # of `networks`
# what a row of `methods` may have beside hyper-parameters: its type, and what it must be
ROW_KEYS = {
    "method": (str, "the name of a method"),
    "grid": (bool, "true or false"),
    "training": (dict, "keys of `training` and their values"),
}


class Params(Section):
    study: Study
    run: Run
    dataset_defaults: DatasetSection
    datasets: dict[Name, DatasetSection]
    download: Download
    noise: Noise
    networks: Annotated[dict[Name, dict[str, Any]], Field(min_length=1)]
    methods: Annotated[dict[Name, dict[str, Any]], Field(min_length=1)]
    estimate: Estimate
    detect: Detect
    recheck: Recheck
    memorization: Memorization
    imbalance: Imbalance
    claims: Claims
    evaluate: Evaluate
    papers: Papers
    released: dict[Name, Released]
    figures: Annotated[dict[Name, dict[str, Any]], SwitchedOn]
    report: Report
    statements: SkipJsonSchema[dict[Name, Statement]] = Field(default_factory=dict)  # claims.yaml
    registration: SkipJsonSchema[Registration] = Registration()  # registration.yaml

    @model_validator(mode="after")
    def _networks_fit(self) -> "Params":
        """A row comes before those that inherit its parameters, and their faults."""
        for name in sorted(self.networks, key=lambda name: name not in NETWORKS):
            _check_network(name, self.networks)
        return self

    @model_validator(mode="after")
    def _names_exist(self) -> "Params":
        unknown = [name for name in self.study.datasets if name not in self.datasets]
        if unknown:
            raise ValueError(
                f"study.datasets: {unknown[0]!r} has no section in datasets; {allowed(self.datasets)}"
            )
        if unknown := [name for name in self.study.released if name not in self.released]:
            raise ValueError(
                f"study.released: {unknown[0]!r} has no section in released; {allowed(self.released)}"
            )
        if taken := [name for name in self.datasets if name in ("own_files", "pages", *self.released)]:
            raise ValueError(f"datasets.{taken[0]}: is the name of a folder of the pipeline's; give it another")
        for name, dataset in self.datasets.items():
            _check_names(f"datasets.{name}.networks", dataset.networks, self.networks, "is no network")
        _check_names("memorization.epochs", [*self.memorization.epochs], self.networks, "is no network")
        for name, row in self.methods.items():
            for key, (kind, what) in ROW_KEYS.items():
                if not isinstance(row.get(key, kind()), kind):
                    raise ValueError(f"methods.{name}.{key} = {row[key]!r}: must be {what}")
            _check_training(name, row.get("training", {}), self.dataset_defaults.training)
        if unknown := [name for name in self.study.methods or [] if name not in self.methods]:
            raise ValueError(f"study.methods: {unknown[0]!r} is not in methods; {allowed(self.methods)}")
        if "cross_entropy" not in (self.study.methods or grid_names(self)):
            where = "study.methods" if self.study.methods else "methods"
            raise ValueError(f"{where}: cross_entropy is missing; every comparison is made against it")
        return self

    @model_validator(mode="after")
    def _own_data_fit(self) -> "Params":
        for name, dataset in self.datasets.items():
            _check_own_data(name, dataset, self.networks)
            _check_inputs(name, dataset, self.networks)
        return self

    @model_validator(mode="after")
    def _figures_fit(self) -> "Params":
        for where, section in {f"figures.{name}": section for name, section in self.figures.items()}.items():
            if section.get("selection", "last") not in ("last", "best_noisy_val"):
                raise ValueError(f"{where}.selection = {section['selection']!r}; allowed: best_noisy_val, last")
        return self

    @model_validator(mode="after")
    def _methods_exist(self) -> "Params":
        """What is named of methods; what of it is not studied is left out."""
        named = {f"figures.{name}.methods": section.get("methods", []) for name, section in self.figures.items()}
        named |= {
            "recheck.retrain.method": [self.recheck.retrain.method],
            "imbalance.methods": self.imbalance.methods,
            "evaluate.conformal.methods": self.evaluate.conformal.methods,
        }
        for where, names in named.items():
            _check_names(where, names, {**words.METHODS, **self.methods}, "is no method")
        return self

    @model_validator(mode="after")
    def _rechecked_exists(self) -> "Params":
        """The cell that is rechecked must be one in which label errors are looked for; its answers have a name."""
        for name, section in self.datasets.items():
            if "rechecked" in {**section.noises, **section.detection_noises}:
                where = f"datasets.{name}.noises.rechecked: is the name of labels with recheck.answers in place"
                raise ValueError(f"{where}; give that file in recheck.answers")
        unknown = [name for name in self.recheck.answers if name not in self.datasets]
        if unknown:
            where = f"recheck.answers: {unknown[0]!r} has no section in datasets"
            raise ValueError(f"{where}; {allowed(self.datasets)}")
        for name in self.study.datasets:
            _check_recheck_cell(self, name)
        return self

    @model_validator(mode="after")
    def _claims_exist(self) -> "Params":
        """What claims compare must exist; what of it is not studied is not tested."""
        methods, numbers = {**words.METHODS, **self.methods}, [of.id for of in self.statements.values()]
        for name, statement in self.statements.items():
            if numbers.count(statement.id) > 1:
                raise ValueError(f"statements.{name}.id = {statement.id}: another claim has it too")
            for at, of in enumerate(statement.compare):
                _check_names(f"statements.{name}.compare.{at}", of.methods(), methods, "is no method")
                _check_names(f"statements.{name}.compare.{at}", of.suspicion_scores(), words.SCORES, "is no score")
        return self


def _check_names(where: str, names: list[str], known: Iterable[str], what: str) -> None:
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"{where}: {unknown[0]!r} {what}; {allowed(known)}")


def _check_network(name: str, rows: Rows) -> None:
    """ValueError when the row `name` of `networks` is off."""
    section = network(rows, name)
    kind = section.pop("network", name)
    if kind not in NETWORKS:
        raise ValueError(f"networks.{name}: unknown network {kind!r}; {allowed(NETWORKS)}")
    if name in NETWORKS and kind != name:
        where = f"networks.{name}.network = {kind!r}: {name} is a network itself"
        raise ValueError(f"{where}; give the row another name")
    _check_values(NETWORKS[kind], section, f"networks.{name}")


def network(rows: Rows, name: str) -> dict[str, Any]:
    """The whole row `name` of `networks`: `network` in it is its type, else that is the name itself."""
    return {**rows.get(rows[name].get("network", name), {}), **rows[name]}


def _check_training(row: str, own: dict[str, Any], usual: Training) -> None:
    try:
        Training.model_validate({**usual.model_dump(), **own})
    except ValidationError as error:
        raise ValueError(message(error, f"methods.{row}.training")) from None


def _check_recheck_cell(params: Params, dataset: str) -> None:
    """ValueError when the data set has neither labels from people nor the cell `recheck.cell`."""
    section, cell = params.datasets[dataset], params.recheck.cell
    cells = planned.cells({"cells": section.noises}) + planned.cells({"cells": section.detection_noises})
    if any(noise == "given" or noise.startswith("human_") for noise in section.noises):
        return
    if (cell.noise, cell.noise_rate) not in cells:
        where = f"recheck.cell: {cell.noise!r} at {cell.noise_rate:g} is not in datasets.{dataset}.noises"
        raise ValueError(f"{where}; {allowed(f'{noise} {rate:g}' for noise, rate in cells)}")
    seeds = planned.seeds(params, min(section.detection.seeds, section.detection.checked))
    if cell.seed not in seeds:
        where = f"recheck.cell.seed = {cell.seed}: is no checked seed of datasets.{dataset}.detection"
        raise ValueError(f"{where}; allowed: {seeds[0]} to {seeds[-1]}")


# what an own data set holds -> encoders that can read it
ENCODES = {
    "images": tuple(name for name in ENCODERS if name != "given"),
    "features": ("given",),
    "pred_probs": (),
}


def _check_own_data(name: str, dataset: DatasetSection, networks: Rows) -> None:
    """ValueError when keys of own data are missing, or are where none belong."""
    source, where = dataset.data.source or name, f"datasets.{name}"
    for kind in ("folder", "arrays"):
        section = getattr(dataset.data, kind)
        if source == kind and section is None:
            raise ValueError(f"{where}.data.{kind}: missing key; it says where these data are")
        if source != kind and section is not None:
            raise ValueError(f"{where}.data.{kind}: is for own data; allowed: with source: {kind}")
    holds = dataset.data.arrays.holds if source == "arrays" else "images"
    if holds != "images":
        _check_no_images(where, dataset, holds, networks)
        if dataset.data.crop is not None:
            raise ValueError(f"{where}.data.crop: {holds} are no images; allowed: null")
    for section in dataset.features or []:
        if encoder_kind(section.encoder) not in ENCODES[holds]:
            names = ", ".join(["null", *ENCODES[holds]])
            raise ValueError(f"{where}.features: {section.encoder} cannot encode {holds}; allowed: {names}")
    if source not in ("folder", "arrays") and "given" in dataset.noises:
        raise ValueError(f"{where}.noises.given: is for own data; allowed: other noises")


def _check_no_images(where: str, dataset: DatasetSection, what: str, networks: Rows) -> None:
    """ValueError where training takes `what` for images."""
    if any(networks[name].get("network", name) != "mlp" for name in dataset.networks):
        raise ValueError(f"{where}.networks: {what} are no images; allowed: mlp, and rows of that type")
    if dataset.training.shift:
        raise ValueError(f"{where}.training.shift: {what} are no images; allowed: 0")
    if dataset.data.standardise != "all":
        raise ValueError(f"{where}.data.standardise: {what} are no images; allowed: all")


def _check_inputs(name: str, dataset: DatasetSection, networks: Rows) -> None:
    """ValueError where networks cannot be trained on the features that `inputs` names."""
    encoders, where = [of.encoder for of in dataset.features or []], f"datasets.{name}.inputs"
    if dataset.inputs is None:
        return
    if encoders.count(dataset.inputs) != 1:
        once = [encoder for encoder in encoders if encoders.count(encoder) == 1]
        instead = ", ".join(["null", *once]) + f" (what datasets.{name}.features names once)"
        raise ValueError(f"{where} = {dataset.inputs!r}: is no encoder to choose; allowed: {instead}")
    if dataset.data.arrays is not None and dataset.data.arrays.holds != "images":
        raise ValueError(f"{where} = {dataset.inputs!r}: the data hold no images; allowed: null")
    _check_no_images(f"datasets.{name}", dataset, f"features of {dataset.inputs}", networks)


_UNION_BRANCH = re.compile(r"int|float|constrained-int|literal\[.*\]")


def message(error: ValidationError, path: str) -> str:
    """The first error as one line that names the key and what is allowed."""
    first = error.errors()[0]
    if first["type"] == "float_type" and re.fullmatch(r"[-+]?[0-9.]+e[-+]?[0-9]+", str(first["input"])):
        first["msg"] += " (YAML reads 1e-3 as text: write 1.0e-3)"
    # pydantic names the branch of a union too, as in run.workers.literal['auto']
    key = ".".join(str(part) for part in first["loc"] if not _UNION_BRANCH.fullmatch(str(part)))
    if first["type"] == "string_pattern_mismatch" and first["ctx"]["pattern"] == NAME_PATTERN:
        return f"{path}: {_bad_name(key, first['input'])}"
    key = re.sub(r"(\.compare\.[0-9]+)\.[a-z_]+", r"\1", key)  # nor the kind of a comparison
    if first["type"].startswith("union_tag_") and ".compare." in key:
        return f"{path}: {key}.kind: missing or unknown; {allowed(KINDS)}"
    text = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    value = "" if isinstance(first["input"], dict | list | BaseModel) else f" = {first['input']!r}"
    if first["type"] == "missing":
        return f"{path}: {key}: missing key"
    return f"{path}: {key}{value}: {text}" if key else f"{path}: {text}"


def _bad_name(key: str, name: str) -> str:
    """In place of a pattern. A key of a mapping stands in its own place, as `datasets.My photos.[key]`."""
    place = key.removesuffix(f".{name}.[key]")
    close = re.sub(r"[^a-z0-9-]+", "_", name.lower()).strip("_-")
    instead = f", as {close!r}" if close else ""
    return f"{place}: the name {name!r}; allowed: lower-case letters, digits, _ and -{instead}"


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):
    """YAML without repeated keys, of which the last would win silently; libyaml reads ten times as fast."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key!r} stands there twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def load(path: str | Path = "params.yaml", methods: dict[str, type] | None = None) -> Params:
    """Read and check params.yaml, claims.yaml beside it and, where it is there, registration.yaml; ends the
    program with one line when something is off.

    methods: the table of methods, for stages that train; their sections are then checked too.
    """
    try:
        values = with_defaults(read(path))
        for key in BESIDE.keys() & values.keys():
            sys.exit(f"error: {path}: {key}: unknown key; allowed: in {BESIDE[key]}")
        beside, registered = Path(path).with_name(CLAIMS), Path(path).with_name(REGISTRATION)
        more = {"registration": read(registered)} if registered.exists() else {}
        params = Params.model_validate({**values, "statements": read(beside), **more})
        if params.registration.hash != hash_of(params):  # of other claims, or of a preset's seeds
            params = params.model_copy(update={"registration": Registration()})
        params = params.model_copy(update={"methods": _studied(params)})
        params = params.model_copy(update={"figures": _drawn(params)})
        if methods is not None:
            check_methods(params, methods, str(path))
        return params
    except ValidationError as error:
        sys.exit(f"error: {_of_its_file(message(error, str(path)), Path(path))}")


def _of_its_file(line: str, path: Path) -> str:
    """`line` about a key of params.yaml at `path`, where it is one of a file beside it under that name."""
    for key, name in BESIDE.items():
        line = re.sub(f"^{re.escape(str(path))}: {key}(\\.|: )", f"{path.with_name(name)}: ", line)
    return line


def _studied(params: Params) -> dict[str, dict[str, Any]]:
    """The rows of `methods` that study.methods names, each with what it has from a row that is not among them."""
    if params.study.methods is None:
        return params.methods
    rows = {name: row for name, row in params.methods.items() if name in params.study.methods}
    return {name: {**resolved(params, name)[1], **row} for name, row in rows.items()}


def _drawn(params: Params) -> dict[str, dict[str, Any]]:
    """The sections of figures, which show of their methods those that are studied."""
    names, found = grid_names(params), dict(params.figures)
    for figure, section in found.items():
        if shown := section.get("methods"):
            found[figure] = section | {"methods": [name for name in shown if name in names] or ["cross_entropy"]}
    return found


def read(path: str | Path) -> dict:
    """The mapping in a YAML file as it stands: unchecked, data sets without their defaults.

    Ends the program with one line when it cannot be read.
    """
    try:
        values = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        sys.exit(f"error: {path}: no such file; run from the folder that holds it")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"error: {path}: cannot be read as text: {error}")
    except yaml.YAMLError as error:
        sys.exit(f"error: {path}: not YAML: {' '.join(str(error).split())}")
    if not isinstance(values, dict | None):
        sys.exit(f"error: {path}: holds no keys; allowed: sections, as study")
    return values or {}


def with_defaults(values: dict) -> dict:
    """A copy of params.yaml's mapping in which every data set has what it leaves out from `dataset_defaults`."""
    defaults, datasets = values.get("dataset_defaults"), values.get("datasets")
    if not isinstance(defaults, dict) or not isinstance(datasets, dict):
        return values  # the models say what is wrong
    return {**values, "datasets": {key: _inherited(DatasetSection, defaults, of) for key, of in datasets.items()}}


def _inherited(model: type[Section], defaults: Any, own: Any) -> Any:
    """`own` with what it leaves out from `defaults`: sections key by key, a table (noises, cells) as a whole."""
    if not isinstance(defaults, dict) or not isinstance(own, dict):
        return own
    shared = {name: of for name, of in sections_within(model).items() if name in defaults and name in own}
    return {**defaults, **own, **{name: _inherited(of, defaults[name], own[name]) for name, of in shared.items()}}


def sections_within(model: type[Section]) -> dict[str, type[Section]]:
    """The keys of a section that are sections themselves, and must be there."""
    kinds = {name: field.annotation for name, field in model.model_fields.items()}
    return {name: of for name, of in kinds.items() if isinstance(of, type) and issubclass(of, Section)}


def method_section(method: type) -> type[Section]:
    """The pydantic model of a method's section: its dataclass fields, ranges from their metadata."""
    fields = {
        field.name: (Annotated[field.type, Field(**field.metadata)], ...) for field in dataclasses.fields(method)
    }
    return create_model(method.__name__, __base__=Section, **fields)


def check_methods(params: Params, table: dict[str, type], path: str = "params.yaml") -> None:
    """Check every row of `methods` against its method; ends the program with one line. A row comes before those
    that inherit its parameters, and their faults."""
    for name in sorted(params.methods, key=lambda name: resolved(params, name)[0] != name):
        method, section = resolved(params, name)
        if method not in table:
            sys.exit(f"error: {path}: methods.{name}: unknown method {method!r}; {allowed(table)}")
        if name in table and method != name:
            where = f"methods.{name}.method = {method!r}: {name} is a method itself"
            sys.exit(f"error: {path}: {where}; give the row another name")
        try:
            check_section(table[method], section, f"{path}: methods.{name}")
        except ValueError as error:
            sys.exit(f"error: {error}")


def resolved(params: Params, name: str) -> tuple[str, dict[str, Any]]:
    """The method (a key of METHODS) and the whole parameter section of the row `name` of `methods`."""
    method = params.methods[name].get("method", name)
    section = {**params.methods.get(method, {}), **params.methods[name]}
    return method, {key: value for key, value in section.items() if key not in ROW_KEYS}


def grid_names(params: Params) -> list[str]:
    """The rows of `methods` that run in every noise cell of the study."""
    return [name for name, row in params.methods.items() if row.get("grid", True)]


def claim_only_names(params: Params) -> list[str]:
    """The rows of `methods` that run in the noise cells of claims alone."""
    return [name for name, row in params.methods.items() if not row.get("grid", True)]


def check_section(method: type, values: dict[str, Any], where: str) -> None:
    """ValueError, which begins with `where`, when hyper-parameters are off."""
    _check_values(method_section(method), values, where)


def _check_values(model: type[Section], values: dict[str, Any], where: str) -> None:
    try:
        model.model_validate(values)
    except ValidationError as error:
        raise ValueError(message(error, where)) from None


def schema(table: dict[str, type]) -> dict:
    """JSON schema of params.yaml, for editors: a data set may leave out what it has from `dataset_defaults`."""
    rows = {
        name: create_model(
            method.__name__, __base__=method_section(method), grid=(bool, True), training=(dict[str, Any], {})
        )
        for name, method in table.items()
    }
    methods = create_model("Methods", __base__=Section, **{name: (row | None, None) for name, row in rows.items()})
    types = {name: (of | None, None) for name, of in NETWORKS.items()}
    networks = create_model("Networks", __base__=Section, **types)
    own = {"methods": (methods, ...), "networks": (networks, ...)}
    made = create_model("Parameters", __base__=Params, **own).model_json_schema()
    # and what differs, which load checks
    other = {"required": ["network"], "properties": {"network": {"enum": list(NETWORKS)}}}
    made["$defs"]["Networks"]["additionalProperties"] = other
    named = {"method": {"enum": list(table)}, "grid": {"type": "boolean"}, "training": {"type": "object"}}
    made["$defs"]["Methods"]["additionalProperties"] = {"required": ["method"], "properties": named}
    partial = [DatasetSection]
    for model in partial:
        made["$defs"][model.__name__].pop("required", None)
        partial += sections_within(model).values()
    return made


def schema_of_claims() -> dict:
    """JSON schema of claims.yaml."""
    return TypeAdapter(dict[Name, Statement]).json_schema()


def check(path: Path = Path("params.yaml")) -> None:
    """All of params.yaml, the noise models and notebooks that it names, and whether the study fits into memory;
    ends the program with one line."""
    # Imported here: torch takes seconds, and no stage but training needs the methods.
    from labelnoise import costs
    from labelnoise.methods import METHODS
    from labelnoise.noise import NOISES

    params = load(path, METHODS)
    for key, noise in _noises(params):
        if noise not in NOISES and noise != "given" and not noise.startswith(("human_", "twin_")):
            names = allowed([*NOISES, "given", "human_<column>", "twin_<column>"])
            sys.exit(f"error: {_of_its_file(f'{path}: {key}: unknown noise {noise!r}; {names}', path)}")
    notebooks = [file.stem for file in path.with_name("notebooks").glob("*.py")]
    if unknown := [name for name in params.figures if name not in notebooks]:
        sys.exit(f"error: {path}: figures.{unknown[0]}: no such notebook; {allowed(notebooks)}")
    if said := costs.too_large(params):
        sys.exit(f"error: {path}: {said}")


def _noises(params: Params) -> Iterator[tuple[str, str]]:
    """Every noise model that is named, with the key that does."""
    found = {
        f"figures.{name}.noise": [section["noise"]]
        for name, section in params.figures.items()
        if "noise" in section
    }
    found |= {f"{name}.noise": [getattr(params, name).noise] for name in ("report", "imbalance")}
    for name, of in params.datasets.items():
        found |= {f"datasets.{name}.{key}": getattr(of, key) for key in ("noises", "detection_noises")}
        found |= {f"datasets.{name}.bootstrap.cells": of.bootstrap.cells}
    found |= {
        "recheck.cell.noise": [params.recheck.cell.noise],
        "recheck.retrain.cells": params.recheck.retrain.cells,
    }
    for name, statement in params.statements.items():
        found |= {f"statements.{name}.cells": [cell[0] for of in statement.compare for cell in of.noise_cells()]}
    return ((key, noise) for key, noises in found.items() for noise in noises)


def main() -> None:
    parser = argparse.ArgumentParser(description="Check params.yaml and claims.yaml, or print a JSON schema.")
    parser.add_argument("--schema", choices=["params", "claims"], help="of which file")
    wanted = parser.parse_args().schema
    if wanted is None:
        return check()
    from labelnoise.methods import METHODS

    print(json.dumps(schema(METHODS) if wanted == "params" else schema_of_claims(), indent=1))


if __name__ == "__main__":
    main()
