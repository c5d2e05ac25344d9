"""Every model of the table through the same door: convention, bounds, streams, errors."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.datasets import load_digits

from labelnoise import noise
from labelnoise.noise.types import Inputs

IMAGES, LABELS = load_digits(return_X_y=True)
MAP = {7: 1, 2: 7, 5: 6, 6: 5, 3: 8}
SECTION = SimpleNamespace(
    class_dependent=SimpleNamespace(sparsity=0.4),
    instance_dependent=SimpleNamespace(std=0.1, temperature=1.0),
)
WORSE = np.where(np.arange(len(LABELS)) % 4 == 0, (LABELS + 1) % 10, LABELS)
INPUTS = Inputs(LABELS, IMAGES.reshape(-1, 1, 8, 8).astype(np.uint8), 10, MAP, {"worse": WORSE}, SECTION)

NAMES = [*noise.NOISES, "human_worse", "twin_worse"]
RANDOM = [name for name in NAMES if name not in ("none", "human_worse")]


def rate_of(name):
    return {"none": 0.0, "random": 1.0}.get(name, 0.4)


@pytest.mark.parametrize("name", NAMES)
def test_drawn_is_well_formed(name):
    noise.allowed("digits", name, rate_of(name), INPUTS)
    drawn = noise.draw(name, rate_of(name), 0, INPUTS)
    assert drawn.labels.shape == LABELS.shape and drawn.labels.dtype == np.int64
    assert drawn.labels.min() >= 0 and drawn.labels.max() < 10
    np.testing.assert_allclose(drawn.transition.sum(1), 1.0, atol=1e-12)
    assert drawn.convention in noise.CONVENTIONS
    assert drawn.definition.endswith(".") and "{" not in drawn.definition


@pytest.mark.parametrize("name", NAMES)
def test_realised_rate_within_bounds_of_the_designed_matrix(name):
    drawn = noise.draw(name, rate_of(name), 1, INPUTS)
    shares = np.bincount(LABELS, minlength=10) / len(LABELS)
    expected = shares @ (1 - np.diag(drawn.transition))
    margin = 3.5 * np.sqrt(expected * (1 - expected) / len(LABELS)) + 1e-12
    assert abs((drawn.labels != LABELS).mean() - expected) <= margin


@pytest.mark.parametrize(
    ("name", "realised"),
    [
        ("symmetric", 0.4),
        ("symmetric_all", 0.36),
        ("pair_flip", 0.4),
        ("fixed_permutation", 0.4),
        ("asymmetric", 0.4 * np.isin(LABELS, list(MAP)).mean()),
        ("class_dependent", 0.4),
        ("instance_dependent", 0.4),
        ("instance_dependent_as_published", 0.4),
        ("random", 0.9),
        ("none", 0.0),
    ],
)
def test_nominal_rate_means_what_the_convention_says(name, realised):
    """Four seeds together; class_dependent gets room for classes that are not equally frequent."""
    rates = [(noise.draw(name, rate_of(name), s, INPUTS).labels != LABELS).mean() for s in range(4)]
    margin = 3.5 * np.sqrt(realised * (1 - realised) / (4 * len(LABELS)))
    assert abs(np.mean(rates) - realised) <= margin


def test_asymmetric_orientation():
    """Row: clean class, column: noisy class. 7 becomes 1, and 1 stays 1."""
    drawn = noise.draw("asymmetric", 0.4, 0, INPUTS)
    assert drawn.transition[7, 1] == 0.4 and drawn.transition[1, 7] == 0
    assert ((drawn.labels == 1) & (LABELS == 7)).any()
    assert not ((drawn.labels == 7) & (LABELS == 1)).any()


@pytest.mark.parametrize("name", RANDOM)
def test_same_seed_same_labels_other_seed_other_labels(name):
    rate = rate_of(name)
    first = noise.draw(name, rate, 3, INPUTS).labels
    np.testing.assert_array_equal(first, noise.draw(name, rate, 3, INPUTS).labels)
    assert (first != noise.draw(name, rate, 4, INPUTS).labels).mean() > 0.05


def test_streams_differ_by_noise_rate_and_seed():
    cells = [("symmetric", 0.2, 0), ("symmetric", 0.4, 0), ("symmetric", 0.2, 1), ("pair_flip", 0.2, 0)]
    first_draws = {noise.stream(*cell).integers(2**62) for cell in cells}
    assert len(first_draws) == len(cells)


def test_stream_is_stable():
    """A change of these numbers changes every result of the study."""
    assert noise.stream("symmetric", 0.4, 0).integers(1000, size=3).tolist() == [669, 260, 371]


def test_human_labels_are_given_and_not_drawn():
    drawn = noise.draw("human_worse", 0.25, 0, INPUTS)
    np.testing.assert_array_equal(drawn.labels, WORSE)
    np.testing.assert_array_equal(drawn.labels, noise.draw("human_worse", 0.4, 7, INPUTS).labels)
    counts = np.zeros((10, 10))
    for clean, given in zip(LABELS, WORSE):
        counts[clean, given] += 1
    np.testing.assert_allclose(drawn.transition, counts / counts.sum(1, keepdims=True))


@pytest.mark.parametrize(
    ("name", "rate", "message"),
    [
        ("symetric", 0.2, "unknown noise; allowed: none, symmetric"),
        ("human_best", 0.2, "human_worse"),
        ("symmetric", 1.2, "rate 1.2 is not allowed; allowed: 0 to 1"),
        ("pair_flip", -0.1, "allowed: 0 to 1"),
        ("none", 0.1, "allowed: 0 to 0"),
        ("random", 0.9, "allowed: 1 to 1"),
    ],
)
def test_errors_name_the_key_and_the_range(name, rate, message):
    with pytest.raises(ValueError, match=rf"^datasets\.digits\.noises\.{name}: .*{message}"):
        noise.allowed("digits", name, rate, INPUTS)


def test_asymmetric_needs_a_map():
    with pytest.raises(ValueError, match=r"datasets\.folder\.noises\.asymmetric: data set folder has no map"):
        noise.allowed("folder", "asymmetric", 0.4, INPUTS._replace(asymmetric_map={}))


def test_drawn_noise_needs_clean_labels_and_given_noise_does_not():
    unknown = INPUTS._replace(clean_labels=np.full(len(LABELS), -1))
    with pytest.raises(ValueError, match=r"noises\.symmetric: needs every clean label; allowed: human_worse"):
        noise.allowed("folder", "symmetric", 0.4, unknown)
    noise.allowed("folder", "human_worse", 0.0, unknown)
    assert np.isnan(noise.draw("human_worse", 0.0, 0, unknown).transition).all()


def test_a_fixed_permutation_is_that_of_reed_et_al():
    """Each class becomes one other: perm of mnist-jacob-reed.py in udibr/noisy_labels."""
    drawn = noise.draw("fixed_permutation", 1.0, 0, INPUTS)
    assert {(int(a), int(b)) for a, b in zip(LABELS, drawn.labels)} == {
        (0, 7), (1, 9), (2, 0), (3, 4), (4, 2), (5, 1), (6, 3), (7, 5), (8, 6), (9, 8)
    }  # fmt: skip
    half = noise.draw("fixed_permutation", 0.5, 0, INPUTS).transition
    np.testing.assert_array_equal(half[3], [0, 0, 0, 0.5, 0.5, 0, 0, 0, 0, 0])
    with pytest.raises(ValueError, match=r"noises\.fixed_permutation: data set mine has 6 classes; allowed: 10"):
        noise.allowed("mine", "fixed_permutation", 0.5, INPUTS._replace(num_classes=6))
