"""`labelnoise.find`: obvious errors are errors, what the gate withholds is not there, bad input is one line."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_info, threadpool_limits

import labelnoise
from labelnoise import costs, params, scratch, suspects
from labelnoise.detect import gate, many
from labelnoise.detect.types import ALL, RULE_A, Gate
from labelnoise.inspection import exact
from labelnoise.suspects import LIMITS

DIGITS = load_digits()
ROWS = np.random.default_rng(0).permutation(1797)[:700]
PIXELS = (15 * DIGITS.images[ROWS]).astype(np.uint8)
RNG = np.random.default_rng(1)
WRONG = RNG.random(700) < 0.2
LABELS = np.where(WRONG, (DIGITS.target[ROWS] + RNG.integers(1, 10, 700)) % 10, DIGITS.target[ROWS])
NAMES = [f"digit {label}" for label in LABELS]


@pytest.fixture(scope="module")
def found():
    return labelnoise.find(NAMES, images=PIXELS)


def test_obvious_errors_are_errors(found):
    table = found.table
    obvious = table.loc[table["tier"] == "obvious", "index"]
    assert len(table) == 700 and found.gate.verdict == "all"
    assert len(obvious) > 0.6 * WRONG.sum() and WRONG[obvious].mean() >= 0.95
    assert table["p_wrong"].mean() == pytest.approx(WRONG.mean(), abs=0.03)


def test_a_row_says_what_the_label_is_and_what_it_may_be(found):
    for row in found.table.head(50).itertuples():
        assert row.label == NAMES[row.index] and row.suggestion != row.label
        assert row.suggestion == f"digit {DIGITS.target[ROWS][row.index]}" or not WRONG[row.index]
    right = found.table.tail(100)
    assert (right["suggestion"] == "").all() and not right["sure"].any()


def test_the_sentence_counts_what_the_table_has(found):
    flagged = found.table["tier"].isin(["obvious", "possible"]).to_numpy().nonzero()[0]
    expected = found.table["p_wrong"][: flagged[-1] + 1].sum()
    assert f"about {found.table['p_wrong'].sum():,.0f} of 700 labels" in found.says.lower()
    assert f"the first {flagged[-1] + 1:,} of the list, about {expected:,.0f} of which" in found.says


def test_shuffled_labels_have_no_list():
    found = labelnoise.find(np.random.default_rng(0).permutation(LABELS), images=PIXELS)
    assert found.gate.verdict == "nothing" and found.table.empty
    assert found.says.startswith("There is no list: the features predict the labels no better than shuffled ones.")
    assert "or the labels do not belong to these images" in found.says and "`" not in found.says


def test_probabilities_alone_give_the_order():
    probs = np.full((700, 10), 0.02)
    probs[np.arange(700), DIGITS.target[ROWS]] = 0.82
    found = labelnoise.find(LABELS, pred_probs=probs)
    assert (
        found.gate.verdict == "order" and found.table["p_wrong"].isna().all() and (found.table["tier"] == "").all()
    )
    assert WRONG[found.table["index"][: WRONG.sum()]].mean() > 0.95
    assert "nothing can check what they say" in found.says


def test_steps_are_told_to_who_asks_and_nothing_is_printed(capsys):
    steps, rng = [], np.random.default_rng(0)
    given = {"labels": rng.integers(0, 2, 60), "features": rng.normal(size=(60, 5))}
    quiet = labelnoise.find(**given)
    assert capsys.readouterr() == ("", "")
    assert labelnoise.find(**given, tell=steps.append).says == quiet.says
    assert [step.split(":")[0] for step in steps] == [f"{k} of 4" for k in range(1, 5)]
    assert "your features predict the labels no better" in quiet.says


def test_probabilities_have_the_columns_of_the_pipeline():
    """Classes that are numbers in words stand by number: 2 before 10."""
    labels = [str(label) for label in np.where(LABELS == 1, 11, LABELS)]
    order = [0, *range(2, 10), 11]
    probs = np.full((700, 10), 0.02)
    probs[np.arange(700), [order.index(11 if true == 1 else true) for true in DIGITS.target[ROWS]]] = 0.82
    found = labelnoise.find(labels, pred_probs=probs)
    assert WRONG[found.table["index"][: WRONG.sum()]].mean() > 0.95


def test_useless_features_beside_probabilities_open_no_gate():
    probs = np.full((700, 10), 0.02)
    probs[np.arange(700), DIGITS.target[ROWS]] = 0.82
    noise = np.random.default_rng(0).normal(size=(700, 5))
    assert labelnoise.find(LABELS, features=noise, pred_probs=probs).gate.verdict == "order"


FEW = 250
BASE = PIXELS[:FEW].reshape(FEW, -1).astype(np.float32)
TWICE, WRONG_TWICE = np.tile(LABELS[:FEW], 2), np.tile(WRONG[:FEW], 2)


def precision(found, wrong=WRONG_TWICE):
    return wrong[found.table["index"][: wrong.sum()]].mean()


def unchecked(*labels, **of):
    """What labelnoise.find finds; its gate, which takes most of the time, lets all pass."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "judge", lambda *_: Gate(ALL, RULE_A, *[0.0] * 8, np.nan, 0.0))
        return labelnoise.find(*labels, **of)


