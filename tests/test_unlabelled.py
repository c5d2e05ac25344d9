"""Own data of which some examples came without a label: nothing is trained on them or said of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import stage_script
from test_without_truth import OVER

from labelnoise import artifacts, files, params, results
from labelnoise.data import npz
from labelnoise.methods import METHODS
from labelnoise.noise import grid, noisy_labels
from labelnoise.runs import results as runs
from labelnoise.studies import setting
from labelnoise.types import Dataset

COUNT, FOLDS = 150, 3
WITHOUT = np.arange(COUNT) % 10 == 4  # a tenth, in every fold
AT = artifacts.of("pets")
FEWER = {
    "study": {"methods": ["cross_entropy"]},
    "memorization": {
        "epochs": {"small_cnn": 1, "mlp": 2}, "seeds": 1, "corruption": [0.4], "images": 60,
        "probe": {"examples": 10, "radii": [0.06]}, "first_epoch": {"initializations": 2},
    },
    "imbalance": {"methods": [], "seeds": 1},
}  # fmt: skip


def own_data(truth: bool) -> Dataset:
    """Three classes, a tenth of the labels wrong; with or without the truth of all examples."""
    rng = np.random.default_rng(0)
    clean = np.arange(COUNT) % 3
    given = np.where(rng.random(COUNT) < 0.1, (clean + 1) % 3, clean)
    given[WITHOUT] = -1
    pixels = rng.integers(120, size=(COUNT, 1, 4, 4), dtype=np.uint8)
    pixels[np.arange(COUNT), 0, 0, clean] += 120
    known = clean if truth else np.full(COUNT, -1)
    return Dataset(pixels, known, rng.permutation(COUNT) % FOLDS, ["a", "b", "c"], {}, {"given": given}, [])


@pytest.fixture(scope="module", params=[False, True], ids=["no truth", "truth"])
def ran(request, tmp_path_factory) -> tuple[Path, Dataset]:
    """The project's folder after the stages."""
    folder, dataset = tmp_path_factory.mktemp("own"), own_data(request.param)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        stage_script.parameters(OVER, FEWER)
        npz.save(dataset, AT.images)
        for name in ("noise", "features", "detect", "train", "uncertainty", "recheck"):
            stage_script.run(name, "pets")
    return folder, dataset


def table(ran, name: str) -> pd.DataFrame:
    return results.read(name, ran[0] / AT.tables)


def test_no_column_has_a_label_for_them(ran):
    folder, dataset = ran
    for labels, seed in zip(noisy_labels.load(folder / AT.noise).labels, range(FOLDS), strict=True):
        left_out = WITHOUT | (dataset.test_fold == seed)
        np.testing.assert_array_equal(labels, np.where(left_out, -1, dataset.human_labels["given"]))
    examples = [int((~WITHOUT & (dataset.test_fold != seed)).sum()) for seed in range(FOLDS)]
    assert table(ran, "ledger")["examples"].tolist() == examples


def test_they_are_neither_trained_on_nor_tested_on(ran):
    folder, dataset = ran
    last = table(ran, "accuracy").query("selection == 'last'").set_index("seed")["test_accuracy"]
    truth = (dataset.clean_labels >= 0).all()
    judge = dataset.clean_labels if truth else dataset.human_labels["given"]
    done = runs.load(folder / AT.trained).select(data="study")
    for _, run in done.each("index", "val_index", "val_labels"):
        assert not WITHOUT[run["index"]].any() and not WITHOUT[run["val_index"][run["val_labels"] >= 0]].any()
    assert set(done.keys["examples"]) == {"split", "fold", "bag", "planted"}
    for key, run in done.select(examples="split").each("probs_last"):
        test = (dataset.test_fold == key.seed) & (judge >= 0)
        right = run["probs_last"].argmax(1)[test] == judge[test]
        assert last[key.seed] == pytest.approx(right.mean(), abs=1e-6)


def test_nobody_suspects_them(ran):
    folder, _ = ran
    found = files.load_arrays(folder / AT.detect)
    np.testing.assert_array_equal(np.isnan(found["p_wrong"][0]), WITHOUT)
    assert not found["tier"][0][WITHOUT].any() and not found["sure"][0][WITHOUT].any()
    rate = table(ran, "noise_rate").query("estimator == 'noise_model'")["estimate"].iloc[0]
    assert 0.02 < rate < 0.25


def test_noise_is_injected_into_what_is_labelled_alone():
    """Of trusted data, whose labels are the truth: where there is none, there is no truth either."""
    dataset = own_data(truth=False)
    dataset = dataset._replace(clean_labels=dataset.human_labels["given"])
    drawn, rows = grid.draw_all("pets", dataset, {("symmetric", 0.4): range(2)}, FOLDS, None)
    for labels, seed in zip(drawn.labels, range(2), strict=True):
        np.testing.assert_array_equal(labels < 0, WITHOUT | (dataset.test_fold == seed))
    assert all(0.2 < row["realised_rate"] < 0.6 for row in rows)


def test_runs_have_as_many_labels_as_the_smallest_pool(ran):
    folder, dataset = ran
    p = params.load(folder / "params.yaml", methods=METHODS)
    of = setting.make(
        p, "pets", dataset, noisy_labels.load(folder / AT.noise), files.load_arrays(folder / AT.detect)
    )
    pools = [int((~WITHOUT & (dataset.test_fold != seed)).sum()) for seed in range(FOLDS)]
    assert of.main.training.smallest_pool == min(pools)
