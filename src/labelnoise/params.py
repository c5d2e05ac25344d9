"""The only reader of params.yaml and claims.yaml; sections/ and claims/statements.py have their models.

`python -m labelnoise.params` checks both; `--schema params` or `claims` prints the JSON schema of one for editors.
Method sections are checked against the fields of the method's own dataclass, so that a new method needs no
change here.
"""

import argparse
import gc
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn

from pydantic import Field, ValidationError, model_validator
from pydantic.json_schema import SkipJsonSchema

from labelnoise import places, words
from labelnoise.claims.registration import hash_of
from labelnoise.claims.statements import Statement
from labelnoise.sections import fit
from labelnoise.sections.datasets import DatasetSection
from labelnoise.sections.defaults import with_defaults
from labelnoise.sections.detection import Detect, Recheck
from labelnoise.sections.evaluation import Evaluate, Papers, Released, Report
from labelnoise.sections.file import merged, read
from labelnoise.sections.kinds import Name, Section, SwitchedOn, allowed, faults, together
from labelnoise.sections.machine import Download, Run
from labelnoise.sections.messages import message
from labelnoise.sections.networks import NETWORKS
from labelnoise.sections.studies import Claims, Estimate, Imbalance, Memorization, Noise, Registration, Study

CLAIMS, REGISTRATION = "claims.yaml", "registration.yaml"  # beside params.yaml
BESIDE = {"statements": CLAIMS, "registration": REGISTRATION}  # the keys of Params that they hold
WITH_WORDS = words.NOISE_KINDS.keys() - {"random_labels"}  # noises that need not be looked up
RECHECKED = "rechecked"  # the noise of labels with answers in place, which nobody writes
# what a row of `methods` may have beside hyper-parameters: its type, and what it must be
ROW_KEYS = {
    "method": (str, "the name of a method"),
    "grid": (bool, "true or false"),
    "training": (dict, "keys of `training` and their values"),
}