@pytest.fixture(scope="module")
def copied():
    """Every image twice, with the same label and other noise in its pixels."""
    again = PIXELS[:FEW] + np.random.default_rng(2).integers(0, 3, PIXELS[:FEW].shape)
    return unchecked(TWICE, images=np.concatenate([PIXELS[:FEW], again.astype(np.uint8)]))


def test_copies_are_found_and_do_not_vouch_for_one_another(copied):
    assert precision(copied) > 0.9 and copied.table["p_wrong"].mean() == pytest.approx(
        WRONG_TWICE.mean(), abs=0.03
    )
    assert copied.copies == 2 * FEW and "500 examples are copies of others" in copied.says
    group = copied.table.set_index("index")["group"].sort_index()
    np.testing.assert_array_equal(group, np.tile(np.arange(FEW), 2))
    assert not copied.table["two_labels"].any() and "another label" not in copied.says


def test_what_the_user_groups_does_not_vouch_for_one_another():
    """Noise so strong that next to nothing says that they are copies."""
    noise = np.random.default_rng(2).normal(0, 25, BASE.shape).astype(np.float32)
    features = np.concatenate([BASE, BASE + noise])
    apart, told = (unchecked(TWICE, features=features, groups=of) for of in (None, np.tile(np.arange(FEW), 2)))
    assert apart.copies == told.copies < 20
    assert precision(told) > precision(apart) + 0.02
    assert told.table["group"].nunique() > 0.97 * FEW and apart.table["group"].nunique() > 1.94 * FEW


def test_copies_in_two_classes_come_first():
    """30 right digits, copied into a wrong class."""
    again = np.flatnonzero(~WRONG)[:30]
    images = np.concatenate([PIXELS[:400], PIXELS[again]])
    labels = [*NAMES[:400], *(f"digit {(DIGITS.target[ROWS][at] + 1) % 10}" for at in again)]
    found = unchecked(labels, images=images)
    first = found.table.head(60)
    assert first["two_labels"].all() and not found.table["two_labels"][60:].any()
    assert set(first["index"]) == {*again, *range(400, 430)} and found.copies == 60
    assert (first["index"][:30] >= 400).mean() > 0.9  # the wrong one of the two is the more suspect one
    assert "60 have a copy with another label" in found.says


def test_rows_of_few_numbers_are_no_copies():
    """Eight yes-or-no questions: most people share their answers with another one."""
    truth = RNG.integers(0, 2, 400)
    answers = (RNG.random((400, 8)) < np.where(truth == 1, 0.8, 0.2)[:, None]).astype(float)
    found = unchecked(np.where(RNG.random(400) < 0.1, 1 - truth, truth), features=answers)
    assert found.copies == 0 and len(np.unique(answers, axis=0)) < 200


def test_files_are_read_as_pixels_are(tmp_path):
    paths = []
    for at, image in enumerate(PIXELS[:60]):
        Image.fromarray(image).save(tmp_path / f"{at}.png")
        paths.append(tmp_path / f"{at}.png")
    grey = np.repeat(PIXELS[:60, :, :, None], 3, axis=3)  # files are read in colour
    of_files, of_pixels = labelnoise.find(LABELS[:60], images=paths), labelnoise.find(LABELS[:60], images=grey)
    assert of_files.gate.z == pytest.approx(of_pixels.gate.z, rel=1e-2)
    assert of_files.table["index"].tolist()[:10] == of_pixels.table["index"].tolist()[:10]


