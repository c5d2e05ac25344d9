"""What bags say of the images that they left out, against loops over bags and images."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
import tiny_setting

from labelnoise.runs.run import BAG, Examples, Run
from labelnoise.studies.alternatives import tables

BAGS, IMAGES, CLASSES = 8, 12, 3
CELL = Run("study", "mlp", "symmetric", 0.4, 0, "cross_entropy", "cross_entropy")


def bags(diverged=(), everywhere=()):
    """index [n], with repeats, and probs_last [N, C] of every bag; images that are in all of them."""
    rng, left = np.random.default_rng(1), []
    for bag in range(BAGS):
        index = np.sort([*rng.integers(IMAGES, size=7), *everywhere])
        probs = scipy.special.softmax(3 * rng.normal(size=(IMAGES, CLASSES)), 1).astype(np.float32)
        probs[0] = np.eye(CLASSES)[bag % CLASSES]  # sure: 0 log 0 is 0
        left.append({"index": index, "probs_last": np.full_like(probs, np.nan) if bag in diverged else probs})
    return left


def found(left, folder):
    runs = [CELL._replace(examples=Examples(BAG, k, BAGS)) for k in range(BAGS)]
    done = tiny_setting.left(folder, dict(zip(runs, left, strict=True)))
    return tables.out_of_bag(done, IMAGES, CLASSES)


@pytest.mark.parametrize("diverged", [(), (2,)])
def test_against_brute_force(diverged, tmp_path):
    left, times = bags(diverged), set()
    out = found(left, tmp_path)
    for image in range(IMAGES):
        judges = [b for b in range(BAGS) if image not in left[b]["index"] and b not in diverged]
        members = [left[b]["probs_last"][image].astype(float) for b in judges]
        mean = np.mean(members, 0)
        entropy, own = scipy.stats.entropy(mean), np.mean([scipy.stats.entropy(one) for one in members])
        np.testing.assert_allclose(out.probs[image], mean, rtol=1e-6)
        assert out.entropy[image] == pytest.approx(entropy, abs=1e-6)
        assert out.mutual_information[image] == pytest.approx(entropy - own, abs=1e-6)
        times.add(len(members))
    assert min(times) > 0 and len(times) > 1  # images are left out by different numbers of bags


def test_of_an_image_in_every_bag_nothing_is_said(tmp_path):
    out = found(bags(everywhere=[4]), tmp_path)
    for values in (out.probs.sum(1), out.entropy, out.mutual_information):
        assert np.flatnonzero(np.isnan(values)).tolist() == [4]


def test_of_bags_that_all_diverged_nothing_is_said(tmp_path):
    assert np.isnan(found(bags(diverged=range(BAGS)), tmp_path).probs).all()


def test_an_image_that_one_bag_left_out_has_that_bags_probabilities(tmp_path):
    left = [bag | {"index": np.arange(IMAGES)} for bag in bags()]
    left[3]["index"] = np.delete(np.arange(IMAGES), 7)
    out = found(left, tmp_path)
    np.testing.assert_allclose(out.probs[7], left[3]["probs_last"][7], rtol=1e-6)
    assert out.mutual_information[7] == 0 and np.isnan(out.entropy).sum() == IMAGES - 1
