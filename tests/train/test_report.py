"""What is said of runs that diverged."""

import numpy as np
import pytest

from labelnoise.train import report


def arrays(*epochs):
    count = len(epochs)
    keys = {"network": ["mlp"] * count, "noise": ["symmetric"] * count, "noise_rate": [0.4] * count}
    return {k: np.array(v) for k, v in (keys | {"seed": range(count), "diverged_epoch": epochs}).items()}


def test_a_line_per_diverged_run(capsys):
    report.diverged("digits", "mae", arrays(-1, 0, 4))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "digits, mae, mlp, symmetric 0.4, seed 1 diverged in epoch 1:" in lines[0]
    assert "seed 2 diverged in epoch 5:" in lines[1]


def test_nothing_is_said_when_all_is_well(capsys):
    report.diverged("digits", "mae", arrays(-1, -1))
    assert capsys.readouterr().err == ""


def test_no_run_left_is_an_error_that_names_the_parameter():
    with pytest.raises(ValueError, match=r"methods\.mae: .*datasets\.digits\.training\.lr .*in params\.yaml"):
        report.diverged("digits", "mae", arrays(3, 0))
