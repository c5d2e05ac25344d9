"""Fill the run store with everything that the train, contrasts and uncertainty stages will ask for.

`dvc repro` does without: its stages train what the store lacks, one stage after another, each with processes of
its own. Here all programs share one pool of processes, so that no core waits for the end of a stage. The stages
then find every run and collect; the bytes are the same. Needs what the estimate stage wrote.
"""

from pathlib import Path

from labelnoise import contrasts, files, params, stage, study
from labelnoise.methods import METHODS
from labelnoise.params import Params
from labelnoise.study import Loaded
from labelnoise.train import engine, runs
from labelnoise.train.engine import Job


def main() -> None:
    p = params.load(methods=METHODS)
    for name in p.study.datasets:
        data, drawn = Path("data", name, "images.npz"), Path("data", name, "noise.npz")
        loaded = study.load(p, name, data, drawn)
        processes = engine.workers(p.run.workers, loaded.study.device)
        made = jobs(p, loaded, Path("runs", name, "given.npz"))
        engine.fill(made, loaded.study.images, study.place(p), processes, f"train {name}")


def jobs(p: Params, loaded: Loaded, given_file: Path) -> list[Job]:
    """Programs of all methods on the grid, of what claims compare, and of the bags."""
    given, grid = files.load_arrays(given_file), study.grid(loaded, p.study.seeds)
    methods = [job for name in p.methods for job in study.jobs(loaded, grid, name, p.methods[name], given)]
    compared = [job for part in contrasts.parts(p, loaded, given) for job in part.jobs]
    bags = [Job(runs.bag_program(loaded.study, row), None) for row in study.bagged(loaded, p.study.seeds)]
    return [*methods, *compared, *bags]


if __name__ == "__main__":
    with stage.running():
        main()
