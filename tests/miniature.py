"""The whole pipeline on 300 digits: what test_pipeline and kill_matrix.py reproduce in seconds."""

import hashlib
import subprocess
import sys
from pathlib import Path

import made_released

from labelnoise import preset, reproduce

ROOT = Path(__file__).parents[1]
# What the miniature changes of params.yaml.
TINY = {
    "study": {
        "seeds": 2,
        "first_seed": 0,
        "development": 0,
        "released": ["northcutt2021"],
        "methods": [
            "cross_entropy",
            "mae",
            "forward_estimated",
            "nnaqc",
            "joint_optimization",
            "joint_no_entropy",
        ],
    },
    "run": {"workers": 1, "device": "cpu", "checkpoint_seconds": 0},
    "datasets": {
        "digits": {
            "data": {"subset": 300},
            "noises": {
                "symmetric": [0.4],
                "pair_flip": [0.45],
                "none": None,
                "asymmetric": None,
                "instance_dependent": None,
            },
            "training": {"epochs": 4},
            "bootstrap": {"seeds": 1, "bags": 3, "epochs": 2, "full": {"runs": 2, "epochs": 2}},
            "detection": {"seeds": 2, "checked": 1},  # the gate detects ten times more: in one seed of a cell
            "detection_noises": {"pair_flip": None, "instance_dependent_as_published": None, "ambiguous": None},
        }
    },
    "methods": {"joint_optimization": {"average_epochs": 2}},
    "estimate": {"folds": 2, "epochs": 2},
    "recheck": {"cell": {"seed": 0}, "retrain": {"seeds": 1, "shares": [0.4]}, "export": 3, "gallery": 2},
    "memorization": {
        "seeds": 2,
        "images": 100,
        "epochs": {"small_cnn": 1, "mlp": 2},
        "corruption": [0.4],
        "regularizers": {"weight_decay": None, "small_lr": None, "large_lr": None},
        "probe": {"examples": 10, "steps": 1},
        "first_epoch": {"initializations": 4, "together": 2},
    },
    "imbalance": {"seeds": 1, "partners": 1},
    "claims": {"seeds": 3, "more": 1},
    "evaluate": {"resamples": 100},
}


def make(folder: Path, **run: object) -> None:
    """A copy of the project in `folder` with the miniature's parameters; `run`: of that section."""
    figures = {path.stem: None for path in (ROOT / "notebooks").glob("*.py") if path.stem != "overview"}
    released = {"northcutt2021": made_released.write(folder.with_name(f"{folder.name}.npz"))}
    over = {"figures": figures, "run": run, "released": released}
    preset.prepare(ROOT, folder, preset.merged(TINY, over))


def run(*command: str, folder: Path) -> str:
    """What a command prints in `folder`."""
    done = subprocess.run(
        command, cwd=folder, env=reproduce.environment(folder), capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def repro(folder: Path, *words: str) -> str:
    """What `dvc repro` prints in `folder`, as `make` starts it."""
    return run(sys.executable, "-m", reproduce.QUIET_DVC, "repro", *words, folder=folder)


def hashes(folder: Path) -> dict[str, str]:
    """sha256 of everything that the stages wrote; .gitignore is DVC's."""
    files = [p for top in ("data", "runs", "reports") for p in (folder / top).rglob("*") if p.is_file()]
    made = [path for path in files if path.name != ".gitignore"]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in made}
