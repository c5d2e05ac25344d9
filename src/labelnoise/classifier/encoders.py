"""Encoders of a trained model: what has to be stored of them, and how they are made again."""

from pathlib import Path

import numpy as np
import torch

from labelnoise import features
from labelnoise.classifier.model import Encoding
from labelnoise.features import efficientnet_lite0, patches
from labelnoise.features.pictures import Pictures
from labelnoise.features.types import Encoder, Machine
from labelnoise.sections import Section, encoder_kind

PATCHES = "patches"  # the only encoder that is fitted to the images
OF_PATCHES = ("weight", "offset", "mean", "scale")


def stored(section: Section, of: Pictures, machine: Machine) -> Encoding:
    """What makes the encoder `section` again for other images. of: those that it was made for."""
    fitted = {}
    if section.encoder == PATCHES:
        found = patches.fit(of, machine)
        arrays = (*found.filters, found.mean, found.scale)
        fitted = {name: array.cpu().numpy() for name, array in zip(OF_PATCHES, arrays, strict=True)}
    return Encoding(section, _sha256(section), fitted)


def _sha256(section: Section) -> str:
    if section.encoder == "efficientnet_lite0":
        return efficientnet_lite0.SHA256
    return getattr(section, "sha256", "")


def restored(name: str, encoding: Encoding, of: Pictures, machine: Machine) -> Encoder:
    """The encoder of the feature set `name` for the pictures `of`. ValueError where its weights are others now."""
    if encoding.sha256 != _sha256(encoding.section):
        raise ValueError(
            f"{name}: the model was trained with weights of the sha256 {encoding.sha256}; allowed: these, not "
            f"{_sha256(encoding.section)}"
        )
    if encoding.section.encoder == PATCHES:
        return patches.encoder_of(_patches(encoding.fitted), machine)
    return features.ENCODERS[encoder_kind(encoding.section.encoder)](encoding.section, of, machine)


def _patches(fitted: dict[str, np.ndarray]) -> patches.Fitted:
    weight, offset, mean, scale = (torch.from_numpy(fitted[name]) for name in OF_PATCHES)
    return patches.Fitted(patches.Filters(weight, offset), mean, scale)


def wanted(name: str, encoding: Encoding) -> dict[str, tuple[np.ndarray, tuple[int, ...]]]:
    """What was fitted, each with the shape that it should have."""
    if encoding.section.encoder != PATCHES:
        return {}
    filters, channels = encoding.fitted["weight"].shape[:2]
    columns = (2 * filters * patches.FIELDS**2,)
    shapes = ((filters, channels, patches.PATCH, patches.PATCH), (filters, 1, 1), columns, columns)
    named = zip(OF_PATCHES, shapes, strict=True)
    return {f"{of} of the filters of {name}": (encoding.fitted[of], shape) for of, shape in named}


def with_file(encodings: dict[str, Encoding], file: Path | None) -> dict[str, Encoding]:
    """`encodings` with `file` in place of the user's file of weights, which has to hold the same (its sha256 is
    checked when it is read). ValueError where one is not there, or `file` cannot be told to belong to one."""
    own = [name for name, of in encodings.items() if hasattr(of.section, "file")]
    if file is not None and len(own) != 1:
        raise ValueError(f"--encoder-file: the model has {len(own)} encoders in files; allowed: with 1")
    for name in own:
        section = encodings[name].section
        if file is not None:
            section = section.model_copy(update={"file": str(file)})
        elif not Path(section.file).expanduser().is_file():
            allowed = f"--encoder-file PATH of the weights with the sha256 {section.sha256}"
            raise ValueError(f"{name}: {section.file}: no such file; allowed: {allowed}")
        encodings = encodings | {name: encodings[name]._replace(section=section)}
    return encodings
