"""What of the reports stays in git is small, and dvc.yaml alone says what that is."""

import re
import subprocess
import zlib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MB = 1_000_000
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    if done.returncode > 1:
        pytest.skip("no git repository")
    return done.stdout


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """All files of the reports that git has; a deleted one is as good as gone."""
    paths = [ROOT / name for name in git("ls-files", "reports").splitlines()]
    return {str(path.relative_to(ROOT)): path.read_bytes() for path in paths if path.exists()}


def written() -> list[tuple[str, bool]]:
    """(path, whether it is in DVC's cache) of all that stages write into the reports."""
    outs = [
        out for stage in STAGES.values() for kind in ("outs", "metrics", "plots") for out in stage.get(kind, [])
    ]
    told = [(out, {}) if isinstance(out, str) else next(iter(out.items())) for out in outs]
    named = [(path.replace("${item.dataset}", "digits"), of.get("cache", True)) for path, of in told]
    return [(path, cached) for path, cached in named if path.startswith("reports/")]


def test_git_leaves_out_what_dvc_keeps_and_nothing_else():
    """Else DVC writes .gitignore files itself, and a failing stage takes lines of other stages out again."""
    paths = written()
    ignored = git("check-ignore", "--no-index", *(path for path, _ in paths)).splitlines()
    assert sorted(ignored) == sorted(path for path, cached in paths if cached)


def test_reports_in_git_are_small(files):
    assert sum(map(len, files.values())) < 4 * MB
    assert (
        sum(len(zlib.compress(text)) for text in files.values()) < MB
    )  # what git grows by when all of them change
    large = {name: len(text) for name, text in files.items() if "/tables/" in name and len(text) > 0.2 * MB}
    assert not large, "of these take `cache: false` from dvc.yaml, and add them to reports/.gitignore"


def test_notebooks_in_git_hold_text_alone(files):
    notebooks = {name: text for name, text in files.items() if name.endswith(".ipynb")}
    assert sum(map(len, notebooks.values())) < 0.3 * MB
    assert not [name for name, text in notebooks.items() if b'"image/' in text or b"<svg" in text]


def test_pictures_that_texts_show_are_in_git(files):
    """README and summary.md are read where there is no DVC."""
    texts = {Path("README.md"): (ROOT / "README.md").read_text()}
    texts |= {Path(name): text.decode() for name, text in files.items() if name.endswith("summary.md")}
    shown = [
        path.parent / name for path, text in texts.items() for name in re.findall(r"!\[[^]]*\]\((.*?)\)", text)
    ]
    assert shown and not [str(path) for path in shown if files and str(path) not in files]