class Params(Section):
    @classmethod
    def known_keys(cls) -> Iterable[str]:
        return [key for key in cls.model_fields if key not in BESIDE]

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
        told = {
            name: faults(partial(fit.check_network, name, network(self.networks, name))) for name in self.networks
        }
        parents = {
            name: name if name in NETWORKS else row.get("network", name) for name, row in self.networks.items()
        }
        if found := fit.of_rows(told, "networks", parents):
            raise ValueError("\n".join(found))
        return self

    @model_validator(mode="after")
    def _names_exist(self) -> "Params":
        together(self._of_names())
        return self

    def _of_names(self) -> Iterator[Callable[[], None]]:
        """Checks of what is named in one section and stands in another, and of the rows of `methods`."""
        for where, names, known, what in (
            ("study.datasets", self.study.datasets, self.datasets, "has no section in datasets"),
            ("study.released", self.study.released, self.released, "has no section in released"),
            ("study.methods", self.study.methods or [], self.methods, "is not in methods"),
            ("memorization.epochs", [*self.memorization.epochs], self.networks, "is no network"),
            *(
                (f"datasets.{name}.networks", of.networks, self.networks, "is no network")
                for name, of in self.datasets.items()
            ),
        ):
            yield partial(fit.check_names, where, names, known, what)
        yield self._check_folders
        for name in self.methods:
            yield partial(self._check_row, name)
        yield self._check_baseline

    def _check_folders(self) -> None:
        if taken := [name for name in self.datasets if name in ("own_files", "pages", *self.released)]:
            raise ValueError(f"datasets.{taken[0]}: is the name of a folder of the pipeline's; give it another")

    def _check_row(self, name: str) -> None:
        for key, (kind, what) in ROW_KEYS.items():
            value = self.methods[name].get(key, kind())
            if not isinstance(value, kind):
                raise ValueError(f"methods.{name}.{key} = {value!r}: must be {what}")
        if name in (self.study.methods or self.methods) and self.datasets.keys() >= set(self.study.datasets):
            fit.check_training(self, name)

    def _check_baseline(self) -> None:
        if "cross_entropy" not in (self.study.methods or grid_names(self)):
            where = "study.methods" if self.study.methods else "methods"
            raise ValueError(f"{where}: cross_entropy is missing; every comparison is made against it")

    @model_validator(mode="after")
    def _noises_exist(self) -> "Params":
        together(partial(_check_noise, key, noise) for key, noise in _noises(self))
        return self

    @model_validator(mode="after")
    def _own_data_fit(self) -> "Params":
        checks = (fit.check_own_data, fit.check_inputs)
        together(partial(check, *of, self.networks) for of in self.datasets.items() for check in checks)
        return self

    @model_validator(mode="after")
    def _figures_fit(self) -> "Params":
        together(partial(_check_epoch, *of) for of in self.figures.items())
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
        known = {**words.METHODS, **self.methods}
        together(partial(fit.check_names, where, names, known, "is no method") for where, names in named.items())
        return self

    @model_validator(mode="after")
    def _rechecked_exists(self) -> "Params":
        """The cell that is rechecked must be one in which label errors are looked for; its answers have a name."""
        what = "has no section in datasets"
        together(
            [
                *(partial(_check_rechecked, *of) for of in self.datasets.items()),
                partial(fit.check_names, "recheck.answers", [*self.recheck.answers], self.datasets, what),
                *(partial(fit.check_recheck_cell, self, name) for name in self.study.datasets),
            ]
        )
        return self

    @model_validator(mode="after")
    def _claims_exist(self) -> "Params":
        """What claims compare must exist; what of it is not studied is not tested."""
        together(partial(self._check_statement, name) for name in self.statements)
        return self

    def _check_statement(self, name: str) -> None:
        statement, numbers = self.statements[name], [of.id for of in self.statements.values()]
        if numbers.count(statement.id) > 1:
            raise ValueError(f"statements.{name}.id = {statement.id}: another claim has it too")
        for at, of in enumerate(statement.compare):
            where = f"statements.{name}.compare.{at}"
            fit.check_names(where, of.methods(), {**words.METHODS, **self.methods}, "is no method")
            fit.check_names(where, of.suspicion_scores(), words.SCORES, "is no score")


def network(rows: fit.Rows, name: str) -> dict[str, Any]:
    """The whole row `name` of `networks`: `network` in it is its type, else that is the name itself."""
    return {**rows.get(rows[name].get("network", name), {}), **rows[name]}


def load(path: str | Path = "params.yaml", methods: dict[str, type] | None = None) -> Params:
    """Read and check params.yaml, claims.yaml beside it and, where it is there, registration.yaml; ends the
    program with a line for each fault that is found.

    methods: the table of methods, for stages that train; their sections are then checked too.
    """
    try:
        values = with_defaults(read(path))
        for key in BESIDE.keys() & values.keys():
            sys.exit(f"error: {path}: {key}: unknown key; allowed: in {BESIDE[key]}")
        beside, registered = Path(path).with_name(CLAIMS), Path(path).with_name(REGISTRATION)
        more = {"registration": read(registered)} if registered.exists() else {}
        values = {**values, "statements": read(beside), **more}
        params = Params.model_validate(values)
        if (project := places.project()) != Path():
            params = Params.model_validate(merged(values, places.own_files(values, project)))
        if params.registration.hash != hash_of(params):  # of other claims, or of a preset's seeds
            params = params.model_copy(update={"registration": Registration()})
        params = params.model_copy(update={"methods": _studied(params)})
        params = params.model_copy(update={"figures": _drawn(params)})
        if methods is not None:
            check_methods(params, methods, str(path))
        return params
    except ValidationError as error:
        told = _without_defaults(message(error, str(path)).split("\n"), str(path))
        _end([_of_its_file(line, Path(path)) for line in told])


def _end(faults: list[str]) -> NoReturn:
    sys.exit("\n".join(f"error: {fault}" for fault in faults))


