import json
import os
from pathlib import Path

import in_process
import nbformat
import pytest
import synthetic_tables

from labelnoise.figures import notebook

SOURCE = """# %% [markdown]
# # A title

# %% tags=["parameters"]
number = 1
name = "x"

# %%
print(f"{name}: {number + 1}")
"""


@pytest.fixture(scope="module")
def kernel():
    with notebook.started() as started:
        yield started


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "small.py"
    path.write_text(SOURCE)
    return path


def test_parameters_are_used_and_reruns_are_byte_equal(source, tmp_path, kernel, capfd):
    first, second = tmp_path / "a.ipynb", tmp_path / "b" / "b.ipynb"
    notebook.execute(source, first, {"number": 41}, kernel)
    notebook.execute(source, second, {"number": 41}, kernel)
    assert first.read_bytes() == second.read_bytes()
    stored = nbformat.read(first, as_version=4)
    nbformat.validate(stored)
    assert stored.cells[-1].outputs[0].text == "x: 42\n"
    assert str(tmp_path) not in json.dumps(stored)
    assert capfd.readouterr() == ("", "")


def test_the_directory_in_which_other_threads_work_is_never_changed(source, tmp_path, kernel, monkeypatch):
    """Notebooks execute beside one another, and paths are relative."""

    def refused(path):
        raise AssertionError(f"to {path}")

    monkeypatch.setattr(os, "chdir", refused)
    assert notebook.parameters(source) == ["number", "name"]
    notebook.execute(source, tmp_path / "out.ipynb", {}, kernel)
    monkeypatch.undo()


def test_prints_are_one_output_however_many_parts_the_kernel_sends(source, tmp_path, kernel):
    source.write_text(SOURCE + 'import time\n\ntime.sleep(0.5)\nprint("later", flush=True)\n')
    notebook.execute(source, tmp_path / "out.ipynb", {}, kernel)
    (output,) = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1].outputs
    assert output.text == "x: 2\nlater\n"


def test_nothing_is_left_of_the_notebook_before(source, tmp_path, kernel):
    source.write_text(SOURCE + 'print("left" in globals(), _ih)\nleft = True\n')
    for name in ("first", "second"):
        notebook.execute(source, tmp_path / name, {}, kernel)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_a_kernel_is_given_back_empty(source, tmp_path, kernel):
    """Nobody has to wait, before a notebook, until the kernel has forgotten the one before."""
    notebook.execute(source, tmp_path / "out.ipynb", {}, kernel)
    assert left_in(kernel) == "False"


def left_in(kernel):
    """Whether the kernel still has a notebook's number."""
    client = kernel.blocking_client()
    client.start_channels()
    asked = client.execute(
        "", silent=True, user_expressions={"left": "'number' in globals()"}, reply=True, timeout=60
    )
    client.stop_channels()
    return asked["content"]["user_expressions"]["left"]["data"]["text/plain"]


def test_parameters_are_those_of_the_tagged_cell(source):
    assert notebook.parameters(source) == ["number", "name"]


def test_unknown_parameter_is_refused_before_anything_runs(source, tmp_path, kernel):
    with pytest.raises(ValueError, match=r"unknown parameter 'numbr'; allowed: number, name"):
        notebook.execute(source, tmp_path / "out.ipynb", {"numbr": 3}, kernel)
    assert [path.name for path in tmp_path.iterdir()] == ["small.py"]


def test_a_failing_cell_raises_and_leaves_the_old_output(source, tmp_path, kernel):
    output = tmp_path / "out.ipynb"
    output.write_text("old")
    source.write_text(SOURCE + "\n# %%\nraise KeyError('no such column')\n")
    with pytest.raises(ValueError, match=r"small\.py: cell \d+: KeyError: .*no such column"):
        notebook.execute(source, output, {}, kernel)
    assert output.read_text() == "old" and left_in(kernel) == "False"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.ipynb", "small.py"]


def test_a_notebook_of_the_study_runs(tmp_path, monkeypatch):
    path = Path("notebooks/memorization.py").resolve()
    tables = synthetic_tables.make(methods=["cross_entropy", "mae"], cells=[("symmetric", 0.4)], seeds=2, epochs=4)
    synthetic_tables.write(tmp_path / "tables", tables)
    monkeypatch.chdir(tmp_path)
    given = {"dataset": "digits", "tables": "tables", "figures": "figures", "methods": ["cross_entropy", "mae"]}
    out = Path("notebooks", "out.ipynb")
    with notebook.started() as kernel:
        drawn = notebook.execute(path, out, given | {"noise": "symmetric", "noise_rate": 0.4}, kernel)
    assert drawn == [Path("figures", "memorization.svg")] and drawn[0].exists()
    text = out.read_text()
    assert "[![memorization](../figures/memorization.svg)](../figures/memorization.svg)" in text
    assert "image/" not in text and "<svg" not in text and out.stat().st_size < 20_000
    last = nbformat.read(out, as_version=4).cells[-1].outputs[0].text
    curves = tables["curves"].query("method == 'mae' and epoch == 3")
    assert f"{curves['fitted_wrong'].mean():.1%} of the wrong labels fitted" in last.splitlines()[1]


def test_notebooks_do_not_rank_what_lost_seeds(tmp_path, monkeypatch):
    """The method with the highest mean loses a seed: it is then neither the best nor better."""
    folder = Path("notebooks").resolve()
    methods = ["cross_entropy", "mae", "gce"]
    tables = synthetic_tables.make(methods, cells=[("symmetric", 0.4)], seeds=2, epochs=4)
    table = tables["intervals"]
    hit = table["method"] == "mae"
    shift = {name: table[name] + 9 * hit for name in ("mean", "diff")}
    fewer = {name: table[name] - hit for name in ("n_seeds", "pair_seeds")}
    tables["intervals"] = table.assign(differs=table["differs"] | hit, **shift, **fewer)
    synthetic_tables.write(tmp_path / "tables", tables)
    monkeypatch.chdir(tmp_path)
    given = {"tables": "tables", "figures": "figures", "methods": methods}
    said = {}
    for name in ("accuracy", "differences"):
        said[name] = in_process.run(folder / f"{name}.py", given)
    assert "symmetric 0.4: GCE" in said["accuracy"] and "MAE" not in said["accuracy"]
    lines = [line for line in said["differences"].splitlines() if "MAE" in line]
    assert len(lines) == 2 and all("better in 0" in line and "1 with diverged seeds" in line for line in lines)
