"""The only reader of params.yaml; sections.py and claim_sections.py have the models of its sections.

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
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, Field, ValidationError, create_model, model_validator

from labelnoise import planned
from labelnoise.claim_sections import OF_BOOTSTRAP, Claims
from labelnoise.sections import (
    ENCODERS,
    NAME_PATTERN,
    DatasetSection,
    Detect,
    Download,
    Estimate,
    Evaluate,
    Imbalance,
    Memorization,
    Name,
    Networks,
    Noise,
    Recheck,
    Report,
    Run,
    Section,
    Study,
    allowed,
    encoder_kind,
)


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
    detect: Detect
    recheck: Recheck
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
                f"study.datasets: {unknown[0]!r} has no section in datasets; {allowed(self.datasets)}"
            )
        for name, dataset in self.datasets.items():
            for network in dataset.networks:
                if network not in Networks.model_fields:
                    where = f"datasets.{name}.networks: unknown network {network!r}"
                    raise ValueError(f"{where}; {allowed(Networks.model_fields)}")
        if "cross_entropy" not in self.methods:
            raise ValueError("methods: cross_entropy is missing; every comparison is made against it")
        return self

    @model_validator(mode="after")
    def _own_data_fit(self) -> "Params":
        for name, dataset in self.datasets.items():
            _check_own_data(name, dataset)
        return self

    @model_validator(mode="after")
    def _bags_have_cells(self) -> "Params":
        for name, dataset in self.datasets.items():
            studied = planned.cells({"cells": dataset.noises})
            for noise, rate in planned.cells({"cells": dataset.bootstrap.cells}):
                if (noise, rate) not in studied:
                    where = (
                        f"datasets.{name}.bootstrap.cells: {noise!r} at {rate:g} is not in datasets.{name}.noises"
                    )
                    raise ValueError(f"{where}; {allowed(f'{noise} {rate:g}' for noise, rate in studied)}")
        return self

    @model_validator(mode="after")
    def _cells_exist(self) -> "Params":
        """A noise cell, a selection or a method that a figure or the report names must be studied, a cell in one
        data set at least: figures of the others show a cell that they have."""
        named = {f"figures.{name}": section for name, section in self.figures.items()}
        for where, section in {**named, "report": self.report.model_dump()}.items():
            if section.get("selection", "last") not in ("last", "best_noisy_val"):
                raise ValueError(f"{where}.selection = {section['selection']!r}; allowed: best_noisy_val, last")
            if unknown := [name for name in section.get("methods", []) if name not in self.methods]:
                raise ValueError(f"{where}.methods: {unknown[0]!r} is not in methods; {allowed(self.methods)}")
            if "noise" in section:
                _check_cells(where, [(section["noise"], section.get("noise_rate"))], self._cells("noises"))
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
        wanted = planned.cells({"cells": self.recheck.retrain.cells})
        _check_cells("recheck.retrain.cells", wanted, self._cells("noises"))
        if self.recheck.retrain.method not in self.methods:
            where = f"recheck.retrain.method: {self.recheck.retrain.method!r} is not in methods"
            raise ValueError(f"{where}; {allowed(self.methods)}")
        for name in self.study.datasets:
            _check_recheck_cell(self, name)
        return self

    @model_validator(mode="after")
    def _claims_exist(self) -> "Params":
        """What the claims compare must be there, and their cells in one of the data sets at least."""
        known = {**self.methods, **self.variants}
        studied, detected = self._cells("noises"), self._cells("detection_noises")
        bagged = {cell for of in self.datasets.values() for cell in planned.cells({"cells": of.bootstrap.cells})}
        for claim, section in planned.claim_sections(self).items():
            unknown = [name for name in planned.compared(section) if name not in known]
            if unknown:
                where = f"claims.{claim}: unknown method or variant {unknown[0]!r}"
                raise ValueError(f"{where}; {allowed(known)}")
            scores = {*section.get("scores", []), *section.get("against", [])}
            cells = studied if planned.compared(section) or scores else studied | detected
            _check_cells(f"claims.{claim}.cells", planned.cells(section), cells)
            if scores & OF_BOOTSTRAP:
                _check_bagged(f"claims.{claim}.cells", planned.cells(section), bagged)
        if self.claims.calibration and "none" not in self.claims.calibration.cells:
            raise ValueError("claims.calibration.cells: none is missing; noise is compared with it")
        return self

    def _cells(self, kind: str) -> set[tuple[str, float]]:
        """(noise, rate) of all data sets; kind: noises or detection_noises."""
        return {cell for of in self.datasets.values() for cell in planned.cells({"cells": getattr(of, kind)})}


def _check_cells(where: str, wanted: list[tuple[str, float]], known: set[tuple[str, float]]) -> None:
    """ValueError when the key `where` names a noise cell that no data set has."""
    for noise, rate in wanted:
        if (noise, rate) not in known:
            cells = allowed(f"{name} {of:g}" for name, of in known)
            raise ValueError(f"{where}: {noise!r} at {rate} is in the noises of no data set; {cells}")


def _check_bagged(where: str, wanted: list[tuple[str, float]], bagged: set[tuple[str, float]]) -> None:
    """ValueError when the key `where`, of a claim about scores of the bootstrap, names a cell without bags."""
    for noise, rate in wanted:
        if (noise, rate) not in bagged:
            cells = allowed(f"{name} {of:g}" for name, of in bagged)
            raise ValueError(f"{where}: {noise!r} at {rate} is in the bootstrap.cells of no data set; {cells}")


def _check_recheck_cell(params: Params, dataset: str) -> None:
    """ValueError when the data set has neither labels from people nor the cell `recheck.cell`."""
    section, cell = params.datasets[dataset], params.recheck.cell
    cells = planned.cells({"cells": section.noises}) + planned.cells({"cells": section.detection_noises})
    if any(noise == "given" or noise.startswith("human_") for noise in section.noises):
        return
    if (cell.noise, cell.noise_rate) not in cells:
        where = f"recheck.cell: {cell.noise!r} at {cell.noise_rate:g} is not in datasets.{dataset}.noises"
        raise ValueError(f"{where}; {allowed(f'{noise} {rate:g}' for noise, rate in cells)}")
    seeds = min(section.detection.seeds, section.detection.checked)
    if cell.seed >= seeds:
        where = f"recheck.cell.seed = {cell.seed}: is no checked seed of datasets.{dataset}.detection"
        raise ValueError(f"{where}; allowed: 0 to {seeds - 1}")


# what an own data set holds -> encoders that can read it
ENCODES = {
    "images": tuple(name for name in ENCODERS if name != "given"),
    "features": ("given",),
    "pred_probs": (),
}


def _check_own_data(name: str, dataset: DatasetSection) -> None:
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
        if dataset.networks != ["mlp"]:
            raise ValueError(f"{where}.networks: {holds} are no images; allowed: [mlp]")
        if dataset.training.shift:
            raise ValueError(f"{where}.training.shift: {holds} are no images; allowed: 0")
    for section in dataset.features or []:
        if encoder_kind(section.encoder) not in ENCODES[holds]:
            names = ", ".join(["null", *ENCODES[holds]])
            raise ValueError(f"{where}.features: {section.encoder} cannot encode {holds}; allowed: {names}")
    if source not in ("folder", "arrays") and "given" in dataset.noises:
        raise ValueError(f"{where}.noises.given: is for own data; allowed: other noises")


_UNION_BRANCH = re.compile(r"int|float|constrained-int|literal\[.*\]")


def _message(error: ValidationError, path: str) -> str:
    """The first error as one line that names the key and what is allowed."""
    first = error.errors()[0]
    if first["type"] == "float_type" and re.fullmatch(r"[-+]?[0-9.]+e[-+]?[0-9]+", str(first["input"])):
        first["msg"] += " (YAML reads 1e-3 as text: write 1.0e-3)"
    # pydantic names the branch of a union too, as in run.workers.literal['auto']
    key = ".".join(str(part) for part in first["loc"] if not _UNION_BRANCH.fullmatch(str(part)))
    if first["type"] == "string_pattern_mismatch" and first["ctx"]["pattern"] == NAME_PATTERN:
        return f"{path}: {_bad_name(key, first['input'])}"
    text = first["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    value = "" if isinstance(first["input"], dict | list | BaseModel) else f" = {first['input']!r}"
    if first["type"] == "missing":
        return f"{path}: {key}: missing key"
    return f"{path}: {key}{value}: {text}" if key else f"{path}: {text}"


def _bad_name(key: str, name: str) -> str:
    """In place of a pattern. A key of a mapping stands in its own place, as `datasets.My photos.[key]`."""
    place = key.removesuffix(f".{name}.[key]")
    close = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    instead = f", as {close!r}" if close else ""
    return f"{place}: the name {name!r}; allowed: lower-case letters, digits and _{instead}"


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
        params = Params.model_validate(read(path))
        if methods is not None:
            check_methods(params, methods, str(path))
        return params
    except ValidationError as error:
        sys.exit(f"error: {_message(error, str(path))}")


def read(path: str | Path) -> dict:
    """The mapping in a YAML file, unchecked; ends the program with one line when it cannot be read."""
    try:
        values = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        sys.exit(f"error: {path}: no such file; run from the folder that holds it")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"error: {path}: cannot be read as text: {error}")
    except yaml.YAMLError as error:
        sys.exit(f"error: {path}: not YAML: {' '.join(str(error).split())}")
    return {} if values is None else values


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
            sys.exit(f"error: {path}: methods.{name}: unknown method; {allowed(table)}")
        _check_section(params, table[name], values, f"{path}: methods.{name}")
    for name, values in params.variants.items():
        if name in params.methods:
            sys.exit(f"error: {path}: variants.{name}: methods has that name too; give the variant another")
        if values.get("method") not in table:
            sys.exit(f"error: {path}: variants.{name}.method: unknown method; {allowed(table)}")
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
    from labelnoise import own_data
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
            if noise not in NOISES and noise != "given" and not noise.startswith("human_"):
                sys.exit(
                    f"error: params.yaml: datasets.{dataset}.noises.{noise}: unknown noise; {allowed(NOISES)}"
                )
    for notebook in params.figures:
        if not Path("notebooks", f"{notebook}.py").exists():
            names = [path.stem for path in Path("notebooks").glob("*.py")]
            sys.exit(f"error: params.yaml: figures.{notebook}: no such notebook; {allowed(names)}")
    try:
        own_data.refresh(params, Path("own_data.lock"))
    except (ValueError, OSError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