def test_the_limits_are_those_of_the_pipeline():
    section = params.load("params.yaml").detect
    for name, value in vars(LIMITS).items():
        own = getattr(section, name)
        assert vars(value) == own.model_dump() if name == "gate" else value == own


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "nothing to judge labels by"),
        ({"labels": [["a"]]}, r"labels have shape \(1, 1\)"),
        ({"labels": [*NAMES[:-1], None]}, r"labels\[699\] is missing"),
        ({"labels": [*NAMES[:-1], float("nan")]}, r"labels\[699\] is missing"),
        ({"labels": [1, "a"] * 350}, "labels: 'a' is text, 1 is none; allowed: one of the two"),
        ({"labels": ["a"] * 700}, "all are 'a'"),
        ({"labels": ["b", *["a"] * 699]}, "class 'b' has 1 example"),
        ({"labels": [0, 1] * 5}, "10 examples; allowed: 20 or more"),
        ({"features": np.zeros((699, 3))}, r"features has shape \(699, 3\); allowed: \(700, columns\)"),
        ({"features": {"mine": np.full((700, 2), np.nan)}}, r"mine\[0, 0\] = nan; allowed: finite"),
        ({"pred_probs": np.full((700, 3), 1 / 3)}, "a column for each of 10 classes"),
        ({"pred_probs": np.full((700, 10), 0.2)}, r"pred_probs\[0\] sums to 2"),
        ({"features": np.ones((700, 2)), "groups": [1, 2]}, r"groups have shape \(2,\)"),
        ({"features": [["a"]] * 700}, "features: no numbers"),
        ({"images": PIXELS[:5]}, "images: 5; allowed: 700"),
        ({"images": PIXELS / 255}, "images are float64"),
        ({"images": PIXELS.reshape(700, -1)}, r"uint8 of shape \(700, 64\)"),
        ({"images": list(PIXELS)}, "a list must name files"),
    ],
)
def test_bad_input_is_one_line(given, message):
    with pytest.raises(ValueError, match=message) as error:
        labelnoise.find(**{"labels": NAMES} | given)
    assert "\n" not in str(error.value)


def test_features_of_a_file_of_which_few_classes_are_kept_have_nearly_that_list(found, tmp_path, monkeypatch):
    np.save(tmp_path / "pixels.npy", (PIXELS.reshape(700, 64) / 15).astype(np.float32))
    mapped = np.load(tmp_path / "pixels.npy", mmap_mode="r")
    monkeypatch.setattr(many, "MOST_CLASSES", 9)
    monkeypatch.setattr(many, "KEPT", 5)
    kept = labelnoise.find(LABELS, features={"pixels": mapped})
    obvious = [set(of.table.loc[of.table["tier"] == "obvious", "index"]) for of in (found, kept)]
    assert len(obvious[0] & obvious[1]) > 0.9 * len(obvious[0] | obvious[1])
    assert kept.table["p_wrong"].sum() == pytest.approx(found.table["p_wrong"].sum(), rel=0.05)


def test_one_thread_multiplies_matrices(monkeypatch):
    """As in the pipeline: on a busy machine the second one of so small products waits more than it works."""
    seen, judge = [], gate.judge

    def watched(*args):
        seen.extend(lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas")
        return judge(*args)

    monkeypatch.setattr(gate, "judge", watched)
    rng = np.random.default_rng(0)
    with threadpool_limits(2):
        labelnoise.find(rng.integers(0, 2, 60), features=rng.normal(size=(60, 5)))
    assert seen and set(seen) == {1}


def test_what_does_not_fit_is_said_before_it_starts(monkeypatch):
    monkeypatch.setattr(costs, "available", lambda: 2**20)
    with pytest.raises(ValueError, match=r"labels: 700 examples of 10 classes with 64 columns .* allowed: fewer"):
        labelnoise.find(LABELS, images=PIXELS)


@pytest.fixture
def larger_than_memory(monkeypatch, tmp_path):
    """Two float64 sets of 10 MB each in files, two rows of them alike; no array above 1 MiB is kept in memory."""
    monkeypatch.setattr(scratch, "LARGEST", 2**20)
    monkeypatch.setattr(scratch, "ROWS", 1000)
    sets = {}
    for name in ("one", "two"):
        sets[name] = np.memmap(tmp_path / name, np.float64, "w+", shape=(20_000, 64))
        sets[name][:] = np.random.default_rng(len(sets)).random((20_000, 64))
        sets[name][7] = sets[name][19_000]
    sets["two"][5] = sets["two"][6]  # of one set alone: no copies
    return sets


def test_features_larger_than_memory_are_never_copied_whole(larger_than_memory):
    tracemalloc.start()
    try:
        read = [suspects._checked(name, values, 20_000) for name, values in larger_than_memory.items()]
        content = exact.of_table(*read)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    for array, values in zip(read, larger_than_memory.values(), strict=True):
        assert array.dtype == np.float32 and isinstance(array.base, np.memmap)
        np.testing.assert_array_equal(array, values.astype(np.float32))
    assert most < 20_000 * 64 * 4  # one of them as float32; a hash of each row and its number are about half of it
    assert content[7] == content[19_000] and len(set(content.tolist())) == 19_999
