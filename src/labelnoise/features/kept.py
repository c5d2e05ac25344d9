"""Features that were computed before, by a hash of all that decides them."""

import hashlib
import json
from importlib import metadata
from pathlib import Path

import numpy as np

from labelnoise import files, scratch
from labelnoise.data import images
from labelnoise.features.pictures import Pictures
from labelnoise.sections import encoder_kind

VERSIONS = ("torch", "torchvision", "pillow")  # a convolution of another release may round differently
OF_ENCODERS = {"onnx": ("onnxruntime",), "timm/<name>": ("timm",)}


def key(of: Pictures, section, device: str) -> str:
    """Of pixels their values, of files their names, sizes and times; settings, with the sha256 of weights; the
    code of this package and what decodes; the kind of device."""
    told = {
        "section": {
            name: value for name, value in section.model_dump().items() if name != "file"
        },  # sha256 says more
        "device": device,
        "versions": [_version(name) for name in VERSIONS + OF_ENCODERS.get(encoder_kind(section.encoder), ())],
        "pictures": [of.mode, of.max_pixels, of.size, of.levels],
    }
    digest = hashlib.sha256(json.dumps(told).encode())
    for code in (Path(images.__file__), *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(code.read_bytes())
    if of.stored is not None:
        digest.update(f"{of.stored.shape} {of.stored.dtype}".encode())
        for at in scratch.blocks(len(of.stored)):
            digest.update(np.ascontiguousarray(of.stored[at]))
    for file in of.files:
        stat = file.stat() if file.is_file() else None
        digest.update(f"{file}\0{stat and (stat.st_size, stat.st_mtime_ns)}\n".encode())
    return digest.hexdigest()[:16]


def _version(package: str) -> str | None:
    """None where it is not installed: what was computed with it elsewhere is not taken for its work here."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def file(cache: Path, encoder: str, key: str) -> Path:
    return cache / f"features-{encoder.replace('/', '-')}-{key}.npz"


def load(path: Path) -> np.ndarray:
    """What `save` wrote, float32 [N, D]."""
    return files.load_arrays(path)["features"]


def save(path: Path, features: np.ndarray) -> None:
    files.save_arrays(path, {"features": features})
