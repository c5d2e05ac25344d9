"""What is said of runs that diverged."""

import numpy as np
import pytest
import tiny_study

from labelnoise.runs import diverged, results
from labelnoise.runs.run import Examples
from labelnoise.train import store


def done(folder, *epochs, **changes):
    """A run of each seed that diverged in one of `epochs`."""
    places = {}
    for run in tiny_study.runs(rates=(0.4,), seeds=len(epochs), method="mae"):
        name = places[run._replace(**changes)] = store.key({"seed": run.seed})
        store.write(folder, name, store.text({"seed": run.seed}), {"diverged_epoch": np.array(epochs[run.seed])})
    return results.of(places, folder)


def test_a_line_per_diverged_run(tmp_path, capsys):
    diverged.warn("digits", done(tmp_path, -1, 0, 4))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "digits, mae, mlp, symmetric 0.4, seed 1 diverged in epoch 1:" in lines[0]
    assert "seed 2 diverged in epoch 5:" in lines[1]


def test_nothing_is_said_when_all_is_well(tmp_path, capsys):
    diverged.warn("digits", done(tmp_path, -1, -1))
    assert capsys.readouterr().err == ""


def test_no_run_left_is_an_error_that_names_the_parameter(tmp_path):
    with pytest.raises(ValueError, match=r"methods\.mae: .*datasets\.digits\.training\.lr .*in params\.yaml"):
        diverged.warn("digits", done(tmp_path, 3, 0))


@pytest.mark.parametrize(
    "changes", [{"data": "first epoch"}, {"change": "random 0.0 0.1"}, {"examples": Examples("bag")}]
)
def test_runs_beside_the_main_study_are_not_spoken_of(changes, tmp_path, capsys):
    diverged.warn("digits", done(tmp_path, 3, 0, **changes))
    assert capsys.readouterr().err == ""
