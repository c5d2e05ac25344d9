"""What label errors are found with: who trains on which labels, who judges whom, who has which random stream."""

import numpy as np
import pytest
import tiny_study

from labelnoise import files
from labelnoise.train import bags, program, store
from labelnoise.train.bags import FirstRound
from labelnoise.train.program import Place

STUDY, ROW = tiny_study.study(), tiny_study.rows()[1]
COLUMN = STUDY.labels[ROW.column].astype(int)
POOL = set(np.flatnonzero(COLUMN >= 0))
CLASSES = tiny_study.CLASSES


def first():
    """Every third label is held for wrong."""
    posterior = np.full((len(COLUMN), CLASSES), 0.1)
    guess = np.where(np.arange(len(COLUMN)) % 3 == 0, (COLUMN + 1) % CLASSES, COLUMN)
    np.put_along_axis(posterior, guess[:, None], 0.8, 1)
    return FirstRound(posterior, 0.7 * np.eye(CLASSES) + 0.1)


def second(way):
    return dict(zip(bags.SECOND, bags.second_programs(STUDY, ROW, first()), strict=True))[way]


def test_bags_draw_with_replacement_and_judge_what_they_left_out():
    made = bags.bag_program(STUDY, ROW)
    drawn = made.arrays["index"]
    assert drawn.shape == (4, len(POOL)) and len({tuple(bag) for bag in drawn}) == 4
    for bag, labels, left_out in zip(drawn, made.arrays["labels"], made.arrays["left_out"], strict=True):
        assert set(bag) < POOL and len(set(bag)) < len(bag)
        assert set(np.flatnonzero(left_out)) == set(range(len(COLUMN))) - set(bag)  # test images too
        assert np.array_equal(labels, COLUMN[bag])
    assert made.spec["streams"] == [(1, 1), (1, 2), (1, 3), (1, 4)]
    assert made.spec["settings"]["epochs"] == 3 and made.spec["snapshots"] == [1, 2]


def test_every_partition_judges_every_image_of_the_pool_once():
    made = bags.partition_program(STUDY, ROW)
    out = made.arrays["left_out"].reshape(2, 3, -1)
    assert (out.sum(1) == [[at in POOL for at in range(len(COLUMN))]] * 2).all()
    for index, left_out in zip(made.arrays["index"], made.arrays["left_out"], strict=True):
        assert set(index) < POOL and not left_out[index].any() and len(set(index)) == len(index)
    assert not np.array_equal(out[0], out[1])  # two partitions, not one twice


def test_full_runs_plant_wrong_labels_each_in_other_images():
    made = bags.full_program(STUDY, ROW)
    planted, labels = made.arrays["planted"], made.arrays["labels"]
    own = np.repeat(COLUMN[sorted(POOL)][None], 3, 0)
    assert (made.arrays["index"] == sorted(POOL)).all()
    assert ((labels != own) == planted).all() and labels.min() >= 0 and labels.max() < CLASSES
    assert planted.sum(1).tolist() == [3, 3, 3] and planted.sum(0).max() == 1  # a tenth of 31 or 32
    assert made.spec["dynamics"] and not made.spec["snapshots"]


def test_too_many_planted_labels_are_refused():
    section = tiny_study.BOOTSTRAP
    full = section.full.model_copy(update={"planted": 0.5})
    STUDY.section.bootstrap = section.model_copy(update={"full": full})
    with pytest.raises(ValueError, match=r"bootstrap.full: 3 runs x planted 0.5 must be at most 1"):
        bags.full_program(STUDY, ROW)
    STUDY.section.bootstrap = section


def test_the_second_round_drops_what_is_more_likely_wrong():
    kept = {at for at in POOL if at % 3}
    made = second("drop")
    assert set(made.arrays["index"].ravel()) <= kept and made.arrays["index"].shape == (3, len(kept))
    assert (made.arrays["left_out"][:, [at for at in POOL if at % 3 == 0]]).all()


def test_the_second_round_trains_on_soft_labels_and_through_the_matrix():
    assert set(second("soft").arrays["index"].ravel()) <= POOL
    np.testing.assert_allclose(second("soft").arrays["image_targets"], first().posterior, rtol=1e-6)
    forward = second("forward")
    assert forward.spec["method"] == "forward_confident_joint"
    np.testing.assert_array_equal(forward.arrays["transition_confident_joint"], [first().transition] * 3)


def test_soft_labels_reach_the_loss(tmp_path):
    """Soft labels that are one-hot give what the same given labels give."""
    made = second("soft")
    plain = made._replace(arrays={k: v for k, v in made.arrays.items() if k != "image_targets"})
    plain.spec["arrays"] = {}
    hot = np.eye(CLASSES, dtype=np.float32)[np.maximum(COLUMN, 0)]
    found = []
    for name, one in (("plain", plain), ("hot", made), ("uniform", made)):
        soft = {"hot": hot, "uniform": np.full_like(hot, 1 / CLASSES)}
        arrays = {**one.arrays, **({"image_targets": soft[name]} if name in soft else {})}
        program.execute(one._replace(arrays=arrays), STUDY.images, None, Place(tmp_path / name, 1e9))
        found.append(files.load_arrays(store.finished(tmp_path / name, program.key(one)))["bags_prob_sum"])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-6)
    assert np.abs(found[0] - found[2]).max() > 0.1


def test_no_two_kinds_share_a_random_stream():
    made = [program_(STUDY, ROW) for program_ in (bags.bag_program, bags.partition_program, bags.full_program)]
    names = [name for one in [*made, *bags.second_programs(STUDY, ROW, first())] for name in one.spec["streams"]]
    assert len(set(names)) == len(names) == 4 + 6 + 3 + 9


def test_out_of_bag_probabilities_are_means():
    entry = {"bags_prob_sum": np.array([[[1.0, 3.0], [0, 0]]]), "bags_count": np.array([[4, 0]])}
    np.testing.assert_array_equal(bags.out_of_bag_probs(entry), [[[0.25, 0.75], [np.nan, np.nan]]])
