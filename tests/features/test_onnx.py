"""A network as an ONNX file, written byte by byte: pooled images, and their absolute values."""

import builtins
import hashlib

import numpy as np
import pytest

from labelnoise.features import blocks, onnx, pictures
from labelnoise.features.types import Machine
from labelnoise.sections import Onnx

ONE = Machine("cpu", 1)
COLOR = pictures.of_array(np.random.default_rng(0).integers(0, 256, (5, 3, 40, 40), np.uint8))


def field(number: int, value) -> bytes:
    """A field of a protocol buffer: a number, text, or a message."""
    if isinstance(value, int):
        return bytes([number << 3]) + varint(value)
    content = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def tensor(name: str, *shape: int | str) -> bytes:
    """A ValueInfoProto of floats."""
    sizes = b"".join(field(1, field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))


def node(operation: str, source: str, output: str) -> bytes:
    return field(1, field(1, source) + field(2, output) + field(4, operation))


def model() -> bytes:
    """Outputs `pooled` [B, 3] and `scaled` [B, 3, 32, 32]: flattened means, and absolute values."""
    nodes = node("GlobalAveragePool", "images", "means") + node("Flatten", "means", "pooled")
    graph = (
        nodes + node("Abs", "images", "scaled") + field(2, "graph") + field(11, tensor("images", "B", 3, 32, 32))
    )
    graph += field(12, tensor("pooled", "B", 3)) + field(12, tensor("scaled", "B", 3, 32, 32))
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13))


@pytest.fixture
def section(tmp_path):
    (tmp_path / "own.onnx").write_bytes(model())
    sha256 = hashlib.sha256(model()).hexdigest()
    return Onnx(encoder="onnx", file=str(tmp_path / "own.onnx"), sha256=sha256, size=32)


def features(section) -> np.ndarray:
    encoder = onnx.encoder(section, COLOR, ONE)
    return np.concatenate(list(blocks.encoded(encoder, COLOR, np.arange(5), ONE, "test")))


def changed(section, **keys):
    return section.model_copy(update=keys)


def test_the_output_that_is_named_and_means_over_positions(section):
    pytest.importorskip("onnxruntime")
    told = changed(section, mean=[0.5, 0.4, 0.3], std=[0.5, 0.25, 1.0])
    images = pictures.at(COLOR, np.arange(5), 32).numpy()
    normal = (images - np.array([0.5, 0.4, 0.3])[:, None, None]) / np.array([0.5, 0.25, 1.0])[:, None, None]
    np.testing.assert_allclose(features(told), normal.mean((2, 3)), rtol=1e-4, atol=1e-5)
    found = features(changed(told, output="scaled"))
    np.testing.assert_allclose(found, np.abs(normal).mean((2, 3)), rtol=1e-4, atol=1e-5)
    assert features(section).tobytes() == features(section).tobytes() != features(told).tobytes()


def test_what_does_not_suit_the_network_is_named(section, tmp_path):
    pytest.importorskip("onnxruntime")
    with pytest.raises(ValueError, match=r"output: 'logits' is none of its outputs; allowed: pooled, scaled"):
        onnx.encoder(changed(section, output="logits"), COLOR, ONE)
    with pytest.raises(ValueError, match=r"own\.onnx: size 64 does not suit it") as caught:
        features(changed(section, size=64))
    assert "\n" not in str(caught.value)
    (tmp_path / "own.onnx").write_bytes(b"text")
    with pytest.raises(ValueError, match=r"own\.onnx: no ONNX file"):
        onnx.encoder(changed(section, sha256=hashlib.sha256(b"text").hexdigest()), COLOR, ONE)


def test_the_file_is_checked_first(section):
    with pytest.raises(
        ValueError, match=r"^features: onnx: file: .*own\.onnx has the sha256 [0-9a-f]{64}; allowed: 0"
    ):
        onnx.encoder(changed(section, sha256="0" * 64), COLOR, ONE)


def test_without_onnxruntime_a_line_says_what_to_install(section, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **keys):
        if name == "onnxruntime":
            raise ImportError(name)
        return real(name, *rest, **keys)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        ValueError, match=r"^features: onnx: needs onnxruntime, the extra \[onnx\]; pip install onnxruntime$"
    ):
        onnx.encoder(section, COLOR, ONE)
