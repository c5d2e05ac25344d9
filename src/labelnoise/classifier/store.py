"""The classifier as one npz file without pickles: arrays by name, and settings as JSON.

Shape letters: D features, m landmarks, P penalties, C classes, M predictors.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from labelnoise import files
from labelnoise.classifier import encoders
from labelnoise.classifier.model import READINGS, Encoding, Model, Part, Reading
from labelnoise.data.images import CHANNELS
from labelnoise.detect.scaling import Scale
from labelnoise.sections import Feature

# Counts up with every change of the layout, and of what reads scores: OFFSET of detect/ridge.py, SHARPNESS and
# CLIP of predictors.py, SMALLEST of pool.py.
VERSION = 1
SECTION = TypeAdapter(Feature)
OF_PART = ("mean", "deviation", "marks", "weights")


def save(path: Path, model: Model) -> None:
    """The same model gives the same bytes."""
    arrays = {"version": np.array([VERSION]), "settings": np.array([json.dumps(_settings(model), sort_keys=True)])}
    arrays |= {"beta": model.beta, "bias": model.bias}
    for at, part in enumerate(model.parts):
        of = (part.scale.mean, part.scale.deviation, part.marks, part.weights)
        arrays |= {f"part{at}.{name}": array.astype(np.float32) for name, array in zip(OF_PART, of, strict=True)}
    for at, encoding in enumerate(model.encodings.values()):
        arrays |= {f"encoder{at}.{name}": array for name, array in encoding.fitted.items()}
    files.save_arrays(path, arrays)


def _settings(model: Model) -> dict[str, Any]:
    """All that is no array."""
    parts = [
        {"features": part.features, "to_length": part.scale.to_length, "width": float(part.width)}
        for part in model.parts
    ]
    encoders = [
        {"features": name, "section": of.section.model_dump(), "sha256": of.sha256}
        for name, of in model.encodings.items()
    ]
    own = {"floor": model.floor, "class_names": model.class_names, "about": model.about}
    return own | {"reading": model.reading._asdict(), "parts": parts, "encoders": encoders}


def load(path: Path) -> Model:
    """What `save` wrote; ValueError in one line where it is something else, damaged or of another version."""
    try:
        arrays = files.load_arrays(path)
    except ValueError:
        raise ValueError(f"{path}: is no npz file, or damaged; {ALLOWED}") from None
    version = arrays.get("version")
    if version is None or version.shape != (1,) or version.dtype.kind != "i":
        raise ValueError(f"{path}: is no model; {ALLOWED}")
    if version.item() != VERSION:
        raise ValueError(f"{path}: is of version {version.item()}; allowed: {VERSION}, that of this labelnoise")
    try:
        model = _model(arrays)
        _check(model)
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise ValueError(f"{path}: damaged ({_short(error)}); {ALLOWED}") from None
    return model


ALLOWED = "allowed: a model.npz that the stage `list` wrote"


def _short(error: Exception) -> str:
    said = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
    if isinstance(error, ValidationError):
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
    return " ".join(said.split())[:200]


def _model(arrays: dict[str, np.ndarray]) -> Model:
    told = json.loads(arrays["settings"].item())
    parts = [_part(arrays, f"part{at}.", of) for at, of in enumerate(told["parts"])]
    encodings = {of["features"]: _encoding(arrays, f"encoder{at}.", of) for at, of in enumerate(told["encoders"])}
    names = [str(name) for name in told["class_names"]]
    own = (arrays["beta"], arrays["bias"], float(told["floor"]), names)
    return Model(parts, *own, encodings, Reading(**told["reading"]), told["about"])


def _part(arrays: dict[str, np.ndarray], prefix: str, told: dict) -> Part:
    mean, deviation, marks, weights = (arrays[prefix + name] for name in OF_PART)
    width = float(told["width"])  # of Python, so that it does not widen float32
    return Part(told["features"], Scale(mean, deviation, bool(told["to_length"])), marks, width, weights)


def _encoding(arrays: dict[str, np.ndarray], prefix: str, told: dict) -> Encoding:
    fitted = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    return Encoding(SECTION.validate_python(told["section"]), str(told["sha256"]), fitted)


def _check(model: Model) -> None:
    """ValueError where shapes contradict one another, or a number is none."""
    classes = len(model.class_names)
    wanted = {"beta": (model.beta, (len(READINGS) * sum(len(part.weights) for part in model.parts),))}
    wanted |= {"bias": (model.bias, (classes,))}
    for part in model.parts:
        penalties, (marks, columns) = len(part.weights), part.marks.shape
        wanted |= {f"mean of {part.features}": (part.scale.mean, (columns,))}
        wanted |= {f"deviation of {part.features}": (part.scale.deviation, (columns,))}
        wanted |= {f"landmarks of {part.features}": (part.marks, (marks, columns))}
        wanted |= {f"weights of {part.features}": (part.weights, (penalties, marks, classes))}
        if part.features not in model.encodings:
            raise ValueError(f"no encoder of {part.features}")
        wanted |= encoders.wanted(part.features, model.encodings[part.features])
    for name, (array, shape) in wanted.items():
        if array.shape != shape or array.dtype.kind != "f" or not np.isfinite(array).all():
            raise ValueError(f"{name}: {array.dtype} of shape {array.shape}, not finite numbers of shape {shape}")
    if model.reading.size and model.reading.mode not in CHANNELS:
        raise ValueError(f"mode = {model.reading.mode!r}")