def _without_defaults(lines: list[str], path: str) -> list[str]:
    """Without those of data sets that have them from `dataset_defaults`, where they are told."""
    own = f"{path}: dataset_defaults"
    known = {line.removeprefix(own) for line in lines if line.startswith(own)}
    return [line for line in lines if re.sub(rf"^{re.escape(path)}: datasets\.[^.:]+", "", line) not in known]


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


def check_methods(params: Params, table: dict[str, type], path: str = "params.yaml") -> None:
    """Check every row of `methods` against its method; ends the program with a line for each fault. What rows
    inherit is told of the row that they have it from."""
    of = {name: resolved(params, name) for name in params.methods}
    told = {name: _faults_of(name, *row, table) for name, row in of.items()}
    if found := fit.of_rows(told, "methods", {name: method for name, (method, _) in of.items()}):
        _end([f"{path}: {line}" for line in found])


def _faults_of(name: str, method: str, section: dict[str, Any], table: dict[str, type]) -> list[str]:
    """Of the row `name` of `methods`."""
    if method not in table:
        return [f"methods.{name}: unknown method {method!r}; {allowed(table)}"]
    if name in table and method != name:
        return [f"methods.{name}.method = {method!r}: {name} is a method itself; give the row another name"]
    return faults(partial(fit.check_section, table[method], section, f"methods.{name}"))


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


def check(path: Path = Path("params.yaml")) -> None:
    """All of params.yaml, the noise models and notebooks that it names, and whether the study fits into memory;
    ends the program with a line for each fault."""
    # Imported here: torch takes seconds, and no stage but training needs the methods.
    from labelnoise import costs, sizes
    from labelnoise.methods import METHODS

    params = load(path, METHODS)
    notebooks = [file.stem for file in path.with_name("notebooks").glob("*.py")]
    if unknown := [name for name in params.figures if name not in notebooks]:
        _end([f"{path}: figures.{name}: no such notebook; {allowed(notebooks)}" for name in unknown])
    if said := sizes.too_far(params) or costs.too_large(params):
        sys.exit(f"error: {path}: {said}")


def _check_epoch(figure: str, section: dict[str, Any]) -> None:
    if (epoch := section.get("selection", "last")) not in ("last", "best_noisy_val"):
        raise ValueError(f"figures.{figure}.selection = {epoch!r}; allowed: best_noisy_val, last")


def _check_rechecked(name: str, section: DatasetSection) -> None:
    if RECHECKED in {**section.noises, **section.detection_noises}:
        where = f"datasets.{name}.noises.rechecked: is the name of labels with recheck.answers in place"
        raise ValueError(f"{where}; give that file in recheck.answers")


def _check_noise(key: str, noise: Any) -> None:
    if not isinstance(noise, str):
        raise ValueError(f"{key} = {noise!r}: must be the name of a noise")
    if noise in WITH_WORDS or noise == "given" or noise.startswith(("human_", "twin_")):
        return
    if noise == RECHECKED and key.endswith("noises"):  # of which _check_rechecked says what to do
        return
    from labelnoise.noise import NOISES  # with scipy, which takes half of a second: for what has no words

    if noise not in NOISES:
        names = allowed([*NOISES, "given", "human_<column>", "twin_<column>"])
        raise ValueError(f"{key}: unknown noise {noise!r}; {names}")


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
    gc.disable()  # imports leave no garbage, and take a tenth less so
    parser = argparse.ArgumentParser(description="Check params.yaml and claims.yaml, or print a JSON schema.")
    parser.add_argument("--schema", choices=["params", "claims"], help="of which file")
    wanted = parser.parse_args().schema
    if wanted is None:
        return check()
    from labelnoise.methods import METHODS
    from labelnoise.sections import schema

    print(json.dumps(schema.of_params(METHODS) if wanted == "params" else schema.of_claims(), indent=1))


if __name__ == "__main__":
    main()
