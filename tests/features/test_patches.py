"""Patches against a computation by hand in numpy, patch by patch."""

import numpy as np
import pytest
import torch

from labelnoise.features import blocks, patches, pictures
from labelnoise.features.types import Machine

ONE = Machine("cpu", 1)


def textures(count: int, channels: int, size: int = 32, seed: int = 0) -> np.ndarray:
    """uint8 [count, channels, size, size]: smooth noise of various contrast, and a flat corner."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(count, channels, size, size)).cumsum(2).cumsum(3)
    noise /= np.abs(noise).max((1, 2, 3), keepdims=True)
    images = (128 + 127 * noise * rng.uniform(0.2, 1, (count, 1, 1, 1))).astype(np.uint8)
    images[:, :, :8, :8] = 77
    images[0, 0, -1, -1] = 255  # so that 0..1 is 0..255
    return images


def cut(image: np.ndarray, row: int, column: int) -> np.ndarray:
    """A patch [channels * 36], less its mean, by its deviation."""
    patch = image[:, row : row + 6, column : column + 6].astype(float).ravel()
    patch = patch - patch.mean()
    return patch / np.sqrt(patch.var(ddof=1) + 10)


def drawn(count: int, most: int, seed: int) -> np.ndarray:
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def by_hand(images: np.ndarray) -> np.ndarray:
    """Features [N, 768] of images that are all in the sample."""
    every_third = [cut(image, r, c) for image in images for r in range(0, 27, 3) for c in range(0, 27, 3)]
    learned = np.array(every_third)[drawn(len(every_third), 60_000, 2)]
    mean = learned.mean(0)
    values, vectors = np.linalg.eigh(np.cov(learned.T, bias=True))
    whitening = vectors @ np.diag(1 / np.sqrt(values + 0.1)) @ vectors.T
    filters = (learned[drawn(len(learned), 512, 3)] - mean) @ whitening
    filters /= np.linalg.norm(filters, axis=1, keepdims=True)
    raw = np.array([fields(image, filters @ whitening, mean) for image in images])
    deviation = raw.std(0)
    deviation = np.where(deviation > 0.01 * np.median(deviation), deviation, 0.01 * np.median(deviation))
    gauss = torch.randn(raw.shape[1], 768, generator=torch.Generator().manual_seed(4)).numpy()
    return (raw - raw.mean(0)) / deviation @ gauss / np.sqrt(768)


def fields(image: np.ndarray, weight: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """[2 * K * 9]: sides, filters, fields."""
    sums = np.zeros((2, len(weight), 3, 3))
    for row in range(27):
        for column in range(27):
            active = weight @ (cut(image, row, column) - mean)
            sums[0, :, row // 9, column // 9] += np.maximum(active - 0.25, 0)
            sums[1, :, row // 9, column // 9] += np.maximum(-active - 0.25, 0)
    return (sums / 81).ravel()


def encoded(images: np.ndarray, workers: int = 1, rows: np.ndarray | None = None) -> np.ndarray:
    of = pictures.of_array(images)
    encoder = patches.encoder(None, of, ONE)
    rows = np.arange(len(images)) if rows is None else rows
    return np.concatenate(list(blocks.encoded(encoder, of, rows, Machine("cpu", workers), "test")))


@pytest.mark.parametrize("channels", [1, 3])
def test_equal_a_computation_patch_by_patch(channels):
    images = textures(7, channels)
    found, expected = encoded(images), by_hand(images)
    assert found.shape == (7, 768) and found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * expected.std())


def test_same_bytes_again_and_whatever_the_number_of_threads():
    images = textures(40, 3)
    first = encoded(images)
    assert first.tobytes() == encoded(images).tobytes() == encoded(images, workers=3).tobytes()


def test_size_of_blocks_and_what_else_is_encoded_do_not_matter(monkeypatch):
    images = textures(40, 3)
    whole = encoded(images)
    np.testing.assert_allclose(encoded(images, rows=np.array([31, 4])), whole[[31, 4]], rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(patches, "BLOCK", 7)
    np.testing.assert_allclose(encoded(images), whole, rtol=1e-4, atol=1e-4)


def test_means_and_deviations_are_those_of_the_sample(monkeypatch):
    """Standardised over the sample, not over all; other images change nothing but their own rows."""
    monkeypatch.setattr(patches, "SAMPLE", 20)
    images = textures(40, 3)
    sampled = drawn(40, 20, patches.SAMPLE_SEED)
    found = encoded(images)
    np.testing.assert_allclose(found[sampled].mean(0), 0, atol=1e-3)
    other = images.copy()
    left_out = np.setdiff1d(np.arange(40), sampled)
    other[left_out] = textures(20, 3, seed=1)
    changed = encoded(other)
    np.testing.assert_array_equal(changed[sampled], found[sampled])
    assert np.abs(changed[left_out] - found[left_out]).max() > 0.1


def test_larger_images_are_scaled_to_32_pixels():
    images = textures(8, 3)
    enlarged = images.repeat(2, 2).repeat(2, 3)
    small, large = encoded(images), encoded(enlarged)
    correlation = np.corrcoef(small.ravel(), large.ravel())[0, 1]
    assert small.shape == large.shape and 0.5 < correlation < 0.9999


def test_filters_that_are_hardly_ever_active_do_not_explode():
    """A column that is constant in the sample, and one that nearly is."""
    rows = np.random.default_rng(0).normal(2, 1, (50, 9)).astype(np.float32)
    rows[:, 3], rows[:, 5] = 4, 4 + 1e-5 * rows[:, 5]
    mean, scale = patches._moments([rows[:20], rows[20:]])
    deviation = rows.astype(float).std(0)
    np.testing.assert_allclose(mean, rows.mean(0), rtol=1e-6)
    usual = [0, 1, 2, 4, 6, 7, 8]
    np.testing.assert_allclose(scale[usual], deviation[usual], rtol=1e-5)
    np.testing.assert_allclose(scale[[3, 5]], 0.01 * np.median(deviation), rtol=0.01)


def test_blank_images_are_no_number_less():
    images = textures(12, 1)
    images[3:] = 9
    assert np.isfinite(encoded(images)).all()
