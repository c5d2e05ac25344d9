"""What the stage makes of a folder, of arrays, and of probabilities alone."""

import csv
import io
from types import SimpleNamespace

import made_classifier as tiny
import numpy as np
import pytest

from labelnoise import results
from labelnoise.classifier import study
from labelnoise.types import Dataset

UNLABELLED = range(0, 300, 5)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """300 digits of which 60 have no label; what is made of them; the truth."""
    folder = tmp_path_factory.mktemp("digits")
    truth = tiny.write(folder / "images")
    given = tiny.inputs(folder / "images", folder / "cache", truth, UNLABELLED)
    return given, tiny.made(given), truth


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_predictions_of_all_images(digits):
    given, made, truth = digits
    found = rows(made.predictions)
    assert [row["file"] for row in found] == given.dataset.files and [int(row["index"]) for row in found] == [
        *range(300)
    ]
    assert [at for at, row in enumerate(found) if row["given"] == ""] == [*UNLABELLED]
    right = np.array([row["predicted"] == str(true) for row, true in zip(found, truth)])
    wrong = np.array([row["given"] not in ("", str(true)) for row, true in zip(found, truth)])
    assert right[list(UNLABELLED)].mean() > 0.85 and wrong.mean() > 0.1
    assert right[wrong].mean() > 0.6  # of wrong labels: nothing that learned them would get there
    assert all(0.1 <= float(row["confidence"]) <= 1 for row in found)


def test_table_and_what_the_model_tells_of_itself(digits):
    _, made, _ = digits
    table = results.check("classifier", made.table).set_index("part")
    assert table["examples"].to_dict() == {"labelled": 240, "test": 60}
    right = [row["predicted"] for row in rows(made.predictions)]
    truth = digits[2].astype(str)
    assert table["accuracy"]["test"] == np.mean([right[at] == truth[at] for at in UNLABELLED])
    about = made.model.about
    assert (about["dataset"], about["labelled"], about["gate"]) == ("made", 240, "all")
    assert {one["part"]: one["accuracy"] for one in about["checks"]} == table["accuracy"].to_dict()


def test_new_files_are_read_as_the_folder_was(digits):
    reading = digits[1].model.reading
    assert reading == (8, "grey", 10**6, 65535, float(digits[0].dataset.images.max()))


def test_copies_of_what_was_trained_on_test_nothing(digits):
    given, _, _ = digits
    group = np.arange(300)
    group[0] = group[1]  # an image without a label, and one with a label
    table = tiny.made(given._replace(group=group)).table.set_index("part")
    assert table["examples"].to_dict() == {"labelled": 240, "test": 59}


def test_labels_at_random_are_not_predicted(digits):
    """Each prediction is by a model that did not see the label; one that did would repeat most of them."""
    given, _, _ = digits
    drawn = np.random.default_rng(0).integers(0, 10, 300)
    blind = given.dataset._replace(human_labels={"given": drawn})
    found = rows(tiny.made(tiny.of(blind, given.features, given.section)).predictions)
    assert np.mean([row["predicted"] == row["given"] for row in found]) < 0.2


def test_without_truth_nothing_is_checked(digits):
    given, made, _ = digits
    blind = given._replace(dataset=given.dataset._replace(clean_labels=np.full(300, -1)))
    found = tiny.made(blind)
    assert found.table.empty and found.model.about["checks"] == [] and found.predictions == made.predictions


def test_an_answer_is_learned_from(digits):
    """All wrong labels were answered: images without a label gain."""
    given, made, truth = digits
    own = given.dataset.human_labels["given"]
    answers = np.where((own >= 0) & (own != truth), truth, -1)
    told = tiny.made(tiny.of(given.dataset, given.features, given.section, answers))
    before, after = (one.table.set_index("part")["nll"]["test"] for one in (made, told))
    assert (answers >= 0).sum() > 30 and after < before


def dataset(images, count=120, pred_probs=None):
    truth = tiny.DIGITS.target[:count].astype(np.int64)
    given = np.where(np.arange(count) % 6 == 0, (truth + 1) % 10, truth)
    names = [str(digit) for digit in range(10)]
    return Dataset(images, truth, np.zeros(count, np.int64), names, {}, {"given": given}, [], (), pred_probs)


ARRAYS = SimpleNamespace(data=SimpleNamespace(folder=None), features=None)


def test_arrays_are_read_from_files_of_0_to_255(digits):
    images = tiny.DIGITS.images[:120, None].astype(np.uint8)
    found = tiny.made(tiny.of(dataset(images), {"0_pixels": images.reshape(120, -1) / np.float32(16)}, ARRAYS))
    assert found.model.reading[:2] == (8, "grey") and found.model.reading.white == 255
    assert found.predictions.startswith('"index","given","predicted","confidence"\n')


@pytest.mark.parametrize("shape", [(120, 1, 4, 16), (120, 4, 4, 4)])
def test_what_no_file_is_read_as(shape):
    images = tiny.DIGITS.images[:120].astype(np.uint8).reshape(shape)
    found = tiny.made(tiny.of(dataset(images), {"0_pixels": images.reshape(120, -1) / np.float32(16)}, ARRAYS))
    assert found.model.reading == study.UNREADABLE and len(found.model.parts) == 1


def test_probabilities_alone_are_recalibrated_and_predict_nothing_new():
    truth = tiny.DIGITS.target[:120]
    probs = np.full((120, 10), 0.03, np.float32)
    probs[np.arange(120), truth] = 0.73  # right throughout: too modest
    found = tiny.made(
        tiny.of(dataset(np.empty((120, 1, 1, 0), np.float32), pred_probs=probs), {"pred_probs": probs}, ARRAYS)
    )
    table = found.table.set_index("part")
    assert table["accuracy"]["labelled"] == 1 and table["ece"]["labelled"] < 0.1
    assert found.model.parts == [] and found.model.encodings == {}


def test_probabilities_beside_features_are_left_out(digits):
    given, made, _ = digits
    probs = np.full((300, 10), 0.1, np.float32)
    found = tiny.made(given._replace(features=given.features | {"pred_probs": probs}))
    assert found.predictions == made.predictions
