"""Bags and full runs: who trains on which labels, who judges whom, who has which random stream."""

import numpy as np
import pytest
import tiny_study

from labelnoise.train import bags

STUDY, ROW = tiny_study.study(), tiny_study.rows()[1]
COLUMN = STUDY.labels[ROW.column].astype(int)
POOL = set(np.flatnonzero(COLUMN >= 0))
CLASSES = tiny_study.CLASSES


def test_bags_draw_with_replacement_and_judge_what_they_left_out():
    made = bags.bag_program(STUDY, ROW)
    drawn = made.arrays["index"]
    assert drawn.shape == (4, len(POOL)) and len({tuple(bag) for bag in drawn}) == 4
    for bag, labels, left_out in zip(drawn, made.arrays["labels"], made.arrays["left_out"], strict=True):
        assert set(bag) < POOL and len(set(bag)) < len(bag)
        assert set(np.flatnonzero(left_out)) == set(range(len(COLUMN))) - set(bag)  # test images too
        assert np.array_equal(labels, COLUMN[bag])
    assert made.spec["streams"] == [(1, 1), (1, 2), (1, 3), (1, 4)]
    settings = made.spec["settings"]
    assert settings["epochs"] == settings["evaluate_every"] == 3 and made.spec["watch"] == "out_of_bag"


def test_full_runs_plant_wrong_labels_each_in_other_images():
    made = bags.full_program(STUDY, ROW)
    planted, labels = made.arrays["planted"], made.arrays["labels"]
    own = np.repeat(COLUMN[sorted(POOL)][None], 3, 0)
    assert (made.arrays["index"] == sorted(POOL)).all()
    assert ((labels != own) == planted).all() and labels.min() >= 0 and labels.max() < CLASSES
    assert planted.sum(1).tolist() == [3, 3, 3] and planted.sum(0).max() == 1  # a tenth of 31 or 32
    assert made.spec["watch"] == "dynamics" and made.spec["settings"]["evaluate_every"] == 1


def test_too_many_planted_labels_are_refused():
    section = tiny_study.BOOTSTRAP
    full = section.full.model_copy(update={"planted": 0.5})
    STUDY.section.bootstrap = section.model_copy(update={"full": full})
    with pytest.raises(ValueError, match=r"bootstrap.full: 3 runs x planted 0.5 must be at most 1"):
        bags.full_program(STUDY, ROW)
    STUDY.section.bootstrap = section


def test_no_two_kinds_share_a_random_stream():
    names = [name for one in (bags.bag_program, bags.full_program) for name in one(STUDY, ROW).spec["streams"]]
    assert len(set(names)) == len(names) == 4 + 3
