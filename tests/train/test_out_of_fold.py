"""Every training example is predicted by the one run that left it out."""

import numpy as np
import pytest
import tiny_study

from labelnoise import files
from labelnoise.train import out_of_fold, program, runs, store
from labelnoise.train.program import Place

FOLDS = 4


def made(row=0):
    return runs.fold_program(tiny_study.study(), tiny_study.rows()[row], FOLDS, 2)


def test_folds_split_the_training_part():
    study, row = tiny_study.study(), tiny_study.rows()[0]
    arrays = made().arrays
    train_index, val_index = runs.split(study, row)
    np.testing.assert_array_equal(arrays["train_index"], train_index)
    largest = -(-len(train_index) // FOLDS)
    for fold in range(FOLDS):
        held_out = train_index[arrays["fold"] == fold]
        trained = arrays["index"][fold]
        assert not set(trained) & set(held_out) and set(trained) <= set(train_index)
        assert len(set(trained)) == len(trained) == len(train_index) - largest
        real = arrays["val_labels"][fold] >= 0
        np.testing.assert_array_equal(arrays["val_index"][fold][real], held_out)
        np.testing.assert_array_equal(arrays["val_labels"][fold][real], study.labels[row.column][held_out])
        np.testing.assert_array_equal(arrays["labels"][fold], study.labels[row.column][trained])
    assert not set(arrays["index"].ravel()) & set(val_index)


def test_assembled_from_the_run_that_left_the_example_out(tmp_path):
    programs = [made(0), made(1)]
    results = []
    for one in programs:
        program.execute(one, tiny_study.study().images, None, Place(tmp_path, 1e9))
        results.append(files.load_arrays(store.finished(tmp_path, program.key(one))))
    found = out_of_fold.assemble(programs, results)
    for at, one in enumerate(programs):
        for example, image in enumerate(one.arrays["train_index"]):
            fold = one.arrays["fold"][example]
            assert image not in one.arrays["index"][fold]
            np.testing.assert_array_equal(found[at, example], results[at]["probs_best_noisy_val"][fold, image])
    assert len({stream for one in programs for _, stream in one.spec["streams"]}) == FOLDS


def test_folds_that_leave_nothing_are_refused():
    with pytest.raises(ValueError, match=r"estimate\.folds = 1: leaves nothing to train on"):
        runs.fold_program(tiny_study.study(), tiny_study.rows()[0], 1, 2)
