"""Bad parameters of the recheck end with one line that names the key and what is allowed."""

import pytest
import stage_script

from labelnoise import params
from labelnoise.methods import METHODS


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("recheck.cell.noise", "pair", "recheck.cell.noise: unknown noise 'pair'; allowed: ambiguous, "),
        (
            "recheck.cell.noise",
            "ambiguous",
            "recheck.cell: 'ambiguous' at 0.4 is not in datasets.digits.noises; allowed: ",
        ),
        ("recheck.cell.noise_rate", 0.3, "recheck.cell: 'symmetric' at 0.3 is not in datasets.digits.noises"),
        (
            "recheck.cell.seed",
            4,
            "recheck.cell.seed = 4: is no checked seed of datasets.digits.detection; allowed: 20 to 23",
        ),
        (
            "recheck.answers",
            {"imagenet": "a.csv"},
            "recheck.answers: 'imagenet' has no section in datasets",
        ),
        ("recheck.answers", {"digits": None}, "recheck.answers.digits = None: must be a valid string"),
        ("recheck.errors", [1.0], "recheck.errors.0 = 1.0: must be less than 1"),
        ("recheck.errors", [], "recheck.errors: "),
        ("recheck.retrain.method", "elrr", "recheck.retrain.method: 'elrr' is no method; allowed: backward"),
        ("recheck.retrain.shares", [0.1, 0.1], "recheck.retrain.shares: 0.1 stands there twice"),
        ("recheck.export", 0, "recheck.export = 0: must be"),
        ("recheck.extra", 1, "recheck: unknown key 'extra'; allowed: cell, answers"),
        (
            "datasets.digits.noises.rechecked",
            [0.4],
            "datasets.digits.noises.rechecked: is the name of labels",
        ),
        (
            "datasets.mnist.detection_noises",
            {"rechecked": [0.4]},
            "datasets.mnist.noises.rechecked: is the name",
        ),
    ],
)
def test_one_line(tmp_path, monkeypatch, key, value, expected):
    for name in reversed(key.split(".")):
        value = {name: value}
    monkeypatch.chdir(tmp_path)
    stage_script.parameters(value)
    with pytest.raises(SystemExit) as stopped:
        params.load(methods=METHODS)
    text = str(stopped.value).removeprefix("error: params.yaml: ")
    assert text.startswith(expected) and "\n" not in text
