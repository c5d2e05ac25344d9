"""Exact copies: by the file, by pixels, by features; and what agrees by chance is none."""

import numpy as np

from labelnoise.inspection import exact
from labelnoise.types import Dataset

RNG = np.random.default_rng(0)


def dataset(images, contents=()):
    count = len(images)
    return Dataset(images, np.full(count, -1), np.zeros(count, int), ["a", "b"], {}, {}, [], contents=contents)


def test_files_count_where_there_are_some():
    images = RNG.integers(0, 256, (4, 1, 8, 8)).astype(np.uint8)
    images[3] = images[0]  # as small pixels they agree, as files they do not
    assert exact.of_dataset(dataset(images)).tolist() == [0, 1, 2, 0]
    assert exact.of_dataset(dataset(images, ("x", "y", "x", "z"))).tolist() == [0, 1, 0, 2]


def test_rows_of_many_numbers_are_copies_rows_of_few_agree_by_chance():
    rows = RNG.normal(size=(300, 10)).astype(np.float32)
    rows[[7, 250]] = rows[3]
    numbers = exact.of_dataset(dataset(rows[:, None, None]))
    assert np.flatnonzero(numbers == numbers[3]).tolist() == [3, 7, 250] and numbers.max() == 297
    answers = RNG.integers(0, 2, (300, 8)).astype(np.float32)  # 256 different ones: most have a twin
    assert len(np.unique(answers, axis=0)) < 200
    assert exact.of_table(answers).tolist() == list(range(300))
    assert exact.of_table(rows[:, :1]).tolist() == list(range(300))  # a single column: no half tells


def test_many_copies_of_few_rows_are_copies():
    rows = np.repeat(RNG.normal(size=(20, 6)), 30, axis=0)
    np.testing.assert_array_equal(exact.of_table(rows), np.repeat(np.arange(20), 30))


def test_probabilities_alone_have_no_copies():
    assert exact.of_dataset(dataset(np.empty((5, 1, 1, 0), np.float32))).tolist() == list(range(5))


def test_of_files(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path, text in zip(paths, ("one", "two", "one")):
        path.write_text(text)
    assert exact.of_files(paths).tolist() == [0, 1, 0]
