"""Encoders of a stored model give new pictures the features that they would have had among the first ones."""

import hashlib

import numpy as np
import pytest
from made_classifier import ONE

from labelnoise import features
from labelnoise.classifier import encoders
from labelnoise.classifier.model import Encoding
from labelnoise.features import efficientnet_lite0, pictures
from labelnoise.sections import EfficientnetLite0, Onnx, Patches, Pixels

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 3, 32, 32), np.uint8)
PATCHES, PIXELS, LITE0 = (
    Patches(encoder="patches"),
    Pixels(encoder="pixels"),
    EfficientnetLite0(encoder="efficientnet_lite0"),
)


@pytest.mark.parametrize("section", [PATCHES, PIXELS, LITE0])
def test_features_of_some_images_alone(section):
    of, few = pictures.of_array(IMAGES), IMAGES[5:8]
    stored = encoders.stored(section, of, ONE)
    whole = features.encoded(features.ENCODERS[section.encoder](section, of, ONE), of, ONE, "all")
    alone = pictures.of_array(few)._replace(white=of.white)
    found = features.encoded(encoders.restored("0_x", stored, alone, ONE), alone, ONE, "some")
    np.testing.assert_allclose(found, whole[5:8], rtol=1e-4, atol=1e-4)


def test_what_is_stored():
    of = pictures.of_array(IMAGES)
    found = encoders.stored(PATCHES, of, ONE)
    assert {name: array.shape for name, array in found.fitted.items()} == {
        "weight": (512, 3, 6, 6), "offset": (512, 1, 1), "mean": (9216,), "scale": (9216,)
    }  # fmt: skip
    assert encoders.stored(LITE0, of, ONE) == (LITE0, efficientnet_lite0.SHA256, {})
    assert encoders.stored(PIXELS, of, ONE) == (PIXELS, "", {})


def test_other_weights_are_refused():
    with pytest.raises(
        ValueError, match="0_x: the model was trained with weights of the sha256 abc; allowed: these"
    ):
        encoders.restored("0_x", Encoding(LITE0, "abc", {}), pictures.of_array(IMAGES), ONE)


def onnx(file, content=b"weights"):
    section = Onnx(encoder="onnx", file=str(file), sha256=hashlib.sha256(content).hexdigest(), size=64)
    return {"0_onnx": Encoding(section, section.sha256, {}), "1_pixels": Encoding(PIXELS, "", {})}


def test_weights_of_ones_own_may_have_moved(tmp_path):
    (tmp_path / "here.onnx").write_bytes(b"weights")
    gone = onnx(tmp_path / "gone.onnx")
    with pytest.raises(ValueError, match=r"0_onnx: .*gone\.onnx: no such file; allowed: --encoder-file PATH"):
        encoders.with_file(gone, None)
    found = encoders.with_file(gone, tmp_path / "here.onnx")
    assert found["0_onnx"].section.file == str(tmp_path / "here.onnx") and found["1_pixels"] == gone["1_pixels"]
    assert encoders.with_file(onnx(tmp_path / "here.onnx"), None) == onnx(tmp_path / "here.onnx")


def test_a_file_for_an_encoder_that_has_none(tmp_path):
    with pytest.raises(ValueError, match="--encoder-file: the model has 0 encoders in files; allowed: with 1"):
        encoders.with_file({"0_pixels": Encoding(PIXELS, "", {})}, tmp_path / "x")
