"""What networks see: features in place of images, each standardised, and nothing else changed."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from labelnoise.runs import inputs
from labelnoise.types import Dataset

RNG = np.random.default_rng(0)
FOLD = np.repeat([-1, 0], [30, 10])
DATASET = Dataset(np.zeros((40, 1, 2, 2), np.uint8), np.arange(40) % 2, FOLD, ["a", "b"], {}, {}, [])
FEATURES = {
    "0_patches": RNG.normal(3, 5, (40, 6)).astype(np.float32),
    "1_torchvision/resnet18": RNG.normal(size=(40, 4)).astype(np.float32),
}


@pytest.mark.parametrize(
    ("name", "encoder"), [("0_patches", "patches"), ("1_torchvision/resnet18", "torchvision/resnet18")]
)
def test_features_are_standardised_over_what_is_trained_on(name, encoder):
    seen = inputs.of(DATASET, encoder, FEATURES)
    expected = StandardScaler().fit(FEATURES[name][:30].astype(float)).transform(FEATURES[name].astype(float))
    np.testing.assert_allclose(seen.images[:, 0, 0], expected, rtol=1e-4, atol=1e-5)
    assert seen.images.dtype == np.float32 and seen._replace(images=DATASET.images) == DATASET


def test_with_folds_every_image_counts():
    folded = DATASET._replace(test_fold=np.arange(40) % 5)
    seen = inputs.of(folded, "patches", FEATURES).images[:, 0, 0]
    np.testing.assert_allclose(seen.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(seen.std(0), 1, rtol=1e-5)


def test_a_feature_that_never_changes_says_nothing():
    constant = {"0_patches": np.repeat(np.float32([[0.1, 7]]), 40, 0) + [[0, 1]] * np.eye(40, 1, dtype=np.float32)}
    seen = inputs.of(DATASET, "patches", constant).images[:, 0, 0]
    assert (seen[:, 0] == 0).all() and seen[0, 1] > 5


def test_what_cannot_be_standardised_is_told():
    wild = FEATURES["0_patches"].astype(np.float64)
    wild[:, 2] *= 1e300
    with pytest.raises(ValueError, match="inputs: patches: 1 features are too large or too small"):
        inputs.of(DATASET, "patches", {"0_patches": wild})


def test_null_is_the_images():
    assert inputs.of(DATASET, None, {}) is DATASET
