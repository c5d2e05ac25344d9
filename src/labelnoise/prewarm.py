"""Fill the run store with everything that the train, uncertainty and contrasts stages will ask for.

`dvc repro` does without: its stages train what the store lacks, one stage after another, each with processes of
its own. Here all programs share one pool of processes, so that no core waits for the end of a stage. The stages
then find every run and collect; the bytes are the same. Needs what the estimate stage wrote.
"""

from pathlib import Path

from labelnoise import contrasts, files, params, stage, study
from labelnoise.alternatives import programs
from labelnoise.methods import METHODS
from labelnoise.params import Params
from labelnoise.study import Loaded
from labelnoise.train import engine
from labelnoise.train.engine import Job


def main() -> None:
    p = params.load(methods=METHODS)
    for name in p.study.datasets:
        data, drawn = Path("data", name, "images.npz"), Path("data", name, "noise.npz")
        loaded = study.load(p, name, data, drawn)
        processes = engine.workers(p.run.workers, loaded.study.device)
        how = (loaded.study.images, study.place(p), processes)
        engine.fill(jobs(p, loaded, Path("runs", name, "given.npz")), *how, f"train {name}")


def jobs(p: Params, loaded: Loaded, given_file: Path) -> list[Job]:
    """Programs of all methods on the grid, of what claims compare, of bags and of full runs. Training dynamics are
    in the programs of cross-entropy, which the estimate stage has trained."""
    given, grid = files.load_arrays(given_file), study.grid(loaded, p.study.seeds)
    names = [name for name in p.methods if study.tellable(loaded, name)]
    methods = [job for name in names for job in study.jobs(loaded, grid, name, p.methods[name], given)]
    compared = [job for part in contrasts.parts(p, loaded, given) for job in part.jobs]
    return [*methods, *compared, *programs.beside(loaded)]


if __name__ == "__main__":
    with stage.running():
        main()
