"""The stage `figures`: what it leaves is what the notebooks of params.yaml drew, and nothing else."""

import json
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from labelnoise import artifacts, params
from labelnoise.figures import notebook

PATHS = artifacts.of("digits")
DRAWING = """# %% tags=["parameters"]
figures = "figures"
names = []

# %%
from IPython.display import display
from matplotlib.figure import Figure

from labelnoise.figures import style

print(len(names), "left" in globals())
left = True
for name in names:
    display(style.save(Figure(figsize=(1, 1)), figures, name))
"""


DRAWN = {"overview": ["overview"], "some": ["first", "second"], "none": []}  # by notebook


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Run in a folder with figures of another study; what there is then."""
    folder, script = tmp_path_factory.mktemp("project"), Path("stages/figures.py").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for path in (PATHS.figures / "old.svg", PATHS.pictures / "old.svg", PATHS.notebooks / "old.ipynb"):
            path.parent.mkdir(parents=True)
            path.write_text("old")
        Path("notebooks").mkdir()
        for name in DRAWN:
            Path("notebooks", f"{name}.py").write_text(DRAWING)
        sections = {name: {"names": names} for name, names in DRAWN.items()}
        patch.setattr(params, "load", lambda: SimpleNamespace(figures=sections, methods={}))
        patch.setattr("sys.argv", ["figures.py", "--dataset", "digits"])
        runpy.run_path(str(script))["main"]()
        yield folder


def test_figures_of_another_study_are_gone(written):
    folder = written / PATHS.reports
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        "figures/first.svg", "figures/second.svg", "notebooks/figures.json", "notebooks/none.ipynb",
        "notebooks/overview.ipynb", "notebooks/some.ipynb", "pictures/overview.svg",
    }  # fmt: skip


def test_the_list_says_where_each_figure_is(written):
    assert json.loads((written / PATHS.drawn).read_text()) == {
        "overview": "pictures/overview.svg", "first": "figures/first.svg", "second": "figures/second.svg",
    }  # fmt: skip


def test_notebooks_have_the_bytes_of_one_that_is_alone(written, monkeypatch):
    """Beside others, and after others in the same kernel."""
    monkeypatch.chdir(written)
    for name in ("some", "none"):
        alone = PATHS.reports / "alone" / f"{name}.ipynb"  # links are relative: from a folder beside
        section = {"figures": str(PATHS.figures), "names": DRAWN[name]}
        with notebook.started() as kernel:
            notebook.execute(Path(f"notebooks/{name}.py"), alone, section, kernel)
        assert alone.read_bytes() == (PATHS.notebooks / f"{name}.ipynb").read_bytes()
    shutil.rmtree(alone.parent)
