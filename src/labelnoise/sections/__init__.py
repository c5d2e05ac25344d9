"""The sections of params.yaml as pydantic models: frozen, strictly typed, every range checked."""

from labelnoise.sections.data import CsvColumns, Data, Folder
from labelnoise.sections.datasets import Training
from labelnoise.sections.encoders import (
    ENCODERS,
    EfficientnetLite0,
    Feature,
    Given,
    Onnx,
    Patches,
    Pixels,
    StateDict,
    Timm,
    Torchvision,
    encoder_kind,
)
from labelnoise.sections.evaluation import Tolerance
from labelnoise.sections.kinds import Count, Name, Pair, Rates, Section, allowed, unique
from labelnoise.sections.studies import Claims, Estimate, Registration

__all__ = [
    "ENCODERS", "Claims", "Count", "CsvColumns", "Data", "EfficientnetLite0", "Estimate", "Feature", "Folder",
    "Given", "Name", "Onnx", "Pair", "Patches", "Pixels", "Rates", "Registration", "Section", "StateDict",
    "Timm", "Tolerance", "Torchvision", "Training", "allowed", "encoder_kind", "unique",
]  # fmt: skip
