"""What has to fit together across sections: ValueError that names the key and what is allowed."""

import dataclasses
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field, ValidationError, create_model

from labelnoise import planned
from labelnoise.sections.datasets import DatasetSection, Training
from labelnoise.sections.encoders import ENCODERS, encoder_kind
from labelnoise.sections.kinds import Section, allowed
from labelnoise.sections.messages import message
from labelnoise.sections.networks import NETWORKS

Rows = dict[str, dict[str, Any]]  # of `networks`


def of_rows(told: dict[str, list[str]], section: str, parents: dict[str, str]) -> list[str]:
    """The faults of all rows of a section, but those that a row has from its parent, where they are told."""
    lines = []
    for name, own in sorted(told.items(), key=lambda row: parents[row[0]] != row[0]):
        parent = parents[name]
        inherited = told.get(parent, []) if parent != name else []
        known = {line.replace(f"{section}.{parent}", f"{section}.{name}", 1) for line in inherited}
        lines += [line for line in own if line not in known]
    return lines


def check_names(where: str, names: list[str], known: Iterable[str], what: str) -> None:
    if isinstance(names, str):
        raise ValueError(f"{where} = {names!r}: must be a list")
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"{where}: {', '.join(f'{name!r} {what}' for name in unknown)}; {allowed(known)}")


def check_network(name: str, section: dict[str, Any]) -> None:
    """ValueError when the row `name` of `networks`, whose `section` is whole, is off."""
    kind = section.pop("network", name)
    if kind not in NETWORKS:
        raise ValueError(f"networks.{name}: unknown network {kind!r}; {allowed(NETWORKS)}")
    if name in NETWORKS and kind != name:
        where = f"networks.{name}.network = {kind!r}: {name} is a network itself"
        raise ValueError(f"{where}; give the row another name")
    check_values(NETWORKS[kind], section, f"networks.{name}")


def check_training(params: Any, method: str) -> None:
    """ValueError when what the row `method` of `methods` changes does not fit a studied data set's training."""
    changed = params.methods[method].get("training", {})
    for name in params.study.datasets if changed else []:
        training = params.datasets[name].training.model_dump() | changed
        check_values(Training, training, f"methods.{method}.training, of datasets.{name}")
        if seen := _in_place_of_images(name, params.datasets[name]):
            check_no_augmentation(f"methods.{method}.training", changed, f"{seen} (datasets.{name})")


def check_recheck_cell(params: Any, dataset: str) -> None:
    """ValueError when the data set has neither labels from people nor the cell `recheck.cell`."""
    section, cell = params.datasets[dataset], params.recheck.cell
    cells = planned.cells(section.noises) + planned.cells(section.detection_noises)
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


def check_own_data(name: str, dataset: DatasetSection, networks: Rows) -> None:
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
    check_no_augmentation(f"{where}.training", dataset.training.model_dump(), what)
    if dataset.data.standardise != "all":
        raise ValueError(f"{where}.data.standardise: {what} are no images; allowed: all")


def check_no_augmentation(where: str, training: dict[str, Any], what: str) -> None:
    """ValueError where `training` changes `what` as if it were images."""
    for key, none in (("shift", "0"), ("crop", "0"), ("flip", "false"), ("cutout", "0")):
        if training.get(key):
            raise ValueError(f"{where}.{key}: {what} are no images; allowed: {none}")


def _in_place_of_images(name: str, dataset: DatasetSection) -> str | None:
    """What networks see, where it is no images."""
    if dataset.inputs is not None:
        return f"features of {dataset.inputs}"
    arrays = dataset.data.arrays if (dataset.data.source or name) == "arrays" else None
    return None if arrays is None or arrays.holds == "images" else arrays.holds


def check_inputs(name: str, dataset: DatasetSection, networks: Rows) -> None:
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


def method_section(method: type) -> type[Section]:
    """The pydantic model of a method's section: its dataclass fields, ranges from their metadata."""
    fields = {
        field.name: (Annotated[field.type, Field(**field.metadata)], ...) for field in dataclasses.fields(method)
    }
    return create_model(method.__name__, __base__=Section, **fields)


def check_section(method: type, values: dict[str, Any], where: str) -> None:
    """ValueError, which begins with `where`, when hyper-parameters are off."""
    check_values(method_section(method), values, where)


def check_values(model: type[Section], values: dict[str, Any], where: str) -> None:
    """ValueError with a line for each fault."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        raise ValueError(message(error, where)) from None
